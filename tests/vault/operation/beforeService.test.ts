import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HeldJournal } from '../../../src/vault/erasure/heldJournal.js';
import { beforeService } from '../../../src/vault/operation/beforeService.js';
import { VaultService } from '../../../src/vault/opening.js';
import { fileKeyService } from '../../../src/vault/seal/file.js';
import { MUNICIPALITY, temporaryFolder } from '../keys/support/vault.js';
import { byTwos, done } from './support/two.js';
import { testService } from './support/vault.js';

const vault = await testService();
const clerk = await vault.person('P-1029', ['register', 'erase']);
const officer = await vault.officer('P-0100', { role: 'unitOfficer' });
const { register, both } = byTwos(vault);
const owner = vault.databases.owner;
const said = { fileName: '収滞納管理ファイル', basis: '番号法第20条', reason: '事務の終了による' };

describe('before service', () => {
  it('whom a restored backup brought back is erased again', async () => {
    const ref = await register(clerk, '123456789018');
    await owner.vault.run('test.backup', ({ raw }) => raw`create table backup as select * from vault.number`);
    await owner.shred.run('test.backup', ({ raw }) => raw`create table backup as select * from shred.key`);
    done(await both(clerk, officer, { op: 'erase', refs: [ref], said }));
    await owner.vault.run(
      'test.restore',
      ({ raw }) => raw`delete from vault.number where vault_ref = ${ref}`,
    );
    await owner.vault.run('test.restore', ({ raw }) => raw`insert into vault.number select * from backup`);
    await owner.shred.run('test.restore', ({ raw }) => raw`insert into shred.key select * from backup`);
    await beforeService(vault.context);
    const [row] = await owner.vault.run(
      'test.state',
      ({ raw }) => raw`select state, ciphertext from vault.number where vault_ref = ${ref}`,
    );
    expect(row).toEqual({ state: 'erased', ciphertext: null });
    expect(await owner.shred.run('test.left', ({ raw }) => raw`select from shred.key`)).toHaveLength(0);
  });

  it('a vault without its journal, or with one older than its database, is not opened, and logs it', async () => {
    const path = vault.journalFile;
    const service = new VaultService(vault.context);
    const open = async () => {
      vault.context.seal.seal();
      await service.open(fileKeyService(vault.keyFile), 'hanako');
    };
    renameSync(path, `${path}.away`);
    await expect(open()).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    expect([vault.context.seal.state, service.inService]).toEqual(['sealed', false]);
    const [heading] = readFileSync(`${path}.away`, 'utf8').split('\n');
    writeFileSync(path, `${heading}\n`);
    await expect(open()).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    expect(vault.context.seal.state).toBe('sealed');
    renameSync(`${path}.away`, path);
    await open();
    expect(service.inService).toBe(true);
    const rows = await owner.vault.run(
      'test.entries',
      ({ raw }) => raw`
      select decision, reason from audit.entry where coordinate = 'Vault.open' order by sequence`,
    );
    expect(rows).toEqual([
      { decision: 'refuse', reason: 'CONFIGURATION_INVALID' },
      { decision: 'refuse', reason: 'INTEGRITY_FAILURE' },
      { decision: 'allow', reason: 'file' },
    ]);
  });
});

describe('the journal of a vault', () => {
  it('is made once, and stays', async () => {
    const path = join(temporaryFolder(), 'erasures.jsonl');
    const held = new HeldJournal(path, MUNICIPALITY);
    expect(() => held.journal).toThrow('sealed');
    await held.create();
    const made = readFileSync(path, 'utf8');
    await held.create();
    expect(readFileSync(path, 'utf8')).toBe(made);
    const journal = await held.reopen();
    expect(held.journal).toBe(journal);
    await held.close();
    await held.close();
    expect(existsSync(path)).toBe(true);
    await expect(new HeldJournal(path, '242012').create()).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });
});
