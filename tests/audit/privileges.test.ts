import { beforeAll, describe, expect, it } from 'vitest';
import { catchUp } from '../../src/audit/catchUp.js';
import { openAuditLog } from '../../src/audit/log.js';
import { searchAuditEntries } from '../../src/audit/search.js';
import { AUDIT_FAULTS_MAX, verifySequence } from '../../src/audit/verify.js';
import type { Database } from '../../src/kernel/database/database.js';
import { testDatabase } from '../support/database.js';
import { recordOf } from './records.js';

const db = await testDatabase();
beforeAll(async () => {
  await openAuditLog(db.gateway).append(recordOf({ caseRef: 'C-1' }));
  await catchUp(db.gateway);
});

const TABLES = [
  'block',
  'indexed',
  'record',
  'subject',
  'shape',
  'shape_coordinate',
  'time_mark',
  'head',
  'block_000001',
  'record_000001',
  'subject_000001',
];
const attempt = (database: Database, sql: string) =>
  database.transaction('test.transaction', (tx) => tx.run('test.attempt', ({ raw }) => raw.unsafe(sql)));
const refused = { code: 'DATABASE_ERROR', facts: { statement: 'test.attempt', sqlstate: '42501' } };

const COLUMNS: Readonly<Record<string, string>> = {
  block: 'bodies',
  block_000001: 'bodies',
  indexed: 'next_record',
  record: 'purpose',
  record_000001: 'purpose',
  subject: 'addressee_no',
  subject_000001: 'addressee_no',
  shape: 'coordinates',
  shape_coordinate: 'coordinate',
  time_mark: 'at',
  head: 'next_record',
};

describe.each(['gateway', 'loader'] as const)('the role of the %s', (role) => {
  it.each(TABLES)('can neither change nor add to nor empty audit.%s', async (table) => {
    const column = COLUMNS[table]!;
    for (const sql of [
      `update audit.${table} set ${column} = ${column}`,
      `delete from audit.${table}`,
      `truncate audit.${table}`,
      `insert into audit.${table} overriding system value select * from audit.${table}`,
      `drop table audit.${table}`,
      `alter table audit.${table} disable trigger all`,
      `lock table audit.${table} in access exclusive mode`,
    ])
      await expect(attempt(db[role], sql), sql).rejects.toMatchObject(refused);
  });

  it('cannot put a table of its own in the log’s schema or call what only the owner may', async () => {
    for (const sql of [
      'create table audit.mine ()',
      'select audit.partition_records()',
      'drop function audit.ensure_partitions(integer)',
    ]) {
      await expect(attempt(db[role], sql), sql).rejects.toMatchObject(refused);
    }
  });
});

describe('the owner of the log', () => {
  it.each(TABLES.filter((table) => table !== 'head' && table !== 'indexed'))(
    'is refused changes of audit.%s by triggers',
    async (table) => {
      const column = COLUMNS[table]!;
      for (const sql of [
        `update audit.${table} set ${column} = ${column}`,
        `delete from audit.${table}`,
        `truncate audit.${table}`,
      ]) {
        await expect(attempt(db.owner, sql), sql).rejects.toMatchObject(refused);
      }
      await expect(
        db.owner.transaction('test.replica', async (tx) => {
          await tx.run('test.replica', ({ raw }) =>
            raw.unsafe('set local session_replication_role = replica'),
          );
          await tx.run('test.attempt', ({ raw }) => raw.unsafe(`delete from audit.${table}`));
        }),
      ).rejects.toMatchObject(refused);
    },
  );

  it('can move the head forward only, and have one', async () => {
    for (const sql of [
      'update audit.head set next_record = next_record - 1',
      'update audit.head set next_sequence = 1',
      'delete from audit.head',
      'truncate audit.head',
      `insert into audit.head select * from audit.head`,
    ])
      await expect(attempt(db.owner, sql), sql).rejects.toMatchObject(refused);
  });
});

describe('audit.append, called by hand,', () => {
  const BODY =
    '{"actorId":"S1","at":"2026-11-22T00:00:00Z","coordinates":"A.b","entries":[{"count":1}],' +
    '"kind":"query","purpose":"P","v":2}';
  const call = (changes: Readonly<Record<string, string>>) => {
    const at = `'2026-11-22T00:00:00Z'`;
    const args = {
      bodies: `'${BODY}'`,
      entry_counts: `'{1}'`,
      at_from: at,
      at_to: at,
      ahead: 'false',
      ...changes,
    };
    const named = Object.entries(args).map(([name, value]) => `${name} => ${value}`);
    return attempt(db.gateway, `select * from audit.append(${named.join(', ')})`);
  };
  const body = (from: string, to: string) => ({ bodies: `'${BODY.replace(from, to)}'` });

  it('appends what is sound', async () => {
    expect(await call({})).toHaveLength(1);
  });

  it.each([
    ['no records', { bodies: `''`, entry_counts: `'{}'` }, '22023'],
    ['nothing', { bodies: 'null' }, '22023'],
    ['nothing at all', { bodies: 'null', entry_counts: 'null' }, '22023'],
    ['no number of entries', { entry_counts: `'{null}'` }, '22023'],
    ['fewer than no entries', { entry_counts: `'{0}'` }, '22023'],
    ['more entries than a record may have', { entry_counts: `'{2001}'` }, '22023'],
    [
      'more entries than a batch may have',
      { bodies: `'${Array(51).fill(BODY).join('\n')}'`, entry_counts: `'{${Array(51).fill(2_000).join()}}'` },
      '22023',
    ],
    ['more bytes than a batch may have', body('"P"', `"${'P'.repeat(9_500_000)}"`), '22023'],
    ['no first time', { at_from: 'null' }, '22023'],
    ['no last time', { at_to: 'null' }, '22023'],
    ['a time without end', { at_to: `'infinity'` }, '22023'],
    ['a last time before the first', { at_to: `'2026-11-21T00:00:00Z'` }, '22023'],
  ])('refuses %s', async (_, changes, sqlstate) => {
    await expect(call(changes)).rejects.toMatchObject({ code: 'DATABASE_ERROR', facts: { sqlstate } });
  });

  const shown = (record: bigint) =>
    attempt(db.gateway, `select coordinate, raised, reason from audit.entry where record_no = ${record}`);

  it.each([
    ['that is no JSON', '}]', '}'],
    ['that is a list', BODY, '[1]'],
    ['that is nothing', BODY, ''],
    ['that holds NUL', '"S1"', '"\\u0000"'],
    ['with a number beyond measure', '"v":2', '"n":1e999999,"v":2'],
    ['with lists in lists', '"v":2', `"n":${'['.repeat(20_000)}${']'.repeat(20_000)},"v":2`],
    ['with more people than any', '"v":2', `"subjects":[[${'"70000000",'.repeat(100_000)}"8"]],"v":2`],
    ['with people in no lists', '"v":2', '"subjects":["7"],"v":2'],
    ['with people in an object', '"v":2', '"subjects":{"a":["7"]},"v":2'],
    ['with more runs than entries', '{"count":1}', Array(2_001).fill('{"count":1}').join()],
    ['with entries in an object', '[{"count":1}]', '{"count":1}'],
    ['without coordinates', '"coordinates"', '"coordinate"'],
    ['with no coordinate', 'A.b', ''],
    ['of no version', '"v":2', '"w":2'],
    ['of a version to come', '"v":2', '"v":3'],
    ['without an actor', '"actorId"', '"actor"'],
    ['with an actor that is no text', '"S1"', '[]'],
    ['without a kind', '"kind"', '"kin"'],
    ['without a purpose', '"P"', 'null'],
    ['without a time', '"at"', '"on"'],
    ['at a time that is none', '2026-11-22T00', '2026-13-22T00'],
  ])(
    'shows a body %s as what raises, to those who see it now and to those who search',
    async (_, from, to) => {
      const [head] = (await call(body(from, to))) as unknown as [{ first_record: bigint }];
      const sound = (await call({})) as unknown as [{ first_record: bigint }];
      const raising = [{ coordinate: 'Log.body', raised: true, reason: 'defectiveBody' }];
      expect(await shown(head.first_record)).toEqual(raising);
      await catchUp(db.gateway);
      expect(await shown(head.first_record)).toEqual(raising);
      expect(await shown(sound[0].first_record)).toMatchObject([{ coordinate: 'A.b', raised: false }]);
      const { entries } = await searchAuditEntries(db.gateway, { raised: true }, { size: 1 });
      expect(entries).toMatchObject([
        { recordNo: head.first_record, coordinate: 'Log.body', kind: 'refusal' },
      ]);
      expect((await verifySequence(db.gateway)).faults).toContainEqual({
        recordNo: head.first_record,
        defect: 'body',
      });
    },
  );

  it.each([
    ['more numbers than bodies', { entry_counts: `'{1,1}'` }, 2],
    ['a line more than records', { bodies: `E'${BODY}\\n'` }, 1],
    ['a record more than numbers', { bodies: `E'${BODY}\\n${BODY}'` }, 1],
    ['nothing but ends of lines', { bodies: `repeat(E'\\n', 9000000)` }, 1],
  ])('takes %s, and all records of that batch raise', async (_, changes, records) => {
    const [head] = (await call(changes)) as unknown as [{ first_record: bigint }];
    const sound = (await call({})) as unknown as [{ first_record: bigint }];
    const raising = [{ coordinate: 'Log.body', raised: true, reason: 'defectiveBody' }];
    const looked = async () => {
      for (let place = 0n; place < BigInt(records); place++)
        expect(await shown(head.first_record + place)).toEqual(raising);
      expect(await shown(sound[0].first_record)).toMatchObject([{ coordinate: 'A.b', raised: false }]);
    };
    await looked();
    await catchUp(db.gateway);
    await looked();
    expect(sound[0].first_record).toBe(head.first_record + BigInt(records));
    const { entries } = await searchAuditEntries(db.gateway, { raised: true }, { size: 1 });
    expect(entries).toMatchObject([{ recordNo: sound[0].first_record - 1n, coordinate: 'Log.body' }]);
    expect((await verifySequence(db.gateway)).faults).toContainEqual({
      recordNo: head.first_record,
      defect: 'body',
    });
  });

  it('takes batches that are slow to read, and searches and the check of the log end all the same', async () => {
    const lines = { bodies: `repeat(E'\\n', 9000000)` };
    for (let batch = 0; batch < 3; batch++) await call(lines);
    const counts = (records: number) => `'{${Array(records).fill(1).join()}}'`;
    await call({ bodies: `repeat(E'\\n', 8000)`, entry_counts: counts(8_000) });
    await call({ bodies: `repeat(E'\\n', 7999)`, entry_counts: counts(8_000) });
    const none = '{"a":"\\\\u0000"}';
    const many = Array(8_000).fill(none).join('\\n');
    const [head] = (await call({ bodies: `E'${many}'`, entry_counts: counts(8_000) })) as unknown as [
      { first_record: bigint; first_sequence: bigint },
    ];
    const { entries } = await searchAuditEntries(db.gateway, { raised: true }, { size: 100 });
    expect(entries).toHaveLength(100);
    expect(entries[0]).toMatchObject({ recordNo: head.first_record + 7_999n, coordinate: 'Log.body' });
    // Those of newlines alone.
    const before = { before: head.first_sequence - 16_000n };
    const slow = await searchAuditEntries(db.gateway, { raised: true }, { size: 3, ...before });
    expect(slow.entries.map(({ coordinate }) => coordinate)).toEqual(Array(3).fill('Log.body'));
    const { records, faults } = await verifySequence(db.gateway);
    expect(records).toBe(head.first_record + 7_999n);
    expect(faults).toHaveLength(AUDIT_FAULTS_MAX);
  });

  it('enters no more people of a batch than the library writes, so that its search ends', async () => {
    const bodies = Array.from({ length: 80 }, (_, at) => {
      const people = Array.from({ length: 11_000 }, (_, i) => `"${(at * 11_000 + i).toString(36)}"`).join();
      return BODY.replace('"v":2', `"subjects":[[${people}]],"v":2`);
    });
    const entry_counts = `'{${bodies.map(() => 1).join()}}'`;
    const [head] = (await call({ bodies: `'${bodies.join('\n')}'`, entry_counts })) as unknown as [
      { first_record: bigint },
    ];
    await catchUp(db.gateway);
    const batch = `record_no >= ${head.first_record} and record_no < ${head.first_record} + 80`;
    const [counts] = await attempt(
      db.gateway,
      `select (select count(*) from audit.subject where ${batch}) as people,
        (select count(*) from audit.record where ${batch}) as records,
        (select count(*) from audit.record where ${batch} and decisions & 4 <> 0) as raising`,
    );
    expect(counts).toEqual({ people: 198_000n, records: 80n, raising: 62n });
  });

  it.each([
    ['an actor', '"S1"', `"${'S'.repeat(9_000)}"`],
    ['a coordinate', 'A.b', `${'A'.repeat(9_000)}.b`],
    ['a coordinate without a type', '"A.b"', '".b"'],
    ['a subject', '"v":2', `"subjects":[["${'7'.repeat(9_000)}"],"x",{"y":[1]}],"v":2`],
    ['a case', '"coordinates"', `"caseRef":"${'C'.repeat(9_000)}","coordinates"`],
  ])('takes %s that no index would hold, which then stops no search', async (_, from, to) => {
    const [head] = (await call(body(from, to))) as unknown as [{ first_record: bigint }];
    await catchUp(db.gateway);
    const found = await attempt(
      db.gateway,
      `select * from audit.record where record_no = ${head.first_record}`,
    );
    expect(found).toHaveLength(1);
  });

  it('takes a type of megabytes with two thousand fields, in the time that a statement has', async () => {
    const names = `${'A'.repeat(7_000_000)}.b${' .c'.repeat(1_999)}`;
    const [head] = (await call({ ...body('A.b', names), entry_counts: `'{2000}'` })) as unknown as [
      { first_record: bigint },
    ];
    await catchUp(db.gateway);
    const found = await attempt(
      db.gateway,
      `select entry_count from audit.record where record_no = ${head.first_record}`,
    );
    expect(found).toEqual([{ entry_count: 2_000 }]);
  });

  it.each([
    ['rows that are no number', '{"count":1,"rows":"x","subjects":"y","raised":"z","decision":[1]}'],
    ['a count that is no number', '{"count":"x"}'],
    ['a count beyond its coordinates', '{"count":99}'],
    ['a list that is not there', '{"count":1,"subjects":7,"rows":1e400}'],
    ['no entries but coordinates', ''],
  ])('takes %s, which then blind no search', async (_, run) => {
    const [head] = (await call(body('{"count":1}', run))) as unknown as [{ first_record: bigint }];
    const found = await attempt(
      db.gateway,
      `select * from audit.entry where record_no = ${head.first_record}`,
    );
    expect(found).toMatchObject([{ coordinate: 'A.b', rows: null, raised: false, subjects: [] }]);
  });

  it('is not led astray by a search path of the caller', async () => {
    await db.gateway.transaction('test.path', async (tx) => {
      await tx.run('test.path', ({ raw }) =>
        raw.unsafe(`create temp table head (next_record bigint);
        create function pg_temp.convert_to(text, text) returns bytea language sql as $$ select 'x'::bytea $$;
        set local search_path = pg_temp, pg_catalog`),
      );
      expect(
        await tx.run('test.append', ({ raw }) =>
          raw.unsafe(`select first_record from audit.append('${BODY}', '{1}',
            '2026-11-22T00:00:00Z', '2026-11-22T00:00:00Z', false)`),
        ),
      ).toHaveLength(1);
    });
  });
});

describe('the schema audit', () => {
  it('grants each role exactly what it needs', async () => {
    const tables = await db.owner.run(
      'test.grants',
      ({ raw }) => raw<{ line: string }[]>`
      select distinct grantee || ' ' || privilege_type as line from information_schema.role_table_grants
      where table_schema = 'audit' and grantee like 'kuramori_%' and grantee <> 'kuramori_super' order by 1`,
    );
    expect(tables.map(({ line }) => line)).toEqual(['kuramori_gateway SELECT']);
    const functions = await db.owner.run(
      'test.grants',
      ({ raw }) => raw<{ line: string }[]>`
      select distinct grantee || ' ' || routine_name as line from information_schema.role_routine_grants
      where routine_schema = 'audit' and grantee <> 'kuramori_super' order by 1`,
    );
    expect(functions.map(({ line }) => line)).toEqual([
      'kuramori_gateway append',
      'kuramori_gateway body_of',
      'kuramori_gateway catch_up',
      'kuramori_gateway defective',
      'kuramori_gateway document_of',
      'kuramori_gateway ensure_partitions',
      'kuramori_gateway flush',
      'kuramori_gateway is_sound',
      'kuramori_gateway is_whole',
      'kuramori_gateway lines_of',
      'kuramori_gateway subject_count',
      'kuramori_loader append',
      'kuramori_loader catch_up',
      'kuramori_loader ensure_partitions',
      'kuramori_loader flush',
      'kuramori_worker append',
      'kuramori_worker catch_up',
      'kuramori_worker ensure_partitions',
      'kuramori_worker flush',
    ]);
  });

  it('gives every function that runs as its owner a fixed search path', async () => {
    const rows = await db.owner.run(
      'test.definers',
      ({ raw }) => raw<{ proname: string }[]>`
      select proname from pg_proc where pronamespace = 'audit'::regnamespace and prosecdef
        and not ('search_path=pg_catalog, pg_temp' = any(coalesce(proconfig, '{}')))`,
    );
    expect([...rows]).toEqual([]);
  });
});
