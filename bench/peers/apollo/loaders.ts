import DataLoader from 'dataloader';
import { findOwed, type OwedRow } from '../shared/cases.js';
import { byKey, manyByKey } from '../shared/group.js';
import {
  findAddressees,
  findAllocations,
  findLevyLines,
  findReceipts,
  findTaxItems,
  type AddresseeRow,
  type AllocationRow,
  type LevyLineRow,
  type ReceiptRow,
  type TaxItemRow,
} from '../shared/ledger.js';

/** One loader for each argument list of a field. */
class LoadersByArguments<K, V> {
  readonly #loaders = new Map<string, DataLoader<K, V>>();
  readonly #make: (...numbers: readonly number[]) => DataLoader<K, V>;

  constructor(make: (...numbers: readonly number[]) => DataLoader<K, V>) {
    this.#make = make;
  }

  of(...numbers: readonly number[]): DataLoader<K, V> {
    const name = numbers.join(' ');
    const loader = this.#loaders.get(name) ?? this.#make(...numbers);
    this.#loaders.set(name, loader);
    return loader;
  }
}

/** New for each request, as the documentation of DataLoader asks. */
export class Loaders {
  readonly addressee = new DataLoader<string, AddresseeRow | undefined>(async (nos) => {
    const rows = byKey(await findAddressees(nos), ({ addresseeNo }) => addresseeNo);
    return nos.map((no) => rows.get(no));
  });

  readonly owed = new DataLoader<string, OwedRow | undefined>(async (nos) => {
    const rows = byKey(await findOwed(nos), ({ addresseeNo }) => addresseeNo);
    return nos.map((no) => rows.get(no));
  });

  readonly levies = new LoadersByArguments<string, LevyLineRow[]>(
    (fiscalYear = 0, first = 0) =>
      new DataLoader(async (nos) => {
        const rows = manyByKey(await findLevyLines(nos, fiscalYear, first), ({ addresseeNo }) => addresseeNo);
        return nos.map((no) => rows.get(no) ?? []);
      }),
  );

  readonly taxItem = new DataLoader<string, TaxItemRow | undefined>(async (codes) => {
    const rows = byKey(await findTaxItems(codes), ({ code }) => code);
    return codes.map((code) => rows.get(code));
  });

  readonly allocations = new LoadersByArguments<string, AllocationRow[]>(
    (first = 0) =>
      new DataLoader(async (levyIds) => {
        const rows = manyByKey(await findAllocations(levyIds, first), ({ levyId }) => levyId);
        return levyIds.map((id) => rows.get(id) ?? []);
      }),
  );

  readonly receipt = new DataLoader<string, ReceiptRow | undefined>(async (ids) => {
    const rows = byKey(await findReceipts(ids), ({ id }) => id);
    return ids.map((id) => rows.get(id));
  });
}

export interface Context {
  readonly loaders: Loaders;
}
