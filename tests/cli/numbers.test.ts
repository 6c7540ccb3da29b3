import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { admitActor } from '../../src/cli/loadActor.js';
import { LOAD_EXIT } from '../../src/cli/loads.js';
import { registerNumbersCommand } from '../../src/cli/numbers.js';
import { REGISTRATION_RESULT_HEADING } from '../../src/exchange/load/numbers/resultLines.js';
import { newVaultRef } from '../../src/vault/number/vaultRef.js';
import { StandingClock } from '../access/support/clock.js';
import { house } from '../access/support/house.js';
import { auditOf, fileOf, seedMunicipality } from '../exchange/load/support.js';
import { testDatabase } from '../support/database.js';

const db = await testDatabase();
const audit = auditOf(db);
await seedMunicipality(db, 1);
await db.owner.run(
  'test.unified',
  ({ raw }) => raw`update records.addressee set unified_addressee_no = '000000000000001'`,
);
const clock = new StandingClock('2026-07-04T03:00:00Z');
const register = await house(db, clock);
await register.staff('S0001', ['collectionClerk']);
await register.staff('S0002', ['counterClerk']);

async function type(path: string, as = 'S0001') {
  const out = new PassThrough();
  let said = '';
  out.on('data', (piece: Buffer) => (said += piece.toString()));
  let code: number | undefined;
  const program = new Command();
  registerNumbersCommand(
    program,
    async (request, work) =>
      work({ database: db.loader, audit, actor: await admitActor(db.owner, { ...request, clock }) }),
    { out: out as unknown as NodeJS.WriteStream, setExitCode: (given) => (code = given) },
  );
  await program.parseAsync(['numbers', 'load', path, '--as', as], { from: 'user' });
  return { said, code };
}

const line = (n: number) => `1,registered,${String(n).padStart(15, '0')},${newVaultRef()},\n`;
const file = (name: string, text: string) => fileOf(name, Buffer.from(text));

test('kuramori numbers load says what was kept and what was not', async () => {
  const kept = file('kept.csv', `${REGISTRATION_RESULT_HEADING}\n${line(1)}`);
  expect(await type(kept)).toEqual({
    said: '消込 posting\nkept       1\nunchanged  0\n',
    code: LOAD_EXIT.loaded,
  });
  const other = file('other.csv', `${REGISTRATION_RESULT_HEADING}\n${line(1)}`);
  const { said, code } = await type(other);
  expect(said).toContain('refused    1 (OTHER_REFERENCE)\nline 2: OTHER_REFERENCE\n');
  expect(code).toBe(LOAD_EXIT.setAside);
});

test('kuramori numbers load refuses a file that is no result, and people who may not load', async () => {
  const { said, code } = await type(file('none.csv', 'number\n'));
  expect(said).toMatch(/^取込拒否 refused\n.*\nline 1\n$/);
  expect(code).toBe(LOAD_EXIT.refused);
  await expect(type(file('any.csv', ''), 'S0002')).rejects.toMatchObject({ code: 'FORBIDDEN_FIELD' });
  await expect(type('/nowhere.csv')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
