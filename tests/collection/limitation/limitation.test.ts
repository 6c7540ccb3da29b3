import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  extinctionOf,
  limitationOf,
  type LimitationEvent,
} from '../../../src/collection/limitation/limitation.js';

const REMINDER: LimitationEvent = { kind: 'REMINDER', on: '2021-07-20' };

describe('the cases of handbook 03 §7, due 2021-06-30', () => {
  test.each<[string, readonly LimitationEvent[], string, string]>([
    ['1: nothing', [], '2021-07-01', '2026-06-30'],
    ['2: a reminder', [REMINDER], '2021-07-31', '2026-07-30'],
    [
      '3: and a part payment',
      [REMINDER, { kind: 'ACKNOWLEDGEMENT', on: '2022-11-04' }],
      '2022-11-05',
      '2027-11-04',
    ],
    [
      '4: and a seizure until 2023-06-30',
      [REMINDER, { kind: 'SEIZURE', from: '2022-01-17', on: '2023-06-30' }],
      '2023-07-01',
      '2028-06-30',
    ],
    [
      '5: and a promise',
      [REMINDER, { kind: 'ACKNOWLEDGEMENT', on: '2024-02-28' }],
      '2024-02-29',
      '2029-02-28',
    ],
  ])('%s', (_, events, startsOn, completesOn) => {
    const found = limitationOf('2021-06-30', 5, events.toReversed());
    const renewals = events.map(({ kind, on }) => ({ kind, on }));
    expect(found).toEqual({ startsOn, completesOn, isHeld: false, renewals });
  });

  test('6: a demand postpones, and renews nothing', () => {
    const demand: LimitationEvent = { kind: 'DEMAND', on: '2026-05-20' };
    const postponed = { startsOn: '2021-07-31', completesOn: '2026-11-20' };
    expect(limitationOf('2021-06-30', 5, [REMINDER, demand])).toMatchObject(postponed);
    // A second one within its six months adds nothing; an acknowledgement within them renews.
    const again: LimitationEvent = { kind: 'DEMAND', on: '2026-11-10' };
    expect(limitationOf('2021-06-30', 5, [REMINDER, demand, again])).toMatchObject(postponed);
    const acknowledged: LimitationEvent = { kind: 'ACKNOWLEDGEMENT', on: '2026-11-20' };
    expect(limitationOf('2021-06-30', 5, [REMINDER, demand, acknowledged])).toMatchObject({
      completesOn: '2031-11-20',
    });
  });
});

describe('limitation', () => {
  test('an event after the last day renews nothing', () => {
    const late: LimitationEvent = { kind: 'ACKNOWLEDGEMENT', on: '2026-07-31' };
    expect(limitationOf('2021-06-30', 5, [REMINDER, late])).toMatchObject({
      completesOn: '2026-07-30',
      renewals: [REMINDER],
    });
    const demand: LimitationEvent = { kind: 'DEMAND', on: '2026-07-31' };
    expect(limitationOf('2021-06-30', 5, [REMINDER, demand])).toMatchObject({ completesOn: '2026-07-30' });
  });

  test('premiums complete in two years', () => {
    expect(limitationOf('2021-06-30', 2, [])).toMatchObject({ completesOn: '2023-06-30' });
  });

  test('a payment while the reminder postpones does not shorten', () => {
    const early: LimitationEvent = { kind: 'ACKNOWLEDGEMENT', on: '2021-07-22' };
    expect(limitationOf('2021-06-30', 5, [REMINDER, early])).toMatchObject({ startsOn: '2021-07-31' });
  });

  test('a seizure that began in time holds the period beyond its last day, and renews it from its end', () => {
    const seizure: LimitationEvent = { kind: 'SEIZURE', from: '2026-06-01', on: '2028-03-31' };
    expect(limitationOf('2021-06-30', 5, [REMINDER, seizure])).toMatchObject({
      startsOn: '2028-04-01',
      completesOn: '2033-03-31',
    });
    const lasting = limitationOf('2021-06-30', 5, [REMINDER, { ...seizure, on: null }]);
    expect(lasting).toMatchObject({ startsOn: '2021-07-31', isHeld: true });
    expect(extinctionOf(lasting)).toBeNull();
    const late = limitationOf('2021-06-30', 5, [REMINDER, { kind: 'SEIZURE', from: '2026-07-31', on: null }]);
    expect(late.isHeld).toBe(false);
    expect(extinctionOf(late)).toBe('2026-07-31');
  });

  test('a seizure that was cancelled postpones by six months from its end', () => {
    const cancelled: LimitationEvent = { kind: 'CANCELLED', from: '2026-03-01', on: '2026-05-31' };
    expect(limitationOf('2021-06-30', 5, [REMINDER, cancelled])).toMatchObject({
      startsOn: '2021-07-31',
      completesOn: '2026-11-30',
    });
  });

  test('a demand within the six months of an earlier one adds nothing, so it may end the period sooner', () => {
    // The later demand would have postponed to 2026-11-20; 民法150条② takes that from it.
    const later: LimitationEvent = { kind: 'DEMAND', on: '2026-05-20' };
    const earlier: LimitationEvent = { kind: 'DEMAND', on: '2026-02-01' };
    expect(limitationOf('2021-06-30', 5, [later])).toMatchObject({ completesOn: '2026-11-20' });
    expect(limitationOf('2021-06-30', 5, [later, earlier])).toMatchObject({ completesOn: '2026-08-01' });
  });

  test('whatever else happens, the period never ends before it would have without it', () => {
    const day = fc
      .date({ min: new Date('2021-07-01'), max: new Date('2033-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    const kinds = ['REMINDER', 'SEIZURE', 'ACKNOWLEDGEMENT', 'CANCELLED'] as const;
    const eventOf = (...words: readonly LimitationEvent['kind'][]): fc.Arbitrary<LimitationEvent> =>
      fc.record({ kind: fc.constantFrom(...words), on: day });
    fc.assert(
      fc.property(
        fc.array(eventOf(...kinds, 'DEMAND'), { maxLength: 8 }),
        eventOf(...kinds),
        (events, one) => {
          const before = limitationOf('2021-06-30', 5, events);
          const after = limitationOf('2021-06-30', 5, [...events, one]);
          expect(after.completesOn >= before.completesOn).toBe(true);
          expect(limitationOf('2021-06-30', 5, [one, ...events].toReversed())).toMatchObject({
            completesOn: after.completesOn,
          });
        },
      ),
    );
  });
});
