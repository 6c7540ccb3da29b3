import { expect, test } from 'vitest';
import { takeTurns } from '../../../bench/support/rounds.js';

test('those that are measured beside each other take turns, and each is first once', async () => {
  const order: string[] = [];
  const contenders = ['gateway', 'floor', 'apollo'].map((name) => ({
    name,
    take: async () => {
      order.push(name);
      return order.length;
    },
  }));
  const results = await takeTurns(3, contenders, String);
  expect(order.join(' ')).toBe('gateway floor apollo floor apollo gateway apollo gateway floor');
  expect(Object.fromEntries(results)).toEqual({ gateway: [1, 6, 8], floor: [2, 4, 9], apollo: [3, 5, 7] });
});

test('who fails ends the measurement', async () => {
  const fails = {
    name: 'apollo',
    take: () => Promise.reject(new Error('An answer was not the one expected.')),
  };
  await expect(takeTurns(1, [fails], String)).rejects.toThrow('not the one expected');
});
