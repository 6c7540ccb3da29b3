import type { VaultRef } from '../number/vaultRef.js';
import type { Registered, RegisteredAs } from '../record/registerMany.js';
import type { LineRule, NumberLine, ParsedLines, RefusedLine } from './lines.js';

/** What a line came to. Of a refused one nothing is told but its place and the rule. */
export type LineOutcome =
  | {
      readonly lineNo: number;
      readonly outcome: 'registered' | 'known';
      readonly unifiedAddresseeNo: string;
      readonly ref: VaultRef;
    }
  | ({ readonly outcome: 'refused' } & RefusedLine);

/** 件数 */
export interface RegistrationCounts {
  readonly registered: number;
  readonly known: number;
  /** Lines by the rule that refused them. */
  readonly refused: Readonly<Partial<Record<LineRule, number>>>;
}

/** What a chunk came to, in the order of its lines. */
export interface ChunkOutcome {
  readonly lines: readonly LineOutcome[];
  readonly counts: RegistrationCounts;
}

const REFUSED_AS: Readonly<Partial<Record<RegisteredAs, LineRule>>> = {
  otherAddressee: 'OTHER_ADDRESSEE',
  superseded: 'SUPERSEDED',
  erasing: 'ERASING',
};

/** Brings together what was read and what was registered. @param registered in the order of `accepted` */
export function chunkOutcome(
  { accepted, refused }: ParsedLines,
  registered: readonly Registered[],
): ChunkOutcome {
  const lines = [
    ...accepted.map((line, at) => lineOutcome(line, registered[at] as Registered)),
    ...refused.map((line) => ({ outcome: 'refused', ...line }) as const),
  ].toSorted((a, b) => a.lineNo - b.lineNo);
  return { lines, counts: lines.reduce(counted, NOTHING_COUNTED) };
}

/** Before the first line. */
export const NOTHING_COUNTED: RegistrationCounts = { registered: 0, known: 0, refused: {} };

/** Counts of two parts together. */
export function sumOf(one: RegistrationCounts, other: RegistrationCounts): RegistrationCounts {
  const refused = { ...one.refused };
  for (const [rule, lines] of Object.entries(other.refused) as [LineRule, number][])
    refused[rule] = (refused[rule] ?? 0) + lines;
  return { registered: one.registered + other.registered, known: one.known + other.known, refused };
}

function lineOutcome({ lineNo, unifiedAddresseeNo }: NumberLine, { ref, as }: Registered): LineOutcome {
  const rule = REFUSED_AS[as];
  if (rule !== undefined) return { lineNo, outcome: 'refused', rule };
  return { lineNo, outcome: as === 'registered' ? 'registered' : 'known', unifiedAddresseeNo, ref };
}

function counted(counts: RegistrationCounts, line: LineOutcome): RegistrationCounts {
  const one = line.outcome === 'refused' ? { refused: { [line.rule]: 1 } } : { [line.outcome]: 1 };
  return sumOf(counts, { ...NOTHING_COUNTED, ...one });
}
