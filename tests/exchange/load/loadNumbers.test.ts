import { beforeEach, describe, expect, test } from 'vitest';
import { loadNumbers } from '../../../src/exchange/load/loadNumbers.js';
import { REGISTRATION_RESULT_HEADING } from '../../../src/exchange/load/numbers/resultLines.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { testDatabase } from '../../support/database.js';
import { auditOf, fileOf, loadOptions, seedMunicipality } from './support.js';

const db = await testDatabase();
const audit = auditOf(db);
await seedMunicipality(db, 5);

const unified = (n: number) => String(n).padStart(15, '0');
const registered = (n: number, ref: string, outcome = 'registered') => `7,${outcome},${unified(n)},${ref},`;
let files = 0;
const file = (...lines: readonly string[]) =>
  fileOf(
    `result-${(files += 1)}.csv`,
    Buffer.from([REGISTRATION_RESULT_HEADING, ...lines].map((line) => `${line}\n`).join('')),
  );
const load = (path: string) => loadNumbers(loadOptions(db.loader, audit, path));
const references = async () => {
  const rows = await db.owner.run(
    'test.references',
    ({ raw }) =>
      raw<{ ref: string | null }[]>`select vault_ref as ref from records.addressee order by addressee_no`,
  );
  return rows.map(({ ref }) => ref);
};
const changes = async () => {
  const [row] = await db.owner.run(
    'test.changes',
    ({ raw }) => raw<{ n: bigint }[]>`select count(*) as n from records.change where action = 'load.numbers'`,
  );
  return Number(row?.n);
};
const journal = async (...refs: readonly string[]) => {
  const rows = await db.owner.run(
    'test.journal',
    ({ raw }) => raw<{ text: string }[]>`
    select concat_ws(' ', old_ref, new_ref, action, database_user) as text
    from records.reference_change r left join records.change c on c.id = r.change_id
    where new_ref = any (${refs}::text[]) order by addressee_no`,
  );
  return rows.map(({ text }) => text);
};
const lastEntries = async () => {
  const rows = await db.owner.run(
    'test.entries',
    ({ raw }) => raw<{ text: string }[]>`
    select concat_ws(' ', decision, coalesce(reason, '-'), rows, case when raised then 'raised' end) as text
    from audit.entry where record_no = (select max(record_no) from audit.written) order by sequence`,
  );
  return rows.map(({ text }) => text);
};

beforeEach(async () => {
  await db.owner.run(
    'test.prepare',
    ({ raw }) => raw`
    update records.addressee set vault_ref = null, corporate_no = null,
      unified_addressee_no = lpad((addressee_no::bigint - 1000000)::text, 15, '0')`,
  );
});

describe('the references of a bulk registration', () => {
  test('are kept for their people, with one change and one entry; again nothing changes', async () => {
    const [one, two] = [newVaultRef(), newVaultRef()];
    const path = file(registered(1, one), '3,refused,,,INVALID_CHECK_DIGIT', registered(2, two, 'known'));
    const before = await changes();
    expect(await load(path)).toEqual({ kept: 2, unchanged: 0, refused: {}, refusedLines: [] });
    expect(await references()).toEqual([one, two, null, null, null]);
    expect(await lastEntries()).toEqual(['allow - 2']);
    expect(await load(path)).toEqual({ kept: 0, unchanged: 2, refused: {}, refusedLines: [] });
    expect(await lastEntries()).toEqual(['allow - 0']);
    expect((await changes()) - before).toBe(1);
    expect(await journal(one, two)).toEqual([
      `${one} load.numbers test_loader`,
      `${two} load.numbers test_loader`,
    ]);
  });

  test('are refused where they would change or contradict what is here, and the rest is kept', async () => {
    const [there, taken, fresh] = [newVaultRef(), newVaultRef(), newVaultRef()];
    await load(file(registered(1, there), registered(2, taken)));
    await db.owner.run(
      'test.corporation',
      ({ raw }) => raw`
      update records.addressee set corporate_no = '1234567890123' where addressee_no = '1000004'`,
    );
    const loaded = await load(
      file(
        registered(1, newVaultRef()),
        registered(3, taken),
        registered(9, newVaultRef()),
        registered(5, fresh),
        registered(2, taken),
        registered(4, newVaultRef()),
      ),
    );
    expect(loaded).toEqual({
      kept: 1,
      unchanged: 1,
      refused: { OTHER_REFERENCE: 1, OTHER_ADDRESSEE: 1, NO_ADDRESSEE: 1, CORPORATION: 1 },
      refusedLines: [
        { lineNo: 2, rule: 'OTHER_REFERENCE' },
        { lineNo: 3, rule: 'OTHER_ADDRESSEE' },
        { lineNo: 4, rule: 'NO_ADDRESSEE' },
        { lineNo: 7, rule: 'CORPORATION' },
      ],
    });
    expect(await references()).toEqual([there, taken, null, null, fresh]);
    expect(await lastEntries()).toEqual([
      'allow - 1',
      'refuse NO_ADDRESSEE 1',
      'refuse CORPORATION 1',
      'refuse OTHER_REFERENCE 1 raised',
      'refuse OTHER_ADDRESSEE 1 raised',
    ]);
  });

  test('that stand twice in a file are decided one by one', async () => {
    const [one, other] = [newVaultRef(), newVaultRef()];
    const path = file(registered(1, one), registered(1, one), registered(1, other), registered(2, one));
    expect(await load(path)).toMatchObject({
      kept: 1,
      unchanged: 1,
      refusedLines: [
        { lineNo: 4, rule: 'OTHER_REFERENCE' },
        { lineNo: 5, rule: 'OTHER_ADDRESSEE' },
      ],
    });
  });

  test('come in files of any size, in statements of bounded size', async () => {
    const lines = Array.from({ length: 4_500 }, (_, n) => registered(n + 1, newVaultRef()));
    expect(await load(file(...lines))).toMatchObject({ kept: 5, refused: { NO_ADDRESSEE: 4_495 } });
    expect((await load(file(...lines))).refusedLines).toHaveLength(100);
  });
});

describe('what is no result of a bulk registration', () => {
  const ref = newVaultRef();
  const bytes = (text: string) => fileOf(`result-${(files += 1)}.csv`, Buffer.from(text));
  test.each([
    ['is empty', '', 'line 1'],
    ['has another heading', 'line,number\n', 'line 1'],
    ['has a line of another form', `${REGISTRATION_RESULT_HEADING}\n${registered(1, ref)}\n1,x\n`, 'line 3'],
    ['holds a number', `${REGISTRATION_RESULT_HEADING}\n1,known,${unified(1)},123456789018,\n`, 'line 2'],
    [
      'was cut off',
      `${REGISTRATION_RESULT_HEADING}\n${registered(1, ref)}`,
      'the last line, which has no end',
    ],
    ['has no lines', 'x'.repeat(200), 'a line without an end'],
  ])('%s: nothing of it is kept, and nothing of it is told', async (_what, text, fault) => {
    const error = await load(bytes(text)).catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'FILE_REJECTED', facts: { faults: [fault] } });
    expect(JSON.stringify([error, (error as Error).message])).not.toContain('123456789018');
    expect(await references()).toEqual([null, null, null, null, null]);
    expect(await lastEntries()).toEqual(['refuse FILE_REJECTED 0']);
  });

  test('has at most so many faults named', async () => {
    const error = await load(bytes(`${REGISTRATION_RESULT_HEADING}\n${'x\n'.repeat(500)}`)).catch(
      (e: unknown) => e,
    );
    expect((error as { facts: { faults: string[] } }).facts.faults).toHaveLength(100);
  });
});
