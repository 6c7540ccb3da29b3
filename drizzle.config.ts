import { defineConfig } from 'drizzle-kit';

/**
 * `KURAMORI_SCHEMA=vault` writes the vault's migrations, otherwise the records'. What is written in SQL by hand
 * (partitions, definer functions, views) stays out: the audit log and the views.
 */
const databases = {
  records: { schema: './schema/records/!(audit|views|index).ts', schemaFilter: ['records', 'access'] },
  vault: { schema: './schema/vault/!(index).ts', schemaFilter: ['vault'] },
};
const name = process.env['KURAMORI_SCHEMA'] === 'vault' ? 'vault' : 'records';

export default defineConfig({ dialect: 'postgresql', out: `./migrations/${name}`, ...databases[name] });
