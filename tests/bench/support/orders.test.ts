import { expect, test } from 'vitest';
import { atOnce, order } from '../../../bench/support/orders.js';

const child = (report: unknown) => ({
  ask: () => Promise.resolve(report),
  message: () => Promise.resolve(report),
  stop: () => Promise.resolve(),
});

test('what a process could not do ends the measurement', async () => {
  await expect(order(child({ failure: 'CONFLICT: There is one already.' }), {})).rejects.toThrow('CONFLICT');
  expect(await order(child({ perSecond: 3 }), {})).toEqual({ perSecond: 3 });
});

test('everything is done once, and never more at a time than there are callers', async () => {
  const done: number[] = [];
  let [underWay, most] = [0, 0];
  await atOnce(4, [...Array(50).keys()], async (one, at) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise(setImmediate);
    expect(at).toBe(one);
    done.push(one);
    underWay -= 1;
  });
  expect(done.toSorted((a, b) => a - b)).toEqual([...Array(50).keys()]);
  expect(most).toBe(4);
});

test('after a failure nothing more is begun', async () => {
  const begun: number[] = [];
  const work = async (one: number) => {
    begun.push(one);
    await new Promise(setImmediate);
    if (one === 1) throw new Error('It was refused.');
  };
  await expect(atOnce(2, [...Array(20).keys()], work)).rejects.toThrow('refused');
  await new Promise(setImmediate);
  expect(begun.length).toBeLessThan(6);
});
