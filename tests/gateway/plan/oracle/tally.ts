import type { AuditEntry } from '../../../../src/audit/record.js';

/** Somebody a row is about. */
export interface Concerned {
  readonly subject: string | undefined;
  /** 支援措置: 0, 1 for staff who are named, 2 for all others. */
  readonly protection: number;
}

/** What the log must say of a coordinate with one decision. */
export interface Counted {
  readonly coordinate: string;
  readonly decision: AuditEntry['decision'];
  readonly reason: string | undefined;
  rows: number;
  readonly subjects: Set<string>;
  raised: boolean;
}

/** Counts, while the oracle executes, what each coordinate gave and of whom. */
export class Tally {
  readonly #counted = new Map<string, Counted>();
  readonly #roads = new Set<string>();

  /**
   * @param road response keys from the root, without places in lists
   * @param rows how many rows it gave
   * @param concerned whom it spoke of
   */
  count(
    road: string,
    coordinate: string,
    { decision, reason }: { readonly decision: AuditEntry['decision']; readonly reason?: string },
    rows: number,
    concerned: readonly Concerned[],
  ): void {
    this.#roads.add(road);
    const key = `${coordinate} ${decision} ${reason ?? ''}`;
    const counted = this.#counted.get(key) ?? {
      coordinate,
      decision,
      reason,
      rows: 0,
      subjects: new Set<string>(),
      raised: false,
    };
    counted.rows += rows;
    for (const { subject, protection } of concerned) {
      if (subject === undefined) continue;
      counted.subjects.add(subject);
      counted.raised ||= protection > 0;
    }
    this.#counted.set(key, counted);
  }

  /** Whether anything was counted on a road. */
  has(road: string): boolean {
    return this.#roads.has(road);
  }

  /** Everything, by coordinate, decision and reason. */
  entries(): ReadonlyMap<string, Counted> {
    return this.#counted;
  }
}
