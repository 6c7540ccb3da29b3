import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Store, type Change } from '../../../../src/reference/intermediary/store/store.js';
import { ownFolder } from '../support/folder.js';

const folder = ownFolder();
let made = 0;
const newPath = () => join(folder, `${(made += 1)}.jsonl`);
const shown = (store: Store) => ['a', 'b'].map((name) => [...store.table(name)]);

const change = fc.oneof(
  fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2', '3'), fc.integer()),
  fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2', '3')),
) as fc.Arbitrary<Change>;

test('a store that is opened again holds what was committed, also after its journal was rewritten', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 6 }),
      fc.boolean(),
      async (commits, isRewritten) => {
        const path = newPath();
        const store = await Store.open(path);
        for (const changes of commits) await store.commit(changes);
        if (isRewritten) await store.compact();
        const before = shown(store);
        await store.close();
        const again = await Store.open(path);
        expect(shown(again).map((rows) => new Map(rows))).toEqual(before.map((rows) => new Map(rows)));
        expect(again.isEmpty).toBe(before.flat().length === 0);
        await again.close();
      },
    ),
    { numRuns: 30 },
  );
});

test('what was taken away is gone from the disk once the journal is rewritten', async () => {
  const path = newPath();
  const store = await Store.open(path);
  await store.commit([['a', '1', 'expired-item']]);
  await store.commit([['a', '1']]);
  expect(readFileSync(path, 'utf8')).toContain('expired-item');
  await store.compact();
  expect(readFileSync(path, 'utf8')).not.toContain('expired-item');
  await store.close();
});
