import { setImmediate as turn } from 'node:timers/promises';
import { ANALYSIS_HITS_MAX } from '../../kernel/limits.js';
import { distinct, type Hit, type Material } from './rule.js';
import { ANALYSIS_RULE_NAMES, ANALYSIS_RULES, type AnalysisRuleName } from './rules.js';
import type { Thresholds } from './thresholds.js';

/** A hit with the rule that found it. */
export interface RuleHit extends Hit {
  readonly rule: AnalysisRuleName;
}

/** What a rule came to. */
export interface RuleResult {
  readonly rule: AnalysisRuleName;
  readonly version: number;
  /** As they were used; a rule without any looks for each case. */
  readonly thresholds: Thresholds[keyof Thresholds] | null;
  readonly hits: number;
  /** At most ANALYSIS_HITS_MAX of them. */
  readonly kept: number;
}

/** What a run came to. */
export interface Analysis {
  readonly rules: readonly RuleResult[];
  readonly hits: readonly RuleHit[];
  /** Everybody who is named in a hit, kept or not. */
  readonly people: readonly string[];
}

/**
 * Applies every rule. Reads nothing; before each rule the other work of the process has its turn, for a quarter is
 * long.
 * @param unit whose hits are kept; those of every unit, and of nobody known, without one
 */
export async function analyse(
  material: Material,
  thresholds: Thresholds,
  unit: string | undefined,
): Promise<Analysis> {
  const all: { rule: AnalysisRuleName; found: readonly Hit[]; kept: readonly Hit[] }[] = [];
  for (const rule of ANALYSIS_RULE_NAMES) {
    await turn();
    const found = ANALYSIS_RULES[rule]
      .find(material, thresholds)
      .filter(({ units }) => unit === undefined || units.includes(unit));
    all.push({ rule, found, kept: fairlyKept(found) });
  }
  return {
    rules: all.map(({ rule, found, kept }) => ({
      rule,
      version: ANALYSIS_RULES[rule].version,
      thresholds: rule in thresholds ? thresholds[rule as keyof Thresholds] : null,
      hits: found.length,
      kept: kept.length,
    })),
    hits: all.flatMap(({ rule, kept }) => kept.map((hit) => ({ rule, ...hit }))),
    people: distinct(all.flatMap(({ found }) => found.flatMap(({ people }) => people))),
  };
}

/** By day. Of more than can be kept, everybody's first ones: nobody hides behind many, of others or of his own. */
function fairlyKept(hits: readonly Hit[]): readonly Hit[] {
  const seen = new Map<string, number>();
  const ranked = hits.toSorted(byDay).map((hit) => {
    const key = hit.people.join(' ');
    const rank = seen.get(key) ?? 0;
    seen.set(key, rank + 1);
    return { hit, rank };
  });
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, ANALYSIS_HITS_MAX)
    .map(({ hit }) => hit)
    .toSorted(byDay);
}

function byDay(a: Hit, b: Hit): number {
  return a.day === b.day ? 0 : a.day < b.day ? -1 : 1;
}
