import { createPublicKey } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  INTERMEDIARY_DROP_FILES_MAX,
  INTERMEDIARY_MESSAGE_BYTES_MAX,
  INTERMEDIARY_SENT_AT_MS_MAX,
} from '../../../../src/kernel/limits.js';
import { newUuidV7 } from '../../../../src/kernel/uuid.js';
import { DropFolder, nameOf, type Box } from '../../../../src/protocol/intermediary/drop/folder.js';
import {
  fileBytesMax,
  openAnswer,
  sealRequest,
  type DropRequest,
} from '../../../../src/protocol/intermediary/drop/frame.js';
import { signerOf } from '../../../../src/protocol/intermediary/drop/proof.js';
import { DropDoor } from '../../../../src/reference/intermediary/drop/door.js';
import { networkAuthority } from '../../../vault/push/support/certificates.js';
import { newDrop, type Drop } from '../../../vault/push/support/drop.js';

const network = await networkAuthority();
const identity = await network.issue('intermediary', 'serverAuth');
const linkage = signerOf(await network.issue('vault', 'clientAuth'));
const stranger = signerOf(await network.issue('gateway', 'clientAuth'));
const GET: DropRequest = { method: 'GET', path: '/v1/health' };

let drop: Drop;
let door: DropDoor | undefined;
let asked: string[];
let warnings: number;
beforeEach(() => {
  [drop, asked, warnings] = [newDrop(), [], 0];
  DropFolder.open(drop.folder);
});
afterEach(() => door?.stop());

const opens = (answer?: () => Promise<never>) =>
  (door = new DropDoor({
    folder: drop.folder,
    dropKey: drop.privateKey,
    tls: { key: identity.key, certificate: identity.certificate, ca: network.ca },
    service: 'vault',
    logger: { warn: () => (warnings += 1) },
    answer: (request) => {
      asked.push(request.path);
      return answer?.() ?? Promise.resolve({ answer: { status: 200, bytes: Buffer.from('{}') } });
    },
  }));
const box = (name: Box, ...file: string[]) => join(drop.folder, name, ...file);
const at = (name: Box) => readdirSync(box(name));
const made = async ({ by = linkage, ageMs = 0, exchange = newUuidV7(Date.now()) } = {}) => {
  const said = { exchange, at: new Date(Date.now() - ageMs).toISOString() };
  return { exchange, ...(await sealRequest(GET, said, by, publicKeyOf(drop))) };
};
const publicKeyOf = ({ publicKey }: Drop) => createPublicKey(publicKey);
const put = (name: Box, exchange: string, bytes: Uint8Array) => {
  writeFileSync(join(drop.folder, '.elsewhere'), bytes, { mode: 0o600 });
  renameSync(join(drop.folder, '.elsewhere'), box(name, nameOf(exchange)));
};
const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise(setImmediate);
};

describe('the door for files', () => {
  test('takes a request, answers it, and keeps nothing', async () => {
    opens();
    const { exchange, file, expected } = await made();
    put('outbox', exchange, file);
    await until(() => existsSync(box('inbox', nameOf(exchange))) && at('ack').length === 0);
    const answer = readFileSync(box('inbox', nameOf(exchange)));
    expect(await openAnswer(answer, expected, network.ca, Date.now())).toMatchObject({ status: 200 });
    expect([at('outbox'), at('quarantine')]).toEqual([[], []]);
  });

  test('goes on with what it had taken when it was killed', async () => {
    const [waiting, answered] = [await made(), await made()];
    put('ack', waiting.exchange, waiting.file);
    put('ack', answered.exchange, answered.file);
    put('inbox', answered.exchange, Buffer.from('as it was answered'));
    opens();
    await until(() => at('ack').length === 0);
    expect(asked).toHaveLength(1);
    expect(at('inbox').toSorted()).toEqual([waiting, answered].map((one) => nameOf(one.exchange)).toSorted());
    expect(readFileSync(box('inbox', nameOf(answered.exchange)), 'utf8')).toBe('as it was answered');
  });

  test('answers nobody who gave up long ago', async () => {
    const old = await made({ ageMs: INTERMEDIARY_SENT_AT_MS_MAX + 1_000 });
    put('outbox', old.exchange, old.file);
    opens();
    await until(() => at('outbox').length + at('ack').length === 0);
    expect([asked, at('inbox'), at('quarantine')]).toEqual([[], [], []]);
  });

  test('takes nothing while its answers lie unread', async () => {
    for (let no = 0; no < INTERMEDIARY_DROP_FILES_MAX; no += 1) writeFileSync(box('inbox', `${no}`), '');
    const { exchange, file } = await made();
    put('outbox', exchange, file);
    writeFileSync(box('outbox', 'foreign'), '');
    opens();
    await until(() => at('quarantine').length === 1);
    expect(at('outbox')).toEqual([nameOf(exchange)]);
  });

  test('keeps what met a failure, and tries again', async () => {
    let failures = 0;
    opens(() => {
      failures += 1;
      if (failures === 1) throw new Error('a disk that is full');
      return undefined as never;
    });
    const { exchange, file } = await made();
    put('outbox', exchange, file);
    await until(() => at('inbox').length === 1);
    expect([asked.length, warnings]).toEqual([2, 1]);
  });

  type Spoils = () => Promise<void> | void;
  const request = async (change: Parameters<typeof made>[0], name = newUuidV7(1)) => {
    const { exchange, file } = await made(change);
    put('outbox', change?.by === undefined ? name : exchange, file);
  };
  const spoils: Record<string, Spoils> = {
    'that is half written': async () => {
      const { exchange, file } = await made();
      put('outbox', exchange, file.subarray(0, file.length / 2));
    },
    'that is too large': () => {
      const exchange = newUuidV7(1);
      put('outbox', exchange, new Uint8Array());
      truncateSync(box('outbox', nameOf(exchange)), fileBytesMax(INTERMEDIARY_MESSAGE_BYTES_MAX) + 1);
    },
    'that is a link': () => symlinkSync('/etc/passwd', box('outbox', nameOf(newUuidV7(1)))),
    'that is a folder': () => mkdirSync(box('outbox', nameOf(newUuidV7(1)))),
    'of another name': () => writeFileSync(box('outbox', 'orders.csv'), 'of somebody'),
    'that is the double of another': () => request({}),
    'of another service': () => request({ by: stranger }),
  };
  test.each(Object.entries(spoils))('sets a file %s aside, and goes on', async (_what, spoil) => {
    opens();
    await spoil();
    await until(() => at('quarantine').length === 1);
    await until(() => at('outbox').length + at('ack').length === 0);
    expect([asked, warnings]).toEqual([[], 0]);
    const { exchange, file } = await made();
    put('outbox', exchange, file);
    await until(() => at('inbox').length === 1);
  });

  test('hears no request a second time', async () => {
    opens();
    const { exchange, file } = await made();
    put('outbox', exchange, file);
    await until(() => at('inbox').length === 1 && at('ack').length === 0);
    put('outbox', exchange, file);
    await until(() => at('quarantine').length === 1);
    expect(asked).toHaveLength(1);
  });
});
