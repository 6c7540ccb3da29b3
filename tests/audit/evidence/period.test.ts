import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evidencePeriod, instantsOf, japanTime, monthsOf } from '../../../src/audit/evidence/period.js';
import { plainDate } from '../../../src/kernel/dates.js';
import { EVIDENCE_DAYS_MAX } from '../../../src/kernel/limits.js';

describe('a period', () => {
  test.each([
    ['2026-11-01', '2026-11-01'],
    ['2026-10-01', '2026-10-31'],
  ])('from %s to %s may be asked for', (from, to) => {
    expect(evidencePeriod({ from, to })).toEqual({ from, to });
  });

  test.each([
    ['2026-11-02', '2026-11-01'],
    ['2026-10-01', '2026-11-01'],
    ['2026-02-30', '2026-03-01'],
  ])('from %s to %s is refused', (from, to) => {
    expect(() => evidencePeriod({ from, to })).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });

  test('begins and ends at midnight in Japan', () => {
    expect(instantsOf({ from: '2026-11-01', to: '2026-11-30' })).toEqual({
      from: '2026-10-31T15:00:00Z',
      to: '2026-11-30T15:00:00Z',
    });
    expect(japanTime('2026-11-22T15:00:00.999Z')).toBe('2026-11-23 00:00:00');
  });
});

describe('months', () => {
  test('are cut at the ends of the period', () => {
    expect(monthsOf({ from: '2026-01-30', to: '2026-03-02' })).toEqual([
      { from: '2026-01-30', to: '2026-01-31' },
      { from: '2026-02-01', to: '2026-02-28' },
      { from: '2026-03-01', to: '2026-03-02' },
    ]);
    expect(monthsOf({ from: '2026-03-02', to: '2026-03-01' })).toEqual([]);
  });

  test('follow each other without a gap, each short enough to be asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 800 }), (start, length) => {
        const first = plainDate('2020-01-01').add({ days: start });
        const last = first.add({ days: length });
        const months = monthsOf({ from: first.toString(), to: last.toString() });
        expect([months[0]?.from, months.at(-1)?.to]).toEqual([first.toString(), last.toString()]);
        for (const [at, { from, to }] of months.entries()) {
          expect(evidencePeriod({ from, to })).toBeDefined();
          expect(plainDate(from).until(plainDate(to)).days).toBeLessThan(EVIDENCE_DAYS_MAX);
          if (at > 0)
            expect(
              plainDate(months[at - 1]!.to)
                .add({ days: 1 })
                .toString(),
            ).toBe(from);
        }
      }),
      { numRuns: 50 },
    );
  });
});
