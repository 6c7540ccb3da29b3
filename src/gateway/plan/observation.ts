import type { Provided } from '../../access/schema/entity.js';
import type { AuditEntry } from '../../audit/record.js';
import { plannedEntriesOf, type Source } from './plannedEntries.js';
import type { ObjectShape, ProvidedShape } from './shape.js';

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

/** What one operation showed to its caller, gathered while the answer is built. */
export class Observation {
  readonly #seen = new Map<ObjectShape, Seen>();
  readonly #warned = new Set<string>();
  readonly #provided = new Map<ProvidedShape, Share>();
  /** What was handed out, an entry each: two fields of one name may have brought two things. */
  readonly #handedOut: AuditEntry[] = [];

  /** Notes what a provided field brought. */
  provide(field: ProvidedShape, { rows, subjects, reason }: Omit<Provided, 'value'>): void {
    this.#provided.set(field, { rows, subjects: new Set(subjects), raised: false });
    if (reason === undefined) return;
    this.#handedOut.push({ coordinate: field.coordinate, decision: 'allow', reason, rows, subjects });
  }

  /** Notes one object. @param protection 0, 1 (caller named), 2 (masked) */
  see(shape: ObjectShape, subject: string | undefined, protection: number): void {
    const seen = this.#of(shape);
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
    const lists = new Map<Set<string>, readonly string[]>();
    const entries: AuditEntry[] = [];
    for (const { coordinate, decision, reason, sources } of plannedEntriesOf(root)) {
      const share = this.#sum(sources);
      if (share === undefined) continue;
      entries.push({
        coordinate,
        decision,
        rows: share.rows,
        subjects: listOf(share.subjects, lists),
        ...(reason === undefined ? {} : { reason }),
        ...(share.raised ? { raised: true } : {}),
      });
    }
    return [...entries, ...this.#handedOut];
  }

  #of(shape: ObjectShape): Seen {
    const known = this.#seen.get(shape);
    if (known) return known;
    const seen: Seen = {
      rows: 0,
      subjects: new Set(),
      named: new Set(),
      masked: new Set(),
      maskedRows: 0,
      everyone: undefined,
    };
    this.#seen.set(shape, seen);
    return seen;
  }

  /** @returns undefined when no place of the coordinate had such a decision */
  #sum(sources: readonly Source[]): Share | undefined {
    let sum: Share | undefined;
    for (const source of sources) {
      const share = this.#share(source);
      if (share) sum = sum ? added(sum, share) : share;
    }
    return sum;
  }

  #share(source: Source): Share | undefined {
    switch (source.of) {
      case 'object':
        return everyone(this.#seen.get(source.shape) ?? NONE);
      case 'relation':
        return both(this.#seen.get(source.parent) ?? NONE, this.#seen.get(source.shape) ?? NONE);
      case 'provided':
        return this.#provided.get(source.field) ?? everyone(NONE);
      case 'open':
        return open(this.#seen.get(source.shape) ?? NONE);
      case 'masked':
        return masked(this.#seen.get(source.shape) ?? NONE);
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

/** A protected field where it was shown; one that met masked people alone was shown to nobody. */
function open(seen: Seen): Share | undefined {
  if (seen.masked.size === 0) return everyone(seen);
  const rows = seen.rows - seen.maskedRows;
  return rows > 0 ? { rows, subjects: seen.subjects, raised: seen.named.size > 0 } : undefined;
}

function masked(seen: Seen): Share | undefined {
  return seen.masked.size === 0 ? undefined : { rows: seen.maskedRows, subjects: seen.masked, raised: true };
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

function added(sum: Share, share: Share): Share {
  return {
    rows: sum.rows + share.rows,
    raised: sum.raised || share.raised,
    subjects: share.subjects === sum.subjects ? sum.subjects : sum.subjects.union(share.subjects),
  };
}
