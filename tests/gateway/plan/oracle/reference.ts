import {
  execute,
  getNamedType,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  isIntrospectionType,
  isObjectType,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { entityOf, type FieldSpec } from '../../../../src/access/schema/entity.js';
import type { Session } from '../../../../src/kernel/database/database.js';
import type { Asker } from '../../../support/read.js';
import { limitPassed, uncoerced } from './limits.js';
import type { Log } from './log.js';
import { ArgumentFault, decisionOf, learnEntities, outlineOf, type Step } from './outline.js';
import { connection, Met, pageOf, Part } from './pages.js';
import { auditEntries, viewerOf } from './provided.js';
import { Rows, type Asking, type Located } from './rows.js';
import { MASK_VALUES } from './rules.js';
import { Tally, type Concerned, type Counted } from './tally.js';

/** A request as the gateway gets it. */
export interface Request {
  readonly source: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What must come of a request. */
export type Expected =
  /** With every code that the answer tells, where there are several faults. */
  | { readonly refused: string; readonly codes?: readonly string[]; readonly why?: string }
  /** Several answers are right: a page of the log that may be short. */
  | 'unsure'
  | {
      readonly data: unknown;
      readonly errors: readonly GraphQLError[];
      readonly entries: ReadonlyMap<string, Counted>;
      readonly kind: 'query' | 'auditRead';
      readonly warned: ReadonlySet<string>;
      readonly operation: string | undefined;
    };

interface Context {
  readonly asker: Asker;
  readonly asking: Asking;
  readonly tally: Tally;
  readonly steps: ReadonlyMap<string, Step>;
  readonly warned: Set<string>;
  /** Coordinates that may answer less. */
  readonly unsure: Set<string>;
  /** Number of the record that the request left: what it read of the log lies before. */
  readonly below: bigint;
}

const ROOT = new Met(undefined, undefined, 0);
const TOKENS_MAX = 1_000;
const LIST_MAX = 100;

/**
 * The oracle: graphql-js with a resolver per field, a statement per value, rules asked at every field of every object.
 * Of the gateway it takes nothing but the schema with what fields say of themselves.
 */
export class Reference {
  readonly #schema: GraphQLSchema;
  readonly #lists: ReadonlySet<string>;
  readonly #rows: Rows;
  readonly #log: Log;

  /** @param schema one of the oracle's own: it gets the resolvers */
  constructor(schema: GraphQLSchema, session: Session, log: Log) {
    this.#schema = schema;
    this.#rows = new Rows(session);
    this.#log = log;
    this.#lists = new Set(this.#resolveAll());
    learnEntities(schema);
  }

  /** @param below number of the first audit entry that the request left */
  async ask(request: Request, asker: Asker, today: string, below: bigint): Promise<Expected> {
    const { caller, facts } = asker;
    const asking = { today, actorId: caller.actorId, branchCode: caller.branchCode };
    const read = this.#read(request);
    if (read.refused !== undefined) return { ...read, why: 'document' };
    const { document, operation } = read;
    if (!caller.purposes.has(facts.purpose)) return { refused: 'FORBIDDEN_PURPOSE' };
    const given = { ...request.variables };
    const { coerced } = getVariableValues(this.#schema, operation.variableDefinitions ?? [], given);
    const limit = limitPassed(document, operation, coerced ?? uncoerced(operation, given), this.#lists);
    if (limit !== undefined) return { refused: 'QUERY_TOO_COMPLEX', why: limit };
    if (!this.#schema.getRootType(operation.operation)) return { refused: 'BAD_INPUT', why: 'kind' };
    if (!coerced) return { refused: 'BAD_INPUT', why: 'variables' };
    let steps: Step[];
    try {
      steps = outlineOf(this.#schema, document, operation, coerced, asker, asking);
    } catch (error) {
      if (error instanceof ArgumentFault) return { refused: 'BAD_INPUT', why: error.message };
      throw error;
    }
    return this.#execute(request, document, operation, { asker, asking, below, steps });
  }

  #read({ source, operationName }: Request) {
    let document: DocumentNode;
    try {
      document = parse(source, { maxTokens: TOKENS_MAX });
    } catch (error) {
      const isLong = error instanceof Error && error.message.includes('tokens');
      return { refused: isLong ? 'QUERY_TOO_COMPLEX' : 'BAD_INPUT' };
    }
    const operation = getOperationAST(document, operationName);
    const faults = validate(this.#schema, document, [...specifiedRules, NoSchemaIntrospectionCustomRule]);
    const codes = faults.map(({ message }) =>
      message.startsWith('GraphQL introspection has been disabled') ? 'INTROSPECTION_DISABLED' : 'BAD_INPUT',
    );
    if (codes[0] !== undefined) return { refused: codes[0], codes: [...new Set(codes)] };
    if (!operation) return { refused: 'BAD_INPUT' };
    return { document, operation };
  }

  async #execute(
    { operationName, variables }: Request,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    asked: Pick<Context, 'asker' | 'asking' | 'below'> & { readonly steps: readonly Step[] },
  ): Promise<Expected> {
    const { steps } = asked;
    const context: Context = {
      ...asked,
      steps: new Map(steps.map((step) => [step.road, step])),
      tally: new Tally(),
      warned: new Set(),
      unsure: new Set(),
    };
    const result = await execute({
      schema: this.#schema,
      document,
      rootValue: ROOT,
      contextValue: context,
      variableValues: variables,
      ...(operationName === undefined ? {} : { operationName }),
    });
    const { tally, warned, unsure } = context;
    if (unsure.size > 0) return 'unsure';
    for (const step of steps) if (!tally.has(step.road)) countStep(tally, step, 0, []);
    if (tally.entries().size === 0) tally.count('', 'Query.__typename', { decision: 'allow' }, 1, []);
    const readsLog = steps.some(
      ({ spec, decision }) =>
        spec.kind === 'provided' && spec.recordedAs === 'auditRead' && decision.decision === 'allow',
    );
    return {
      data: result.data,
      errors: result.errors ?? [],
      entries: tally.entries(),
      kind: readsLog ? 'auditRead' : 'query',
      warned,
      operation: operation.name?.value,
    };
  }

  /** @returns the names of fields that answer short lists */
  #resolveAll(): string[] {
    const types = Object.values(this.#schema.getTypeMap()).filter(
      (type) => isObjectType(type) && !isIntrospectionType(type),
    );
    const fields = types.flatMap((type) => (isObjectType(type) ? Object.values(type.getFields()) : []));
    for (const field of fields) field.resolve = this.#resolve as GraphQLFieldResolver<unknown, unknown>;
    const lists = fields.filter(
      ({ type }) => String(type).startsWith('[') && isObjectType(getNamedType(type)),
    );
    return lists.map(({ name }) => name);
  }

  readonly #resolve: GraphQLFieldResolver<
    Met | Part | Record<string, unknown>,
    Context,
    Record<string, unknown>
  > = (source, args, context, info) => {
    if (source instanceof Part) {
      context.tally.count(
        roadOf(info),
        coordinateOf(info),
        { decision: 'allow' },
        source.concerned.length,
        source.concerned,
      );
      return source.fields[info.fieldName];
    }
    if (!(source instanceof Met)) return source[info.fieldName];
    const spec = info.parentType.getFields()[info.fieldName]?.extensions.kuramori;
    if (!spec) throw new Error(`no rule: ${coordinateOf(info)}`);
    const decision = decisionOf(spec, args, context.asker);
    if (decision.decision === 'allow') return this.#allowed(spec, source, args, context, info);
    context.tally.count(roadOf(info), coordinateOf(info), decision, 1, [source]);
    if (decision.decision === 'mask') return decision.value;
    throw new GraphQLError('refused', { extensions: { code: decision.code, function: decision.missing } });
  };

  async #allowed(
    spec: FieldSpec,
    source: Met,
    args: Record<string, unknown>,
    context: Context,
    info: GraphQLResolveInfo,
  ): Promise<unknown> {
    if (spec.kind === 'provided') return this.#provided(args, context, info);
    if (spec.kind === 'column' || spec.kind === 'computed') return this.#leaf(spec, source, context, info);
    if (spec.kind !== 'one' && spec.kind !== 'list' && spec.kind !== 'connection')
      throw new Error(`no value: ${coordinateOf(info)}`);
    const entity = entityOf(spec.of());
    if (!entity) throw new Error(`no entity: ${coordinateOf(info)}`);
    const found = await this.#rows.related(source.located, entity, spec, args, context.asking);
    const met = (rows: readonly Located[]) =>
      Promise.all(rows.map((row) => this.#meet(row, source, context, info)));
    if (spec.kind === 'connection') {
      const siblings = await this.#rows.siblings(source.located, entity, spec, context.asking);
      const page = pageOf(found, siblings, args, entity.name);
      const nodes = await met(page.rows);
      this.#countRelation(source, nodes, context, info);
      return connection(entity.name, nodes, page);
    }
    const nodes = await met(found.slice(0, spec.kind === 'one' ? 1 : LIST_MAX));
    this.#countRelation(source, nodes, context, info);
    return spec.kind === 'one' ? (nodes[0] ?? null) : nodes;
  }

  /** A relation speaks of the object it was asked on and of those it answered. */
  #countRelation(source: Met, nodes: readonly Met[], { tally }: Context, info: GraphQLResolveInfo): void {
    tally.count(roadOf(info), coordinateOf(info), { decision: 'allow' }, nodes.length, [source, ...nodes]);
  }

  async #meet(located: Located, source: Met, { asking, steps, warned }: Context, info: GraphQLResolveInfo) {
    const looks = steps.get(roadOf(info))?.looks === true;
    const { subject } = located;
    const protection = looks && subject !== null ? await this.#rows.protection(subject, asking) : 0;
    if (protection > 0 && subject !== null) warned.add(subject);
    return new Met(located, subject ?? source.subject, protection);
  }

  async #leaf(
    spec: Extract<FieldSpec, { kind: 'column' | 'computed' }>,
    source: Met,
    { asking, tally }: Context,
    info: GraphQLResolveInfo,
  ): Promise<unknown> {
    const { located } = source;
    if (!located) throw new Error(`no row: ${coordinateOf(info)}`);
    const { subject } = located;
    const protection = subject === null ? 0 : await this.#rows.protection(subject, asking);
    const mask = spec.rule.protectedBy;
    if (mask !== undefined && protection === 2) {
      tally.count(roadOf(info), coordinateOf(info), { decision: 'mask', reason: 'protectedPerson' }, 1, [
        source,
      ]);
      return MASK_VALUES[mask];
    }
    tally.count(roadOf(info), coordinateOf(info), { decision: 'allow' }, 1, [source]);
    return this.#rows.leaf(located, spec, asking, protection);
  }

  #provided(args: Record<string, unknown>, context: Context, info: GraphQLResolveInfo): unknown {
    const isLog = info.fieldName === 'auditEntries';
    const { value, rows, subject, isSure } = isLog
      ? auditEntries(this.#log, args, context.below)
      : viewerOf(context.asker);
    if (!isSure) context.unsure.add(coordinateOf(info));
    const concerned = subject === undefined ? [] : [{ subject, protection: 0 }];
    const road = roadOf(info);
    for (const step of context.steps.values()) {
      if (step.road === road || step.road.startsWith(`${road}/`))
        countStep(context.tally, step, rows, concerned);
    }
    return value;
  }
}

function countStep(
  tally: Tally,
  { road, coordinate, decision }: Step,
  rows: number,
  concerned: readonly Concerned[],
): void {
  tally.count(road, coordinate, decision, rows, concerned);
}

function roadOf({ path }: GraphQLResolveInfo): string {
  const keys: string[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = path; at; at = at.prev)
    if (typeof at.key === 'string') keys.unshift(at.key);
  return keys.join('/');
}

function coordinateOf({ parentType, fieldName }: GraphQLResolveInfo): string {
  return `${parentType.name}.${fieldName}`;
}
