import { check, primaryKey, text } from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';
import { day } from '../columns.js';
import { vault } from './tables.js';

/** 根拠: which legal basis lets a purpose reach a number, from when to when (番号法 9条, 別表24の項; handbook 11 §1). */
export const legalBases = vault.table(
  'legal_basis',
  {
    /** Catalogue id, e.g. `NUMBER-ACT-9-1-24`. */
    basis: text('basis').notNull(),
    purpose: text('purpose').notNull(),
    validFrom: day('valid_from').notNull(),
    /** Inclusive. */
    validTo: day('valid_to'),
    /** The provision in words, printed into evidence. */
    provision: text('provision').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.basis, t.purpose, t.validFrom] }),
    check('legal_basis_period', sql`valid_to is null or valid_to >= valid_from`),
  ],
);
