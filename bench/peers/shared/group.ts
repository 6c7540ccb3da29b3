/** Rows by a key that names one. */
export function byKey<K, T>(rows: readonly T[], keyOf: (row: T) => K): ReadonlyMap<K, T> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** Rows by a key that names many, in their order. */
export function manyByKey<K, T>(rows: readonly T[], keyOf: (row: T) => K): ReadonlyMap<K, T[]> {
  return Map.groupBy(rows, keyOf);
}

export function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
