import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test, vi } from 'vitest';
import { writeMedium } from '../../src/cli/medium.js';
import { registerTransferCommands } from '../../src/cli/vaultTransfer.js';
import { temporaryFolder } from '../vault/keys/support/vault.js';
import { transferScene } from '../vault/transfer/support/scene.js';

const scene = await transferScene();
const folder = temporaryFolder();

/** Types a command. @returns what it printed */
async function type(...args: readonly string[]): Promise<string> {
  const program = new Command().exitOverride();
  registerTransferCommands(program, (command, input = {}) =>
    scene.operate(command.replace('transfer.', ''), input),
  );
  let said = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  try {
    await program.parseAsync(['node', 'kuramori', 'transfer', ...args]);
  } finally {
    write.mockRestore();
  }
  return said;
}

function entry(content: object): string {
  const file = join(folder, 'entry.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

test('a package is written onto a medium, read back, and its carry record entered', async () => {
  const { packageId, ciphertextSha256 } = await scene.released('MEDIUM');
  const medium = join(folder, 'dvd');
  mkdirSync(medium);
  expect(await type('write-medium', packageId, medium)).toBe(`readBackDigest  ${ciphertextSha256}\n`);
  expect(readFileSync(join(medium, `TRANSFER-${packageId}`, 'README.txt'), 'utf8')).toContain('package.age');
  await expect(type('write-medium', packageId, medium)).rejects.toMatchObject({ code: 'CONFLICT' });
  const carry = {
    packageId,
    mediumType: 'DVD_R',
    serialNo: 'DVD-1',
    label: '移管',
    sealNo: 'S-1',
    caseLockNo: 'L-1',
    writtenAt: '2026-11-22T04:00:00Z',
    writtenBy: 'P-1029',
    readBackDigest: ciphertextSha256,
    firstCarrier: 'P-1029',
    secondCarrier: 'OFFICER-1',
    purpose: '搬送',
    fromPlace: '市役所',
    toPlace: '機構',
    transport: '公用車',
    leftAt: '2026-11-22T05:00:00Z',
    expectedAt: '2026-11-22T07:00:00Z',
  };
  const { carryId } = JSON.parse(await type('carry', entry(carry))) as { carryId: string };
  await type('carried', entry({ carryId, kind: 'arrived', details: { receivedBy: '受付' } }));
  expect(JSON.parse(await type('state', packageId))).toMatchObject({ state: 'IN_CARRY' });
  await expect(type('erasure-request', packageId)).rejects.toMatchObject({ code: 'CONFLICT' });
  await type('abort', packageId, '取下げ');
  expect(JSON.parse(await type('state', packageId))).toMatchObject({ state: 'ABORTED' });
});

test('a package that was not released is not written', async () => {
  const { packageId } = await scene.draft();
  await expect(type('write-medium', packageId, folder)).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('what reads back otherwise than it was sealed is told', async () => {
  const sealed = join(folder, 'TRANSFER-x');
  mkdirSync(sealed);
  for (const name of ['package.age', 'package.json', 'package.json.sig', 'README.txt'])
    writeFileSync(join(sealed, name), name);
  const medium = join(folder, 'bad');
  mkdirSync(medium);
  await expect(writeMedium(sealed, medium, 'a'.repeat(64))).rejects.toMatchObject({
    code: 'INTEGRITY_FAILURE',
  });
});

test('keys, settings and a round are shown; an entry that is no JSON is refused', async () => {
  expect(JSON.parse(await type('keys'))).toMatchObject({
    recipient: expect.stringMatching(/^age1/) as string,
  });
  expect(JSON.parse(await type('settings'))).toHaveLength(7);
  expect(JSON.parse(await type('round'))).toEqual({ faults: [] });
  const file = join(folder, 'none.json');
  writeFileSync(file, '{');
  await expect(type('carry', file)).rejects.toMatchObject({ code: 'BAD_INPUT' });
});
