import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { erasureAdministration } from '../../../src/vault/erasure/administration.js';
import { VaultService } from '../../../src/vault/opening.js';
import { fileKeyService } from '../../../src/vault/seal/file.js';
import { PATTERNED_NUMBERS } from '../number/support/patterned.js';
import { byTwos, done } from '../operation/support/two.js';
import { testService } from '../operation/support/vault.js';

const vault = await testService();
const { context, journalFile, keyFile } = vault;
const clerk = await vault.person('P-1029', ['register', 'erase']);
const officer = await vault.officer('P-0100', { role: 'unitOfficer' });
const rebuild = (cause = '装置の故障', by = 'OFFICER-1') =>
  erasureAdministration(context)['erasure.rebuildJournal']!({ cause, by }, 'hanako');
const lines = () =>
  readFileSync(journalFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

it('a lost journal is made anew of a sealed vault, whole or not at all, and opens it again', async () => {
  const { register, both } = byTwos(vault);
  const ref = await register(clerk, PATTERNED_NUMBERS[0]!);
  const said = { fileName: '収滞納管理ファイル', basis: '番号法第20条', reason: '事務の終了による' };
  done(await both(clerk, officer, { op: 'erase', refs: [ref], said }));
  const journal = lines();
  await expect(rebuild()).rejects.toMatchObject({ code: 'CONFLICT' });
  const service = new VaultService(context);
  await service.seal('hanako');
  await expect(rebuild()).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(rebuild('')).rejects.toMatchObject({ code: 'BAD_INPUT' });
  rmSync(journalFile);
  await expect(rebuild('装置の故障', clerk.personId)).rejects.toMatchObject({
    code: 'FORBIDDEN_PURPOSE',
    facts: { rule: 'role' },
  });
  await expect(rebuild('装置の故障', 'P-9999')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(existsSync(journalFile)).toBe(false);
  // What an attempt that was killed has left.
  writeFileSync(`${journalFile}.rebuilt`, '{"kind":"jour');
  expect(await rebuild()).toEqual({ erasures: 1 });
  const [heading, rebuilt, ...erasures] = lines();
  expect([heading, ...erasures]).toEqual(journal);
  const rebuiltAt = vault.clock.now().toString();
  expect(rebuilt).toMatchObject({ kind: 'rebuilt', decidedBy: 'OFFICER-1', rebuiltAt });
  expect(existsSync(`${journalFile}.rebuilt`)).toBe(false);
  await service.open(fileKeyService(keyFile), 'hanako');
  const rows = await vault.databases.owner.vault.run(
    'test.entries',
    ({ raw }) => raw<{ text: string }[]>`
    select decision || ' ' || reason as text from audit.entry
    where coordinate = 'Vault.rebuildJournal' order by sequence`,
  );
  expect(rows.map(({ text }) => text)).toEqual([
    'refuse CONFLICT',
    'allow begun:by:OFFICER-1 装置の故障',
    'refuse CONFLICT',
    'refuse BAD_INPUT',
    'refuse role',
    'refuse NOT_FOUND',
    'allow begun:by:OFFICER-1 装置の故障',
    'allow erasures:1',
  ]);
});
