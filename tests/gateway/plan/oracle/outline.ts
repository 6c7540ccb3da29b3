import {
  getArgumentValues,
  getNamedType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import { entityOf, type EntitySpec, type FieldSpec } from '../../../../src/access/schema/entity.js';
import { isKuramoriError } from '../../../../src/kernel/errors.js';
import type { Asker } from '../../../support/read.js';
import { keyInCursor } from './cursors.js';
import { aliased, condition, looksAtProtection, type Asking } from './rows.js';
import { decided, refusedByArguments, type Decision } from './rules.js';

/** A field that the operation asks for, whether an object for it is met or not. */
export interface Step {
  /** Response keys from the root, without places in lists. */
  readonly road: string;
  readonly coordinate: string;
  readonly spec: FieldSpec;
  readonly decision: Decision;
  /** For relations: whether 支援措置 of their rows is looked at. */
  readonly looks: boolean;
}

interface Scope {
  readonly schema: GraphQLSchema;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly variables: Record<string, unknown>;
  readonly asker: Asker;
  readonly asking: Asking;
}

/** An argument is not of the form that its field or its condition takes: the operation is refused whole. */
export class ArgumentFault extends Error {}

/**
 * Every field of an operation that is reached unless a field above is closed.
 * @throws ArgumentFault
 */
export function outlineOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
  asker: Asker,
  asking: Asking,
): Step[] {
  const fragments = Object.create(null) as Record<string, FragmentDefinitionNode>;
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  const root = schema.getQueryType();
  if (!root) throw new Error('The schema has no queries.');
  const scope = { schema, fragments, variables, asker, asking };
  const fields = conditioned(() => collectFields(schema, fragments, variables, root, operation.selectionSet));
  return stepsOf(scope, root, fields, '');
}

type Collected = ReadonlyMap<string, readonly FieldNode[]>;

function stepsOf(scope: Scope, type: GraphQLObjectType, fields: Collected, above: string): Step[] {
  return [...fields].flatMap(([key, nodes]) => {
    const [node] = nodes;
    const field = node && type.getFields()[node.name.value];
    if (!field) return [];
    const spec = field.extensions.kuramori;
    if (!spec) throw new Error(`no rule: ${type.name}.${field.name}`);
    const road = above === '' ? key : `${above}/${key}`;
    const coordinate = `${type.name}.${field.name}`;
    const args = argumentsOf(field, node, scope.variables);
    const decision = decisionOf(spec, args, scope.asker);
    if (!everyText(args, isStorable)) throw new ArgumentFault(`${coordinate}: text`);
    if (decision.decision === 'allow') assertArguments(scope, type, field, spec, args);
    const named = getNamedType(field.type);
    const isOpen = decision.decision === 'allow' && isObjectType(named);
    const below = isOpen
      ? conditioned(() => collectSubfields(scope.schema, scope.fragments, scope.variables, named, nodes))
      : new Map<string, readonly FieldNode[]>();
    const steps = isObjectType(named) ? stepsOf(scope, named, below, road) : [];
    const looks = type === scope.schema.getQueryType() || looksBelow(scope, spec, steps);
    return [{ road, coordinate, spec, decision, looks }, ...steps];
  });
}

/** A condition may be a variable that is null. */
function conditioned(collect: () => Collected): Collected {
  try {
    return collect();
  } catch {
    throw new ArgumentFault('condition of a selection');
  }
}

/** The decision on a field with its arguments; wrappers were decided where they were asked for. */
export function decisionOf(spec: FieldSpec, args: Readonly<Record<string, unknown>>, asker: Asker): Decision {
  if (!('rule' in spec)) return { decision: 'allow' };
  const decision = decided(spec.rule, asker);
  if (decision.decision !== 'allow' || !('argumentRules' in spec)) return decision;
  return refusedByArguments(spec.argumentRules, args, asker) ?? decision;
}

/** Opening an entity that warns, or a field that depends on the protection, looks at it. */
function looksBelow(scope: Scope, spec: FieldSpec, steps: readonly Step[]): boolean {
  if (spec.kind !== 'one' && spec.kind !== 'list' && spec.kind !== 'connection') return false;
  const entity = entityOf(spec.of());
  if (entity?.warns) return true;
  // Fields of the rows themselves, through whatever wrapper, and not of rows further down.
  const further = steps.filter(
    ({ spec: { kind } }) => kind === 'one' || kind === 'list' || kind === 'connection',
  );
  const own = steps.filter(({ road: at }) => !further.some((relation) => at.startsWith(`${relation.road}/`)));
  return own.some((step) => dependsOnProtection(entity, step, scope.asking));
}

function dependsOnProtection(
  entity: EntitySpec | undefined,
  { coordinate, spec, decision }: Step,
  asking: Asking,
) {
  if (entity === undefined || decision.decision !== 'allow' || !coordinate.startsWith(`${entity.name}.`))
    return false;
  return 'rule' in spec && (spec.rule.protectedBy !== undefined || looksAtProtection(entity, spec, asking));
}

function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Record<string, unknown>,
): Record<string, unknown> {
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    throw new ArgumentFault(`${field.name}: coercion`);
  }
}

/** PostgreSQL stores neither U+0000 nor half of a surrogate pair. */
const isStorable = (text: string) => !text.includes('\u0000') && text.isWellFormed();

function assertArguments(
  { asking }: Scope,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  spec: FieldSpec,
  args: Readonly<Record<string, unknown>>,
): void {
  const fault = (what: string) => new ArgumentFault(`${type.name}.${field.name}: ${what}`);
  const { first, after } = args;
  if (typeof first === 'number' && (first < 1 || first > 100)) throw fault('first');
  const element = getNamedType(field.type).name.replace(/Connection$/, '');
  if (typeof after === 'string' && keyInCursor(after, element) === undefined) throw fault('after');
  // Whom an auditor asks after is written to the log, which takes nothing but the form of an addressee number.
  const subject = (args['filter'] as Record<string, unknown> | null | undefined)?.['subject'];
  if (typeof subject === 'string' && !/^[\x21-\x7e]{1,32}$/.test(subject) && spec.kind === 'provided')
    throw fault('subject');
  if (spec.kind !== 'one' && spec.kind !== 'list' && spec.kind !== 'connection') return;
  const entity = entityOf(spec.of());
  const parent = parentEntity(type, field);
  if (!entity) throw new Error(`no entity: ${field.name}`);
  try {
    condition(spec, parent && aliased(parent.source, 'self'), aliased(entity.source, 'row'), args, asking);
  } catch (error) {
    throw isKuramoriError(error, 'BAD_INPUT') ? fault('condition') : error;
  }
}

function everyText(value: unknown, holds: (text: string) => boolean): boolean {
  if (typeof value === 'string') return holds(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every((member) => everyText(member, holds));
}

const entities = new Map<string, EntitySpec>();

/** Entities by the name of their type, learnt from the relations that answer them. */
export function learnEntities(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const spec = field.extensions.kuramori;
      const entity = spec && 'of' in spec ? entityOf(spec.of()) : undefined;
      if (entity) entities.set(entity.name, entity);
    }
  }
}

function parentEntity(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): EntitySpec | undefined {
  if (type.name === 'Query') return undefined;
  const entity = entities.get(type.name);
  if (!entity) throw new Error(`no entity: ${type.name}.${field.name}`);
  return entity;
}
