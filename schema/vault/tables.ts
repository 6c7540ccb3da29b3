import { pgSchema } from 'drizzle-orm/pg-core';

/** 保管庫: everything the vault holds. The log it keeps is the schema `audit`, as in the records database. */
export const vault = pgSchema('vault');
