import * as tables from '../../../schema/records/index.js';
import type { Database, Session } from '../../../src/kernel/database/database.js';

/** Columns of a table of which any may be left out. */
export type New<T extends { readonly $inferInsert: object }> = Partial<T['$inferInsert']>;

/** A table of the records database. */
export type AnyTable = Extract<(typeof tables)[keyof typeof tables], { readonly $inferInsert: object }>;
/** One whose rows are numbered. */
export type NumberedTable = Extract<AnyTable, { readonly id: unknown }>;

/** Writes rows of any table as the owner of the database. All rows of one of these name the same change. */
export class Rows {
  protected readonly owner: Database;
  #changeId: bigint | undefined;
  #serial = 0;

  constructor(owner: Database) {
    this.owner = owner;
  }

  /** A text no other row has. */
  serial(prefix: string): string {
    this.#serial += 1;
    return `${prefix}${String(this.#serial).padStart(6, '0')}`;
  }

  /** The change that all rows of these records name. */
  async changeId(): Promise<bigint> {
    this.#changeId ??= await this.newChange();
    return this.#changeId;
  }

  async newChange(action = 'test', actorId = 'seed'): Promise<bigint> {
    const [row] = await this.owner.run('seed.change', ({ orm }) =>
      orm
        .insert(tables.changes)
        .values({ actorId, purpose: 'COLLECTION', requestId: crypto.randomUUID(), action })
        .returning({ id: tables.changes.id }),
    );
    return found(row).id;
  }

  /** A row of any table with a numbered key. @returns its number */
  async row<T extends NumberedTable>(table: T, values: New<T>): Promise<bigint> {
    return insert(this.owner, table, { changeId: await this.changeId(), ...values });
  }

  /** A row of a table whose key is not numbered. */
  async bare(table: AnyTable, values: object): Promise<void> {
    await this.owner.run('seed.bare', ({ orm }) => orm.insert(table).values(values as never));
  }

  /** The same, of a table that names the change. */
  protected async noted(table: AnyTable, values: object): Promise<void> {
    await this.bare(table, { changeId: await this.changeId(), ...values });
  }
}

/** Writes one row. @returns its number */
export async function insert(session: Session, table: NumberedTable, values: object): Promise<bigint> {
  const rows = await session.run('seed.insert', ({ orm }) =>
    orm
      .insert(table)
      .values(values as never)
      .returning({ id: (table as typeof tables.levyLines).id }),
  );
  return found(rows[0]).id;
}

export function found<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('A row was not written.');
  return row;
}
