import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lockoutAt, type Try } from '../../../src/access/signin/lockout.js';

/** Milliseconds of a time of one day. */
function at(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return Date.UTC(2026, 10, 2, hours, minutes, seconds);
}

const failed = (...times: string[]): Try[] => times.map((time) => ({ at: at(time), outcome: 'failed' }));

describe('lockout, handbook 15 §3', () => {
  test('worked example: 09:00, 09:03, 09:06, 09:09, 09:14 lock 09:14–09:29', () => {
    const tries = failed('09:00', '09:03', '09:06', '09:09', '09:14');
    expect(lockoutAt(tries, at('09:14'))).toEqual({ state: 'locked', until: at('09:29') });
    expect(lockoutAt(tries, at('09:29') - 1)).toEqual({ state: 'locked', until: at('09:29') });
    expect(lockoutAt(tries, at('09:29'))).toEqual({ state: 'open' });
  });

  test('worked example: the fifth at 09:15:00 leaves the first outside of the half-open window', () => {
    expect(lockoutAt(failed('09:00', '09:03', '09:06', '09:09', '09:15'), at('09:15'))).toEqual({
      state: 'open',
    });
    expect(lockoutAt(failed('09:00:01', '09:03', '09:06', '09:09', '09:15'), at('09:15')).state).toBe(
      'locked',
    );
  });

  test('a success resets the short window, not the long one', () => {
    const four = failed('09:00', '09:01', '09:02', '09:03');
    const success: Try = { at: at('09:04'), outcome: 'succeeded' };
    expect(lockoutAt([...four, success, ...failed('09:05')], at('09:06'))).toEqual({ state: 'open' });
    const nine = [
      ...four,
      success,
      ...failed('10:00', '10:01', '10:02', '10:03'),
      { ...success, at: at('10:04') },
      ...failed('11:00'),
    ];
    expect(lockoutAt(nine, at('11:01'))).toEqual({ state: 'open' });
    expect(lockoutAt([...nine, ...failed('12:00')], at('12:01'))).toEqual({ state: 'suspended' });
  });

  test('ten in 24 hours suspend until a person unlocks; the window is half-open', () => {
    const ten = failed(
      '00:00',
      '01:00',
      '02:00',
      '03:00',
      '04:00',
      '05:00',
      '06:00',
      '07:00',
      '08:00',
      '09:00',
    );
    const aDayLater = at('00:00') + 24 * 3_600_000;
    expect(lockoutAt(ten, aDayLater - 1)).toEqual({ state: 'suspended' });
    expect(lockoutAt(ten, aDayLater)).toEqual({ state: 'open' });
    expect(lockoutAt([...ten, { at: at('09:30'), outcome: 'unlocked' }], at('09:31'))).toEqual({
      state: 'open',
    });
  });

  test('unlocking ends a lock, too', () => {
    const locked = failed('09:00', '09:01', '09:02', '09:03', '09:04');
    expect(lockoutAt([...locked, { at: at('09:05'), outcome: 'unlocked' }], at('09:06'))).toEqual({
      state: 'open',
    });
  });

  test('a hundred without a success stop the account, however often it was unlocked', () => {
    const rounds = (count: number): Try[] =>
      Array.from({ length: count }, (_, n): Try[] => [
        { at: at('09:00') + n * 3_600_000, outcome: 'failed' },
        { at: at('09:01') + n * 3_600_000, outcome: 'unlocked' },
      ]).flat();
    const later = at('09:00') + 200 * 3_600_000;
    expect(lockoutAt(rounds(99), later)).toEqual({ state: 'open' });
    expect(lockoutAt(rounds(100), later)).toEqual({ state: 'stopped' });
    expect(lockoutAt([...rounds(100), { at: later, outcome: 'succeeded' }], later)).toEqual({
      state: 'open',
    });
  });

  test('whatever the times, at most 5 failures fit into any 15 minutes before a refusal', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 60 }), (gaps) => {
        const tries: Try[] = [];
        let now = at('09:00');
        for (const gap of gaps) {
          now += gap;
          if (lockoutAt(tries, now).state === 'open') tries.push({ at: now, outcome: 'failed' });
        }
        for (const { at: end } of tries) {
          expect(
            tries.filter((earlier) => earlier.at > end - 900_000 && earlier.at <= end).length,
          ).toBeLessThanOrEqual(5);
        }
        expect(tries.length).toBeLessThanOrEqual(10);
      }),
    );
  });
});
