import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Session } from '../../../src/kernel/database/database.js';
import { HeldJournal } from '../../../src/vault/erasure/heldJournal.js';
import { rebuildJournal } from '../../../src/vault/erasure/rebuild.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { readJournal } from './support/journal.js';
import { MUNICIPALITY, temporaryFolder } from './support/vault.js';

const { vault: database } = await testVaultDatabases();
const folder = temporaryFolder();
const decision = { decidedBy: 'OFFICER-1', rebuiltAt: '2026-11-09T00:00:00.000Z' };
const rebuild = (path: string, of: Session) =>
  rebuildJournal({ database: of, municipality: MUNICIPALITY, decision }, path);
/** The database, with something that happens elsewhere before it answers. */
const meanwhile = (happens: () => void): Session => {
  const run = (...call: Parameters<Session['run']>) => {
    happens();
    return database.run(...call);
  };
  return Object.assign(Object.create(database) as Session, { run });
};

it('a journal that is put back while it is made anew stays as it is', async () => {
  const path = join(folder, 'put-back');
  const putBack = () => writeFileSync(path, 'the journal');
  await expect(rebuild(path, meanwhile(putBack))).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(readFileSync(path, 'utf8')).toBe('the journal');
  expect(existsSync(`${path}.rebuilt`)).toBe(false);
});

it('a journal that cannot be made anew leaves nothing behind, and can be made later', async () => {
  const path = join(folder, 'later');
  const away = () => {
    throw new Error('away');
  };
  await expect(rebuild(path, meanwhile(away))).rejects.toThrow('away');
  expect([existsSync(path), existsSync(`${path}.rebuilt`)]).toEqual([false, false]);
  expect(await rebuild(path, database)).toBe(0);
  expect((await readJournal(path)).slice(1)).toEqual([
    { v: 1, kind: 'rebuilt', rebuildId: expect.stringMatching(/^RB-[0-9a-f-]{36}$/) as string, ...decision },
  ]);
});

it('a vault whose journal has no place makes none, and has none before it is opened', async () => {
  const held = new HeldJournal(join(folder, 'nowhere', 'journal'), MUNICIPALITY);
  await expect(held.create()).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  expect(() => held.journal).toThrow(expect.objectContaining({ code: 'VAULT_SEALED' }));
});
