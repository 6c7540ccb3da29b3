import type { AuditEntry } from '../../audit/record.js';
import type { FieldShape, ObjectShape, WrapperShape } from './shape.js';

/** Whom an object shape showed. */
interface Seen {
  rows: number;
  readonly subjects: Set<string>;
  /** 支援措置 people shown to staff named for them. */
  readonly named: Set<string>;
  /** 支援措置 people masked. */
  readonly masked: Set<string>;
  maskedRows: number;
  /** All of them; entries share it, so that it is stored once. */
  everyone: Set<string> | undefined;
}

const NONE: Seen = {
  rows: 0,
  subjects: new Set(),
  named: new Set(),
  masked: new Set(),
  maskedRows: 0,
  everyone: undefined,
};

interface Tally {
  readonly coordinate: string;
  readonly decision: AuditEntry['decision'];
  readonly reason: string | undefined;
  rows: number;
  raised: boolean;
  subjects: Set<string>;
}

/** What one operation showed to its caller, gathered while the answer is built. */
export class Observation {
  readonly #seen = new Map<ObjectShape, Seen>();
  readonly #warned = new Set<string>();
  readonly #provided = new Map<string, { rows: number; subjects: Set<string>; raised: boolean }>();

  /** Notes what a provided field brought. */
  provide(coordinate: string, rows: number, subjects: readonly string[]): void {
    this.#provided.set(coordinate, { rows, subjects: new Set(subjects), raised: false });
  }

  /** Notes one object. @param protection 0, 1 (caller named), 2 (masked) */
  see(shape: ObjectShape, subject: string | undefined, protection: number): void {
    let seen = this.#seen.get(shape);
    if (!seen) {
      seen = {
        rows: 0,
        subjects: new Set(),
        named: new Set(),
        masked: new Set(),
        maskedRows: 0,
        everyone: undefined,
      };
      this.#seen.set(shape, seen);
    }
    seen.rows += 1;
    if (subject === undefined) return;
    if (protection === 2) {
      seen.maskedRows += 1;
      seen.masked.add(subject);
    } else seen.subjects.add(subject);
    if (protection === 1) seen.named.add(subject);
    if (protection > 0 && shape.warns) this.#warned.add(subject);
  }

  /** 支援措置 people met, for the warnings of the answer. */
  warnedSubjects(): string[] {
    return [...this.#warned];
  }

  /** One audit entry per coordinate and decision, for every field of the operation, met or not. */
  entries(root: ObjectShape): AuditEntry[] {
    const tallies = new Map<string, Tally>();
    this.#walk(root, tallies);
    const lists = new Map<Set<string>, readonly string[]>();
    return [...tallies.values()].map(({ reason, raised, subjects, ...tally }) => ({
      ...tally,
      subjects: listOf(subjects, lists),
      ...(reason === undefined ? {} : { reason }),
      ...(raised ? { raised } : {}),
    }));
  }

  #walk(shape: ObjectShape, tallies: Map<string, Tally>): void {
    const seen = this.#seen.get(shape) ?? NONE;
    for (const field of shape.fields) this.#field(field, seen, tallies);
  }

  #field(field: FieldShape, seen: Seen, tallies: Map<string, Tally>): void {
    switch (field.kind) {
      case 'typename':
        return;
      case 'mask':
        return add(tallies, field.coordinate, 'mask', `function:${field.missing}`, everyone(seen));
      case 'refused':
        return add(tallies, field.coordinate, 'refuse', `${field.reason}:${field.missing}`, everyone(seen));
      case 'leaf':
        return this.#leaf(field, seen, tallies);
      case 'given':
        add(tallies, field.coordinate, 'allow', undefined, everyone(seen));
        return this.#wrapper(field.wrapper, seen, tallies);
      case 'provided': {
        const share = this.#provided.get(field.coordinate) ?? everyone(NONE);
        add(tallies, field.coordinate, 'allow', undefined, share);
        return this.#provisions(field.wrapper, share, tallies);
      }
      case 'object':
      case 'list':
      case 'connection': {
        const below = this.#seen.get(field.shape) ?? NONE;
        add(tallies, field.coordinate, 'allow', undefined, both(seen, below));
        if (field.kind === 'connection') this.#wrapper(field.wrapper, below, tallies);
        return this.#walk(field.shape, tallies);
      }
    }
  }

  #leaf(field: Extract<FieldShape, { kind: 'leaf' }>, seen: Seen, tallies: Map<string, Tally>): void {
    if (!field.protectedMask || seen.masked.size === 0) {
      return add(tallies, field.coordinate, 'allow', undefined, everyone(seen));
    }
    const open = seen.rows - seen.maskedRows;
    if (open > 0)
      add(tallies, field.coordinate, 'allow', undefined, {
        ...everyone(seen),
        rows: open,
        subjects: seen.subjects,
      });
    add(tallies, field.coordinate, 'mask', 'protectedPerson', {
      rows: seen.maskedRows,
      subjects: seen.masked,
      raised: true,
    });
  }

  #provisions(wrapper: WrapperShape, share: Share, tallies: Map<string, Tally>): void {
    for (const field of wrapper.fields) {
      if (field.coordinate !== '') add(tallies, field.coordinate, 'allow', undefined, share);
      if (field.wrapper) this.#provisions(field.wrapper, share, tallies);
    }
  }

  #wrapper(wrapper: WrapperShape, seen: Seen, tallies: Map<string, Tally>): void {
    for (const field of wrapper.fields) {
      if (field.coordinate !== '') add(tallies, field.coordinate, 'allow', undefined, everyone(seen));
      if (field.wrapper) this.#wrapper(field.wrapper, seen, tallies);
      if (field.element) this.#walk(field.element, tallies);
    }
  }
}

function listOf(subjects: Set<string>, lists: Map<Set<string>, readonly string[]>): readonly string[] {
  const known = lists.get(subjects);
  if (known) return known;
  const list = [...subjects];
  lists.set(subjects, list);
  return list;
}

interface Share {
  readonly rows: number;
  readonly subjects: Set<string>;
  readonly raised: boolean;
}

/** All whom a shape showed, masked in part or not; a view of a protected person is always raised. */
function everyone(seen: Seen): Share {
  const raised = seen.masked.size > 0 || seen.named.size > 0;
  seen.everyone ??= seen.masked.size === 0 ? seen.subjects : seen.subjects.union(seen.masked);
  return { rows: seen.rows, subjects: seen.everyone, raised };
}

/** A relation speaks of the object it was asked on and of those it answered. */
function both(parent: Seen, below: Seen): Share {
  const child = everyone(below);
  if (parent.rows === 0 || parent.subjects.size + parent.masked.size === 0) return child;
  const own = everyone(parent);
  const subjects = child.subjects.isSubsetOf(own.subjects)
    ? own.subjects
    : own.subjects.union(child.subjects);
  return { rows: child.rows, subjects, raised: own.raised || child.raised };
}

function add(
  tallies: Map<string, Tally>,
  coordinate: string,
  decision: AuditEntry['decision'],
  reason: string | undefined,
  share: Share,
): void {
  const key = `${coordinate} ${decision} ${reason ?? ''}`;
  const known = tallies.get(key);
  if (!known) {
    tallies.set(key, {
      coordinate,
      decision,
      reason,
      rows: share.rows,
      raised: share.raised,
      subjects: share.subjects,
    });
    return;
  }
  known.rows += share.rows;
  known.raised ||= share.raised;
  if (share.subjects !== known.subjects) known.subjects = known.subjects.union(share.subjects);
}
