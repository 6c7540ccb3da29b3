import type { GraphQLSchema } from 'graphql';
import { BUILT_IN_ROLES } from '../../access/roles.js';
import { decide, type Rule } from '../../access/rules.js';
import type { FunctionName } from '../../access/functions.js';
import type { PurposeName } from '../../access/purposes.js';
import { ruledFields, type RuledField } from './rules.js';

/** Purposes a step-up was made for; none, as in an ordinary session. */
const NOT_STEPPED_UP: ReadonlySet<never> = new Set();

/**
 * Every field × every built-in role, as CSV: `allow`, `mask`, `refuse`, `stepUp`; a trailing `*` where 支援措置 people
 * are masked except to the staff named for them.
 */
export function accessMatrix(schema: GraphQLSchema): string {
  const roles = Object.entries(BUILT_IN_ROLES);
  const header = ['coordinate', 'function', ...roles.map(([name]) => name)].join(',');
  const lines = ruledFields(schema)
    .map((ruled) =>
      [
        coordinateOf(ruled),
        functionOf(ruled),
        ...roles.map(([, role]) => cell(ruled, role.functions, role.purposes[0])),
      ].join(','),
    )
    .toSorted();
  return `${[header, ...lines].join('\n')}\n`;
}

function coordinateOf({ type, field }: RuledField): string {
  return `${type.name}.${field.name}`;
}

function ruleOf({ spec }: RuledField): Rule | undefined {
  return spec.kind === 'structural' || spec.kind === 'given' ? undefined : spec.rule;
}

function functionOf(ruled: RuledField): string {
  return ruleOf(ruled)?.needs ?? '(where asked for)';
}

function cell(ruled: RuledField, functions: readonly FunctionName[], purpose: PurposeName): string {
  const rule = ruleOf(ruled);
  if (!rule) return 'inherit';
  const verdict = decide(rule, { functions: new Set(functions), steppedUp: NOT_STEPPED_UP }, purpose);
  if (verdict.decision === 'refuse') return verdict.reason === 'stepUp' ? 'stepUp' : 'refuse';
  return `${verdict.decision}${rule.protectedBy ? '*' : ''}`;
}
