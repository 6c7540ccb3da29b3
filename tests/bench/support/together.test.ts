import { expect, test } from 'vitest';
import { Together } from '../../../bench/support/together.js';

test('those who add while one write is under way are the next write', async () => {
  const writes: (readonly number[])[] = [];
  let end = () => {};
  const together = new Together<number>((rows) => {
    writes.push(rows);
    return new Promise<void>((resolve) => (end = resolve));
  });
  const first = [together.add(1), together.add(2)];
  await new Promise(setImmediate);
  const later = [together.add(3), together.add(4)];
  await new Promise(setImmediate);
  expect(writes).toEqual([[1, 2]]);
  end();
  await Promise.all(first);
  await new Promise(setImmediate);
  expect(writes).toEqual([
    [1, 2],
    [3, 4],
  ]);
  end();
  await Promise.all(later);
});

test('a write that fails fails for those who are in it, and the next one is made', async () => {
  const together = new Together<number>((rows) =>
    rows.includes(1) ? Promise.reject(new Error('The disk is full.')) : Promise.resolve(),
  );
  await expect(Promise.all([together.add(1), together.add(2)])).rejects.toThrow('full');
  await together.add(3);
});
