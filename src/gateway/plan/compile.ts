import { sql, type SQL } from 'drizzle-orm';
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type SelectionSetNode,
} from 'graphql';
import { decide, MASKS, type Rule, type Verdict } from '../../access/rules.js';
import type { Caller } from '../../access/caller.js';
import type { PurposeName } from '../../access/purposes.js';
import { columnsOf } from '../../access/schema/define.js';
import { entityOf, type EntitySpec, type FieldSpec } from '../../access/schema/entity.js';
import { KuramoriError } from '../../kernel/errors.js';
import { addressees } from '../../../schema/records/index.js';
import { Binder, type PreparedStatement } from './bind.js';
import { collectFields } from './collect.js';
import { presentPaths, type ArgumentValues, type PreparedOperation, type RequestValues } from './prepare.js';
import { relationSql, type RelationSpec } from './relation.js';
import { RowBuilder } from './row.js';
import { RowShapes } from './rowShapes.js';
import type { FieldShape, ObjectShape, WrapperShape } from './shape.js';

/** Everything about the caller that a plan may depend on; equal viewers share plans. */
export type Viewer = Pick<Caller, 'functions' | 'steppedUp' | 'branchCode'> & {
  readonly purpose: PurposeName;
};

/** An operation compiled for one kind of viewer: the statement, and how its row becomes the answer. */
export interface CompiledOperation {
  readonly statement: PreparedStatement | undefined;
  readonly shape: ObjectShape;
}

/** Compiles a query: all its root fields in one statement. */
export function compileQuery(
  prepared: PreparedOperation,
  values: RequestValues,
  viewer: Viewer,
): CompiledOperation {
  const root = prepared.schema.getQueryType();
  if (!root) throw new KuramoriError('INTERNAL', 'The schema has no queries.');
  return compileRoot(root, [prepared.operation.selectionSet], prepared, values, viewer);
}

/** Compiles what a change answers: its payload, read by the keys of what it changed. */
export function compilePayload(
  payload: GraphQLObjectType,
  selections: readonly SelectionSetNode[],
  prepared: PreparedOperation,
  values: RequestValues,
  viewer: Viewer,
): CompiledOperation {
  return compileRoot(payload, selections, prepared, values, viewer);
}

function compileRoot(
  type: GraphQLObjectType,
  selections: readonly SelectionSetNode[],
  prepared: PreparedOperation,
  values: RequestValues,
  viewer: Viewer,
): CompiledOperation {
  const compiler = new Compiler(prepared, values, viewer);
  const slots: SQL[] = [];
  const shape = compiler.root(type, selections, slots);
  const statement =
    slots.length === 0
      ? undefined
      : compiler.render(sql`select json_build_array(${sql.join(slots, sql`, `)}) as v`);
  return { statement, shape };
}

interface GivenArguments {
  /** Position in the request; -1 when the field takes none. */
  readonly index: number;
  readonly values: ArgumentValues;
}

/** A relation that the caller may follow. */
interface AskedRelation {
  readonly key: string;
  readonly coordinate: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  readonly spec: RelationSpec;
  readonly given: GivenArguments;
  readonly row: RowBuilder | undefined;
  readonly add: (expression: SQL) => number;
}

class Compiler {
  readonly #prepared: PreparedOperation;
  readonly #values: RequestValues;
  readonly #viewer: Viewer;
  readonly #binder = new Binder();
  readonly #shapes = new RowShapes();
  #listsAbove = 0;
  #hasSealed = false;

  constructor(prepared: PreparedOperation, values: RequestValues, viewer: Viewer) {
    this.#prepared = prepared;
    this.#values = values;
    this.#viewer = viewer;
  }

  render(statement: SQL): PreparedStatement {
    return this.#binder.render(statement);
  }

  /** The root has no row: each field's statement is a slot of its own. */
  root(type: GraphQLObjectType, selections: readonly SelectionSetNode[], slots: SQL[]): ObjectShape {
    const add = (expression: SQL) => slots.push(expression) - 1;
    const fields = this.#collect(selections).map(([key, nodes]) =>
      this.#field(type, key, nodes, undefined, add),
    );
    return {
      typeName: type.name,
      fields,
      subjectSlot: undefined,
      protectionSlot: undefined,
      warns: false,
      keySlot: undefined,
    };
  }

  #object(type: GraphQLObjectType, selections: readonly SelectionSetNode[], row: RowBuilder): ObjectShape {
    const add = (expression: SQL) => row.add(expression);
    const fields = this.#collect(selections).map(([key, nodes]) => this.#field(type, key, nodes, row, add));
    return this.#shapes.shape(row, type.name, fields, undefined);
  }

  #field(
    type: GraphQLObjectType,
    key: string,
    nodes: readonly FieldNode[],
    row: RowBuilder | undefined,
    add: (expression: SQL) => number,
  ): FieldShape {
    const name = nodes[0]?.name.value ?? '';
    if (name === '__typename') return { kind: 'typename', key, value: type.name };
    const field = type.getFields()[name];
    const spec = field?.extensions.kuramori;
    if (!field || !spec) throw new KuramoriError('INTERNAL', `The field ${type.name}.${name} has no rule.`);
    const coordinate = `${type.name}.${name}`;
    const given = this.#argumentsOf(nodes[0]);
    if (spec.kind === 'given')
      return { kind: 'given', key, coordinate, name, wrapper: this.#given(field, nodes) };
    if (spec.kind === 'structural' || spec.kind === 'mutation')
      throw new KuramoriError('INTERNAL', `The field ${coordinate} cannot be read from a row.`);
    const verdict = decide(spec.rule, this.#viewer, this.#viewer.purpose);
    if (verdict.decision !== 'allow') return closed(key, coordinate, verdict);
    if (spec.kind === 'provided') {
      const { provide, recordedAs } = spec;
      const wrapper = this.#given(field, nodes);
      return { kind: 'provided', key, coordinate, provide, recordedAs, wrapper, argumentsIndex: given.index };
    }
    if (spec.kind === 'sealed') return this.#sealed(key, coordinate, spec, given, row);
    if (spec.kind === 'column' || spec.kind === 'computed')
      return this.#leaf(key, coordinate, field, spec, row);
    const asked = this.#argumentVerdict(given.values, spec);
    if (asked) return closed(key, coordinate, asked);
    return this.#relation({ key, coordinate, field, nodes, spec, given, row, add });
  }

  /**
   * A field's arguments and their position in the request, -1 when it takes none.
   * @throws KuramoriError BAD_INPUT when they do not fit, whatever the caller may see
   */
  #argumentsOf(node: FieldNode | undefined): GivenArguments {
    const index = (node && this.#prepared.fieldsWithArguments.get(node)) ?? -1;
    return { index, values: this.#values.argumentsByField[index] ?? {} };
  }

  /** A search by an attribute needs the right to read it. */
  #argumentVerdict(
    values: ArgumentValues,
    spec: RelationSpec,
  ): Exclude<Verdict, { decision: 'allow' }> | undefined {
    if (spec.kind === 'result') return undefined;
    for (const path of presentPaths(values)) {
      const asked = spec.argumentRules[path];
      if (asked !== undefined && !this.#viewer.functions.has(asked))
        return { decision: 'refuse', missing: asked, reason: 'function' };
    }
    return undefined;
  }

  #leaf(
    key: string,
    coordinate: string,
    field: GraphQLField<unknown, unknown>,
    spec: Extract<FieldSpec, { kind: 'column' | 'computed' }>,
    row: RowBuilder | undefined,
  ): FieldShape {
    if (!row) throw new KuramoriError('INTERNAL', `The field ${coordinate} has no row.`);
    const named = getNamedType(field.type);
    const mask = spec.rule.protectedBy;
    const slot = row.slot(field.name, () => this.#leafSql(spec, row, named.name, spec.rule));
    return {
      kind: 'leaf',
      key,
      coordinate,
      slot,
      names: isEnumType(named)
        ? new Map(named.getValues().map(({ value, name }) => [value, name]))
        : undefined,
      list: isListType(getNullableType(field.type)),
      nonNull: isNonNullType(field.type),
      protectedMask: mask === undefined ? undefined : { value: MASKS[mask] },
    };
  }

  /**
   * One in an operation, and not in a list (handbook 15 §7): aliases and pages would be many.
   * @throws KuramoriError QUERY_TOO_COMPLEX
   */
  #sealed(
    key: string,
    coordinate: string,
    spec: Extract<FieldSpec, { kind: 'sealed' }>,
    given: GivenArguments,
    row: RowBuilder | undefined,
  ): FieldShape {
    if (!row) throw new KuramoriError('INTERNAL', `The field ${coordinate} has no row.`);
    if (this.#hasSealed || this.#listsAbove > 0) {
      throw new KuramoriError(
        'QUERY_TOO_COMPLEX',
        'One number may be asked for in an operation, of one person and not in a list.',
      );
    }
    this.#hasSealed = true;
    const slot = row.slot(`#${spec.column}`, () => sql`${row.column(spec.table, spec.column)}`);
    return { kind: 'sealed', key, coordinate, slot, argumentsIndex: given.index };
  }

  /** A protected value does not leave the database for who may not see it. */
  #leafSql(
    spec: Extract<FieldSpec, { kind: 'column' | 'computed' }>,
    row: RowBuilder,
    typeName: string,
    rule: Rule,
  ): SQL {
    const raw =
      spec.kind === 'column'
        ? sql`${row.column(spec.table, spec.column)}`
        : spec.expression({
            self: columnsOf(row.self) as never,
            joined: (table) => columnsOf(row.joined(table)) as never,
            today: this.#binder.today,
            actorId: this.#binder.actorId,
            get protection() {
              return row.protection().expression;
            },
          });
    const exact = TEXT_TYPES.has(typeName) ? sql`(${raw})::text` : raw;
    return rule.protectedBy === undefined
      ? exact
      : sql`case when ${row.protection().expression} = 2 then null else ${exact} end`;
  }

  #relation({ key, coordinate, field, nodes, spec, given, row, add }: AskedRelation): FieldShape {
    const entity = entityOf(spec.of());
    if (!entity)
      throw new KuramoriError(
        'INTERNAL',
        `The field ${coordinate} answers a type that is not read from rows.`,
      );
    const child = new RowBuilder(entity, this.#binder);
    // Opening anything of a protected person is warned of, not only the person (handbook 06 §5).
    if (entity.subject !== undefined && (entity.warns || row === undefined)) child.protection();
    const selections = nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
    const argumentsIndex = given.index;
    const isList = spec.kind === 'list' || spec.kind === 'connection';
    if (isList) this.#listsAbove += 1;
    const type = getNamedType(field.type) as GraphQLObjectType;
    const wrapper = spec.kind === 'connection' ? this.#wrapper(type, selections, child) : undefined;
    const shape = wrapper ? this.#bare(child, wrapper) : this.#object(type, selections, child);
    if (isList) this.#listsAbove -= 1;
    this.#shapes.settle(child);
    const slot = add(
      relationSql({
        spec,
        field: field.name,
        binder: this.#binder,
        parent: row,
        child,
        argumentsIndex: argumentsIndex < 0 ? undefined : argumentsIndex,
        values: given.values,
        scope: (each) => this.#branchScope(each, entity),
      }),
    );
    if (wrapper) return { kind: 'connection', key, coordinate, slot, shape, wrapper, argumentsIndex };
    return { kind: spec.kind === 'list' ? 'list' : 'object', key, coordinate, slot, shape };
  }

  /** A connection's rows with no fields of their own: for counting, cursors and the audit entry. */
  #bare(row: RowBuilder, wrapper: WrapperShape): ObjectShape {
    return this.#shapes.shape(row, row.entity.name, [], asksForCursors(wrapper) ? row.keySlot() : undefined);
  }

  #wrapper(
    type: GraphQLObjectType,
    selections: readonly SelectionSetNode[],
    row: RowBuilder | undefined,
  ): WrapperShape {
    const fields = this.#collect(selections).map(([key, nodes]) => {
      const name = nodes[0]?.name.value ?? '';
      const coordinate = `${type.name}.${name}`;
      if (name === '__typename') return { key, name, coordinate: '', wrapper: undefined, element: undefined };
      const field = type.getFields()[name];
      const named = field ? getNamedType(field.type) : undefined;
      const below = nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
      if (below.length === 0) return { key, name, coordinate, wrapper: undefined, element: undefined };
      const element = row && (name === 'node' || name === 'nodes');
      return {
        key,
        name,
        coordinate,
        wrapper: element ? undefined : this.#wrapper(named as GraphQLObjectType, below, row),
        element: element ? this.#object(named as GraphQLObjectType, below, row) : undefined,
      };
    });
    return { typeName: type.name, fields };
  }

  #given(field: GraphQLField<unknown, unknown>, nodes: readonly FieldNode[]): WrapperShape {
    const selections = nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
    return this.#wrapper(getNamedType(field.type) as GraphQLObjectType, selections, undefined);
  }

  /** Rows about people of another branch do not exist for a branch clerk. */
  #branchScope(row: RowBuilder, entity: EntitySpec): SQL | undefined {
    if (this.#viewer.branchCode === undefined || entity.subject === undefined) return undefined;
    const branch = this.#binder.place('branchCode', ({ branchCode }) => branchCode);
    if (entity.source === addressees) return sql`${row.column(addressees, 'branchCode')} = ${branch}`;
    return sql`exists (select from ${addressees} where ${addressees.addresseeNo} = ${row.subjectColumn()}
      and ${addressees.branchCode} = ${branch})`;
  }

  #collect(selections: readonly SelectionSetNode[]): [string, FieldNode[]][] {
    return collectFields(this.#prepared, this.#values, selections);
  }
}

/** Published as text: their values may not be numbers or may pass 2^53. */
const TEXT_TYPES = new Set(['ID', 'String', 'SequenceNo']);

function closed(
  key: string,
  coordinate: string,
  verdict: Exclude<Verdict, { decision: 'allow' }>,
): FieldShape {
  return verdict.decision === 'mask'
    ? { kind: 'mask', key, coordinate, value: MASKS[verdict.as], missing: verdict.missing }
    : { kind: 'refused', key, coordinate, missing: verdict.missing, reason: verdict.reason };
}

const CURSORS = new Set(['cursor', 'startCursor', 'endCursor']);

function asksForCursors({ fields }: WrapperShape): boolean {
  return fields.some(({ name, wrapper }) => CURSORS.has(name) || (wrapper && asksForCursors(wrapper)));
}
