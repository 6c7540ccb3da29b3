import type { SQL } from 'drizzle-orm';
import { getTableColumns, getViewSelectedFields, is } from 'drizzle-orm';
import { PgTable, type PgColumn } from 'drizzle-orm/pg-core';
import { Arg, Extensions, Field, Int, Mutation, ObjectType, Query } from 'type-graphql';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../../kernel/limits.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { Rule } from '../rules.js';
import { UserError } from './change.js';
import { announceConnection, connectionOf } from './connection.js';
import {
  registerEntity,
  type ArgSpec,
  type ArgumentRules,
  type Columns,
  type ColumnScope,
  type FieldSpec,
  type Join,
  type Ordering,
  type Provide,
  type RelationScope,
  type Source,
} from './entity.js';

type Class = abstract new (...args: never[]) => object;

/** What every field says of itself. */
interface FieldOptions {
  readonly rule: Rule;
  /** The Japanese term first; users see it. */
  readonly description: string;
  /** Default true: a refused field is null. False only where every road to the type asks for the same function. */
  readonly nullable?: boolean;
}

interface RelationOptions<T extends Source, R extends Source, A> extends FieldOptions {
  readonly args?: { readonly [K in keyof A]-?: ArgSpec };
  /** Functions that arguments ask for, by dotted path. */
  readonly argumentRules?: ArgumentRules;
  readonly where: (scope: RelationScope<T, R, A>) => SQL | undefined;
}

interface ListOptions<T extends Source, R extends Source, A> extends RelationOptions<T, R, A> {
  readonly order: (row: Columns<R>) => Ordering;
}

/** Root fields have no object of their own. */
type RootOptions<R extends Source, A> = Omit<RelationOptions<never, R, A>, 'where'> & {
  readonly where: (scope: Omit<RelationScope<never, R, A>, 'self'>) => SQL | undefined;
};

type RootListOptions<R extends Source, A> = RootOptions<R, A> & {
  readonly order: (row: Columns<R>) => Ordering;
};

/**
 * Declares how an object type is read from rows: adding a field to the schema is one decorator with its column, its
 * rule and its description. See "the life of an operation" in the documentation.
 * @param name GraphQL type name
 * @param source table or view of the rows
 */
export function defineEntity<T extends Source>(
  name: string,
  source: T,
  options: {
    readonly description: string;
    readonly key: keyof Columns<T> & string;
    readonly subject?: keyof Columns<T> & string;
    readonly joins?: readonly Join[];
    readonly warns?: boolean;
  },
): EntityDecorators<T> {
  const spec = {
    name,
    source,
    key: options.key,
    subject: options.subject,
    joins: options.joins ?? [],
    warns: options.warns ?? false,
  };
  return {
    object: (target) => {
      ObjectType(name, { description: options.description })(target);
      registerEntity(target, spec);
    },
    column: (type, column, field) => (prototype, key) => {
      declareField(prototype, key, type, field, {
        kind: 'column',
        rule: field.rule,
        ...placeOf(column, spec),
      });
    },
    computed: (type, expression, field) => (prototype, key) => {
      declareField(prototype, key, type, field, {
        kind: 'computed',
        rule: field.rule,
        expression: expression,
      });
    },
    sealed: (column, field) => (prototype, key) => {
      declareArgs(prototype, key, field.args);
      declareField(prototype, key, () => String, field, {
        kind: 'sealed',
        rule: field.rule,
        ...placeOf(column, spec),
      });
    },
    one: (type, _from, field) => (prototype, key) => {
      declareArgs(prototype, key, field.args);
      declareField(prototype, key, type, field, relation('one', type, field));
    },
    list: (type, _from, field) => (prototype, key) => {
      declareArgs(prototype, key, field.args);
      declareField(prototype, key, () => [type()], field, relation('list', type, field));
    },
    many: (type, _from, field) => (prototype, key) => {
      declareArgs(prototype, key, { ...field.args, ...pageArgs() });
      declareField(prototype, key, pageOf(type), field, relation('connection', type, field));
    },
  };
}

/** The decorators of one entity. */
export interface EntityDecorators<T extends Source> {
  readonly object: (target: Class) => void;
  /** A column of the entity's source or of one of its joins. */
  column(type: () => unknown, column: PgColumn, field: FieldOptions): PropertyDecorator;
  /** An expression over the row. */
  computed(
    type: () => unknown,
    expression: (scope: ColumnScope<T>) => SQL,
    field: FieldOptions,
  ): PropertyDecorator;
  /** A JWE that the vault makes for the reader, of what the column refers to; at most one in an operation. */
  sealed(
    column: PgColumn,
    field: FieldOptions & { readonly args: Readonly<Record<string, ArgSpec>> },
  ): PropertyDecorator;
  /** At most one related row. */
  one<R extends Source, A = object>(
    type: () => Class,
    from: R,
    field: RelationOptions<T, R, A>,
  ): PropertyDecorator;
  /** A few related rows, at most PAGE_SIZE_MAX. */
  list<R extends Source, A = object>(
    type: () => Class,
    from: R,
    field: ListOptions<T, R, A>,
  ): PropertyDecorator;
  /** Pages of related rows. */
  many<R extends Source, A = object>(
    type: () => Class,
    from: R,
    field: ListOptions<T, R, A>,
  ): PropertyDecorator;
}

/** A root field that answers one object or null. For a property of a `@Resolver()` class. */
export function QueryOne<R extends Source, A = object>(
  type: () => Class,
  _from: R,
  field: RootOptions<R, A>,
): PropertyDecorator {
  return rootField(type, field, field.args, relation('one', type, field));
}

/** A root field that answers pages of objects. For a property of a `@Resolver()` class. */
export function QueryMany<R extends Source, A = object>(
  type: () => Class,
  _from: R,
  field: RootListOptions<R, A>,
): PropertyDecorator {
  return rootField(
    pageOf(type),
    field,
    { ...field.args, ...pageArgs() },
    relation('connection', type, field),
  );
}

/** A root field whose value another part of the system brings. For a property of a `@Resolver()` class. */
export function QueryProvided(
  type: () => unknown,
  field: Pick<FieldOptions, 'rule' | 'description'> & {
    readonly args?: Readonly<Record<string, ArgSpec>>;
    readonly provide: Provide;
    readonly recordedAs?: 'auditRead';
  },
): PropertyDecorator {
  const recordedAs = field.recordedAs ?? 'query';
  return rootField(type, field, field.args, {
    kind: 'provided',
    rule: field.rule,
    provide: field.provide,
    recordedAs,
  });
}

/** What a change changed: read again by its key, under the same rules as everywhere. */
export function Result(type: () => Class, field: Omit<FieldOptions, 'nullable'>): PropertyDecorator {
  return (prototype, key) => {
    declareField(prototype, key, type, field, { kind: 'result', rule: field.rule, of: type });
  };
}

/** What the user must mend; empty when the change was made. */
export function UserErrors(): PropertyDecorator {
  return (prototype, key) => {
    Field(() => [UserError], { description: '入力エラー. Empty when the change was made.' })(prototype, key);
    Extensions({ kuramori: { kind: 'given' } satisfies FieldSpec })(prototype as never, key as never);
  };
}

/** A value that a change gives out once and that is read from no row. */
export function Given(type: () => Class, field: Pick<FieldOptions, 'description'>): PropertyDecorator {
  return (prototype, key) => {
    Field(type as () => never, { description: field.description, nullable: true })(prototype, key);
    Extensions({ kuramori: { kind: 'given' } satisfies FieldSpec })(prototype as never, key as never);
  };
}

/** A change. The method does the work in the operation's transaction and answers the keys of what it changed. */
export function Change(
  payload: () => Class,
  field: Omit<FieldOptions, 'nullable'> & {
    readonly recordedAs?: 'staffChange' | 'roleChange';
    readonly carries?: boolean;
  },
): MethodDecorator {
  const { rule, recordedAs = 'mutation', carries = false } = field;
  return (prototype, key, descriptor) => {
    Mutation(payload as () => never, { description: field.description, nullable: true })(
      prototype,
      key,
      descriptor,
    );
    Extensions({
      kuramori: { kind: 'mutation', rule, of: payload, recordedAs, carries } satisfies FieldSpec,
    })(prototype as never, key as never, descriptor as never);
  };
}

function rootField(
  type: () => unknown,
  field: Pick<FieldOptions, 'description'>,
  args: Readonly<Record<string, ArgSpec>> | undefined,
  spec: FieldSpec,
): PropertyDecorator {
  return (prototype, key) => {
    declareArgs(prototype, key, args);
    Query(type as () => never, { description: field.description, nullable: true })(prototype, key, {});
    Extensions({ kuramori: spec })(prototype as never, key as never);
  };
}

function declareField(
  prototype: object,
  key: string | symbol,
  type: () => unknown,
  field: FieldOptions,
  spec: FieldSpec,
): void {
  Field(type as () => never, { description: field.description, nullable: field.nullable ?? true })(
    prototype,
    key,
  );
  Extensions({ kuramori: spec })(prototype as never, key as never);
}

function declareArgs(prototype: object, key: string | symbol, args: object | undefined): void {
  Object.entries((args ?? {}) as Record<string, ArgSpec>).forEach(([name, arg], index) => {
    Arg(name, arg.type as () => never, { description: arg.description, nullable: arg.required !== true })(
      prototype,
      key,
      index,
    );
  });
}

function relation(
  kind: 'one' | 'list' | 'connection',
  of: () => Class,
  field: { rule: Rule; where: unknown; order?: unknown; argumentRules?: ArgumentRules | undefined },
): FieldSpec {
  const { rule, where, argumentRules = {} } = field;
  return {
    kind,
    rule,
    of,
    where: where as never,
    argumentRules,
    ...(field.order ? { order: field.order as never } : {}),
  };
}

function pageOf(type: () => Class): () => unknown {
  announceConnection(type);
  return () => connectionOf(type());
}

function pageArgs(): { first: ArgSpec; after: ArgSpec } {
  return {
    first: { type: () => Int, description: `件数（既定 ${PAGE_SIZE_DEFAULT}、最大 ${PAGE_SIZE_MAX}）` },
    after: { type: () => String, description: 'このカーソルより後' },
  };
}

/** Finds which of the entity's sources a column belongs to. */
function placeOf(
  column: PgColumn,
  spec: { source: Source; joins: readonly Join[] },
): { column: string; table: Source } {
  for (const table of [spec.source, ...spec.joins.map((join) => join.table)]) {
    for (const [property, candidate] of Object.entries(columnsOf(table))) {
      if (candidate === column) return { column: property, table };
    }
  }
  throw new KuramoriError(
    'INTERNAL',
    `The column ${column.name} belongs to none of the sources of its entity.`,
  );
}

/** The columns of a table or view by property name. */
export function columnsOf(source: Source): Record<string, PgColumn> {
  return (is(source, PgTable) ? getTableColumns(source) : getViewSelectedFields(source)) as Record<
    string,
    PgColumn
  >;
}
