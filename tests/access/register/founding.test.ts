import { beforeAll, describe, expect, test } from 'vitest';
import { foundRegister, type Founding } from '../../../src/access/register/founding.js';
import { openAuditLog, type AuditLog } from '../../../src/audit/log.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';

const FOUNDING: Founding = {
  municipality: { code: '992011', name: '蔵守市' },
  departments: [{ code: '6110', name: '情報政策課', branchCode: undefined }],
  administrators: ['P1', 'P2'].map((staffId) => ({
    staffId,
    personId: `person-${staffId}`,
    name: '白石　誠',
    kana: 'シライシ　マコト',
    department: '6110',
    employmentFrom: '2020-04-01',
  })),
};

let db: TestDatabase;
let audit: AuditLog;
beforeAll(async () => {
  db = await testDatabase();
  audit = openAuditLog(db.owner);
});

describe('founding the register of a municipality', () => {
  test('needs two persons, because nobody may grant himself a role', async () => {
    const [first] = FOUNDING.administrators;
    const twice = { ...FOUNDING, administrators: [first, { ...first, staffId: 'P9' }] } as Founding;
    await expect(foundRegister(db.owner, audit, systemClock, twice)).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
  });

  test('leaves nothing behind when a unit is unknown', async () => {
    const administrators = FOUNDING.administrators.map((one) => ({ ...one, department: '0000' }));
    const wrong = foundRegister(db.owner, audit, systemClock, { ...FOUNDING, administrators });
    await expect(wrong).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const rows = await db.owner.run('test.look', ({ raw }) => raw`select from records.municipality`);
    expect(rows).toHaveLength(0);
  });

  test('registers roles, units and administrators with a code each, and is an entry of the log', async () => {
    const codes = await foundRegister(db.owner, audit, systemClock, FOUNDING);
    expect(codes.map(({ staffId }) => staffId)).toEqual(['P1', 'P2']);
    expect(new Set(codes.map(({ enrolmentCode }) => enrolmentCode)).size).toBe(2);
    const states = await db.owner.run(
      'test.states',
      ({ raw }) => raw`select staff_id, state from access.staff order by 1`,
    );
    expect([...states]).toEqual([
      { staff_id: 'P1', state: 'pending' },
      { staff_id: 'P2', state: 'pending' },
    ]);
    const [entry] = await db.owner.run(
      'test.entry',
      ({ raw }) => raw`select kind, coordinate from audit.entry`,
    );
    expect(entry).toEqual({ kind: 'staffChange', coordinate: 'Register.found' });
  });

  test('happens once', async () => {
    await expect(foundRegister(db.owner, audit, systemClock, FOUNDING)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});
