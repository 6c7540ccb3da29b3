import { STEP_UP_FUNCTIONS, type FunctionName } from '../../../../src/access/functions.js';
import type { Rule } from '../../../../src/access/rules.js';
import type { Asker } from '../../../support/read.js';

/** What a rule means for an asker, read from handbook 15 §7.1 a second time. */
export type Decision =
  | { readonly decision: 'allow' }
  | { readonly decision: 'mask'; readonly value: string | null; readonly reason: string }
  | {
      readonly decision: 'refuse';
      readonly code: 'STEP_UP_REQUIRED' | 'FORBIDDEN_FIELD';
      readonly missing: string;
      readonly reason: string;
    };

/** The masks, written out: what people see must not change unseen. */
export const MASK_VALUES = { text: '＊＊＊', null: null } as const;

/** Decides one field for one asker, without any row. */
export function decided(rule: Rule, { caller, facts }: Asker): Decision {
  const asked = rule.needs;
  if (asked === 'signedIn') return { decision: 'allow' };
  if (caller.functions.has(asked)) {
    const isFresh = !STEP_UP_FUNCTIONS.has(asked) || caller.steppedUp.has(facts.purpose);
    return isFresh ? { decision: 'allow' } : refused('STEP_UP_REQUIRED', 'stepUp', asked);
  }
  if (rule.masked !== undefined && caller.functions.has(rule.masked.by))
    return { decision: 'mask', value: MASK_VALUES[rule.masked.as], reason: `function:${asked}` };
  return refused('FORBIDDEN_FIELD', 'function', asked);
}

/** The function that an argument asks for and the asker lacks: the first in the order of the schema. */
export function refusedByArguments(
  rules: Readonly<Record<string, FunctionName>>,
  args: Readonly<Record<string, unknown>>,
  { caller }: Asker,
): Decision | undefined {
  for (const path of givenPaths(args, '')) {
    const asked = rules[path];
    if (asked !== undefined && !caller.functions.has(asked))
      return refused('FORBIDDEN_FIELD', 'function', asked);
  }
  return undefined;
}

function refused(code: 'STEP_UP_REQUIRED' | 'FORBIDDEN_FIELD', why: string, missing: string): Decision {
  return { decision: 'refuse', code, missing, reason: `${why}:${missing}` };
}

function givenPaths(value: unknown, path: string): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object' || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, member]) =>
    givenPaths(member, path === '' ? name : `${path}.${name}`),
  );
}
