import {
  getNamedType,
  isInputObjectType,
  Kind,
  visit,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { RoleDefinition } from '../../access/roles.js';
import { decide } from '../../access/rules.js';
import type { AuditEntry } from '../../audit/record.js';
import { KuramoriError } from '../../kernel/errors.js';
import { collectFields } from './collect.js';
import { compilePayload, compileQuery, type CompiledOperation, type Viewer } from './compile.js';
import { Observation } from './observation.js';
import { prepareOperation, requestValues, type PreparedOperation, type RequestValues } from './prepare.js';

/** What a request would come to: its statement, if anything is read, and the entries it would leave. */
interface Described {
  readonly statement: string | undefined;
  readonly entries: readonly Pick<AuditEntry, 'coordinate' | 'decision' | 'reason'>[];
}

/**
 * A plan for people to read: the statement, the verdicts that close something, the audit entries.
 * @param variables of one request; without them all that the document mentions is taken to be asked for and given
 * @throws KuramoriError BAD_INPUT where the variables do not fit, or the plan depends on what is in them
 */
export function describePlan(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  role: RoleDefinition,
  variables?: Readonly<Record<string, unknown>>,
): string {
  const asked = <Node extends ASTNode>(node: Node) => (variables ? node : withoutConditions(node));
  const prepared = prepareOperation(schema, asked(document), asked(operation));
  const purpose = role.purposes[0];
  if (purpose === undefined)
    throw new KuramoriError('BAD_INPUT', 'The role has no purpose and can ask nothing.');
  const viewer: Viewer = {
    functions: new Set(role.functions),
    steppedUp: new Set([purpose]),
    branchCode: role.scope === 'branch' ? 'branch' : undefined,
    purpose,
  };
  const values = variables ? requestValues(prepared, variables) : everythingPresent(prepared);
  const describe = operation.operation === 'mutation' ? describeChange : describeQuery;
  const { statement, entries } = describe(prepared, values, viewer);
  const width = Math.max(...entries.map(({ coordinate }) => coordinate.length), 10);
  return [
    '-- statement',
    statement ?? '(none: nothing that was asked for is read)',
    '',
    '-- audit entries and verdicts, before any row is seen',
    ...entries.map(
      ({ coordinate, decision, reason }) =>
        `${coordinate.padEnd(width)}  ${decision}${reason ? `  ${reason}` : ''}`,
    ),
    '',
  ].join('\n');
}

/** What hangs on a variable is taken to be asked for. */
function withoutConditions<Node extends ASTNode>(node: Node): Node {
  return visit<Node>(node, {
    Directive: ({ arguments: given = [] }) =>
      given.some(({ value }) => value.kind === Kind.VARIABLE) ? null : undefined,
  });
}

/** Which arguments will be present is not known yet: all that the document mentions are taken to be. */
function everythingPresent(prepared: PreparedOperation): RequestValues {
  const changes = Object.values(prepared.schema.getMutationType()?.getFields() ?? {});
  const argumentsByField = prepared.definitions.map(({ node, field }) => {
    if (!changes.includes(field)) assertFieldsKnown(field, node);
    return Object.fromEntries(
      (node.arguments ?? []).map(({ name, value }) => [
        name.value,
        present(value.kind === Kind.OBJECT ? value.fields : undefined),
      ]),
    );
  });
  return { variables: {}, argumentsByField, signature: 'described' };
}

/** The statement has a condition for each field of a filter that is given; the function of one may be lacking. */
function assertFieldsKnown(field: GraphQLField<unknown, unknown>, node: FieldNode): void {
  for (const { name, value } of node.arguments ?? []) {
    const type = field.args.find((arg) => arg.name === name.value)?.type;
    if (value.kind !== Kind.VARIABLE || !type || !isInputObjectType(getNamedType(type))) continue;
    throw new KuramoriError(
      'BAD_INPUT',
      `The plan of ${field.name} depends on what $${value.name.value} holds. Give it with --variables.`,
    );
  }
}

function present(fields: readonly { readonly name: { readonly value: string } }[] | undefined): unknown {
  return fields ? Object.fromEntries(fields.map(({ name }) => [name.value, true])) : true;
}

function describeQuery(prepared: PreparedOperation, values: RequestValues, viewer: Viewer): Described {
  return read(compileQuery(prepared, values, viewer));
}

function read({ statement, shape }: CompiledOperation): Described {
  return { statement: statement?.text, entries: new Observation().entries(shape) };
}

/** A change has a rule of its own: who may not make it reads nothing of what it answers. */
function describeChange(prepared: PreparedOperation, values: RequestValues, viewer: Viewer): Described {
  const [first, ...more] = collectFields(prepared, values, [prepared.operation.selectionSet]);
  const node = first?.[1][0];
  const field = prepared.schema.getMutationType()?.getFields()[node?.name.value ?? ''];
  const spec = field?.extensions.kuramori;
  if (!field || !node?.selectionSet || spec?.kind !== 'mutation' || more.length > 0)
    throw new KuramoriError('BAD_INPUT', 'A mutation must ask for exactly one change.');
  const coordinate = `Mutation.${node.name.value}`;
  const verdict = decide(spec.rule, viewer, viewer.purpose);
  if (verdict.decision !== 'allow') {
    const reason = verdict.decision === 'refuse' ? verdict.reason : 'function';
    const entry = { coordinate, decision: 'refuse' as const, reason: `${reason}:${verdict.missing}` };
    return { statement: undefined, entries: [entry] };
  }
  const type = getNamedType(field.type) as GraphQLObjectType;
  const { statement, entries } = read(compilePayload(type, [node.selectionSet], prepared, values, viewer));
  return { statement, entries: [{ coordinate, decision: 'allow' }, ...entries] };
}
