import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainDate } from '../../../src/kernel/dates.js';
import { grantInForce } from '../../../src/vault/grant/decide.js';
import {
  grantObstacle,
  isConfirmationDue,
  isListedUnused,
  isUnconfirmed,
  lastDayOfMonths,
  personObstacle,
  trainingEnds,
  type Grant,
} from '../../../src/vault/grant/grant.js';
import { person } from '../staff/support/register.js';

const grant = (own: Partial<Grant> = {}): Grant => ({
  id: 1n,
  personId: 'P-1029',
  purpose: 'REFUND',
  operations: ['reveal'],
  validFrom: '2026-07-01',
  validTo: '2027-06-30',
  state: 'approved',
  requestedBy: 'OFFICER-1',
  approvedBy: 'OFFICER-2',
  confirmedOn: '2026-07-01',
  lastUsedOn: undefined,
  stateSince: undefined,
  ...own,
});
const obstacle = (own: Partial<Grant>, day: string) => grantObstacle(grant(own), person(), day);
const day = fc
  .integer({ min: 0, max: 2_000 })
  .map((days) => plainDate('2025-01-01').add({ days }).toString());

describe('training (§6.1): trained on 2026-04-01', () => {
  test('counts through 2027-04-02, day 366, and is expired on 2027-04-03', () => {
    const trained = person({ trainedOn: '2026-04-01' });
    expect(trainingEnds(trained)).toBe('2027-04-02');
    expect(personObstacle(trained, '2027-04-02')).toBeUndefined();
    expect(personObstacle(trained, '2027-04-03')).toBe('training-expired');
  });

  test('is needed, and is not there before it was given', () => {
    expect(personObstacle(person({ trainedOn: undefined }), '2026-11-02')).toBe('training-missing');
    expect(personObstacle(person({ trainedOn: '2026-11-03' }), '2026-11-02')).toBe('training-missing');
    expect(trainingEnds(person({ trainedOn: undefined }))).toBeUndefined();
  });
});

test('secrecy must have been accepted, and the role must be one that handles numbers', () => {
  expect(personObstacle(person({ secrecyAcceptedOn: undefined }), '2026-11-02')).toBe('secrecy-missing');
  expect(personObstacle(person({ secrecyAcceptedOn: '2026-11-03' }), '2026-11-02')).toBe('secrecy-missing');
  for (const role of ['auditOfficer', 'systemAdmin', 'keyCustodian'] as const)
    expect(personObstacle(person({ role }), '2026-11-02')).toBe('role');
  for (const role of ['handler', 'unitOfficer', 'chiefOfficer'] as const)
    expect(personObstacle(person({ role }), '2026-11-02')).toBeUndefined();
});

describe('recertification (§6.1): quarter start 2026-10-01', () => {
  const used = { lastUsedOn: '2026-09-30' };

  test('may be confirmed through 2026-10-15, and is suspended from 2026-10-16', () => {
    expect(obstacle(used, '2026-10-15')).toBeUndefined();
    expect(obstacle(used, '2026-10-16')).toBe('grant-unconfirmed');
    expect(obstacle({ ...used, confirmedOn: '2026-10-15' }, '2026-10-16')).toBeUndefined();
    expect(obstacle({ ...used, confirmedOn: '2026-10-01' }, '2026-12-31')).toBeUndefined();
  });

  test('a confirmation of the day before does not count for the quarter', () => {
    expect(obstacle({ ...used, confirmedOn: '2026-09-30' }, '2026-10-16')).toBe('grant-unconfirmed');
  });

  test('what was suspended stays so when the next quarter begins', () => {
    const late = { ...used, validFrom: '2026-04-01', validTo: '2027-03-31', confirmedOn: '2026-04-01' };
    expect(obstacle(late, '2026-07-15')).toBeUndefined();
    expect(obstacle(late, '2026-07-16')).toBe('grant-unconfirmed');
    expect(obstacle(late, '2026-10-05')).toBe('grant-unconfirmed');
  });

  test('a grant that was approved or has begun in the quarter needs none', () => {
    expect(obstacle({ ...used, confirmedOn: '2026-10-03' }, '2026-12-31')).toBeUndefined();
    const begun = { ...used, confirmedOn: '2026-09-20', validFrom: '2026-11-01' };
    expect(obstacle(begun, '2026-11-01')).toBeUndefined();
    expect(isUnconfirmed(grant({ confirmedOn: undefined, validFrom: '2026-10-01' }), '2026-12-31')).toBe(
      false,
    );
  });

  test('is due from the first day of the quarter', () => {
    expect(isConfirmationDue(grant({ confirmedOn: '2026-09-30' }), '2026-09-30')).toBe(false);
    expect(isConfirmationDue(grant({ confirmedOn: '2026-09-30' }), '2026-10-01')).toBe(true);
  });

  test.each([
    ['2027-01-15', '2027-01-16'],
    ['2027-04-15', '2027-04-16'],
    ['2026-07-15', '2026-07-16'],
  ])('ends on %s in that quarter', (last, next) => {
    const old = grant({
      validFrom: '2026-01-01',
      confirmedOn: plainDate(last).subtract({ days: 30 }).toString(),
    });
    expect(isUnconfirmed(old, last)).toBe(false);
    expect(isUnconfirmed(old, next)).toBe(true);
  });

  test('once overdue, is overdue on every later day until it is confirmed', () => {
    fc.assert(
      fc.property(day, day, day, (confirmedOn, one, other) => {
        const [earlier, later] = [one, other].toSorted() as [string, string];
        const each = grant({ validFrom: '2025-01-01', confirmedOn });
        return !isUnconfirmed(each, earlier) || isUnconfirmed(each, later);
      }),
    );
  });
});

describe('a grant that is not used', () => {
  const lastUsedOn = '2026-10-01';
  const confirmed = { lastUsedOn, confirmedOn: '2027-01-01' };

  test('is listed after 90 days and suspended after 180', () => {
    expect(isListedUnused(grant({ lastUsedOn }), '2026-12-29')).toBe(false);
    expect(isListedUnused(grant({ lastUsedOn }), '2026-12-30')).toBe(true);
    expect(obstacle(confirmed, '2027-03-29')).toBeUndefined();
    expect(obstacle(confirmed, '2027-03-30')).toBe('grant-unused');
  });

  test('counts from its beginning when it was never used', () => {
    expect(isListedUnused(grant(), '2026-09-28')).toBe(false);
    expect(isListedUnused(grant(), '2026-09-29')).toBe(true);
  });
});

test('a grant gives nothing outside its period, its state and its unit', () => {
  expect(obstacle({}, '2026-06-30')).toBe('grant-period');
  expect(obstacle({}, '2026-07-01')).toBeUndefined();
  expect(obstacle({ confirmedOn: '2027-04-01', lastUsedOn: '2027-06-30' }, '2027-06-30')).toBeUndefined();
  expect(obstacle({}, '2027-07-01')).toBe('grant-period');
  expect(obstacle({ state: 'requested' }, '2026-07-01')).toBe('grant-missing');
  expect(obstacle({ state: 'withdrawn' }, '2026-07-01')).toBe('grant-missing');
  expect(obstacle({ state: 'suspended' }, '2026-07-01')).toBe('grant-suspended');
  expect(grantObstacle(grant(), person({ unitUntil: '2026-06-30' }), '2026-07-01')).toBe('unit-left');
});

describe('of several grants', () => {
  const first = grant({ validTo: '2026-07-31' });
  const second = grant({ id: 2n, operations: ['resolve'], state: 'suspended' });
  const decide = (grants: readonly Grant[], op: 'reveal' | 'resolve') => () =>
    grantInForce(grants, person(), op, '2026-07-15');

  test('the one that holds is found', () => {
    expect(decide([second, first], 'reveal')().id).toBe(1n);
  });

  test('when none holds, the log learns why the newest does not, the caller nothing', () => {
    const refused = (rule: string): unknown =>
      expect.objectContaining({ code: 'FORBIDDEN_PURPOSE', rule, raised: false, facts: {} });
    expect(decide([first, second], 'resolve')).toThrow(refused('grant-suspended'));
    expect(decide([second, first], 'resolve')).toThrow(refused('grant-operation'));
    expect(decide([], 'reveal')).toThrow(refused('grant-missing'));
  });
});

describe('twelve months', () => {
  test.each([
    ['2026-04-01', '2027-03-31'],
    ['2026-11-15', '2027-11-14'],
    ['2028-02-29', '2029-02-28'],
    ['2027-03-01', '2028-02-29'],
  ])('from %s end on %s (民法 143)', (from, last) => {
    expect(lastDayOfMonths(from, 12)).toBe(last);
  });
});
