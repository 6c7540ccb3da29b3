import { expect, test } from 'vitest';
import { UNKNOWN_KEYS_PER_MINUTE_RAISED, VAULT_SERVICES_MAX } from '../../../src/kernel/limits.js';
import { UnknownKeys } from '../../../src/vault/assertion/forgery.js';
import { StandingClock } from '../../access/support/clock.js';

test('unknown keys are counted by service and minute', () => {
  const clock = new StandingClock('2026-11-02T00:00:00.000Z');
  const keys = new UnknownKeys(clock);
  const few = () => Array.from({ length: UNKNOWN_KEYS_PER_MINUTE_RAISED - 1 }, () => keys.note('gateway'));
  expect(few()).not.toContain(true);
  expect(keys.note('worker')).toBe(false);
  expect(keys.note('gateway')).toBe(true);
  clock.set('2026-11-02T00:00:59.999Z');
  expect(keys.note('gateway')).toBe(true);
  clock.set('2026-11-02T00:01:00.000Z');
  expect(few()).not.toContain(true);
});

test('no more services are remembered than there can be', () => {
  const keys = new UnknownKeys(new StandingClock('2026-11-02T00:00:00.000Z'));
  for (let n = 1; n < UNKNOWN_KEYS_PER_MINUTE_RAISED; n++) keys.note('gateway');
  for (let n = 1; n <= VAULT_SERVICES_MAX; n++) keys.note(`service-${n}`);
  expect(keys.note('gateway')).toBe(false);
});
