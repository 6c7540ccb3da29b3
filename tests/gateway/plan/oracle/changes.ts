import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import type { Asker } from '../../../support/read.js';
import { decided, type Decision } from './rules.js';

/** A change that an asker may not make, with what he must be told. */
export interface RefusedChange {
  readonly name: string;
  readonly source: string;
  readonly decision: Extract<Decision, { decision: 'refuse' }>;
}

const SCALARS: Readonly<Record<string, string>> = {
  ID: '"1"',
  String: '"test-0001"',
  Int: '1',
  Boolean: 'true',
  Date: '"2026-11-01"',
  DateTime: '"2026-11-01T10:00:00+09:00"',
  Yen: '1',
  SequenceNo: '"1"',
};

/** Ways to ask for one change, with its payload's type. */
const FORMS = [
  (call: string) => `mutation { ${call} { userErrors { code } } }`,
  (call: string, payload: string) =>
    `mutation M { ...A } fragment A on Mutation { ... { ${call} { ...P ...P __typename } } }
     fragment P on ${payload} { x: userErrors { code } ... { userErrors { __proto__: field } } }`,
  (call: string) => `mutation ($is: Boolean = true) { ... @include(if: $is) { ${call} @skip(if: false) {
     __typename @skip(if: $is) userErrors { code } } } }`,
] as const;

/** Every change of the schema that its rule refuses to an asker, with a sound input and an alias. */
export function refusedChanges(schema: GraphQLSchema, asker: Asker): RefusedChange[] {
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
  return fields.flatMap((field, at) => {
    const spec = field.extensions.kuramori;
    if (spec?.kind !== 'mutation') throw new Error(`no rule: ${field.name}`);
    const decision = decided(spec.rule, asker);
    if (decision.decision !== 'refuse') return [];
    const args = field.args.map(({ name, type }) => `${name}: ${sound(type)}`).join(', ');
    const form = FORMS[at % FORMS.length] ?? FORMS[0];
    const source = form(`made: ${field.name}(${args})`, getNamedType(field.type).name);
    return [{ name: field.name, source, decision }];
  });
}

function sound(type: GraphQLInputType): string {
  const bare = getNullableType(type);
  // One value stands for a list of it.
  if (isListType(bare)) return isScalarType(getNullableType(bare.ofType)) ? sound(bare.ofType) : '[]';
  if (isEnumType(bare)) return bare.getValues()[0]?.name ?? '';
  if (isScalarType(bare)) return SCALARS[bare.name] ?? '""';
  if (!isInputObjectType(bare)) throw new Error('No such input.');
  const required = Object.values(bare.getFields()).filter((field) => isNonNullType(field.type));
  return `{${required.map((field) => `${field.name}: ${sound(field.type)}`).join(', ')}}`;
}
