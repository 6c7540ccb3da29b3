import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildPackage } from '../../../../src/protocol/transfer/container/build.js';
import type { SeriesState } from '../../../../src/protocol/transfer/container/open.js';
import { tarHeader } from '../../../../src/protocol/transfer/container/tar.js';
import { sha256Hex } from '../../../../src/protocol/transfer/forms.js';
import { recipientFingerprint } from '../../../../src/protocol/transfer/keys.js';
import type { ManifestFile, TransferManifest } from '../../../../src/protocol/transfer/manifest.js';
import { ledgerLine, PACKAGE_ID } from '../support.js';
import {
  csv,
  dataFile,
  forged,
  type Forgery,
  manifestFor,
  newIdentity,
  opened,
  orderOf,
  OTHER_KEYS,
  receiverOf,
  rejection,
  smallFiles,
  type TextFile,
} from './support.js';

const root = mkdtempSync(join(tmpdir(), 'kuramori-open-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let into = '';
let turn = 0;
beforeEach(() => {
  into = join(root, String((turn += 1)));
  mkdirSync(into);
});
const identity = await newIdentity();
const receiver = receiverOf([identity]);

const texts = smallFiles();
const manifest = manifestWith(texts);

/** A sound forgery, changed. */
async function stepOf(change: Partial<Forgery>, by = receiver): Promise<string | undefined> {
  const entries = texts.map(({ name, text }) => [name, text] as const);
  const folder = await forged(into, { manifest, entries, recipients: [identity.recipient], ...change });
  return await rejection(folder, by, into);
}

test('what the forger makes is accepted when nothing is changed', async () => {
  expect(await stepOf({})).toBeUndefined();
});

describe('the outer record', () => {
  test('signed by a key that is known, but another than it names', async () => {
    const folder = await forged(into, { manifest, entries: [], recipients: [identity.recipient] });
    const other = await forged(mkdirIn('other'), {
      manifest,
      entries: [],
      recipients: [identity.recipient],
      signKey: OTHER_KEYS,
    });
    cpSync(join(other, 'package.json.sig'), join(folder, 'package.json.sig'));
    expect(await rejection(folder, receiver, into)).toBe('OUTER_SIGNATURE');
  });

  test.each(['package.json', 'package.json.sig'])('without %s', async (name) => {
    const folder = await forged(into, { manifest, entries: [], recipients: [identity.recipient] });
    rmSync(join(folder, name));
    expect(await rejection(folder, receiver, into)).toBe('OUTER_SIGNATURE');
  });

  test('too large to be read', async () => {
    const folder = await forged(into, { manifest, entries: [], recipients: [identity.recipient] });
    writeFileSync(join(folder, 'package.json'), Buffer.alloc(20_000, ' '));
    expect(await rejection(folder, receiver, into)).toBe('OUTER_SIGNATURE');
  });

  test('of a sender who is not known', async () => {
    expect(await stepOf({ outer: { sender: { bodyCode: '999986', name: '別市' } } })).toBe('OUTER_SIGNATURE');
  });
});

describe('the series', () => {
  const after = (seriesNo: number, ciphertextSha256 = 'a'.repeat(64)): SeriesState => ({
    seen: false,
    last: { seriesNo, ciphertextSha256 },
  });

  test('the same package twice', async () => {
    expect(await stepOf({}, receiverOf([identity], { seen: true, last: undefined }))).toBe('PACKAGE_SEEN');
  });

  test.each([
    ['a gap', 3, after(1)],
    ['a number that was there', 1, after(1)],
    ['a first that is not the first', 2, { seen: false, last: undefined }],
  ])('%s', async (_, seriesNo, state) => {
    expect(await stepOf({ manifest: { ...manifest, seriesNo } }, receiverOf([identity], state))).toBe(
      'SERIES_GAP',
    );
  });

  test('one that does not follow the last ciphertext', async () => {
    const next = { ...manifest, seriesNo: 2, previousPackageDigest: 'b'.repeat(64) };
    expect(await stepOf({ manifest: next }, receiverOf([identity], after(1)))).toBe('MANIFEST');
    rmSync(into, { recursive: true });
    mkdirSync(into);
    const follows = { ...next, previousPackageDigest: 'a'.repeat(64) };
    expect(await stepOf({ manifest: follows }, receiverOf([identity], after(1)))).toBeUndefined();
  });
});

describe('the ciphertext', () => {
  test('of another size than its record says, or missing', async () => {
    const folder = await forged(into, { manifest, entries: [], recipients: [identity.recipient] });
    const bytes = readFileSync(join(folder, 'package.age'));
    writeFileSync(join(folder, 'package.age'), bytes.subarray(1));
    expect(await rejection(folder, receiver, into)).toBe('CIPHERTEXT');
    rmSync(join(folder, 'package.age'));
    expect(await rejection(folder, receiver, into)).toBe('CIPHERTEXT');
  });

  test('swapped with that of another package of the same size', async () => {
    const folder = await forged(into, { manifest, entries: [], recipients: [identity.recipient] });
    const other = await forged(mkdirIn('other'), { manifest, entries: [], recipients: [identity.recipient] });
    cpSync(join(other, 'package.age'), join(folder, 'package.age'));
    expect(await rejection(folder, receiver, into)).toBe('CIPHERTEXT');
  });

  const big: TextFile = { name: 'attachments/big.pdf', text: 'x'.repeat(200_000), rows: 0 };
  const bigForgery = (ciphertext: Forgery['ciphertext']): Partial<Forgery> => {
    const files = smallFiles(big);
    return {
      manifest: manifestWith(files),
      entries: files.map(({ name, text }) => [name, text] as const),
      ciphertext: ciphertext!,
    };
  };
  const CHUNK = 65_536 + 16;

  test.each([
    ['cut at the border of a chunk', (bytes: Buffer) => bytes.subarray(0, payloadAt(bytes) + CHUNK)],
    ['cut inside a chunk', (bytes: Buffer) => bytes.subarray(0, payloadAt(bytes) + CHUNK + 100)],
    ['cut after its header', (bytes: Buffer) => bytes.subarray(0, payloadAt(bytes))],
    ['with bytes after its end', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(16)])],
    ['with two chunks swapped', (bytes: Buffer) => swapChunks(bytes)],
    ['with an endless header', () => Buffer.from(`age-encryption.org/v1\n-> X25519 ${'A'.repeat(100_000)}`)],
    ['that is none', () => Buffer.alloc(0)],
  ])('%s, by a sender who signs it', async (name, ciphertext) => {
    // Of nothing there is no record: its form asks for a byte.
    if (name === 'that is none') await expect(stepOf(bigForgery(ciphertext))).rejects.toThrow();
    else expect(await stepOf(bigForgery(ciphertext))).toBe('DECRYPTION');
  });

  test('sealed to a key that is not ours, to one that is over, or to more keys than it says', async () => {
    const other = await newIdentity();
    expect(await stepOf({ recipients: [other.recipient] })).toBe('DECRYPTION');
    rmSync(join(into, `TRANSFER-${PACKAGE_ID}`), { recursive: true });
    const over = receiverOf([{ ...identity, validUntil: manifest.createdAt }]);
    expect(await stepOf({}, over)).toBe('DECRYPTION');
    rmSync(join(into, `TRANSFER-${PACKAGE_ID}`), { recursive: true });
    const recipients = [identity.recipient, other.recipient];
    const outer = { recipientKeys: [recipientFingerprint(identity.recipient)] };
    expect(await stepOf({ recipients, outer })).toBe('DECRYPTION');
  });
});

describe('the manifest', () => {
  test('re-addressed: sealed anew by its first receiver for another, in the name of the sender', async () => {
    const first = await newIdentity();
    const forTheFirst = manifestWith(texts, [first]);
    expect(await stepOf({ manifest: forTheFirst })).toBe('RECIPIENT');
  });

  test('for another body that knows our key', async () => {
    const { recipient } = manifest;
    expect(await stepOf({ manifest: approved({ recipient: { ...recipient, bodyCode: '999986' } }) })).toBe(
      'RECIPIENT',
    );
  });

  test('of the other direction', async () => {
    expect(await stepOf({}, { ...receiver, content: 'RESULT' })).toBe('RECIPIENT');
  });

  test.each<[string, Partial<Forgery>]>([
    ['that was not signed by the sender', { manifestSignature: Buffer.alloc(64) }],
    ['of another package', { outer: { createdAt: '2026-10-05T01:00:01Z' } }],
    [
      'in another spelling',
      { tar: (tar) => Buffer.from(tar.toString('latin1').replace('{"approvals"', '{ "approvals'), 'latin1') },
    ],
  ])('%s', async (_, change) => {
    expect(await stepOf(change)).toBe('MANIFEST');
  });

  test('whose approvals are of another draft (13 §8)', async () => {
    const approvals = manifest.approvals.map((one) => ({ ...one, draftDigest: 'f'.repeat(64) }));
    expect(await stepOf({ manifest: { ...manifest, approvals } })).toBe('MANIFEST');
  });

  test('that is missing', async () => {
    expect(
      await stepOf({ tar: () => Buffer.concat([tarHeader('01_taxpayer.csv', 0), Buffer.alloc(1_024)]) }),
    ).toBe('MANIFEST');
  });
});

describe('the files', () => {
  const entries = texts.map(({ name, text }) => [name, text] as const);
  const changed = (name: string, change: Partial<ManifestFile>) =>
    approved({ files: manifest.files.map((file) => (file.name === name ? { ...file, ...change } : file)) });

  test.each<[string, () => Partial<Forgery>]>([
    [
      'a data file that is swapped with one of another package',
      () => ({ entries: replaced('05_contacts.csv', `${texts[2]!.text} `) }),
    ],
    ['a name twice', () => ({ entries: [...entries.slice(0, 1), ...entries] })],
    ['a path that leaves the folder', () => ({ entries: [['../x', 'x'], ...entries] })],
    ['an absolute path', () => ({ entries: [['/tmp/x', 'x'], ...entries] })],
    ['a file that is not listed', () => ({ entries: [...entries, ['attachments/B.pdf', 'x']] })],
    ['a file that is missing', () => ({ entries: entries.slice(1) })],
    ['a row more than listed', () => ({ manifest: changed('03_ledger.csv', { rows: 3 }) })],
    ['another size than listed', () => ({ manifest: changed('03_ledger.csv', { bytes: 3 }) })],
    [
      'a file listed twice',
      () => ({ manifest: approved({ files: [...manifest.files, manifest.files[0]!] }) }),
    ],
    ['individual numbers against the profile', () => numbers(false)],
    [
      'a profile whose individual numbers are missing',
      () => ({ manifest: approved({ profile: { ...manifest.profile, includesIndividualNumber: true } }) }),
    ],
    ['a file of no layout', () => extra({ name: '12_more.csv', text: 'x\n', rows: 0 })],
    ['a row of no layout', () => replacedFile({ ...texts[2]!, text: `${texts[2]!.text}x\n`, rows: 1 })],
    [
      'a line whose unpaid is not what is left',
      () => replacedFile(csv('03_ledger.csv', [{ ...ledgerLine('A-1', 1, 9n), unpaid: 8n }])),
    ],
  ])('%s', async (_, change) => {
    expect(await stepOf(change())).toBe('FILES');
  });

  test('individual numbers where the profile has them', async () => {
    expect(await stepOf(numbers(true))).toBeUndefined();
    expect(await stepOf(numbers(true, '12345678901x'))).toBe('FILES');
  });

  test('totals that are not those of the manifest', async () => {
    const totals = { ...manifest.totals, unpaid: 130_001n };
    expect(await stepOf({ manifest: approved({ totals }) })).toBe('TOTALS');
  });

  test('a number of cases that is not that of the manifest', async () => {
    expect(await stepOf({ manifest: approved({ cases: 2 }) })).toBe('TOTALS');
  });

  test('a case without a line', async () => {
    const [first, second] = [texts[0]!, csv('03_ledger.csv', [])];
    expect(
      await stepOf({ ...replacedFile(second), entries: entriesOf([first, second, ...texts.slice(2)]) }),
    ).toBe('TOTALS');
  });

  /** The small package with a file replaced in stream and manifest, totals as they were. */
  function replacedFile(file: TextFile): Partial<Forgery> {
    const files = texts.map((one) => (one.name === file.name ? file : one));
    return { entries: entriesOf(files), manifest: approved({ files: listing(files) }) };
  }
  function extra(file: TextFile): Partial<Forgery> {
    const files = [...texts, file].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return { entries: entriesOf(files), manifest: approved({ files: listing(files) }) };
  }
  function replaced(name: string, text: string): Forgery['entries'] {
    return entries.map(([one, was]) => [one, one === name ? text : was] as const);
  }
  function numbers(includesIndividualNumber: boolean, number = '123456789018'): Partial<Forgery> {
    rmSync(join(into, `TRANSFER-${PACKAGE_ID}`), { recursive: true, force: true });
    rmSync(join(into, `TRANSFER-${PACKAGE_ID}-opened`), { recursive: true, force: true });
    const text = `caseNo,addresseeNo,individualNumber\nA-1,0000000123,${number}\n`;
    const forgery = extra({ name: '11_individual_number.csv', text, rows: 1 });
    const { files } = forgery.manifest!;
    return {
      ...forgery,
      manifest: approved({ files, profile: { ...manifest.profile, includesIndividualNumber } }),
    };
  }
});

describe('whatever bit is flipped', () => {
  let folder = '';
  beforeAll(async () => {
    const place = mkdirIn('flipped');
    ({ folder } = await buildPackage(orderOf(place, [identity])));
  });

  test('in any file that is read, the package is rejected and nothing is left', async () => {
    const names = ['package.age', 'package.json', 'package.json.sig'] as const;
    const sizes = names.map((name) => readFileSync(join(folder, name)).length);
    const place = fc.nat(2).chain((file) => fc.tuple(fc.constant(file), fc.nat(sizes[file]! * 8 - 1)));
    await fc.assert(
      fc.asyncProperty(place, async ([file, bit]) => {
        const path = join(folder, names[file]!);
        const sound = readFileSync(path);
        const bytes = Buffer.from(sound);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        writeFileSync(path, bytes);
        const step = await rejection(folder, receiver, join(folder, '..'));
        writeFileSync(path, sound);
        expect(step).toBe(file === 0 ? 'CIPHERTEXT' : 'OUTER_SIGNATURE');
      }),
      { numRuns: 150 },
    );
    await opened(folder, receiver);
  });

  test('before the sender’s own signature, decryption finds it', async () => {
    let flips = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (at) => {
        into = mkdirIn(`bit-${(flips += 1)}`);
        const flip = (bytes: Buffer) => {
          const bit = at % (bytes.length * 8);
          bytes[bit >> 3]! ^= 1 << (bit & 7);
          return bytes;
        };
        expect(await stepOf({ ciphertext: flip })).toBe('DECRYPTION');
      }),
      { numRuns: 60 },
    );
  });
});

test('a folder that exists is not written into', async () => {
  const { folder } = await buildPackage(orderOf(into, [identity]));
  const target = mkdirIn('taken');
  writeFileSync(join(target, 'x'), 'x');
  await expect(opened(folder, receiver, target)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(readdirSync(target)).toEqual(['x']);
  expect(readdirSync(into).filter((name) => name.startsWith('.'))).toEqual([]);
});

function mkdirIn(name: string): string {
  const path = join(into === '' ? root : into, name);
  mkdirSync(path);
  return path;
}

function listing(files: readonly TextFile[]): ManifestFile[] {
  return files.map(({ name, text, rows }) => ({
    name,
    bytes: Buffer.byteLength(text),
    rows,
    sha256: sha256Hex(text),
  }));
}

function entriesOf(files: readonly TextFile[]): Forgery['entries'] {
  return files.map(({ name, text }) => [name, text] as const);
}

function manifestWith(files: readonly TextFile[], recipients = [identity]): TransferManifest {
  return manifestFor(
    files.map((one) => dataFile(one)),
    files,
    recipients,
  );
}

/** The manifest of the small package, changed before it was approved. */
function approved(change: Partial<TransferManifest>): TransferManifest {
  return manifestFor(
    texts.map((one) => dataFile(one)),
    texts,
    [identity],
    change,
  );
}

/** Where the first chunk begins: after the header and a nonce of 16 bytes. */
function payloadAt(bytes: Buffer): number {
  return bytes.indexOf('\n--- ') + '\n--- '.length + 43 + 1 + 16;
}

function swapChunks(bytes: Buffer): Buffer {
  const [at, chunk] = [payloadAt(bytes), 65_536 + 16];
  const [one, two] = [bytes.subarray(at, at + chunk), bytes.subarray(at + chunk, at + 2 * chunk)];
  return Buffer.concat([bytes.subarray(0, at), two, one, bytes.subarray(at + 2 * chunk)]);
}
