import { describe, expect, test } from 'vitest';
import { AddressThrottle } from '../../../src/access/signin/throttle.js';
import { SIGN_IN_ADDRESS_BURST_MAX, SIGN_IN_ADDRESSES_MAX } from '../../../src/kernel/limits.js';
import { StandingClock } from '../support/clock.js';

describe('the throttle', () => {
  const spend = (throttle: AddressThrottle, address: string) => {
    let taken = 0;
    while (throttle.take(address)) taken += 1;
    return taken;
  };

  test('gives each address a burst and then one try a second', () => {
    const clock = new StandingClock('2026-11-02T00:00:00Z');
    const throttle = new AddressThrottle(clock);
    expect(spend(throttle, '10.0.0.1')).toBe(SIGN_IN_ADDRESS_BURST_MAX);
    expect(throttle.take('10.0.0.2')).toBe(true);
    clock.forward({ seconds: 3 });
    expect(spend(throttle, '10.0.0.1')).toBe(3);
    clock.forward({ hours: 1 });
    expect(spend(throttle, '10.0.0.1')).toBe(SIGN_IN_ADDRESS_BURST_MAX);
  });

  test('gets back what succeeded, never more than the burst', () => {
    const throttle = new AddressThrottle(new StandingClock('2026-11-02T00:00:00Z'));
    throttle.giveBack('10.0.0.1');
    expect(spend(throttle, '10.0.0.1')).toBe(SIGN_IN_ADDRESS_BURST_MAX);
    throttle.giveBack('10.0.0.1');
    expect(spend(throttle, '10.0.0.1')).toBe(1);
  });

  test('does not give tries for a clock that went back', () => {
    const clock = new StandingClock('2026-11-02T00:00:00Z');
    const throttle = new AddressThrottle(clock);
    spend(throttle, '10.0.0.1');
    clock.forward({ hours: -1 });
    expect(throttle.take('10.0.0.1')).toBe(false);
  });

  test('forgets the address not seen for longest when there are too many', () => {
    const throttle = new AddressThrottle(new StandingClock('2026-11-02T00:00:00Z'));
    spend(throttle, '10.0.0.1');
    for (let n = 0; n < SIGN_IN_ADDRESSES_MAX; n++)
      throttle.take(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`.replace(/^10\.0/, '11.0'));
    expect(throttle.take('10.0.0.1')).toBe(true);
  });
});
