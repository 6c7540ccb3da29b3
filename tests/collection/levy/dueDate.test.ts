import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectiveDueDate } from '../../../src/collection/levy/dueDate.js';
import { isClosedDay } from '../../../src/kernel/closedDays.js';
import { compareDates, plainDate } from '../../../src/kernel/dates.js';
import { HOLIDAYS } from '../fixtures/holidays.js';
import { ruleCases } from '../fixtures/ruleCases.js';

describe('the effective due date', () => {
  test.each(ruleCases<{ nominal: string }, { effective: string }>('due_date_shift'))(
    'is as in $id',
    ({ input, expected }) => {
      expect(effectiveDueDate(plainDate(input.nominal), HOLIDAYS).toString()).toBe(expected.effective);
    },
  );

  test('is the first open day on or after the nominal one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000 }), (days) => {
        const nominal = plainDate('2022-01-01').add({ days });
        const effective = effectiveDueDate(nominal, HOLIDAYS);
        expect(isClosedDay(effective, HOLIDAYS)).toBe(false);
        for (let day = nominal; compareDates(day, effective) < 0; day = day.add({ days: 1 })) {
          expect(isClosedDay(day, HOLIDAYS)).toBe(true);
        }
      }),
    );
  });

  test('does not move a day that only the table could close when the table does not hold it', () => {
    expect(effectiveDueDate(plainDate('2024-08-12'), new Set()).toString()).toBe('2024-08-12');
  });
});
