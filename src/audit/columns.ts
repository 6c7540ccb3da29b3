import type { AuditDecision, AuditEntry } from './record.js';

/** Bits of the column `decisions`: what a record has somewhere among its entries. */
export const DECISION_BITS = { mask: 1, refuse: 2, raised: 4, allow: 8 } as const satisfies Record<
  AuditDecision | 'raised',
  number
>;

/** What a record has somewhere among its entries. */
export function decisionBitsOf(entries: readonly AuditEntry[]): number {
  let bits = 0;
  for (const { decision, raised } of entries) {
    bits |= DECISION_BITS[decision] | (raised === true ? DECISION_BITS.raised : 0);
  }
  return bits;
}

/** The distinct subjects of a record, in order of first use. */
export function subjectsOf(entries: readonly AuditEntry[]): readonly string[] {
  let alone: readonly string[] | undefined;
  for (const { subjects } of entries) {
    if (subjects === alone || subjects.length === 0) continue;
    if (alone !== undefined) return distinctSubjects(entries);
    alone = subjects;
  }
  return alone === undefined ? [] : [...new Set(alone)];
}

function distinctSubjects(entries: readonly AuditEntry[]): string[] {
  const lists = new Set(entries.map((entry) => entry.subjects));
  return [...new Set([...lists].flat())];
}
