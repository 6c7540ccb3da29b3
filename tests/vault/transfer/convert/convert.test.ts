import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { LEDGER_FILE, TAXPAYER_FILE } from '../../../../src/protocol/transfer/layout.js';
import { sha256Hex } from '../../../../src/protocol/transfer/forms.js';
import { completeDraft, openDraft } from '../../../../src/vault/transfer/draft/draft.js';
import { spoolOf } from '../../../../src/vault/transfer/spool/spool.store.js';
import { temporaryFolder } from '../../keys/support/vault.js';
import { done } from '../../operation/support/two.js';
import { entriesOf } from '../support/log.js';
import { draftOf, ledgerCsv, putFile, taxpayerCsv, transferScene } from '../support/scene.js';

const scene = await transferScene();
const { transfers } = scene;
const { context } = transfers;
const PROGRAM = fileURLToPath(new URL('support/converter.mjs', import.meta.url));
const BY = 'service:worker';
const folder = temporaryFolder();
// Its first line asks for a node on the path; a converter has none, so that it is started by this one.
const launcher = (how: string): string => {
  const script = join(folder, `convert-${how}`);
  const text = readFileSync(PROGRAM, 'utf8').replace(/^#!.*/, `#!${process.execPath}`);
  writeExecutable(script, text);
  return script;
};

async function enter(how: string, program: string, sha256 = sha256Hex(readFileSync(program))) {
  await scene.enter({
    kind: 'converter',
    validFrom: '2026-04-01',
    value: {
      name: how,
      version: '1',
      contractor: '架空情報システム',
      contract: 'C-2026-11',
      program,
      programSha256: sha256,
      files: ['attachments/MEISAI.TXT'],
    },
  });
  await scene.enter({
    kind: 'profile',
    validFrom: '2026-04-01',
    value: {
      name: `profile-${how}`,
      version: '1',
      includesIndividualNumber: false,
      files: [TAXPAYER_FILE, LEDGER_FILE],
      converter: how,
    },
  });
}

async function draft(how: string, cases = 2): Promise<string> {
  const announced = draftOf({ profile: `profile-${how}` });
  await openDraft(context, announced, BY);
  await putFile(transfers, announced.draftId, TAXPAYER_FILE, taxpayerCsv(2));
  await putFile(transfers, announced.draftId, LEDGER_FILE, ledgerCsv(cases));
  return announced.draftId;
}

const convert = (packageId: string) => scene.operate('convert', { packageId });
const complete = (packageId: string) => completeDraft(context, packageId, [], BY);

describe('a contractor’s converter', () => {
  test('makes the recipient’s layout of a draft; the record names what went in and came out', async () => {
    await enter('well', launcher('well'));
    const packageId = await draft('well');
    await expect(complete(packageId)).rejects.toMatchObject({ code: 'CONFLICT' });
    const conversion = (await convert(packageId)) as { inputDigest: string; outputDigest: string };
    const made = (await spoolOf(context.database, packageId)).find(({ name }) => name.startsWith('att'))!;
    const pieces = [];
    for await (const piece of context.spool.read(made)) pieces.push(piece);
    expect(Buffer.concat(pieces).toString().split('\r\n')[0]).toBe('D-000001    000000090000');
    const logged = (await entriesOf(scene.vault, 'Transfer.convert')).find(({ rows }) => rows === 1);
    expect(logged?.reason).toBe(`well-1:${conversion.inputDigest}:${conversion.outputDigest}`);

    const { draftDigest } = await complete(packageId);
    expect(done(await scene.assembled({ packageId, draftDigest }))).toMatchObject({ state: 'ASSEMBLED' });
    await scene.operate('seal', { packageId });
  });

  test('must run again once a file has changed', async () => {
    const packageId = await draft('well');
    await convert(packageId);
    await putFile(transfers, packageId, LEDGER_FILE, ledgerCsv(3));
    await putFile(transfers, packageId, TAXPAYER_FILE, taxpayerCsv(3));
    await expect(complete(packageId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await convert(packageId);
    expect((await complete(packageId)).cases).toBe(3);
  });

  test.each([
    ['leaves', 'INTEGRITY_FAILURE'],
    ['dies', 'FILE_REJECTED'],
    ['other', 'FILE_REJECTED'],
    ['garbled', 'FILE_REJECTED'],
    ['wordy', 'FILE_REJECTED'],
    ['endless', 'FILE_REJECTED'],
    ['torn', 'FILE_REJECTED'],
    ['halts', 'FILE_REJECTED'],
    ['silent', 'FILE_REJECTED'],
    ['twice', 'FILE_REJECTED'],
  ])('of the kind that fails (%s) keeps nothing', async (how, code) => {
    await enter(how, launcher(how));
    const packageId = await draft(how);
    await expect(convert(packageId)).rejects.toMatchObject({ code });
    expect(await spoolOf(context.database, packageId)).toHaveLength(2);
    expect(readdirSync(join(scene.folder, 'spool')).length).toBeGreaterThanOrEqual(2);
  });

  test('that does not read everything is judged by what it makes', async () => {
    await enter('hasty', launcher('hasty'));
    const packageId = await draft('hasty', 2_000);
    expect(await convert(packageId)).toBeDefined();
    expect(await spoolOf(context.database, packageId)).toHaveLength(3);
  });

  test('is given no half of a file that does not open: what it makes of it is not taken', async () => {
    const packageId = await draft('well');
    const ledger = (await spoolOf(context.database, packageId)).find(({ name }) => name === LEDGER_FILE)!;
    const path = join(scene.folder, 'spool', ledger.spoolId);
    const sealed = readFileSync(path);
    sealed[sealed.length - 1]! ^= 1;
    writeFileSync(path, sealed);
    await expect(convert(packageId)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    expect(await spoolOf(context.database, packageId)).toHaveLength(2);
  });

  test('that is not the program which was decided is not run', async () => {
    await enter('swapped', launcher('well'), 'a'.repeat(64));
    await expect(convert(await draft('swapped'))).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });

  test('is none where the profile has none', async () => {
    const { packageId } = await scene.draft();
    await expect(convert(packageId)).rejects.toMatchObject({ code: 'CONFLICT' });
    const announced = draftOf();
    await openDraft(context, announced, BY);
    await expect(convert(announced.draftId)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

function writeExecutable(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o700);
}
