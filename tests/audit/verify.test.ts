import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { appendBatch, prepare } from '../../src/audit/batch.js';
import { catchUp } from '../../src/audit/catchUp.js';
import { checkAuditLog } from '../../src/audit/check.js';
import { AUDIT_FAULTS_MAX, verifySequence } from '../../src/audit/verify.js';
import { testDatabase } from '../support/database.js';
import { entryOf, recordOf } from './records.js';

const db = await testDatabase();
const RECORDS = 250;
const VICTIM = 123n;
/** What the columns repeat stands at the beginning of the victim’s body: `{"actorId":…,"at":…,"clientApp":"`. */
const CONTEXT_BYTES = 59;

beforeAll(async () => {
  expect(await verifySequence(db.gateway)).toEqual({ records: 0n, entries: 0n, faults: [] });
  const records = Array.from({ length: RECORDS }, (_, i) =>
    prepare(
      recordOf({
        at: i % 2 === 0 ? '2026-11-22T03:41:50Z' : '2026-11-22T03:41:50.12345Z',
        actorId: `S${i}`,
        ...(i % 3 === 0 ? { caseRef: 'C' } : {}),
        entries: [
          entryOf({ subjects: [`${i}`, '7', `${i}`] }),
          entryOf({ coordinate: 'Query.levies', decision: 'refuse', reason: 'x', subjects: [] }),
        ],
      }),
    ),
  );
  await appendBatch(db.gateway, records);
  await catchUp(db.gateway);
});

/**
 * What nobody can do who lacks the superuser's rights: the triggers are taken off, the harm is done, and undone after.
 */
async function tamper(sql: string): Promise<void> {
  await db.owner.transaction('test.tamper', async (tx) => {
    await tx.run('test.off', ({ raw }) =>
      raw.unsafe(`alter table audit.record disable trigger unchanged;
      alter table audit.subject disable trigger unchanged; alter table audit.shape disable trigger unchanged;
      alter table audit.head disable trigger forward;
      alter table audit.block disable trigger unchanged`),
    );
    await tx.run('test.tamper', ({ raw }) => raw.unsafe(sql));
  });
}

const backup = ['block', 'record', 'subject', 'shape', 'head'];
beforeAll(async () => {
  for (const table of backup)
    await tamper(`create table public.kept_${table} as select * from audit.${table}`);
});
afterEach(() =>
  tamper(`delete from audit.block; insert into audit.block select * from public.kept_block;
  delete from audit.record; insert into audit.record select * from public.kept_record;
  delete from audit.subject; insert into audit.subject select * from public.kept_subject;
  update audit.shape s set coordinates = k.coordinates from public.kept_shape k where k.id = s.id;
  update audit.head h set next_record = k.next_record, next_sequence = k.next_sequence from public.kept_head k`),
);

const where = `where record_no = ${VICTIM}`;
const text = `split_part(bodies, E'\\n', ${VICTIM})`;
/** All records lie in one block. */
const body = (expression: string) =>
  `update audit.block set bodies = replace(bodies, ${text}, ${expression})`;

describe('the check of the audit log', () => {
  it('finds nothing in a sound log, page by page', async () => {
    for (const page of [1, 7, RECORDS, 5_000]) {
      expect(await verifySequence(db.gateway, page)).toEqual({ records: 250n, entries: 500n, faults: [] });
    }
  });

  it.each<[string, string, string[]]>([
    ['a record that is missing', `delete from audit.record ${where}`, ['missing', 'sequence']],
    ['the last record missing', `delete from audit.record where record_no = ${RECORDS}`, ['missing', 'head']],
    ['a body that is no JSON', body(`replace(${text}, '{"actorId"', 'x"actorId"')`), ['body']],
    [
      'a body of the first kind that is not UTF-8',
      `update audit.record set body = '\\xff' ${where}`,
      ['body'],
    ],
    ['a body that is not canonical', body(`replace(${text}, ',"v":2', ', "v":2')`), ['body']],
    ['a body of another version', body(`replace(${text}, '"v":2', '"v":3')`), ['body']],
    ['a body with a part missing', body(`replace(${text}, '"terminal":"T-0042",', '')`), ['body']],
    [
      'an entry gone from a body',
      body(
        `replace(regexp_replace(${text}, ',\\{"count":1,"decision":"refuse"[^}]*\\}', ''), ' Query.levies', '')`,
      ),
      ['entryCount', 'decisions', 'coordinates'],
    ],
    [
      'a run gone from a body',
      body(`regexp_replace(${text}, ',\\{"count":1,"decision":"refuse"[^}]*\\}', '')`),
      ['body'],
    ],
    [
      'a coordinate more in a body',
      body(`replace(${text}, 'levies Query', 'levies Addressee.levies Query')`),
      ['body'],
    ],
    ['another actor in a body', body(`replace(${text}, 'S122', 'S999')`), ['context']],
    ['another time in a body', body(`replace(${text}, '03:41:50', '03:41:51')`), ['context']],
    ['a refusal made an allowance', body(`replace(${text}, '"refuse"', '"allow"')`), ['decisions']],
    [
      'another coordinate in a body',
      body(`replace(${text}, 'Query.levies', 'Query.levied')`),
      ['coordinates'],
    ],
    ['another subject in a body', body(`replace(${text}, '"7"', '"8"')`), ['subjects']],
    [
      'a subject lost from its table',
      `delete from audit.subject ${where} and addressee_no = '7'`,
      ['subjects'],
    ],
    ['all subjects lost from their table', `delete from audit.subject ${where}`, ['subjects']],
    ['another kind in the column', `update audit.record set kind = 'load' ${where}`, ['context']],
    ['another purpose in the column', `update audit.record set purpose = 'X' ${where}`, ['context']],
    ['a case in the column', `update audit.record set case_ref = 'X' ${where}`, ['context']],
    ['a number of entries', `update audit.record set entry_count = 3 ${where}`, ['entryCount', 'sequence']],
    ['a shape that is not there', `update audit.record set shape_id = 99 ${where}`, ['coordinates']],
    ['a head that is behind', 'update audit.head set next_sequence = 400', ['head']],
  ])('finds %s', async (_, sql, defects) => {
    await tamper(sql);
    const { faults } = await verifySequence(db.gateway, 100);
    expect(faults.map(({ defect }) => defect).toSorted()).toEqual(defects.toSorted());
    for (const { recordNo } of faults)
      expect([VICTIM, VICTIM + 1n, BigInt(RECORDS), BigInt(RECORDS) + 1n]).toContain(recordNo);
  });

  it('finds a flipped byte wherever the index knows better', async () => {
    let found = 0;
    for (let place = 0; place < CONTEXT_BYTES; place++) {
      await tamper(
        body(
          `overlay(${text} placing chr(ascii(substr(${text}, ${place + 1}, 1)) # 2) from ${place + 1} for 1)`,
        ),
      );
      found += (await verifySequence(db.gateway)).faults.length;
      await tamper('update audit.block b set bodies = k.bodies from public.kept_block k');
    }
    expect(found).toBe(CONTEXT_BYTES);
  });

  it('tells an operator whether the log is clean', async () => {
    expect(await checkAuditLog(db.gateway)).toEqual({
      clean: true,
      records: 250n,
      entries: 500n,
      faults: [],
    });
    await tamper(`update audit.record set purpose = 'X' ${where}`);
    expect(await checkAuditLog(db.gateway)).toMatchObject({
      clean: false,
      faults: [{ recordNo: VICTIM, defect: 'context' }],
    });
  });

  it('finds that the bytes are gone', async () => {
    await tamper('delete from audit.block');
    const { faults } = await verifySequence(db.gateway);
    expect(faults).toHaveLength(AUDIT_FAULTS_MAX);
    expect(new Set(faults.map(({ defect }) => defect))).toEqual(new Set(['body']));
  });

  it('keeps the list of faults short', async () => {
    await tamper(`update audit.record set purpose = 'X'`);
    expect((await verifySequence(db.gateway)).faults).toHaveLength(AUDIT_FAULTS_MAX);
  });

  it('starts with the oldest record that is kept', async () => {
    await tamper(
      'delete from audit.record where record_no <= 100; delete from audit.subject where record_no <= 100',
    );
    expect(await verifySequence(db.gateway)).toEqual({ records: 150n, entries: 300n, faults: [] });
  });
});
