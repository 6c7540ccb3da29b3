import { aliasedTable, sql, type SQL } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { columnsOf } from '../../access/schema/define.js';
import type { EntitySpec, Source } from '../../access/schema/entity.js';
import { KuramoriError } from '../../kernel/errors.js';
import { protectionReaches, protectionStaff } from '../../../schema/records/index.js';
import type { Binder } from './bind.js';

/** PostgreSQL takes at most 100 arguments to a function. */
const ARRAY_SLOTS_MAX = 100;

/** One row in the making: which columns it brings, from which sources, in which slots of its JSON array. */
export class RowBuilder {
  readonly entity: EntitySpec;
  readonly self: Source;
  readonly #alias: string;
  readonly #binder: Binder;
  readonly #slots: SQL[] = [];
  readonly #slotByName = new Map<string, number>();
  readonly #joined = new Map<Source, { alias: string; table: Source; source: Source; on: SQL | undefined }>();
  #protection: { alias: string; slot: number } | undefined;

  constructor(entity: EntitySpec, binder: Binder) {
    this.entity = entity;
    this.#binder = binder;
    this.#alias = binder.nextAlias();
    this.self = aliasOf(entity.source, this.#alias);
  }

  /** Adds a value to the row, once per name. @returns its slot */
  slot(name: string, expression: () => SQL): number {
    const known = this.#slotByName.get(name);
    if (known !== undefined) return known;
    const slot = this.#slots.push(expression()) - 1;
    this.#slotByName.set(name, slot);
    return slot;
  }

  /** Adds a value that no other selection shares, such as a relation. @returns its slot */
  add(expression: SQL): number {
    return this.#slots.push(expression) - 1;
  }

  /** A column of the row or of one of its joins, under its alias. */
  column(table: Source, property: string): PgColumn {
    const source = table === this.entity.source ? this.self : this.joined(table);
    const column = columnsOf(source)[property];
    if (!column)
      throw new KuramoriError('INTERNAL', `The entity ${this.entity.name} has no column ${property}.`);
    return column;
  }

  /** The addressee number the row is about. */
  subjectColumn(): PgColumn | undefined {
    return this.entity.subject === undefined
      ? undefined
      : this.column(this.entity.source, this.entity.subject);
  }

  /** The row's key as text, for cursors. */
  keySlot(): number {
    return this.slot('#key', () => sql`${this.column(this.entity.source, this.entity.key)}::text`);
  }

  /** The slot of the addressee number, for the audit entry. */
  subjectSlot(): number | undefined {
    const column = this.subjectColumn();
    return column === undefined ? undefined : this.slot('#subject', () => sql`${column}`);
  }

  /** 支援措置 state of the row's addressee, computed once per row. */
  protection(): { expression: SQL; slot: number } {
    if (this.entity.subject === undefined) {
      throw new KuramoriError(
        'INTERNAL',
        `The entity ${this.entity.name} has a protected field but no subject.`,
      );
    }
    if (this.#protection === undefined) {
      const alias = `${this.#alias}p`;
      const slot = this.#slots.push(sql`${sql.identifier(alias)}.state`) - 1;
      this.#protection = { alias, slot };
    }
    return { expression: sql`${sql.identifier(this.#protection.alias)}.state`, slot: this.#protection.slot };
  }

  get protectionSlot(): number | undefined {
    return this.#protection?.slot;
  }

  /** `json_build_array(…)` of all slots. Call when no more slots are to come. */
  value(): SQL {
    if (this.#slots.length > ARRAY_SLOTS_MAX) {
      throw new KuramoriError(
        'QUERY_TOO_COMPLEX',
        `More than ${ARRAY_SLOTS_MAX} different fields of one object were asked for. Ask for fewer.`,
      );
    }
    return sql`json_build_array(${sql.join(this.#slots, sql`, `)})`;
  }

  /** Whether something is worked out for each row that had better be worked out for the page's rows alone. */
  get isDear(): boolean {
    return this.#protection !== undefined;
  }

  /**
   * `from …` with the joins and the protection the slots turned out to need.
   * @param page conditions, order and limit on the row's own columns, applied before anything is joined: every join
   * brings exactly one row
   */
  from(page?: SQL): SQL {
    const alias = sql.identifier(this.#alias);
    const own = page
      ? sql`from (select ${alias}.* from ${this.entity.source} ${alias} ${page}) ${alias}`
      : sql`from ${this.entity.source} ${alias}`;
    const parts: SQL[] = [own];
    for (const { alias, table, on } of this.#joined.values()) {
      parts.push(sql`join ${table} ${sql.identifier(alias)} on ${on}`);
    }
    if (this.#protection) parts.push(this.#protectionJoin(this.#protection.alias));
    return sql.join(parts, sql` `);
  }

  /** One of the entity's joins, under its alias; joined once however often it is asked for. */
  joined(table: Source): Source {
    const known = this.#joined.get(table);
    if (known) return known.source;
    const join = this.entity.joins.find((candidate) => candidate.table === table);
    if (!join)
      throw new KuramoriError('INTERNAL', `The entity ${this.entity.name} does not join that table.`);
    const alias = `${this.#alias}j${this.#joined.size}`;
    const source = aliasOf(table, alias);
    this.#joined.set(table, {
      alias,
      table,
      source,
      on: join.on(columnsOf(this.self) as never, columnsOf(source) as never),
    });
    return source;
  }

  #protectionJoin(alias: string): SQL {
    const { today, actorId } = this.#binder;
    const reach = protectionReaches;
    const staff = protectionStaff;
    return sql`cross join lateral (
      select coalesce(max(case when exists (
        select from ${staff} where ${staff.protectionId} = ${reach.protectionId} and ${staff.staffId} = ${actorId}
          and ${today} between ${staff.validFrom} and ${staff.validTo}) then 1 else 2 end), 0) as state
      from ${reach} where ${reach.addresseeNo} = ${this.subjectColumn()}
        and ${today} between ${reach.validFrom} and ${reach.validTo}) ${sql.identifier(alias)}`;
  }
}

function aliasOf(source: Source, alias: string): Source {
  return aliasedTable(source as PgTable, alias);
}
