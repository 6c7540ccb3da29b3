import type { Database } from '../../../../src/kernel/database/database.js';

interface Column {
  readonly name: string;
  readonly type: string;
}

/** As an erasure begins: with its record. The shred key goes later. Columns that do not matter here are filled. */
export async function beginErasure(owner: Database, vaultRef: string): Promise<void> {
  const columns = await owner.run(
    'test.columns',
    ({ raw }) => raw<Column[]>`
      select column_name as name, data_type as type from information_schema.columns
      where table_schema = 'vault' and table_name = 'erasure' and is_nullable = 'NO' and is_identity = 'NO'
        and column_default is null`,
  );
  const names = columns.map(({ name }) => name).join();
  const values = columns.map((column) => valueOf(column, vaultRef)).join();
  await owner.run('test.erasure', ({ raw }) =>
    raw.unsafe(`insert into vault.erasure (${names}) values (${values})`),
  );
}

function valueOf({ name, type }: Column, vaultRef: string): string {
  if (name === 'vault_ref') return `'${vaultRef}'`;
  if (type === 'timestamp with time zone') return 'now()';
  return type === 'jsonb' ? "'{}'" : "'test'";
}
