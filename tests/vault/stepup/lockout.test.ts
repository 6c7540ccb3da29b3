import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterFailure,
  afterSuccess,
  afterUnlock,
  isLocked,
  NO_FAILURES,
  UNTIL_UNLOCKED_MS,
  type Failures,
} from '../../../src/vault/stepup/lockout.js';

const ms = (time: string, day = '2026-11-02') => Date.parse(`${day}T${time}+09:00`);
const failing = (times: readonly number[], from: Failures = NO_FAILURES) => times.reduce(afterFailure, from);
const FOUR = ['09:00:00', '09:03:00', '09:06:00', '09:09:00'].map((time) => ms(time));
const HOUR = 3_600_000;

describe('the worked example of §3', () => {
  test('failures at 09:00, 09:03, 09:06, 09:09, 09:14 lock from 09:14 to 09:29', () => {
    const failures = failing([...FOUR, ms('09:14:00')]);
    expect(isLocked(failing(FOUR), ms('09:14:00'))).toBe(false);
    expect(isLocked(failures, ms('09:14:00'))).toBe(true);
    expect(isLocked(failures, ms('09:28:59.999'))).toBe(true);
    expect(isLocked(failures, ms('09:29:00'))).toBe(false);
  });

  test('a fifth at 09:15:00 exactly does not lock: 09:00:00 is outside the window', () => {
    expect(isLocked(failing([...FOUR, ms('09:15:00')]), ms('09:15:00'))).toBe(false);
  });

  test('a right code resets the short window, not the one of 24 hours', () => {
    const again = afterSuccess(failing(FOUR));
    expect(isLocked(failing([ms('09:10:00')], again), ms('09:10:00'))).toBe(false);
    const nine = failing(Array.from({ length: 9 }, (_, n) => n * HOUR));
    expect(isLocked(failing([10 * HOUR], afterSuccess(nine)), 10 * HOUR)).toBe(true);
  });
});

describe('ten failures in 24 hours', () => {
  const ten = failing(Array.from({ length: 10 }, (_, n) => n * HOUR));

  test('lock until a person unlocks, and then both windows begin anew', () => {
    expect(ten.lockedUntil).toBe(UNTIL_UNLOCKED_MS);
    expect(isLocked(ten, 10 * 365 * 24 * HOUR)).toBe(true);
    const unlocked = afterUnlock(ten);
    expect(isLocked(unlocked, 10 * HOUR)).toBe(false);
    expect(isLocked(failing([10 * HOUR], unlocked), 10 * HOUR)).toBe(false);
  });

  test('are counted in a half-open window', () => {
    const nine = Array.from({ length: 9 }, (_, n) => n * HOUR);
    expect(failing([...nine, 24 * HOUR - 1]).lockedUntil).toBe(UNTIL_UNLOCKED_MS);
    expect(failing([...nine, 24 * HOUR]).lockedUntil).toBeUndefined();
  });
});

test('a hundred without a success between stop for good, whoever unlocks', () => {
  let failures = NO_FAILURES;
  for (let n = 0; n < 99; n++) failures = afterUnlock(afterFailure(failures, n * HOUR));
  expect(isLocked(failures, 99 * HOUR)).toBe(false);
  failures = afterUnlock(afterFailure(failures, 99 * HOUR));
  expect(isLocked(failures, 1_000 * HOUR)).toBe(true);
});

test('no more than ten failures are kept, and never ten guesses a day are answered', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 8 * HOUR }), { maxLength: 60 }), (steps) => {
      let failures = NO_FAILURES;
      let now = 0;
      const answered: number[] = [];
      for (const step of steps) {
        now += step;
        if (isLocked(failures, now)) continue;
        failures = afterFailure(failures, now);
        answered.push(now);
      }
      expect(failures.at.length).toBeLessThanOrEqual(10);
      for (const start of answered)
        expect(
          answered.filter((each) => each >= start && each < start + 24 * HOUR).length,
        ).toBeLessThanOrEqual(10);
    }),
  );
});
