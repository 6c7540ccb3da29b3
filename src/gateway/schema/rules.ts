import {
  getNamedType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { Rule } from '../../access/rules.js';
import type { FieldSpec } from '../../access/schema/entity.js';
import { KuramoriError } from '../../kernel/errors.js';

/** One field of the schema with its rule. */
export interface RuledField {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly spec: FieldSpec;
}

/**
 * Every field with its rule.
 * @throws KuramoriError INTERNAL when a field has none: deny by default is decided here, not per request
 */
export function ruledFields(schema: GraphQLSchema): RuledField[] {
  const bare: string[] = [];
  const found: RuledField[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const spec = field.extensions.kuramori;
      if (spec) found.push({ type, field, spec });
      else bare.push(`${type.name}.${field.name}`);
    }
  }
  if (bare.length > 0)
    throw new KuramoriError('INTERNAL', `These fields have no access rule: ${bare.join(', ')}.`);
  return found;
}

/** Refuses a schema in which a rule could not be kept. Handbook 15 §7.1. */
export function checkRules(schema: GraphQLSchema): void {
  const fields = ruledFields(schema);
  const roads = roadsByType(fields);
  const faults = fields.flatMap((ruled) => faultsOf(ruled, roads));
  if (faults.length > 0)
    throw new KuramoriError('INTERNAL', `The access rules are not sound: ${faults.join('; ')}.`);
}

function faultsOf(
  { type, field, spec }: RuledField,
  roads: ReadonlyMap<string, ReadonlySet<Rule['needs']>>,
): string[] {
  const coordinate = `${type.name}.${field.name}`;
  if (spec.kind === 'structural' || spec.kind === 'given') return [];
  const faults: string[] = [];
  const { rule } = spec;
  const leaf = spec.kind === 'column' || spec.kind === 'computed';
  if (!leaf && (rule.masked || rule.protectedBy))
    faults.push(`${coordinate} masks a relation, which has no mask`);
  if (isNonNullType(field.type)) {
    const asked = roads.get(type.name) ?? new Set();
    if (rule.masked || rule.protectedBy) faults.push(`${coordinate} is masked and must be nullable`);
    else if (asked.size !== 1 || !asked.has(rule.needs)) {
      faults.push(
        `${coordinate} can be refused and must be nullable, or every road to ${type.name} must ask for ${rule.needs}`,
      );
    }
  }
  return faults;
}

/** Which functions the fields that answer a type ask for, through whatever wrapper. */
function roadsByType(fields: readonly RuledField[]): Map<string, Set<Rule['needs']>> {
  const roads = new Map<string, Set<Rule['needs']>>();
  for (const { field, spec } of fields) {
    if (!('of' in spec)) continue;
    const target = spec.kind === 'connection' ? elementName(field) : getNamedType(field.type).name;
    const asked = roads.get(target) ?? new Set();
    roads.set(target, asked.add(spec.rule.needs));
  }
  return roads;
}

function elementName(field: GraphQLField<unknown, unknown>): string {
  const connection = getNamedType(field.type);
  const nodes = isObjectType(connection) ? connection.getFields()['nodes'] : undefined;
  return nodes ? getNamedType(nodes.type).name : '';
}
