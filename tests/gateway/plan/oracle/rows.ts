import { aliasedTable, and, eq, sql, type SQL } from 'drizzle-orm';
import { getTableConfig, PgDialect, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import { columnsOf } from '../../../../src/access/schema/define.js';
import type { EntitySpec, FieldSpec, Source } from '../../../../src/access/schema/entity.js';
import type { Session } from '../../../../src/kernel/database/database.js';

/** One row, known by its primary key alone: whatever else is wanted of it is read by a statement of its own. */
export interface Located {
  readonly entity: EntitySpec;
  readonly key: readonly string[];
  /** Addressee number the row itself names. */
  readonly subject: string | null;
}

/** Who asks and when, as far as rows depend on it. */
export interface Asking {
  readonly today: string;
  readonly actorId: string;
  readonly branchCode: string | undefined;
}

export type RelationSpec = Extract<FieldSpec, { kind: 'one' | 'list' | 'connection' }>;
export type LeafSpec = Extract<FieldSpec, { kind: 'column' | 'computed' }>;

const dialect = new PgDialect();

/**
 * Reads row by row, column by column. Nothing changes while the oracle is asked, so equal questions are put to the
 * database once.
 */
export class Rows {
  readonly #session: Session;
  readonly #known = new Map<string, Promise<unknown[]>>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** One column or computed value of one row. */
  async leaf({ entity, key }: Located, spec: LeafSpec, asking: Asking, protection: number): Promise<unknown> {
    const self = aliased(entity.source, 'self');
    const from = sql`from ${entity.source} self`;
    if (spec.kind === 'computed') {
      const joins: SQL[] = [];
      const value = spec.expression({
        self: columnsOf(self) as never,
        joined: (table) => {
          const joined = aliased(table, `joined${joins.length}`);
          const on = entity.joins
            .find((join) => join.table === table)
            ?.on(columnsOf(self) as never, columnsOf(joined) as never);
          joins.push(sql`join ${table} ${sql.identifier(`joined${joins.length}`)} on ${on}`);
          return columnsOf(joined) as never;
        },
        ...binds(asking),
        protection: sql.raw(`(${protection})`),
      });
      const where = keyIs(entity, self, key);
      return this.#first(
        sql`select to_jsonb(${value}) as v ${from} ${sql.join(joins, sql` `)} where ${where}`,
      );
    }
    const join = entity.joins.find(({ table }) => table === spec.table);
    const joined = join && aliased(join.table, 'joined');
    const column = columnOf(joined ?? self, spec.column);
    const on = join && joined && join.on(columnsOf(self) as never, columnsOf(joined) as never);
    return this.#first(sql`select to_jsonb(${column}) as v ${from}
      ${join ? sql`join ${join.table} joined on ${on}` : sql``} where ${keyIs(entity, self, key)}`);
  }

  /** The rows of a relation that exist for the caller, in their order. @param args those that were given, not null */
  async related(
    parent: Located | undefined,
    child: EntitySpec,
    spec: RelationSpec,
    args: Readonly<Record<string, unknown>>,
    asking: Asking,
  ): Promise<Located[]> {
    const self = parent && aliased(parent.entity.source, 'self');
    const row = aliased(child.source, 'row');
    const where = condition(spec, self, row, args, asking);
    return this.#located(parent, child, spec, where, asking);
  }

  /** The rows among which a cursor of a list may stand: of the same parent and scope, whatever the filters. */
  async siblings(
    parent: Located | undefined,
    child: EntitySpec,
    spec: RelationSpec,
    asking: Asking,
  ): Promise<Located[]> {
    const self = parent && aliased(parent.entity.source, 'self');
    const where = self && condition(spec, self, aliased(child.source, 'row'), {}, asking);
    return this.#located(parent, child, spec, where, asking);
  }

  /** 支援措置 (handbook 06 §5): 0 not protected, 1 protected and the actor is named for each, 2 protected. */
  async protection(addresseeNo: string, { today, actorId }: Asking): Promise<number> {
    const inForce = (alias: string) =>
      sql`${today}::date between ${sql.raw(alias)}.valid_from and ${sql.raw(alias)}.valid_to`;
    const rows = await this.#read(sql`select r.protection_id, exists (select from records.protection_staff s
        where s.protection_id = r.protection_id and s.staff_id = ${actorId} and ${inForce('s')}) as v
      from records.protection_reach r where r.addressee_no = ${addresseeNo} and ${inForce('r')}`);
    if (rows.length === 0) return 0;
    return rows.every((row) => (row as { v: boolean }).v) ? 1 : 2;
  }

  async #located(
    parent: Located | undefined,
    child: EntitySpec,
    spec: RelationSpec,
    where: SQL | undefined,
    asking: Asking,
  ): Promise<Located[]> {
    const row = aliased(child.source, 'row');
    const self = parent && aliased(parent.entity.source, 'self');
    const key = primaryKey(child.source).map((name) => sql`${columnOf(row, name)}::text`);
    const subject = child.subject === undefined ? sql`null::text` : sql`${columnOf(row, child.subject)}`;
    const order = spec.order?.(columnsOf(row) as never);
    const direction = sql.raw(order?.direction ?? '');
    const by = order?.columns.map((column) => sql`${column} ${direction}`) ?? [];
    const all = and(parent && self && keyIs(parent.entity, self, parent.key), where);
    const rows =
      await this.#read(sql`select jsonb_build_array(${sql.join(key, sql`, `)}) as key, ${subject} as subject
      from ${child.source} "row" ${parent ? sql`, ${parent.entity.source} self` : sql``}
      ${all ? sql`where ${all}` : sql``} ${by.length === 0 ? sql`` : sql`order by ${sql.join(by, sql`, `)}`}`);
    const found = rows as { readonly key: string[]; readonly subject: string | null }[];
    const visible: Located[] = [];
    for (const each of found) {
      if (await this.#isWithinScope(child, each.subject, asking)) visible.push({ entity: child, ...each });
    }
    return visible;
  }

  /** Who is limited to a branch finds only rows about its people. */
  async #isWithinScope(entity: EntitySpec, subject: string | null, asking: Asking): Promise<boolean> {
    if (asking.branchCode === undefined || entity.subject === undefined) return true;
    if (subject === null) return false;
    const branch = await this.#first(
      sql`select to_jsonb(branch_code) as v from records.addressee where addressee_no = ${subject}`,
    );
    return branch === asking.branchCode;
  }

  async #first(statement: SQL): Promise<unknown> {
    const [row] = await this.#read(statement);
    return (row as { v?: unknown } | undefined)?.v ?? null;
  }

  #read(statement: SQL): Promise<unknown[]> {
    const { sql: text, params } = dialect.sqlToQuery(statement);
    const key = JSON.stringify([text, params]);
    const known = this.#known.get(key);
    if (known) return known;
    const rows = this.#session.run('oracle.read', ({ raw }) =>
      raw.unsafe<Record<string, unknown>[]>(text, params as never[]).then((found) => [...found]),
    );
    this.#known.set(key, rows);
    return rows;
  }
}

/**
 * What a relation asks of a row.
 * @throws KuramoriError BAD_INPUT when an argument is not what the relation takes
 */
export function condition(
  spec: RelationSpec,
  self: Source | undefined,
  row: Source,
  args: Readonly<Record<string, unknown>>,
  asking: Asking,
): SQL | undefined {
  return spec.where({
    self: (self ? columnsOf(self) : {}) as never,
    row: columnsOf(row) as never,
    args: bound(args) as never,
    ...binds(asking),
  });
}

/** The same table or view under another name. */
export function aliased(source: Source, alias: string): Source {
  return aliasedTable(source as PgTable, alias);
}

/** Whether the value of a computed field depends on the protection of its row. */
export function looksAtProtection(entity: EntitySpec, spec: FieldSpec, asking: Asking): boolean {
  if (spec.kind !== 'computed') return false;
  let looked = false;
  spec.expression({
    self: columnsOf(entity.source) as never,
    joined: (table) => columnsOf(table) as never,
    ...binds(asking),
    get protection() {
      looked = true;
      return sql`0`;
    },
  });
  return looked;
}

function binds({ today, actorId }: Asking): { today: SQL; actorId: SQL } {
  return { today: sql`${today}::date`, actorId: sql`${actorId}::text` };
}

function bound(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(args).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [
      name,
      typeof value === 'object' && !Array.isArray(value)
        ? bound(value as Record<string, unknown>)
        : { value: constant(value), map: (change: (value: unknown) => unknown) => constant(change(value)) },
    ]),
  );
}

/** Numbers are written out: a place would take the type of what it is compared with, and may not fit it. */
function constant(value: unknown): SQL {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? sql.raw(`(${String(value)})`)
    : sql`${value}`;
}

function keyIs(entity: EntitySpec, self: Source, key: readonly string[]): SQL | undefined {
  return and(...primaryKey(entity.source).map((name, at) => eq(columnOf(self, name), sql`${key[at]}`)));
}

const primaryKeys = new Map<Source, readonly string[]>();

function primaryKey(source: Source): readonly string[] {
  const known = primaryKeys.get(source);
  if (known) return known;
  const { columns, primaryKeys: composite } = getTableConfig(source as PgTable);
  const parts = composite[0]?.columns ?? columns.filter(({ primary }) => primary);
  const names = Object.entries(columnsOf(source)).flatMap(([property, column]) =>
    parts.some(({ name }) => name === column.name) ? [property] : [],
  );
  if (names.length === 0) throw new Error('A table without a primary key.');
  primaryKeys.set(source, names);
  return names;
}

function columnOf(source: Source, property: string): PgColumn {
  const column = columnsOf(source)[property];
  if (!column) throw new Error(`There is no column ${property}.`);
  return column;
}
