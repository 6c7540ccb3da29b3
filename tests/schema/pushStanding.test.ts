import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.js';
import { Records } from '../support/records.js';
import { standingOf } from '../support/push.js';

const db = await testDatabase();
const records = new Records(db.owner);
const addresseeNo = await records.addressee();
const LOCAL = ['WAITING', 'HANDED_OVER', 'AWAITING_SIGNATURE', 'NOT_ACCEPTED', 'CANCELLED'] as const;
const OF_VAULT = ['ACCEPTED', 'SENDING', 'RETRY_WAIT', 'DONE'] as const;
let sequence = 0n;

const change = fc.oneof(
  fc.record({ state: fc.constantFrom(...LOCAL), place: fc.constant(undefined) }),
  fc.record({ state: fc.constantFrom(...OF_VAULT), place: fc.integer({ min: 1, max: 1_000 }) }),
);

test('a push stands where the vault’s newest change has it, or where it came to last before there is one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(change, { maxLength: 6, selector: ({ state, place }) => place ?? state }),
      async (changes) => {
        const from = (sequence += 1_000n);
        // Once the vault has told of it, the hand-over is no news, and is left out (tests/worker/push/order.test.ts).
        const news = changes.filter(
          ({ state }, at) =>
            state !== 'HANDED_OVER' || changes.slice(0, at).every(({ place }) => place === undefined),
        );
        const states = news.map(({ state, place }) => ({
          state,
          ...(place === undefined ? {} : { vaultSequence: from + BigInt(place), attempt: place }),
        }));
        const id = await records.push(addresseeNo, {}, states);
        const newest = changes
          .filter(({ place }) => place !== undefined)
          .toSorted((a, b) => Number(b.place) - Number(a.place))
          .at(0);
        const expected = newest ?? news.at(-1) ?? { state: 'WAITING', place: undefined };
        expect(await standingOf(db, id)).toMatchObject({
          state: expected.state,
          attempt: expected.place ?? null,
        });
      },
    ),
    { numRuns: 60 },
  );
});

test('a change of the vault’s journal is written once', async () => {
  const state = { state: 'ACCEPTED', vaultSequence: 1n } as const;
  await records.push(addresseeNo, {}, [state]);
  await expect(records.push(addresseeNo, {}, [state])).rejects.toMatchObject({
    facts: { constraint: 'push_state_sequence_once' },
  });
});
