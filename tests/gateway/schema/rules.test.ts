import {
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  type GraphQLOutputType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { needs, OPEN, type Rule } from '../../../src/access/rules.js';
import type { FieldSpec } from '../../../src/access/schema/entity.js';
import { checkRules, ruledFields } from '../../../src/gateway/schema/rules.js';
import { addressees } from '../../../schema/records/index.js';

const READ = needs('addressee:read');
const LEDGER = needs('ledger:read');

const column = (rule: Rule): FieldSpec => ({ kind: 'column', rule, column: 'name', table: addressees });
const road = (rule: Rule, kind: 'one' | 'list' | 'connection' = 'one'): FieldSpec => ({
  kind,
  rule,
  of: () => Object,
  where: () => undefined,
  argumentRules: {},
});

type Fields = Record<string, readonly [GraphQLOutputType, FieldSpec | undefined]>;

function type(name: string, fields: Fields): GraphQLObjectType {
  return new GraphQLObjectType({
    name,
    fields: Object.fromEntries(
      Object.entries(fields).map(([field, [output, spec]]) => [
        field,
        { type: output, extensions: spec === undefined ? {} : { kuramori: spec } },
      ]),
    ),
  });
}

const required = new GraphQLNonNull(GraphQLString);
const schemaOf = (fields: Fields) => new GraphQLSchema({ query: type('Query', fields) });

describe('a schema is refused, by the coordinate at fault', () => {
  test('when a field has no rule, and every such field is named', () => {
    const person = type('Person', {
      name: [GraphQLString, column(READ)],
      secret: [GraphQLString, undefined],
    });
    const schema = schemaOf({ person: [person, road(READ)], other: [GraphQLString, undefined] });
    expect(() => ruledFields(schema)).toThrow(/no access rule: .*Person\.secret/);
    expect(() => checkRules(schema)).toThrow(/Query\.other/);
  });

  test('when a field that can be refused must not be null', () => {
    const person = type('Person', { name: [required, column(LEDGER)] });
    expect(() => checkRules(schemaOf({ person: [person, road(READ)] }))).toThrow(
      /Person\.name can be refused and must be nullable, or every road to Person must ask for ledger:read/,
    );
  });

  test('when one of the roads to a field that must not be null asks for another function', () => {
    const person = type('Person', { name: [required, column(READ)] });
    const fields: Fields = { a: [person, road(READ)], b: [new GraphQLList(person), road(LEDGER, 'list')] };
    expect(() => checkRules(schemaOf(fields))).toThrow(/Person\.name/);
  });

  test('when such a road leads through a page', () => {
    const person = type('Person', { name: [required, column(READ)] });
    const page = type('PersonConnection', { nodes: [new GraphQLList(person), { kind: 'structural' }] });
    expect(() => checkRules(schemaOf({ people: [page, road(LEDGER, 'connection')] }))).toThrow(
      /Person\.name/,
    );
    expect(() => checkRules(schemaOf({ people: [page, road(READ, 'connection')] }))).not.toThrow();
  });

  test.each([
    ['masked', READ.orMasked('ledger:read')],
    ['protected', READ.protected()],
  ])('when a field that must not be null is %s', (_, rule) => {
    const person = type('Person', { name: [required, column(rule)] });
    expect(() => checkRules(schemaOf({ person: [person, road(READ)] }))).toThrow(
      /Person\.name is masked and must be nullable/,
    );
  });

  test.each([
    ['one', READ.orMasked('ledger:read')],
    ['list', READ.protected()],
    ['connection', READ.protected('null')],
  ] as const)('when a relation (%s) is masked', (kind, rule) => {
    const person = type('Person', { name: [GraphQLString, column(READ)] });
    expect(() => checkRules(schemaOf({ person: [person, road(rule, kind)] }))).toThrow(
      /Query\.person masks a relation/,
    );
  });

  test('with all of its faults in one sentence', () => {
    const person = type('Person', {
      name: [required, column(LEDGER)],
      phone: [required, column(READ.protected())],
    });
    expect(() => checkRules(schemaOf({ person: [person, road(READ.protected())] }))).toThrow(
      /Query\.person masks.*; Person\.name can.*; Person\.phone is/,
    );
  });
});

test('a sound schema passes, with every field found', () => {
  const person = type('Person', {
    no: [required, column(READ)],
    phone: [GraphQLString, column(needs('addressee:contact').orMasked('addressee:read').protected())],
    me: [GraphQLString, column(OPEN)],
  });
  const schema = schemaOf({ person: [person, road(READ)] });
  expect(() => checkRules(schema)).not.toThrow();
  expect(ruledFields(schema).map(({ type: { name }, field }) => `${name}.${field.name}`)).toEqual([
    'Query.person',
    'Person.no',
    'Person.phone',
    'Person.me',
  ]);
});
