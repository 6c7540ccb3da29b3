import { AUDIT_COORDINATES_REMEMBERED_MAX } from '../kernel/limits.js';

const COORDINATE = /^[A-Za-z_][\w-]{0,127}(\.[A-Za-z_][\w-]{0,127}){0,3}$/;

/** The coordinates of a record's entries, in the two forms in which they are stored. */
export interface CoordinateList {
  /** All of them in their order, as a body writes them; see `namesOf`. */
  readonly names: string;
  /** The distinct ones, sorted, joined by newline. */
  readonly shape: string;
}

/** One coordinate after certain others; operations of one plan go the same path through these again and again. */
class Step {
  readonly #next = new Map<string, Step>();
  /** The step taken last from here, and mostly the next time as well. */
  #lastCoordinate: string | undefined;
  #lastStep: Step | undefined;
  list: CoordinateList | undefined;

  /** @returns undefined when the coordinate is new here */
  known(coordinate: string): Step | undefined {
    if (coordinate === this.#lastCoordinate) return this.#lastStep;
    const step = this.#next.get(coordinate);
    if (step === undefined) return undefined;
    this.#lastCoordinate = coordinate;
    this.#lastStep = step;
    return step;
  }

  add(coordinate: string): Step {
    const step = new Step();
    this.#next.set(coordinate, step);
    return step;
  }
}

let first = new Step();
let remembered = 0;

/**
 * The coordinates of entries, checked and written out; remembered, because most lists come again.
 * @returns undefined when one is malformed
 */
export function coordinatesOf(
  entries: readonly { readonly coordinate: string }[],
): CoordinateList | undefined {
  let step = first;
  for (const { coordinate } of entries) {
    let next = step.known(coordinate);
    if (next === undefined) {
      if (!COORDINATE.test(coordinate)) return undefined;
      makeRoom(1);
      next = step.add(coordinate);
    }
    step = next;
  }
  if (step.list === undefined) {
    makeRoom(entries.length);
    step.list = listOf(entries.map(({ coordinate }) => coordinate));
  }
  return step.list;
}

/** The bound is for those who send ever new documents: what was remembered is then forgotten as a whole. */
function makeRoom(coordinates: number): void {
  if (remembered + coordinates > AUDIT_COORDINATES_REMEMBERED_MAX) {
    first = new Step();
    remembered = 0;
  }
  remembered += coordinates;
}

function listOf(coordinates: readonly string[]): CoordinateList {
  return { names: namesOf(coordinates), shape: [...new Set(coordinates)].toSorted().join('\n') };
}

/**
 * Coordinates separated by spaces; one whose part before its last dot is that of the coordinate before it stands from
 * that dot on.
 * @example
 * namesOf(['Addressee.name', 'Addressee.levies', 'LevyLine.id']) // 'Addressee.name .levies LevyLine.id'
 */
export function namesOf(coordinates: readonly string[]): string {
  let before: string | undefined;
  return coordinates
    .map((coordinate) => {
      const dot = coordinate.lastIndexOf('.');
      const type = dot === -1 ? undefined : coordinate.slice(0, dot);
      const name = type !== undefined && type === before ? coordinate.slice(dot) : coordinate;
      before = type;
      return name;
    })
    .join(' ');
}

/** Reads back what `namesOf` wrote. */
export function fromNames(names: string): string[] {
  let before = '';
  return names.split(' ').map((name) => {
    if (name.startsWith('.')) return `${before}${name}`;
    before = name.slice(0, Math.max(name.lastIndexOf('.'), 0));
    return name;
  });
}
