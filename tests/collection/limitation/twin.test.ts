import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  extinctionOf,
  limitationOf,
  LIMITATION_YEARS,
  type LimitationEvent,
} from '../../../src/collection/limitation/limitation.js';
import { readLimitations } from '../../../src/collection/limitation/limitation.store.js';
import { buildDemonstration } from '../../../src/demonstration/build.js';
import { plainDate, type IsoDate } from '../../../src/kernel/dates.js';
import { testDatabase } from '../../support/database.js';

/** `records.limitation_extinction` and the rule in our own words say the same day. */
const db = await testDatabase();
const DUE = '2020-06-30';

const day = fc.integer({ min: -30, max: 4_500 }).map((days) => plainDate(DUE).add({ days }).toString());
const kind = fc.constantFrom('REMINDER', 'SEIZURE', 'ACKNOWLEDGEMENT', 'DEMAND', 'CANCELLED' as const);
const event = fc
  .record({
    kind,
    from: day,
    lasts: fc.integer({ min: 0, max: 900 }),
    isOpen: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ kind: of, from, lasts, isOpen }): LimitationEvent => {
    const isLong = of === 'SEIZURE' || of === 'CANCELLED';
    const on = isLong ? plainDate(from).add({ days: lasts }).toString() : from;
    return { kind: of, from, on: of === 'SEIZURE' && isOpen === 0 ? null : on };
  });

async function lapse(dueOn: IsoDate, years: number, events: readonly LimitationEvent[]) {
  const inOrder = events.toSorted((a, b) => (a.from! < b.from! ? -1 : a.from! > b.from! ? 1 : 0));
  const [row] = await db.gateway.run(
    'test.lapse',
    ({ raw }) => raw<[{ day: IsoDate | null }]>`
    select records.limitation_lapse(${dueOn}::date, ${years}::integer, ${inOrder.map((each) => each.kind)}::text[],
      ${inOrder.map(({ from }) => from!)}::text[]::date[],
      array(select nullif(each, '')::date from unnest(${inOrder.map(({ on }) => on ?? '')}::text[])
        with ordinality as given (each, n) order by n)) as day`,
  );
  return row?.day ?? null;
}

describe('the day on which limitation extinguishes', () => {
  it.each([DUE, '2020-02-29', '2024-02-28', '2023-08-31'])(
    'is the same for any events of a line due %s',
    (due) =>
      fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...Object.values(LIMITATION_YEARS)),
          fc.array(event, { maxLength: 8 }),
          async (years, events) => {
            expect(await lapse(due, years, events)).toBe(extinctionOf(limitationOf(due, years, events)));
          },
        ),
        { numRuns: 150 },
      ),
  );
});

describe('the same day as the records stand', () => {
  let rows: readonly { readonly id: bigint; readonly day: IsoDate | null }[];

  beforeAll(async () => {
    await buildDemonstration(db.owner, { people: 1_000, seed: 11, referenceDate: plainDate('2026-11-01') });
    rows = await db.gateway.run(
      'test.extinctions',
      ({ raw }) => raw<{ id: bigint; day: IsoDate | null }[]>`
      select id, records.limitation_extinction(id) as day from records.levy_line order by id`,
    );
  });

  it('for every line of a demonstration', async () => {
    const limitations = await readLimitations(
      db.gateway,
      rows.map(({ id }) => id),
    );
    expect(rows.length).toBeGreaterThan(5_000);
    const others = rows.filter(({ id, day: told }) => told !== extinctionOf(limitations.get(id)!));
    expect(others).toEqual([]);
    expect(rows.filter(({ day: told }) => told === null).length).toBeGreaterThan(0);
  });

  it.each(['2024-02-29', '2026-11-01', '2028-03-01', '2033-12-31'])(
    'tells on %s what is extinguished',
    async (today) => {
      const told = await db.gateway.run(
        'test.complete',
        ({ raw }) => raw<{ id: bigint }[]>`
      select id from records.levy_line where records.limitation_complete(id, ${today}::text::date) order by id`,
      );
      const are = rows.filter(({ day: extinguished }) => extinguished !== null && extinguished <= today);
      expect(told.map(({ id }) => id)).toEqual(are.map(({ id }) => id));
    },
  );
});
