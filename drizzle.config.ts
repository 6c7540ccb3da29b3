import { defineConfig } from 'drizzle-kit';

/** What is written in SQL by hand (partitions, definer functions, views) stays out: the audit log and the views. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './schema/records/!(audit|views|index).ts',
  out: './migrations/records',
  schemaFilter: ['records', 'access'],
});
