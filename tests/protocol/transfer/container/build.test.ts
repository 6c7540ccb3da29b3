import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  buildPackage,
  type DataFile,
  type PackageOrder,
} from '../../../../src/protocol/transfer/container/build.js';
import { sha256Hex } from '../../../../src/protocol/transfer/forms.js';
import { inGroups } from '../../../../src/protocol/transfer/keys.js';
import { manifestBytes, type TransferManifest } from '../../../../src/protocol/transfer/manifest.js';
import { PACKAGE_ID } from '../support.js';
import {
  csv,
  dataFile,
  newIdentity,
  opened,
  orderOf,
  receiverOf,
  SENDER_KEYS,
  smallFiles,
} from './support.js';

const root = mkdtempSync(join(tmpdir(), 'kuramori-build-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let into = '';
let turn = 0;
beforeEach(() => {
  into = join(root, String((turn += 1)));
  mkdirSync(into);
});
const identity = await newIdentity();

describe('a package', () => {
  test('lies in its folder, complete, and opens for its receiver', async () => {
    const { folder, outer } = await buildPackage(orderOf(into, [identity]));
    expect(folder).toBe(join(into, `TRANSFER-${PACKAGE_ID}`));
    expect(readdirSync(into)).toEqual([`TRANSFER-${PACKAGE_ID}`]);
    expect(readdirSync(folder).toSorted()).toEqual([
      'README.txt',
      'package.age',
      'package.json',
      'package.json.sig',
    ]);
    const { target, manifest } = await opened(folder, receiverOf([identity]));
    expect(manifest).toEqual(orderOf(into, [identity]).manifest);
    for (const { name, text } of smallFiles()) expect(readFileSync(join(target, name), 'utf8')).toBe(text);
    expect(outer.ciphertext.sha256).toBe(sha256Hex(readFileSync(join(folder, 'package.age'))));
    expect(readdirSync(into).toSorted()).toEqual([`TRANSFER-${PACKAGE_ID}`, `TRANSFER-${PACKAGE_ID}-opened`]);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  });

  test('tells its digest in groups of four, and nothing of people', async () => {
    const { folder, outer } = await buildPackage(orderOf(into, [identity]));
    const readme = readFileSync(join(folder, 'README.txt'), 'utf8');
    expect(readme).toContain(inGroups(outer.ciphertext.sha256));
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name), 'latin1')).not.toContain(
        Buffer.from('太郎').toString('latin1'),
      );
  });

  test('opens for each of several keys', async () => {
    const second = await newIdentity();
    const { folder } = await buildPackage(orderOf(into, [identity, second]));
    await opened(folder, receiverOf([second]));
  });

  test('is as large as the arithmetic of age says (13 §5)', async () => {
    const big = { name: 'attachments/big.pdf', text: 'x'.repeat(200_000), rows: 0 };
    const { outer } = await buildPackage(orderOf(into, [identity], {}, smallFiles(big)));
    const tar = tarSize(orderOf(into, [identity], {}, smallFiles(big)));
    const header = 'age-encryption.org/v1\n'.length + 98 + '--- '.length + 43 + 1;
    expect(outer.ciphertext.bytes).toBe(tar + Math.ceil(tar / 65_536) * 16 + 16 + header);
  });

  test('is not written twice, and what a killed process left does not hinder it', async () => {
    const partial = join(into, `.TRANSFER-${PACKAGE_ID}.partial`);
    mkdirSync(partial);
    writeFileSync(join(partial, 'package.age'), 'half');
    await buildPackage(orderOf(into, [identity]));
    expect(existsSync(partial)).toBe(false);
    await expect(buildPackage(orderOf(into, [identity]))).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('what differs from what was announced destroys the output', () => {
  const one = csv('05_contacts.csv', []);
  const streams = (text: string): Partial<DataFile> => ({
    open: async function* () {
      yield Buffer.from(text);
    },
  });
  const failing: Partial<DataFile> = {
    open: async function* () {
      yield Buffer.from(one.text.slice(0, 10));
      throw new Error('the spool is gone');
    },
  };

  test.each<[string, Partial<DataFile>]>([
    ['too few bytes', streams(one.text.slice(0, -1))],
    ['too many bytes', streams(`${one.text}x`)],
    ['as many other bytes', streams(one.text.replace('caseNo', 'caseno'))],
    ['another number of rows', { rows: 1 }],
    ['another digest', { sha256: 'f'.repeat(64) }],
    ['a stream that fails', failing],
  ])('%s', async (_, announced) => {
    const order = orderOf(into, [identity]);
    const files = order.files.map((file) => (file.name === one.name ? dataFile(one, announced) : file));
    const manifest = { ...order.manifest, files: files.map(listed) };
    await expect(buildPackage({ ...order, files, manifest })).rejects.toThrow();
    expect(readdirSync(into)).toEqual([]);
  });

  test('totals of the manifest', async () => {
    const order = orderOf(into, [identity]);
    const { totals } = order.manifest as TransferManifest;
    const manifest = { ...order.manifest, totals: { ...totals, unpaid: 1n } } as TransferManifest;
    await expect(buildPackage({ ...order, manifest })).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    expect(readdirSync(into)).toEqual([]);
  });

  test.each<[string, (order: PackageOrder) => Partial<PackageOrder>]>([
    ['files that the manifest does not list', (order) => ({ files: order.files.slice(1) })],
    ['files out of order', (order) => swapped(order)],
    ['a key that is over', () => ({ recipients: [{ ...identity, validUntil: '2026-10-05T01:00:00Z' }] })],
    ['a key of another', () => ({ recipients: [] })],
    ['no key', () => ({ recipients: [{ ...identity, recipient: 'age1x' }] })],
  ])('%s are refused before anything is written', async (_, change) => {
    const order = orderOf(into, [identity]);
    await expect(buildPackage({ ...order, ...change(order) })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(readdirSync(into)).toEqual([]);
  });
});

const AGE = spawnSync('age', ['--version']).status === 0;
if (!AGE) process.stderr.write('age is not here: its opening of a package is not tested.\n');

describe.runIf(AGE)('with programs of others', () => {
  test('age opens, tar unpacks and openssl verifies a package', async () => {
    const { folder } = await buildPackage(orderOf(into, [identity]));
    writeFileSync(join(into, 'identity.txt'), identity.identity, { mode: 0o600 });
    writeFileSync(join(into, 'sender.pem'), SENDER_KEYS.publicKey.export({ type: 'spki', format: 'pem' }));
    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, { cwd: into, encoding: 'utf8' });
    run('age', '-d', '-i', 'identity.txt', '-o', 'payload.tar', join(folder, 'package.age'));
    run('tar', '-xf', 'payload.tar');
    expect(readFileSync(join(into, '01_taxpayer.csv'), 'utf8')).toBe(smallFiles()[0]!.text);
    for (const [file, signature] of [
      [join(folder, 'package.json'), join(folder, 'package.json.sig')],
      ['manifest.json', 'manifest.sig'],
    ] as const)
      expect(
        run(
          'openssl',
          'pkeyutl',
          '-verify',
          '-pubin',
          '-inkey',
          'sender.pem',
          '-rawin',
          '-in',
          file,
          '-sigfile',
          signature,
        ),
      ).toContain('Verified Successfully');
  });
});

const listed = ({ name, bytes, rows, sha256 }: DataFile) => ({ name, bytes, rows, sha256 });

function swapped(order: PackageOrder): Partial<PackageOrder> {
  const files = order.files.toReversed();
  return { files, manifest: { ...order.manifest, files: files.map(listed) } };
}

/** Bytes of the tar: a header and whole blocks for each file, two blocks at the end. */
function tarSize({ manifest, files }: PackageOrder): number {
  const sizes = [...files.map(({ bytes }) => bytes), manifestBytes(manifest).length, 64];
  return sizes.reduce((total, size) => total + 512 + Math.ceil(size / 512) * 512, 1_024);
}
