import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coordinatesOf, fromNames, namesOf } from '../../src/audit/coordinates.js';
import { AUDIT_COORDINATES_REMEMBERED_MAX } from '../../src/kernel/limits.js';

const entriesOf = (coordinates: readonly string[]) => coordinates.map((coordinate) => ({ coordinate }));
const name = fc.constantFrom('a', 'b', 'Addressee', 'Levy-line', '_x');
const anyCoordinates = fc.array(
  fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.')),
  { minLength: 1, maxLength: 12 },
);

describe('the coordinates of a record', () => {
  it.each([
    [['Addressee.name', 'Addressee.levies', 'LevyLine.id'], 'Addressee.name .levies LevyLine.id'],
    [['Query.a', 'Levy.a', 'Query.b'], 'Query.a Levy.a Query.b'],
    [['load', 'load', 'load.begin', 'load.end', 'end'], 'load load load.begin .end end'],
    [['a.b.c', 'a.b.d', 'a.b', 'a.c'], 'a.b.c .d a.b .c'],
  ])('%j are written as %s', (coordinates, names) => {
    expect(namesOf(coordinates)).toBe(names);
    expect(fromNames(names)).toEqual(coordinates);
  });

  it('are read back as they were, and known by one name each', () => {
    fc.assert(
      fc.property(anyCoordinates, (coordinates) => {
        const list = coordinatesOf(entriesOf(coordinates));
        expect(fromNames(list!.names)).toEqual(coordinates);
        expect(namesOf(fromNames(list!.names))).toBe(list!.names);
        expect(list!.shape.split('\n')).toEqual([...new Set(coordinates)].toSorted());
      }),
    );
  });

  it('are written out once for all operations of a plan', () => {
    const list = coordinatesOf(entriesOf(['Once.a', 'Once.b']));
    expect(coordinatesOf(entriesOf(['Once.a', 'Once.b']))).toBe(list);
    expect(coordinatesOf(entriesOf(['Once.a', 'Once.c']))).not.toBe(list);
    expect(coordinatesOf(entriesOf(['Once.a', 'Once.b']))).toBe(list);
  });

  it('are refused when one is malformed, before or after known ones', () => {
    for (const malformed of ['', 'a b', '.a', 'a.', 'a..b', 'a.b.c.d.e', '1a', 'a\n', 'a'.repeat(129)]) {
      expect(coordinatesOf(entriesOf([malformed]))).toBeUndefined();
      expect(coordinatesOf(entriesOf(['Once.a', malformed]))).toBeUndefined();
    }
  });

  it('are forgotten when there are too many, and then learnt again', () => {
    const kept = coordinatesOf(entriesOf(['Kept.a']));
    for (let turn = 0; turn <= AUDIT_COORDINATES_REMEMBERED_MAX / 2_000; turn++) {
      coordinatesOf(entriesOf(Array.from({ length: 1_000 }, (_, at) => `Flood${turn}.f${at}`)));
    }
    const again = coordinatesOf(entriesOf(['Kept.a']));
    expect(again).not.toBe(kept);
    expect(again).toEqual(kept);
  });
});
