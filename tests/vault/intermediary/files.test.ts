import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { IntermediaryDropSettings } from '../../../src/config/intermediaryLink.js';
import {
  INTERMEDIARY_ANSWER_BYTES_MAX,
  INTERMEDIARY_DROP_CLEAR_MS,
  INTERMEDIARY_DROP_PART_MS_MAX,
  INTERMEDIARY_STREAMS_MAX,
} from '../../../src/kernel/limits.js';
import { newUuidV7 } from '../../../src/kernel/uuid.js';
import { nameOf, type Box } from '../../../src/protocol/intermediary/drop/folder.js';
import {
  fileBytesMax,
  openRequest,
  sealAnswer,
  type OpenedRequest,
} from '../../../src/protocol/intermediary/drop/frame.js';
import { signerOf } from '../../../src/protocol/intermediary/drop/proof.js';
import { IntermediaryFiles } from '../../../src/vault/intermediary/files.js';
import { networkAuthority } from '../push/support/certificates.js';
import { newDrop, type Drop } from '../push/support/drop.js';

const network = await networkAuthority();
const linkage = await network.issue('vault', 'clientAuth');
const identity = await network.issue('intermediary', 'serverAuth');
const names = { bodyCode: '0220000000992011', bodyName: '見本市', systemId: 'kuramori' };
const LONG_MS = 20_000;
const GET = { method: 'GET', path: '/v1/messages/1' } as const;
const TEXT = Buffer.from('{"kind":"電文"}');

let drop: Drop;
let files: IntermediaryFiles | undefined;
const settings = (): IntermediaryDropSettings => ({
  ...linkage,
  ca: network.ca,
  ...names,
  layoutVersion: '2026-07',
  dropFolder: drop.folder,
  dropKey: drop.publicKey,
});
const opened = (timeoutMs = LONG_MS) => (files = new IntermediaryFiles(settings(), timeoutMs));
beforeEach(() => {
  drop = newDrop();
});
afterEach(() => files?.close());

const box = (name: Box) => join(drop.folder, name);
const lying = () => Object.fromEntries((['outbox', 'ack', 'inbox'] as const).map((name) => [name, at(name)]));
const at = (name: Box) => readdirSync(box(name)).filter((found) => !found.startsWith('.'));
const quarantined = () => at('quarantine').length;
const NOTHING = { outbox: [], ack: [], inbox: [] };
const appears = async (name: Box): Promise<string> => {
  for (;;) {
    const [found] = existsSync(box(name)) ? at(name) : [];
    if (found !== undefined) return found;
    await new Promise(setImmediate);
  }
};
/** The other side, by hand: it takes the next request. */
const taken = async (): Promise<{ name: string; request: OpenedRequest }> => {
  const name = await appears('outbox');
  renameSync(join(box('outbox'), name), join(box('ack'), name));
  const file = readFileSync(join(box('ack'), name));
  const request = await openRequest(file, drop.privateKeyObject, network.ca, Date.now());
  return { name, request: request! };
};
const signer = signerOf(identity);
const OK = { status: 200, bytes: Buffer.from('{"status":"well"}') };
const put = (name: string, bytes: Uint8Array, mode = 0o600) => {
  writeFileSync(join(drop.folder, '.elsewhere'), bytes, { mode });
  renameSync(join(drop.folder, '.elsewhere'), join(box('inbox'), name));
};

describe('a call by files', () => {
  test('is answered, and leaves nothing behind', async () => {
    const headers = { 'spi-person': 'P-1029', 'spi-unit': 'nozei' };
    const asked = opened().call({ method: 'POST', path: '/v1/messages', body: TEXT, headers });
    const { name, request } = await taken();
    expect(request).toMatchObject({ method: 'POST', path: '/v1/messages', headers, service: 'vault' });
    expect(Buffer.from(request.body!)).toEqual(TEXT);
    put(name, await sealAnswer(OK, request, signer));
    expect(await asked).toEqual({ status: 200, bytes: new Uint8Array(OK.bytes) });
    rmSync(join(box('ack'), name));
    expect(lying()).toEqual(NOTHING);
  });

  test('is for the account of the process alone, and nothing in it can be read', async () => {
    const asked = opened().call({ method: 'POST', path: '/v1/messages', body: TEXT });
    const name = await appears('outbox');
    const path = join(box('outbox'), name);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(box('outbox')).mode & 0o777).toBe(0o700);
    expect(name).toMatch(/^[0-9a-f-]{36}\.spi$/);
    const parts = readFileSync(path, 'utf8').split('.');
    const readable = parts.map((part) => Buffer.from(part, 'base64url').toString('utf8')).join();
    expect(readable).not.toContain('電文');
    expect(readable).not.toContain('messages');
    files?.close();
    expect(await asked).toBe('notReached');
  });

  test('that nobody has taken in time is taken back, and surely was not received', async () => {
    expect(await opened(30).call(GET)).toBe('notReached');
    expect(lying()).toEqual(NOTHING);
  });

  test('that was taken and not answered in time may have been received', async () => {
    const asked = opened(300).call(GET);
    await taken();
    expect(await asked).toBe('noAnswer');
  });

  test('that has gone from every box is answered by nobody', async () => {
    const asked = opened().call(GET);
    const name = await appears('outbox');
    rmSync(join(box('outbox'), name));
    expect(await asked).toBe('noAnswer');
  });

  test('ends with the link, and none begins after it', async () => {
    const asked = opened().call(GET);
    await appears('outbox');
    files?.close();
    expect(await asked).toBe('notReached');
    expect(await files?.call(GET)).toBe('notReached');
    expect(lying()).toEqual(NOTHING);
  });

  test('that cannot be written was not sent', async () => {
    opened();
    rmSync(box('outbox'), { recursive: true });
    mkdirSync(join(drop.folder, 'elsewhere'));
    symlinkSync(join(drop.folder, 'elsewhere', 'gone'), box('outbox'));
    await expect(files?.call(GET)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await files?.call(GET)).toBe('notReached');
  });

  test('goes with so many others and no more', async () => {
    opened();
    const calls = Array.from({ length: INTERMEDIARY_STREAMS_MAX + 1 }, () => files!.call(GET));
    expect(await calls.at(-1)).toBe('notReached');
    files?.close();
    await Promise.all(calls);
  });

  test('of a batch may have an answer as large as a message', async () => {
    const bytes = Buffer.alloc(INTERMEDIARY_ANSWER_BYTES_MAX + 1, 32);
    const asked = opened().call({ ...GET, isLarge: true });
    const { name, request } = await taken();
    put(name, await sealAnswer({ status: 200, bytes }, request, signer));
    expect(await asked).toMatchObject({ status: 200 });
  });
});

describe('what lies in the inbox', () => {
  type Spoils = (name: string, good: Uint8Array, request: OpenedRequest) => Promise<void> | void;
  const sealed =
    (change: Partial<OpenedRequest>) => async (name: string, _: Uint8Array, request: OpenedRequest) =>
      put(name, await sealAnswer(OK, { ...request, ...change }, signer));
  const spoils: Record<string, Spoils> = {
    'is half written': (name, good) => put(name, good.subarray(0, good.length / 2)),
    'is empty': (name) => put(name, new Uint8Array()),
    'is too large': (name) => {
      put(name, new Uint8Array());
      truncateSync(join(box('inbox'), name), fileBytesMax(INTERMEDIARY_ANSWER_BYTES_MAX) + 1);
    },
    'holds too large an answer': async (name, _, request) => {
      const bytes = Buffer.alloc(INTERMEDIARY_ANSWER_BYTES_MAX + 1, 32);
      put(name, await sealAnswer({ status: 200, bytes }, request, signer));
    },
    'is a link to an answer': (name, good) => {
      writeFileSync(join(drop.folder, 'answer'), good, { mode: 0o600 });
      symlinkSync(join(drop.folder, 'answer'), join(box('inbox'), name));
    },
    'has a second name': (name, good) => {
      writeFileSync(join(drop.folder, 'answer'), good, { mode: 0o600 });
      linkSync(join(drop.folder, 'answer'), join(box('inbox'), name));
    },
    'is open to others': (name, good) => {
      put(name, good);
      chmodSync(join(box('inbox'), name), 0o644);
    },
    'is a folder': (name) => mkdirSync(join(box('inbox'), name)),
    'is a pipe': (name) => {
      spawnSync('sh', ['-c', 'mkfifo -m 600 "$0"', join(box('inbox'), name)]);
    },
    'answers another exchange': sealed({ exchange: newUuidV7(1) }),
    'answers another request': sealed({ digest: `sha256:${'A'.repeat(43)}` }),
    'is by another service': async (name, _, request) => {
      const other = signerOf(await network.issue('gateway', 'serverAuth'));
      put(name, await sealAnswer(OK, request, other));
    },
    'is by a client': async (name, _, request) =>
      put(name, await sealAnswer(OK, request, signerOf(await network.issue('intermediary', 'clientAuth')))),
  };
  test.each(Object.entries(spoils))('and %s is no answer, and is set aside', async (_what, spoil) => {
    const asked = opened().call(GET);
    const { name, request } = await taken();
    await spoil(name, await sealAnswer(OK, request, signer), request);
    expect(await asked).toBe('noAnswer');
    expect([at('inbox'), quarantined()]).toEqual([[], 1]);
  });

  test('and is not awaited is cleared away by the first call', async () => {
    opened();
    const late = nameOf(newUuidV7(1));
    put(late, Buffer.from('late'));
    const killed = nameOf(newUuidV7(2));
    writeFileSync(join(box('outbox'), killed), 'of a vault that was killed');
    const [left, fresh] = [newUuidV7(3), newUuidV7(4)];
    writeFileSync(join(box('outbox'), `.${left}.part`), 'half of');
    const longAgo = (Date.now() - INTERMEDIARY_DROP_PART_MS_MAX) / 1_000 - 60;
    utimesSync(join(box('outbox'), `.${left}.part`), longAgo, longAgo);
    writeFileSync(join(box('inbox'), `.${fresh}.part`), 'half of');
    writeFileSync(join(box('inbox'), 'readme.txt'), 'of somebody');
    symlinkSync('/etc', join(box('inbox'), 'etc'));
    const asked = files!.call(GET);
    while (existsSync(join(box('outbox'), killed))) await new Promise(setImmediate);
    await taken();
    expect([readdirSync(box('outbox')), readdirSync(box('inbox'))]).toEqual([[], [`.${fresh}.part`]]);
    expect(quarantined()).toBe(2);
    expect(existsSync('/etc/passwd')).toBe(true);
    files?.close();
    expect(await asked).toBe('noAnswer');
  });
});

describe('what is awaited', () => {
  test('is not cleared away by a later call', async () => {
    const asked = [opened(600_000).call(GET)];
    const name = await appears('outbox');
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + INTERMEDIARY_DROP_CLEAR_MS);
    writeFileSync(join(box('inbox'), 'readme.txt'), 'of somebody');
    asked.push(files!.call(GET));
    while (at('outbox').length < 2) await new Promise(setImmediate);
    vi.restoreAllMocks();
    expect([quarantined(), at('outbox').includes(name)]).toEqual([1, true]);
    files?.close();
    expect(await Promise.all(asked)).toEqual(['notReached', 'notReached']);
  });
});

describe('the folder of an exchange', () => {
  test.each([
    ['is open to others', () => mkdirSync(drop.folder, { mode: 0o755 })],
    [
      'has a box that is a link',
      () => {
        mkdirSync(drop.folder, { mode: 0o700 });
        symlinkSync('/tmp', join(drop.folder, 'inbox'));
      },
    ],
  ])('that %s is refused', (_what, make) => {
    make();
    expect(() => opened()).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID' }));
  });

  test('is not opened with a certificate that cannot sign', async () => {
    const { key } = await network.issue('vault', 'clientAuth');
    expect(() => new IntermediaryFiles({ ...settings(), key }, LONG_MS)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });
});
