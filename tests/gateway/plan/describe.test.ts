import { getOperationAST, Kind, parse, type OperationDefinitionNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { BUILT_IN_ROLES, type BuiltInRole } from '../../../src/access/roles.js';
import { describePlan } from '../../../src/gateway/plan/describe.js';
import { buildSchema } from '../../../src/gateway/schema/build.js';
import { RESOLVERS } from '../../../src/gateway/schema/resolvers.js';
import { smallSchema } from './small/plan.js';

function described(source: string, role: BuiltInRole, variables?: Record<string, unknown>): string {
  const document = parse(source);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (!operation) throw new Error('no operation');
  return describePlan(smallSchema, document, operation, BUILT_IN_ROLES[role], variables);
}

const SOURCE =
  'query($no: String!, $y: Int) { person(no: $no) { name phone email lines(year: $y) { nodes { id } } } }';

test('a plan is described by its statement and by every entry it will leave', () => {
  const text = described(SOURCE, 'collectionClerk');
  expect(text).toMatch(/^-- statement\nselect json_build_array\(/);
  // Arguments that the document mentions are taken to be present.
  expect(text).toContain('"levy_fiscal_year" = $');
  expect(text).toMatch(/\nQuery\.person +allow\n/);
  expect(text).toMatch(/\nLine\.id +allow\n/);
});

test('verdicts that close something name the function that is missing', () => {
  const text = described(SOURCE, 'branchClerk');
  expect(text).toMatch(/\nPerson\.phone +mask +function:addressee:contact\n/);
  expect(text).toMatch(/\nPerson\.email +refuse +function:addressee:contact\n/);
  expect(text).toContain('branch_code');
  expect(text).not.toContain('"phone"');
});

test('a role that may read nothing of it has no statement', () => {
  expect(described(SOURCE, 'auditor')).toContain('(none: nothing that was asked for is read)');
});

describe('variables', () => {
  const CONDITIONS = `query($no: String!, $a: Boolean!, $b: Boolean!) { person(no: $no) { no @skip(if: $a)
    name @include(if: $b) ...F @include(if: $b) } }
    fragment F on Person { lines(first: 1) @skip(if: $a) { nodes { id } } }`;
  const FILTER = 'query($f: PersonFilter) { people(filter: $f) { nodes { no } } }';

  test('that are not given leave nothing out', () => {
    const text = described(CONDITIONS, 'collectionClerk');
    for (const coordinate of ['Person.no', 'Person.name', 'Line.id'])
      expect(text).toContain(`\n${coordinate} `);
    expect(described('{ person(no: "1") { no name @skip(if: true) } }', 'auditor')).not.toContain(
      'Person.name',
    );
  });

  test('that are given decide as those of a request do', () => {
    const text = described(CONDITIONS, 'collectionClerk', { no: '1', a: true, b: true });
    expect(text).toContain('\nPerson.name ');
    expect(text).not.toContain('Person.no ');
    expect(text).not.toContain('Line.id');
  });

  test('of a filter decide which conditions the statement has, and are asked for', () => {
    expect(() => described(FILTER, 'branchClerk')).toThrow('The plan of people depends on what $f holds');
    expect(described(FILTER, 'branchClerk', { f: { name: 'a' } })).toContain('"name" =');
    expect(described(FILTER, 'branchClerk', { f: { phone: '1' } })).toMatch(
      /\nQuery\.people +refuse +function:addressee:contact\n/,
    );
  });
});

describe('a change', () => {
  const real = buildSchema(RESOLVERS);
  const change = (role: BuiltInRole, source: string) => {
    const document = parse(source);
    const operation = getOperationAST(document);
    if (!operation) throw new Error('no operation');
    return describePlan(real, document, operation, BUILT_IN_ROLES[role]);
  };
  const SOURCE = `mutation($i: RecordContactInput!) { ...F }
    fragment F on Mutation { a: recordContact(input: $i) { contact { id } userErrors { code } } }`;

  test('begins with its own verdict', () => {
    const text = change('delinquencyOfficer', SOURCE);
    expect(text).toMatch(/\nMutation\.recordContact +allow\n[^]*\nContactRecord\.id +allow\n/);
    expect(text).toContain('from "records"."contact_record"');
  });

  test('that the role may not make reads nothing', () => {
    const text = change('auditor', SOURCE);
    expect(text).toContain('(none: nothing that was asked for is read)');
    expect(text).toMatch(
      /verdicts, before any row is seen\nMutation\.recordContact +refuse +function:[\w:]+\n$/,
    );
  });

  test('is one', () => {
    expect(() => change('auditor', 'mutation { __typename }')).toThrow('exactly one change');
  });
});
