import { describe, expect, it } from 'vitest';
import { partsOf } from '../../src/audit/bodies.sql.js';
import { AUDIT_BODIES_READ_BYTES_MAX } from '../../src/kernel/limits.js';

const numbers = (places: Parameters<typeof partsOf>[0]) =>
  partsOf(places).map((part) => part.map(({ record_no }) => record_no));
const place = (no: bigint, block: bigint | null, bytes: number | null) => ({ record_no: no, block, bytes });

describe('bodies read together', () => {
  it('are of batches that are not too large together, each counted once', () => {
    const half = AUDIT_BODIES_READ_BYTES_MAX / 2;
    const places = [
      place(9n, 8n, half),
      place(8n, 8n, half),
      place(7n, 6n, half),
      place(6n, 6n, half),
      place(5n, 5n, 1),
    ];
    expect(numbers(places)).toEqual([[9n, 8n, 7n, 6n], [5n]]);
  });

  it('are those of one batch alone, however large it is', () => {
    const large = AUDIT_BODIES_READ_BYTES_MAX + 1;
    expect(numbers([place(1n, 1n, large), place(2n, 1n, large), place(3n, 3n, large)])).toEqual([
      [1n, 2n],
      [3n],
    ]);
  });

  it('may be from before there were batches, or none', () => {
    expect(numbers([place(1n, null, null), place(2n, null, null)])).toEqual([[1n, 2n]]);
    expect(numbers([])).toEqual([]);
  });
});
