import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  extinctionOf,
  limitationOf,
  type Limitation,
} from '../../../src/collection/limitation/limitation.js';
import { NOTHING } from '../../../src/collection/receipt/allocation.js';
import {
  assertDecidable,
  assertUnchanged,
  assertWritable,
  extinctionBy,
  stayExtinctionOf,
  writeOffParts,
  type LineStanding,
  type WriteOffCauseWord,
  type WriteOffPart,
} from '../../../src/collection/writeOff/writeOff.js';
import { plainDate } from '../../../src/kernel/dates.js';
import { KuramoriError } from '../../../src/kernel/errors.js';
import { WRITE_OFF_CLAIMS_MAX, WRITE_OFF_LEVIES_MAX } from '../../../src/kernel/limits.js';
import { sumYen } from '../../../src/kernel/yen.js';

const DAY = { today: '2026-11-02', pendingDays: 21 };

/** A line whose limitation is complete on a day. */
function line(completesOn: string, stayedOn?: string, change: Partial<LineStanding> = {}): LineStanding {
  const limitation: Limitation = { startsOn: '2020-01-01', completesOn, isHeld: false, renewals: [] };
  const stay =
    stayedOn === undefined ? undefined : ({ stayId: 7n, ground: 'noProperty', decidedOn: stayedOn } as const);
  return {
    levyId: 1n,
    addresseeNo: 'A1',
    outstanding: { ...NOTHING, tax: 10_000n, reminderFee: 100n },
    limitation,
    stay,
    isProposed: false,
    transfer: 'none',
    lastPaidOn: null,
    ...change,
  };
}

describe('the cases of handbook 03 §6', () => {
  test.each<[string, string, string, WriteOffCauseWord, string]>([
    ['a stay of three years', '2022-10-14', '2026-07-30', 'stayThreeYears', '2025-10-15'],
    ['a stay from 29 February', '2024-02-29', '2030-01-31', 'stayThreeYears', '2027-03-01'],
    ['limitation first', '2024-06-03', '2026-07-30', 'limitation', '2026-07-31'],
  ])('%s', (_, stayedOn, lastDay, cause, extinguishedOn) => {
    const standing = line(lastDay, stayedOn);
    const before = plainDate(extinguishedOn).subtract({ days: 1 }).toString();
    expect(() => extinctionBy(cause, standing, before)).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
    for (const today of [extinguishedOn, '2031-01-01']) {
      expect(extinctionBy(cause, standing, today)).toMatchObject({ extinguishedOn });
      const other = cause === 'limitation' ? 'stayThreeYears' : 'limitation';
      expect(() => extinctionBy(other, standing, today)).toThrow(
        expect.objectContaining({ code: 'CONFLICT', facts: { field: 'levyIds' } }),
      );
      expect(() => extinctionBy('immediate', standing, today)).toThrow('extinguished already');
    }
  });

  test('immediate extinction takes effect with the decision', () => {
    expect(extinctionBy('immediate', line('2028-07-30', '2025-01-10'), '2025-03-31')).toEqual({
      extinguishedOn: null,
      stayId: 7n,
    });
  });
});

describe('a line is not extinguished', () => {
  const stay = { stayId: 7n, ground: 'livingInDistress', decidedOn: '2025-01-10' } as const;
  it.each<[string, WriteOffCauseWord, LineStanding]>([
    ['by a stay that there is not', 'stayThreeYears', line('2030-01-31')],
    ['at once without a stay', 'immediate', line('2030-01-31')],
    ['at once for distress', 'immediate', line('2030-01-31', undefined, { stay })],
    [
      'by limitation while a seizure lasts',
      'limitation',
      line('', undefined, {
        limitation: limitationOf('2019-06-30', 5, [{ kind: 'SEIZURE', from: '2022-01-10', on: null }]),
      }),
    ],
  ])('%s', (_, cause, standing) => {
    expect(() => extinctionBy(cause, standing, '2026-11-02')).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
  });

  it('for two causes on one day, save that both come on that very day', () => {
    const day = fc
      .date({ min: new Date('2019-01-01'), max: new Date('2032-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(day, fc.option(day, { nil: undefined }), day, (lastDay, stayedOn, today) => {
        const standing = line(lastDay, stayedOn);
        const causes = (['limitation', 'stayThreeYears', 'immediate'] as const).filter((cause) => {
          try {
            extinctionBy(cause, standing, today);
            return true;
          } catch (error) {
            if (!(error instanceof KuramoriError)) throw error;
            return false;
          }
        });
        const byStay = stayedOn === undefined ? undefined : stayExtinctionOf(stayedOn);
        const together = byStay === extinctionOf(standing.limitation);
        expect(causes.length).toBeLessThanOrEqual(together ? 2 : 1);
        for (const cause of causes)
          expect((extinctionBy(cause, standing, today).extinguishedOn ?? today) <= today).toBe(true);
      }),
    );
  });
});

describe('what is written off', () => {
  const ENDED = line('2026-07-30');
  const parts = (lines: readonly LineStanding[], levyIds = lines.map(({ levyId }) => levyId)) =>
    writeOffParts('limitation', levyIds, 'A1', lines, DAY);

  it('is each line whole, by component, and nothing below zero', () => {
    const outstanding = {
      tax: 10_000n,
      reminderFee: 0n,
      lateCharge: 700n,
      penalty: -5n,
      dispositionCost: 3n,
    };
    const made = parts([line('2026-07-30', undefined, { outstanding })]);
    expect(made.map(({ component, amount }) => [component, amount])).toEqual([
      ['tax', 10_000n],
      ['lateCharge', 700n],
      ['dispositionCost', 3n],
    ]);
    expect(sumYen(made.map(({ amount }) => amount))).toBe(10_703n);
    expect(new Set(made.map(({ extinguishedOn }) => extinguishedOn))).toEqual(new Set(['2026-07-31']));
  });

  it.each<[string, string, () => unknown]>([
    ['nothing', 'BAD_INPUT', () => parts([])],
    ['a line twice', 'BAD_INPUT', () => parts([ENDED, ENDED])],
    [
      'too much at once',
      'BAD_INPUT',
      () =>
        parts(
          [],
          Array.from({ length: WRITE_OFF_LEVIES_MAX + 1 }, (_, at) => BigInt(at)),
        ),
    ],
    ['a line that is not there', 'NOT_FOUND', () => parts([ENDED], [1n, 2n])],
    ['a line of somebody else', 'NOT_FOUND', () => parts([{ ...ENDED, addresseeNo: 'A2' }])],
    ['a line in another proposal', 'CONFLICT', () => parts([{ ...ENDED, isProposed: true }])],
    ['a line that owes nothing', 'CONFLICT', () => parts([{ ...ENDED, outstanding: NOTHING }])],
    [
      'a line that still stands',
      'CONFLICT',
      () => parts([ENDED, line('2026-12-31', undefined, { levyId: 2n })]),
    ],
  ])('is never %s', (_, code, work) => {
    expect(work).toThrow(expect.objectContaining({ code, facts: { field: 'levyIds' } }));
  });
});

describe('an extinguished line', () => {
  const limited = (change: Partial<LineStanding>) => line('2026-07-30', undefined, change);
  const propose = (cause: WriteOffCauseWord, standing: LineStanding, today = DAY.today) =>
    writeOffParts(cause, [1n], 'A1', [standing], { ...DAY, today });

  it('waits until news of every payment is in', () => {
    expect(() => propose('limitation', limited({}), '2026-08-20')).toThrow('may still come');
    expect(propose('limitation', limited({}), '2026-08-21')).toHaveLength(2);
    const stayed = line('2028-07-30', '2023-07-30');
    expect(() => propose('stayThreeYears', stayed, '2026-08-20')).toThrow('may still come');
    expect(propose('stayThreeYears', stayed, '2026-08-21')).toHaveLength(2);
    expect(propose('immediate', line('2028-07-30', '2026-11-01'))).toHaveLength(2);
  });

  it('that was paid since is written off when that money is set free', () => {
    expect(() => propose('limitation', limited({ lastPaidOn: '2026-07-31' }))).toThrow('Set the money free');
    expect(propose('limitation', limited({ lastPaidOn: '2026-07-30' }))).toHaveLength(2);
  });

  it('is not written off while the organization collects it, nor for limitation after that', () => {
    const stayed = line('2028-07-30', '2023-07-30');
    for (const [cause, standing] of [
      ['limitation', limited({})],
      ['stayThreeYears', stayed],
      ['immediate', line('2028-07-30', '2026-11-01')],
    ] as const)
      expect(() => propose(cause, { ...standing, transfer: 'locked' })).toThrow('Wait until it returns');
    expect(() => propose('limitation', limited({ transfer: 'untold' }))).toThrow('are not all known');
    expect(propose('stayThreeYears', { ...stayed, transfer: 'untold' })).toHaveLength(2);
  });

  it('is looked at again by its decision, which names the proposal', () => {
    const proposed = [{ levyId: 1n, extinguishedOn: '2026-07-31' }];
    const paid = [limited({ lastPaidOn: '2026-08-30' })];
    expect(() => assertWritable('limitation', paid, proposed, DAY, 'proposalId')).toThrow(
      expect.objectContaining({ code: 'CONFLICT', facts: { field: 'proposalId' } }),
    );
  });

  it('is refused with others when they are more claims than the second person is shown', () => {
    const lines = Array.from({ length: WRITE_OFF_CLAIMS_MAX / 2 + 1 }, (_, at) =>
      limited({ levyId: BigInt(at) }),
    );
    const proposeAll = (some: readonly LineStanding[]) =>
      writeOffParts(
        'limitation',
        some.map(({ levyId }) => levyId),
        'A1',
        some,
        DAY,
      );
    expect(proposeAll(lines.slice(1))).toHaveLength(WRITE_OFF_CLAIMS_MAX);
    expect(() => proposeAll(lines)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});

describe('the decision', () => {
  it('is made once, and by another person', () => {
    const open = { proposerPerson: 'P1', outcome: undefined };
    expect(() => assertDecidable(open, 'P2')).not.toThrow();
    expect(() => assertDecidable(open, 'P1')).toThrow(
      expect.objectContaining({ code: 'DUAL_CONTROL_REQUIRED' }),
    );
    expect(() => assertDecidable({ ...open, outcome: 'rejected' }, 'P2')).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
  });

  it('stands for exactly what was proposed, in whatever order it is read', () => {
    const one: WriteOffPart = {
      levyId: 1n,
      component: 'tax',
      amount: 10n,
      extinguishedOn: '2026-07-31',
      stayId: null,
    };
    const two = { ...one, levyId: 2n };
    expect(() => assertUnchanged([one, two], () => [two, one])).not.toThrow();
    const others: readonly (readonly WriteOffPart[])[] = [
      [one],
      [one, { ...two, amount: 11n }],
      [one, { ...two, extinguishedOn: '2026-08-01' }],
      [one, { ...two, stayId: 7n }],
      [one, { ...two, component: 'penalty' }],
    ];
    for (const other of others)
      expect(() => assertUnchanged([one, two], () => other)).toThrow(
        expect.objectContaining({ code: 'CONFLICT', facts: { field: 'proposalId' } }),
      );
  });

  it('is refused when the lines cannot be written off any more, and fails with what else went wrong', () => {
    const refused = () => {
      throw new KuramoriError('CONFLICT', 'The limitation of a line is not complete.', { field: 'levyIds' });
    };
    expect(() => assertUnchanged([], refused)).not.toThrow();
    const proposed = [
      { levyId: 1n, component: 'tax', amount: 1n, extinguishedOn: null, stayId: 7n },
    ] as const;
    expect(() => assertUnchanged(proposed, refused)).toThrow('have changed');
    const broken = () => {
      throw new KuramoriError('INTERNAL', 'A statement answered no row.');
    };
    expect(() => assertUnchanged(proposed, broken)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
