import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { LogFact } from '../../../../src/vault/analysis/fact.js';
import type { ApprovalDecision } from '../../../../src/vault/analysis/rule.js';
import { ANALYSIS_RULES } from '../../../../src/vault/analysis/rules.js';
import { medianOf } from '../../../../src/vault/analysis/rules/volume.js';
import { THRESHOLDS_AT_FOUNDING as DEFAULTS } from '../../../../src/vault/analysis/thresholds.js';
import { at, person } from '../../staff/support/register.js';
import { fact, grantOf, material, peopleOf, refusal } from '../support/material.js';

const { volume, refusedBursts, formerStaff, unusedGrants, approverPairs } = ANALYSIS_RULES;
const days = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => `2026-11-${String(first + n).padStart(2, '0')}`);

describe('volume', () => {
  const used = (day: string, rows: number, own: Partial<LogFact> = {}) =>
    fact(`${day} 10:00`, { rows, ...own });
  const hitsOf = (...facts: readonly LogFact[]) => volume.find(material(facts), DEFAULTS);

  test.each([
    [[5, 5, 5], 15, 0],
    [[5, 5, 5], 16, 1],
    [[4, 5, 6, 7], 16, 0],
    [[4, 5, 6, 7], 17, 1],
    [[1, 1, 1], 9, 0],
    [[1, 1, 1], 10, 1],
    [[], 10, 1],
    [[], 9, 0],
  ])('after days of %j a day of %d is %d hits', (before, count, hits) => {
    const facts = before.map((rows, n) => used(days(2, 10)[n]!, rows));
    expect(hitsOf(...facts, used('2026-11-20', count))).toHaveLength(hits);
  });

  it('looks back over 30 days, also into the month before, and no further', () => {
    const before = ['2026-10-12', '2026-10-13'].map((day) => used(day, 40));
    expect(hitsOf(...before, used('2026-11-11', 100))).toEqual([]);
    expect(hitsOf(...before, used('2026-11-13', 100))).toMatchObject([{ count: 100, threshold: 10 }]);
  });

  it('adds up what a person saw and looked for in a day, in the period alone', () => {
    const facts = [
      ...Array.from({ length: 6 }, () => used('2026-11-10', 1)),
      ...Array.from({ length: 4 }, () => used('2026-11-10', 0, { op: 'resolve' })),
      used('2026-11-10', 50, { op: 'push' }),
      used('2026-12-01', 500),
    ];
    expect(hitsOf(...facts)).toMatchObject([{ day: '2026-11-10', count: 10 }]);
  });

  it('takes a median that half lies under and half over', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1 }), (counts) => {
        const median = medianOf(counts);
        expect(counts.filter((n) => n < median).length).toBeLessThanOrEqual(counts.length / 2);
        expect(counts.filter((n) => n > median).length).toBeLessThanOrEqual(counts.length / 2);
      }),
    );
    expect(medianOf([])).toBe(0);
  });
});

describe('refusals', () => {
  const hitsOf = (...facts: readonly LogFact[]) => refusedBursts.find(material(facts), DEFAULTS);
  const minutes = (...at_: readonly number[]) =>
    at_.map((minute) => refusal(`2026-11-10 10:${String(minute).padStart(2, '0')}`));

  it('are a burst from the fifth within 60 minutes on; the sixtieth is outside', () => {
    expect(hitsOf(...minutes(0, 10, 20, 30))).toEqual([]);
    expect(hitsOf(...minutes(0, 10, 20, 30, 59))).toMatchObject([
      { count: 5, threshold: 5, people: ['P-1029'] },
    ]);
    expect(hitsOf(...minutes(0, 10, 20, 30), refusal('2026-11-10 11:00'))).toEqual([]);
  });

  it('of a day show its greatest burst, which may have begun the day before', () => {
    const late = ['23:50', '23:55', '23:59'].map((time) => refusal(`2026-11-10 ${time}`));
    const early = ['00:01', '00:05'].map((time) => refusal(`2026-11-11 ${time}`));
    expect(hitsOf(...late, ...early)).toMatchObject([{ day: '2026-11-11', count: 5 }]);
  });

  it('of nobody known are counted by where they came from, also those that were counted together', () => {
    const unknown = (rows: number, source: string) =>
      refusal('2026-11-10 10:00', { personId: undefined, op: undefined, unit: '', rows, source });
    expect(hitsOf(unknown(19, 'gateway'), unknown(19, '192.0.2.7'))).toEqual([]);
    expect(hitsOf(unknown(19, 'gateway'), unknown(0, 'gateway'))).toMatchObject([
      { count: 20, people: [], units: [], about: ['source:gateway'] },
    ]);
  });

  it('are as many as a count of every window says', () => {
    const time = fc.array(fc.nat(24 * 60 - 1), { maxLength: 40 });
    fc.assert(
      fc.property(time, (at_) => {
        const facts = at_.map((minute) =>
          refusal(
            `2026-11-10 ${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`,
          ),
        );
        const most = Math.max(
          0,
          ...at_.map((end) => at_.filter((each) => each > end - 60 && each <= end).length),
        );
        expect(hitsOf(...facts).map(({ count }) => count)).toEqual(most >= 5 ? [most] : []);
      }),
    );
  });
});

describe('former staff', () => {
  const hitsOf = (who: Parameters<typeof person>[0], ...facts: readonly LogFact[]) =>
    formerStaff.find(material(facts, { people: peopleOf(person(who)) }), DEFAULTS);
  const use = () => fact('2026-11-10 10:00');

  test.each([
    ['somebody who is there', {}, 0],
    ['whose last day it is', { employmentTo: '2026-11-10' }, 0],
    ['who had left, as the register learned later', { employmentTo: '2026-11-09' }, 1],
    ['who had not begun', { employmentFrom: '2026-11-11' }, 1],
    ['whose unit had ended', { unitUntil: '2026-11-09' }, 1],
    ['who was withdrawn before', { revokedAt: at('2026-11-10T00:59:59Z') }, 1],
    ['who was withdrawn after it', { revokedAt: at('2026-11-10T01:00:01Z') }, 0],
  ])('a use by %s', (_, who, hits) => {
    expect(hitsOf(who, use())).toHaveLength(hits);
  });

  it('a use by nobody of the register', () => {
    expect(hitsOf({ personId: 'P-9999' }, use())).toHaveLength(1);
  });

  test.each(['employment-ended', 'person-revoked', 'unit-left'])('a refusal by %s', (rule) => {
    expect(hitsOf({}, refusal('2026-11-10 10:00', { rule, op: 'stepUp' }))).toHaveLength(1);
  });

  it('who acts for another unit than before', () => {
    const before = fact('2026-10-20 10:00', { unit: 'hoken' });
    expect(hitsOf({}, before, use())).toMatchObject([{ day: '2026-11-10', units: ['nozei'] }]);
    expect(hitsOf({}, before, fact('2026-11-10 10:00', { op: 'stepUp' }))).toEqual([]);
    expect(hitsOf({}, refusal('2026-10-20 10:00', { personId: undefined, unit: '' }), use())).toEqual([]);
  });
});

describe('a grant', () => {
  const hitsOf = (own: Parameters<typeof grantOf>[0], who = person()) =>
    unusedGrants.find(material([], { grants: [grantOf(own)], people: peopleOf(who) }), DEFAULTS);

  test.each([
    [{ lastUsedOn: '2026-09-02' }, 0],
    [{ lastUsedOn: '2026-09-01' }, 1],
    [{ validFrom: '2026-09-01' }, 1],
    [{ validFrom: '2026-04-01' }, 1],
    [{ validFrom: '2026-04-01', state: 'withdrawn' }, 0],
    [{ lastUsedOn: '2026-12-03' }, 0],
  ] as const)('%j', (own, hits) => {
    expect(hitsOf(own)).toHaveLength(hits);
  });

  it('is named by its number', () => {
    expect(hitsOf({ lastUsedOn: '2026-09-01' })).toEqual([
      {
        day: '2026-11-30',
        people: ['P-1029'],
        units: ['nozei'],
        about: ['grant:7'],
        sequences: [],
        count: 90,
        threshold: 90,
      },
    ]);
  });

  it('of nobody of the register is none', () => {
    expect(hitsOf({}, person({ personId: 'P-9999' }))).toEqual([]);
  });
});

describe('approver and requester', () => {
  const decided = (requestedBy: string, decidedBy: string, count: number): readonly ApprovalDecision[] =>
    Array.from({ length: count }, (_, n) => ({
      approvalId: `AP-${requestedBy}-${decidedBy}-${n}`,
      requestedBy,
      decidedBy,
      day: '2026-11-10',
    }));
  const hitsOf = (...decisions: readonly ApprovalDecision[]) =>
    approverPairs.find(material([], { decisions }), DEFAULTS);

  it('recur from ten on', () => {
    expect(hitsOf(...decided('P-1029', 'P-1031', 9), ...decided('P-1029', 'CHIEF', 9))).toEqual([]);
    expect(hitsOf(...decided('P-1029', 'CHIEF', 12))).toMatchObject([
      { people: ['CHIEF', 'P-1029'], units: ['nozei'], count: 12, threshold: 10, day: '2026-11-10' },
    ]);
    expect(hitsOf(...decided('P-1029', 'CHIEF', 12))[0]!.about).toHaveLength(10);
  });

  it('who approve each other are told at once, either way', () => {
    expect(hitsOf(...decided('P-1029', 'P-1030', 1), ...decided('P-1030', 'P-1029', 1))).toMatchObject([
      { people: ['P-1029', 'P-1030'], units: ['hoken', 'nozei'], count: 1, threshold: 1 },
      { people: ['P-1029', 'P-1030'], count: 1 },
    ]);
  });
});
