import type { MercuriusContext } from 'mercurius';
import { findOwed, type CaseRow, type OwedRow } from '../shared/cases.js';
import { byKey, manyByKey, unique } from '../shared/group.js';
import {
  findAddressees,
  findAllocations,
  findLevyLines,
  findReceipts,
  findTaxItems,
  type AddresseeRow,
  type AllocationRow,
  type LevyLineRow,
} from '../shared/ledger.js';

interface Query<T, P = object> {
  readonly obj: T;
  readonly params: P;
}

/** Without the cache of each loader, whose keys cost more than they save: no key is asked for twice in a request. */
const uncached = <T, P>(
  loader: (queries: readonly Query<T, P>[], context: MercuriusContext) => Promise<unknown[]>,
) => ({ loader, opts: { cache: false } });

/** Fields asked for with other arguments are loads of their own. */
async function byParams<T, P extends object, R>(
  queries: readonly Query<T, P>[],
  load: (objects: readonly T[], params: P) => Promise<(object: T) => R>,
): Promise<R[]> {
  const groups = manyByKey(queries, ({ params }) => JSON.stringify(params));
  const answers = new Map<Query<T, P>, R>();
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const answerOf = await load(
        group.map(({ obj }) => obj),
        (group[0] as Query<T, P>).params,
      );
      for (const query of group) answers.set(query, answerOf(query.obj));
    }),
  );
  return queries.map((query) => answers.get(query) as R);
}

const owedByContext = new WeakMap<MercuriusContext, Promise<ReadonlyMap<string, OwedRow>>>();

/** Both sums of the people of one request come from one statement. */
function owed(queries: readonly Query<CaseRow>[], context: MercuriusContext) {
  const known = owedByContext.get(context);
  if (known) return known;
  const asked = findOwed(unique(queries.map(({ obj }) => obj.addresseeNo))).then((rows) =>
    byKey(rows, ({ addresseeNo }) => addresseeNo),
  );
  owedByContext.set(context, asked);
  return asked;
}

export const loaders = {
  Addressee: {
    levies: uncached(
      (queries: readonly Query<AddresseeRow, { readonly fiscalYear: number; readonly first: number }>[]) =>
        byParams(queries, async (people, { fiscalYear, first }) => {
          const nos = unique(people.map(({ addresseeNo }) => addresseeNo));
          const rows = manyByKey(
            await findLevyLines(nos, fiscalYear, first),
            ({ addresseeNo }) => addresseeNo,
          );
          return ({ addresseeNo }) => ({ nodes: rows.get(addresseeNo) ?? [] });
        }),
    ),
  },
  LevyLine: {
    taxItem: uncached(async (queries: readonly Query<LevyLineRow>[]) => {
      const items = byKey(
        await findTaxItems(unique(queries.map(({ obj }) => obj.taxItemCode))),
        ({ code }) => code,
      );
      return queries.map(({ obj }) => items.get(obj.taxItemCode));
    }),
    allocations: uncached((queries: readonly Query<LevyLineRow, { readonly first: number }>[]) =>
      byParams(queries, async (lines, { first }) => {
        const ids = unique(lines.map(({ id }) => id));
        const rows = manyByKey(await findAllocations(ids, first), ({ levyId }) => levyId);
        return ({ id }) => ({ nodes: rows.get(id) ?? [] });
      }),
    ),
  },
  Allocation: {
    receipt: uncached(async (queries: readonly Query<AllocationRow>[]) => {
      const ids = unique(queries.flatMap(({ obj }) => obj.receiptId ?? []));
      const receipts = byKey(await findReceipts(ids), ({ id }) => id);
      return queries.map(({ obj }) => (obj.receiptId === null ? null : receipts.get(obj.receiptId)));
    }),
  },
  DelinquencyCase: {
    addressee: uncached(async (queries: readonly Query<CaseRow>[]) => {
      const people = byKey(
        await findAddressees(unique(queries.map(({ obj }) => obj.addresseeNo))),
        ({ addresseeNo }) => addresseeNo,
      );
      return queries.map(({ obj }) => people.get(obj.addresseeNo));
    }),
    overdue: uncached(async (queries: readonly Query<CaseRow>[], context) => {
      const rows = await owed(queries, context);
      return queries.map(({ obj }) => rows.get(obj.addresseeNo)?.overdue ?? 0);
    }),
    outstanding: uncached(async (queries: readonly Query<CaseRow>[], context) => {
      const rows = await owed(queries, context);
      return queries.map(({ obj }) => rows.get(obj.addresseeNo)?.outstanding ?? 0);
    }),
  },
};
