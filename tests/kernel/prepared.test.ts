import { eq, inArray, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { taxItems } from '../../schema/records/index.js';
import type { Session } from '../../src/kernel/database/database.js';
import { ORM_STATEMENTS_PREPARED_MAX } from '../../src/kernel/limits.js';
import { testDatabase } from '../support/database.js';

const db = await testDatabase();

/** How many statements with this text the session's connection has ready. */
async function prepared(tx: Session, part: string): Promise<number> {
  const rows = await tx.run(
    'test.prepared',
    ({ raw }) => raw`
    select from pg_prepared_statements where position(${part} in statement) > 0 and statement not like '%pg_prep%'`,
  );
  return rows.length;
}

describe('a statement of the query builder', () => {
  it('is planned once for a connection, however often it runs', async () => {
    await db.owner.transaction('test.prepare', async (tx) => {
      for (const code of ['01', '02', '03']) {
        await tx.run('test.item', ({ orm }) => orm.select().from(taxItems).where(eq(taxItems.code, code)));
      }
      expect(await prepared(tx, '"code" = $1')).toBe(1);
    });
  });

  it('is not kept beyond a number of texts, and answers all the same', async () => {
    await db.owner.transaction('test.many', async (tx) => {
      for (let count = 1; count <= ORM_STATEMENTS_PREPARED_MAX + 20; count += 1) {
        const codes = Array.from({ length: count }, (_, index) => `x${index}`);
        const rows = await tx.run('test.items', ({ orm }) =>
          orm
            .select({ one: sql<number>`1` })
            .from(taxItems)
            .where(inArray(taxItems.code, codes)),
        );
        expect(rows).toEqual([]);
      }
      const kept = await prepared(tx, '"code" in (');
      expect(kept).toBeGreaterThan(0);
      expect(kept).toBeLessThanOrEqual(ORM_STATEMENTS_PREPARED_MAX);
    });
  });
});
