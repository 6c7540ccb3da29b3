import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertPromisable,
  promisePlan,
  type PromisedLine,
  type PromiseEntry,
} from '../../../src/collection/promise/promise.js';
import { limitationOf } from '../../../src/collection/limitation/limitation.js';
import { isClosedDay } from '../../../src/kernel/closedDays.js';
import { plainDate } from '../../../src/kernel/dates.js';
import { PROMISE_INSTALMENTS_MAX, PROMISE_LEVIES_MAX } from '../../../src/kernel/limits.js';
import { sumYen } from '../../../src/kernel/yen.js';
import { HOLIDAYS } from '../fixtures/holidays.js';

const OPENED_ON = '2026-08-01';
const TODAY = '2026-11-02';
const ENTRY: PromiseEntry = {
  promisedOn: TODAY,
  promisedBy: '本人',
  form: 'written',
  paymentsAcknowledgeAll: false,
  levyIds: [1n, 2n],
  instalments: [
    { dueOn: '2026-11-30', amount: 20_000n },
    { dueOn: '2026-12-31', amount: 10_000n },
  ],
};
const plan = (change: Partial<PromiseEntry> = {}) =>
  promisePlan({ ...ENTRY, ...change }, OPENED_ON, TODAY, HOLIDAYS);

const LINE: PromisedLine = {
  levyId: 1n,
  addresseeNo: 'A1',
  outstanding: 20_000n,
  isPromised: false,
  isStayEnded: false,
  isUntold: false,
  limitation: limitationOf('2026-06-30', 5, []),
};
const LINES = [LINE, { ...LINE, levyId: 2n, outstanding: 10_000n }];
const promisable = (change: Partial<PromisedLine>, entry: Partial<PromiseEntry> = {}) =>
  assertPromisable(plan(entry), 'A1', [{ ...LINE, ...change }, LINES[1]!]);

describe('the plan of a promise (分納計画)', () => {
  it('numbers its instalments, moves closed days to the next open one and adds up', () => {
    expect(plan()).toMatchObject({
      amount: 30_000n,
      instalments: [
        { instalmentNo: 1, nominalDueOn: '2026-11-30', dueOn: '2026-11-30', amount: 20_000n },
        { instalmentNo: 2, nominalDueOn: '2026-12-31', dueOn: '2027-01-04', amount: 10_000n },
      ],
    });
  });

  const instalment = (dueOn: string, amount = 1n) => ({ dueOn, amount });
  it.each<[string, Partial<PromiseEntry>, string, string]>([
    ['after today', { promisedOn: '2026-11-03' }, 'promisedOn', 'after today'],
    ['before its case', { promisedOn: '2026-07-31' }, 'promisedOn', 'before its case'],
    ['by nobody', { promisedBy: ' ' }, 'promisedBy', 'is empty'],
    [
      'that is oral and says what payments acknowledge',
      { form: 'oral', paymentsAcknowledgeAll: true },
      'paymentsAcknowledgeAll',
      'acknowledges nothing',
    ],
    ['of no line', { levyIds: [] }, 'levyIds', 'at least one'],
    ['of a line twice', { levyIds: [1n, 1n] }, 'levyIds', 'named twice'],
    [
      'of too many lines',
      { levyIds: Array.from({ length: PROMISE_LEVIES_MAX + 1 }, (_, at) => BigInt(at)) },
      'levyIds',
      'at most',
    ],
    ['without an instalment', { instalments: [] }, 'instalments', 'at least one'],
    ['with an instalment of nothing', { instalments: [instalment(TODAY, 0n)] }, 'instalments', '1 yen'],
    ['with a negative instalment', { instalments: [instalment(TODAY, -1n)] }, 'instalments', '1 yen'],
    ['with more than there is', { instalments: [instalment(TODAY, 2n ** 53n)] }, 'instalments', '1 yen'],
    ['due before it', { instalments: [instalment('2026-11-01')] }, 'instalments', 'before the promise'],
    [
      'with two on one day',
      { instalments: [instalment(TODAY), instalment(TODAY)] },
      'instalments',
      'order of their days',
    ],
    [
      'with too many',
      {
        instalments: Array.from({ length: PROMISE_INSTALMENTS_MAX + 1 }, (_, at) =>
          instalment(plainDate(TODAY).add({ days: at }).toString()),
        ),
      },
      'instalments',
      'at most',
    ],
    ['for a lifetime', { instalments: [instalment('2036-11-02')] }, 'instalments', 'days away'],
  ])('is refused %s', (_, change, field, sentence) => {
    expect(() => plan(change)).toThrow(
      expect.objectContaining({
        code: 'BAD_INPUT',
        facts: { field },
        message: expect.stringContaining(sentence) as string,
      }),
    );
  });

  it('keeps order, amounts and open days, whatever is agreed', () => {
    const gaps = fc.array(
      fc.record({ gap: fc.integer({ min: 1, max: 36 }), amount: fc.bigInt({ min: 1n, max: 10n ** 9n }) }),
      { minLength: 1, maxLength: PROMISE_INSTALMENTS_MAX },
    );
    fc.assert(
      fc.property(gaps, (agreed) => {
        let day = plainDate(TODAY);
        const instalments = agreed.map(({ gap, amount }) => {
          day = day.add({ days: gap });
          return { dueOn: day.toString(), amount };
        });
        const made = plan({ instalments });
        expect(made.amount).toBe(sumYen(agreed.map(({ amount }) => amount)));
        for (const [at, { dueOn, nominalDueOn, amount }] of made.instalments.entries()) {
          expect(isClosedDay(plainDate(dueOn), HOLIDAYS)).toBe(false);
          expect(dueOn >= nominalDueOn && dueOn >= (made.instalments[at - 1]?.dueOn ?? '')).toBe(true);
          expect(amount).toBe(agreed[at]?.amount);
        }
      }),
    );
  });
});

describe('what can be promised', () => {
  it('is what the lines owe, to the yen', () => {
    expect(() => assertPromisable(plan(), 'A1', LINES)).not.toThrow();
  });

  it.each<[string, Partial<PromisedLine>, string, string]>([
    ['a line of somebody else', { addresseeNo: 'A2' }, 'NOT_FOUND', 'levyIds'],
    ['a line that owes nothing', { outstanding: 0n }, 'CONFLICT', 'levyIds'],
    ['a line that is promised', { isPromised: true }, 'CONFLICT', 'levyIds'],
    ['a line that a stay has extinguished', { isStayEnded: true }, 'CONFLICT', 'levyIds'],
    [
      'a line whose limitation is complete',
      { limitation: limitationOf('2021-10-31', 5, []) },
      'CONFLICT',
      'levyIds',
    ],
    ['one yen more', { outstanding: 19_999n }, 'BAD_INPUT', 'instalments'],
    ['one yen less', { outstanding: 20_001n }, 'BAD_INPUT', 'instalments'],
  ])('is not %s', (_, change, code, field) => {
    expect(() => promisable(change)).toThrow(expect.objectContaining({ code, facts: { field } }));
  });

  it('is not a line that does not exist', () => {
    expect(() => assertPromisable(plan(), 'A1', LINES.slice(0, 1))).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
  });

  it('is a line on the last day of its limitation, and one that a seizure holds', () => {
    const lastDay = limitationOf('2021-11-02', 5, []);
    expect(lastDay.completesOn).toBe(TODAY);
    expect(() => promisable({ limitation: lastDay })).not.toThrow();
    const held = limitationOf('2021-06-30', 5, [{ kind: 'SEIZURE', from: '2026-01-10', on: null }]);
    expect(() => promisable({ limitation: held })).not.toThrow();
  });

  it('is what the organization has had, as long as not all is known that it did there', () => {
    const limitation = limitationOf('2021-10-31', 5, []);
    expect(() => promisable({ limitation, isUntold: true })).not.toThrow();
    expect(() => promisable({ limitation, isUntold: true, isStayEnded: true })).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
  });
});
