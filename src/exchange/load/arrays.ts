/**
 * Columns as the texts of PostgreSQL arrays. One text per column and batch costs a fraction of what the driver needs
 * for an array parameter of thousands of members.
 */

/** Numbers, days, digits and words of ours: nothing in them needs quotes. */
export function plainArray(values: readonly (string | number | bigint | boolean | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`;
}

/** Texts from outside, quoted. */
export function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
