import { Kind, parse, type OperationDefinitionNode } from 'graphql';
import { expect, test } from 'vitest';
import { BUILT_IN_ROLES, type BuiltInRole } from '../../../src/access/roles.js';
import { describePlan } from '../../../src/gateway/plan/describe.js';
import { smallSchema } from './small/plan.js';

function described(source: string, role: BuiltInRole): string {
  const document = parse(source);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (!operation) throw new Error('no operation');
  return describePlan(smallSchema, document, operation, BUILT_IN_ROLES[role]);
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
