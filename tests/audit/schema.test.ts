import { getTableConfig, getViewConfig } from 'drizzle-orm/pg-core';
import { describe, expect, it } from 'vitest';
import * as declared from '../../schema/records/audit.js';
import { testDatabase } from '../support/database.js';

const db = await testDatabase();

describe('the declaration of the audit tables', () => {
  it('names exactly the columns that the migration makes', async () => {
    const rows = await db.owner.run(
      'test.columns',
      ({ raw }) => raw<{ line: string }[]>`
      select table_name || '.' || column_name as line from information_schema.columns
      where table_schema = 'audit' and table_name !~ '_\\d{6}$'`,
    );
    const tables = [
      declared.auditHead,
      declared.auditBlocks,
      declared.auditIndexed,
      declared.auditShapes,
      declared.auditShapeCoordinates,
      declared.auditTimeMarks,
      declared.auditRecords,
      declared.auditSubjects,
    ].flatMap((table) =>
      getTableConfig(table).columns.map(({ name }) => `${getTableConfig(table).name}.${name}`),
    );
    const views = [declared.auditEntries, declared.auditWritten].flatMap((view) => {
      const { name: of, selectedFields } = getViewConfig(view);
      return (Object.values(selectedFields) as { name: string }[]).map(({ name }) => `${of}.${name}`);
    });
    expect([...tables, ...views].toSorted()).toEqual(rows.map(({ line }) => line).toSorted());
  });

  it('can be read through drizzle', async () => {
    const [head] = await db.gateway.run('test.head', ({ orm }) => orm.select().from(declared.auditHead));
    expect(head).toMatchObject({ nextRecord: 1n, nextSequence: 1n });
  });
});
