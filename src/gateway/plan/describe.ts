import type { DocumentNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { getNamedType, Kind } from 'graphql';
import type { RoleDefinition } from '../../access/roles.js';
import { KuramoriError } from '../../kernel/errors.js';
import { compilePayload, compileQuery, type CompiledOperation, type Viewer } from './compile.js';
import { Observation } from './observation.js';
import { prepareOperation, type PreparedOperation, type RequestValues } from './prepare.js';

/** A plan for people to read: the statement, the verdicts that close something, the audit entries. */
export function describePlan(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  role: RoleDefinition,
): string {
  const prepared = prepareOperation(schema, document, operation);
  const purpose = role.purposes[0];
  if (purpose === undefined)
    throw new KuramoriError('BAD_INPUT', 'The role has no purpose and can ask nothing.');
  const viewer: Viewer = {
    functions: new Set(role.functions),
    steppedUp: new Set([purpose]),
    branchCode: role.scope === 'branch' ? 'branch' : undefined,
    purpose,
  };
  const plan = compile(prepared, everythingPresent(prepared), viewer);
  const entries = new Observation().entries(plan.shape);
  const width = Math.max(...entries.map(({ coordinate }) => coordinate.length), 10);
  return [
    '-- statement',
    plan.statement?.text ?? '(none: nothing that was asked for is read)',
    '',
    '-- audit entries and verdicts, before any row is seen',
    ...entries.map(
      ({ coordinate, decision, reason }) =>
        `${coordinate.padEnd(width)}  ${decision}${reason ? `  ${reason}` : ''}`,
    ),
    '',
  ].join('\n');
}

/** Which arguments will be present is not known yet: all that the document mentions are taken to be. */
function everythingPresent(prepared: PreparedOperation): RequestValues {
  const argumentsByField = prepared.definitions.map(({ node }) =>
    Object.fromEntries(
      (node.arguments ?? []).map(({ name, value }) => [
        name.value,
        present(value.kind === Kind.OBJECT ? value.fields : undefined),
      ]),
    ),
  );
  return { variables: {}, argumentsByField, signature: 'described' };
}

function present(fields: readonly { readonly name: { readonly value: string } }[] | undefined): unknown {
  return fields ? Object.fromEntries(fields.map(({ name }) => [name.value, true])) : true;
}

function compile(prepared: PreparedOperation, values: RequestValues, viewer: Viewer): CompiledOperation {
  if (prepared.operation.operation !== 'mutation') return compileQuery(prepared, values, viewer);
  const [root] = prepared.operation.selectionSet.selections;
  const field =
    root?.kind === Kind.FIELD ? prepared.schema.getMutationType()?.getFields()[root.name.value] : undefined;
  if (!field || root?.kind !== Kind.FIELD || !root.selectionSet)
    throw new KuramoriError('BAD_INPUT', 'A mutation must ask for exactly one change.');
  return compilePayload(
    getNamedType(field.type) as GraphQLObjectType,
    [root.selectionSet],
    prepared,
    values,
    viewer,
  );
}
