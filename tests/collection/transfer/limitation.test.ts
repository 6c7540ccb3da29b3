import { describe, expect, test } from 'vitest';
import { limitationOf, type Renewal } from '../../../src/collection/transfer/limitation.js';

const REMINDER: Renewal = { kind: 'REMINDER', on: '2021-07-20' };

describe('the cases of handbook 03 §7, due 2021-06-30', () => {
  test.each<[string, readonly Renewal[], string, string]>([
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
      [REMINDER, { kind: 'SEIZURE', on: '2023-06-30' }],
      '2023-07-01',
      '2028-06-30',
    ],
    [
      '5: and a pledge',
      [REMINDER, { kind: 'ACKNOWLEDGEMENT', on: '2024-02-28' }],
      '2024-02-29',
      '2029-02-28',
    ],
  ])('%s', (_, events, startsOn, completesOn) => {
    const found = limitationOf('2021-06-30', 5, events.toReversed());
    expect(found).toEqual({ startsOn, completesOn, renewals: events });
  });

  test('an event after the last day renews nothing', () => {
    const late: Renewal = { kind: 'ACKNOWLEDGEMENT', on: '2026-07-31' };
    expect(limitationOf('2021-06-30', 5, [REMINDER, late])).toMatchObject({
      completesOn: '2026-07-30',
      renewals: [REMINDER],
    });
  });

  test('premiums complete in two years', () => {
    expect(limitationOf('2021-06-30', 2, [])).toMatchObject({ completesOn: '2023-06-30' });
  });

  test('a payment while the reminder postpones does not shorten', () => {
    const early: Renewal = { kind: 'ACKNOWLEDGEMENT', on: '2021-07-22' };
    expect(limitationOf('2021-06-30', 5, [REMINDER, early])).toMatchObject({ startsOn: '2021-07-31' });
  });
});
