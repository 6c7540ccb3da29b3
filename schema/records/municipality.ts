import { integer, smallint, text } from 'drizzle-orm/pg-core';
import { day, records } from './columns.js';

/** 自治体: the one municipality of this database. */
export const municipalities = records.table('municipality', {
  code: text('code').primaryKey(),
  name: text('name').notNull(),
});

/** 休日: public holidays by law, as data because laws change (handbook 01 §3.1). */
export const holidays = records.table('holiday', {
  on: day('on_day').primaryKey(),
  name: text('name').notNull(),
});

/** 税目: kinds of claim. `legalFamily` separates taxes from social-insurance premiums, which never pay each other. */
export const taxItems = records.table('tax_item', {
  code: text('code').primaryKey(),
  identifier: text('identifier').notNull().unique(),
  name: text('name').notNull(),
  legalFamily: text('legal_family', { enum: ['tax', 'premium'] }).notNull(),
  allocationOrder: smallint('allocation_order').notNull(),
});

/** 延滞金・還付加算金の割合: tenths of a percent per calendar year (handbook 02 §3, 04 §3). */
export const yearlyRates = records.table('yearly_rate', {
  year: integer('year').primaryKey(),
  lateRateFirstTenths: integer('late_rate_first_tenths').notNull(),
  lateRateAfterTenths: integer('late_rate_after_tenths').notNull(),
  refundInterestTenths: integer('refund_interest_tenths').notNull(),
});
