import { and, eq, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { columnsOf } from '../../access/schema/define.js';
import type { FieldSpec, Ordering } from '../../access/schema/entity.js';
import { KuramoriError } from '../../kernel/errors.js';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../../kernel/limits.js';
import type { Binder, BindValues } from './bind.js';
import { decodeCursor, decodeNumberCursor, decodeUuidCursor } from './cursor.js';
import type { ArgumentValues } from './prepare.js';
import { RowBuilder } from './row.js';

/** A field that reads other rows. */
export type RelationSpec = Extract<FieldSpec, { kind: 'one' | 'list' | 'connection' | 'result' }>;

interface Relation {
  readonly spec: RelationSpec;
  readonly field: string;
  readonly binder: Binder;
  readonly parent: RowBuilder | undefined;
  readonly child: RowBuilder;
  readonly argumentsIndex: number | undefined;
  readonly values: ArgumentValues;
  /** What the caller's branch asks of a row. */
  readonly scope: (row: RowBuilder) => SQL | undefined;
}

/** The sub-select of a relation: one row's array, or an array of them. */
export function relationSql(relation: Relation): SQL {
  const { spec, child, scope } = relation;
  const where = [condition(relation, child), scope(child)];
  if (spec.kind === 'one' || spec.kind === 'result') {
    return sql`(select ${child.value()} ${child.from()} ${whereSql(where)} limit 1)`;
  }
  const order = spec.order?.(columnsOf(child.self) as never);
  if (!order) throw new KuramoriError('INTERNAL', `The list ${relation.field} has no order.`);
  const paged = spec.kind === 'connection';
  const limit = paged ? limitPlace(relation.binder, relation.argumentsIndex) : sql`${PAGE_SIZE_MAX}`;
  const after =
    paged && relation.values['after'] !== undefined && relation.values['after'] !== null
      ? afterSql(relation, order)
      : undefined;
  const page = sql`${whereSql([...where, after])} order by ${orderSql(order)} limit ${limit}`;
  const rows = child.isDear
    ? sql`select ${child.value()} as v ${child.from(page)} order by ${orderSql(order)}`
    : sql`select ${child.value()} as v ${child.from()} ${page}`;
  return sql`(select coalesce(json_agg(x.v), '[]'::json) from (${rows}) x)`;
}

/*
 * What fills a place lives as long as the plan: it may hold nothing of the request that the plan was made for, whose
 * arguments the adversary would find in a picture of the memory. The functions that fill are therefore made here, where
 * nothing of it can be reached.
 */
function limitPlace(binder: Binder, argumentsIndex: number | undefined): SQL {
  return binder.place('first', (values) => pageSize(values, argumentsIndex) + 1);
}

function keyPlace(binder: Binder, field: string): SQL {
  return binder.place(`key.${field}`, ({ keys }) => keys[field]?.toString() ?? null);
}

function condition(relation: Relation, child: RowBuilder): SQL | undefined {
  const { spec, parent, binder } = relation;
  if (spec.kind === 'result') {
    const key = child.column(child.entity.source, child.entity.key);
    return eq(key, keyPlace(binder, relation.field));
  }
  return spec.where({
    self: (parent ? columnsOf(parent.self) : {}) as never,
    row: columnsOf(child.self) as never,
    args: (relation.argumentsIndex === undefined
      ? {}
      : binder.arguments(relation.argumentsIndex, relation.values)) as never,
    today: binder.today,
    actorId: binder.actorId,
  });
}

/** What ties a row to its parent, without the filters that were given. */
function parentCondition(relation: Relation, row: RowBuilder): SQL | undefined {
  if (!relation.parent) return undefined;
  return condition({ ...relation, argumentsIndex: undefined, values: {} }, row);
}

/**
 * Rows after the cursor's row in the list's order. The cursor holds the row's key alone: the order columns, which may
 * be personal (a name's kana), are looked up by it and never leave. The row must lie within the caller's scope and
 * belong to the same parent: else a forged cursor would tell where a hidden person stands in the order. It need not
 * meet the filters any more: a receipt that was assigned since must not cut the list short.
 */
function afterSql(relation: Relation, order: Ordering): SQL {
  const { child, spec, scope } = relation;
  const at = new RowBuilder(child.entity, relation.binder);
  const there = spec.kind === 'connection' ? spec.order?.(columnsOf(at.self) as never) : undefined;
  if (!there) throw new KuramoriError('INTERNAL', `The list ${relation.field} has no order.`);
  const key = keyIs(relation, at.column(at.entity.source, at.entity.key));
  const sign = order.direction === 'asc' ? sql`>` : sql`<`;
  return sql`(${sql.join([...order.columns], sql`, `)}) ${sign} (select ${sql.join([...there.columns], sql`, `)}
    ${at.from()} ${whereSql([parentCondition(relation, at), scope(at), key])})`;
}

/** The cursor's row. The parameter takes the column's type, not the other way round: else no index would be used. */
function keyIs({ child, binder, argumentsIndex }: Relation, key: PgColumn): SQL {
  const given = (values: BindValues) => values.argumentsByField[argumentsIndex ?? -1]?.['after'];
  const { name } = child.entity;
  if (key.getSQLType() === 'uuid')
    return sql`${key} = ${binder.place('after', (values) => decodeUuidCursor(given(values), name))}::uuid`;
  return NUMBER_TYPES.has(key.getSQLType())
    ? sql`${key} = ${binder.place('after', (values) => decodeNumberCursor(given(values), name))}::bigint`
    : sql`${key}::text = ${binder.place('after', (values) => decodeCursor(given(values), name))}::text`;
}

const NUMBER_TYPES = new Set(['smallint', 'integer', 'bigint', 'bigserial']);

function orderSql(order: Ordering): SQL {
  const direction = order.direction === 'asc' ? sql`asc` : sql`desc`;
  return sql.join(
    order.columns.map((column) => sql`${column} ${direction}`),
    sql`, `,
  );
}

function whereSql(conditions: readonly (SQL | undefined)[]): SQL {
  const all = and(...conditions);
  return all === undefined ? sql`` : sql`where ${all}`;
}

/**
 * The page size asked for.
 * @throws KuramoriError BAD_INPUT outside 1 … PAGE_SIZE_MAX
 */
export function pageSize(
  values: Pick<BindValues, 'argumentsByField'>,
  argumentsIndex: number | undefined,
): number {
  const first = values.argumentsByField[argumentsIndex ?? -1]?.['first'] ?? PAGE_SIZE_DEFAULT;
  if (typeof first !== 'number' || first < 1 || first > PAGE_SIZE_MAX) {
    throw new KuramoriError('BAD_INPUT', `The argument first must be between 1 and ${PAGE_SIZE_MAX}.`);
  }
  return first;
}
