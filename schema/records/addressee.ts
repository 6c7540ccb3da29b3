import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { changes } from './change.js';
import { day, instant, records, rowId, rowRef } from './columns.js';
import { taxItems } from './municipality.js';

export const ADDRESSEE_KINDS = ['person', 'company', 'joint', 'association', 'publicBody'] as const;
export const RESIDENCES = ['resident', 'nonResident'] as const;

/** Attributes of an addressee that change over time, shared by the current row and its history. */
const attributes = () => ({
  name: text('name').notNull(),
  kana: text('kana').notNull(),
  officialKana: text('official_kana'),
  alias: text('alias'),
  formerSurname: text('former_surname'),
  birthDate: day('birth_date'),
  sex: text('sex', { enum: ['male', 'female', 'unknown'] }),
  residence: text('residence', { enum: RESIDENCES }).notNull(),
  postalCode: text('postal_code'),
  address: text('address').notNull(),
  phone: text('phone'),
  email: text('email'),
  householdNo: text('household_no'),
  relationship: text('relationship'),
  diedOn: day('died_on'),
  movedOutOn: day('moved_out_on'),
});

/**
 * 宛名: a person or body as it is today. A projection of `addressee_version`, which is the journal.
 * `nameFolded`, `kanaFolded`, `addressFolded` are the comparison forms of handbook 06 §4; the text itself is never
 * folded.
 */
export const addressees = records.table(
  'addressee',
  {
    addresseeNo: text('addressee_no').primaryKey(),
    kind: text('kind', { enum: ADDRESSEE_KINDS }).notNull(),
    unifiedAddresseeNo: text('unified_addressee_no').unique(),
    vaultRef: text('vault_ref').unique(),
    corporateNo: text('corporate_no'),
    payrollAgentNo: text('payroll_agent_no'),
    branchCode: text('branch_code').notNull(),
    mergedInto: text('merged_into'),
    ...attributes(),
    nameFolded: text('name_folded').notNull(),
    kanaFolded: text('kana_folded').notNull(),
    addressFolded: text('address_folded').notNull(),
    versionNo: integer('version_no').notNull().default(1),
  },
  (t) => [
    index('addressee_kana').on(sql`${t.kanaFolded} collate "C"`, t.addresseeNo),
    index('addressee_name').on(t.nameFolded.op('text_pattern_ops'), t.addresseeNo),
    index('addressee_address').on(t.addressFolded.op('text_pattern_ops'), t.addresseeNo),
    index('addressee_birth').on(t.birthDate, t.addresseeNo),
    index('addressee_household')
      .on(t.householdNo)
      .where(sql`household_no is not null`),
    index('addressee_corporate')
      .on(t.corporateNo)
      .where(sql`corporate_no is not null`),
    index('addressee_payroll')
      .on(t.payrollAgentNo)
      .where(sql`payroll_agent_no is not null`),
  ],
);

/** 宛名履歴: every state of an addressee with the day it is valid from. Insert-only. */
export const addresseeVersions = records.table(
  'addressee_version',
  {
    addresseeNo: text('addressee_no').notNull(),
    versionNo: integer('version_no').notNull(),
    validFrom: day('valid_from').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
    ...attributes(),
  },
  (t) => [primaryKey({ columns: [t.addresseeNo, t.versionNo] })],
);

/** 消去済の保管庫参照: what an addressee's number was named by until the vault erased it. Insert-only. */
export const erasedReferences = records.table(
  'erased_reference',
  {
    vaultRef: text('vault_ref').primaryKey(),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('erased_reference_addressee').on(t.addresseeNo)],
);

/**
 * 保管庫参照の異動: each reference that an addressee was given, was moved to, or lost, by whomever. Written by a trigger;
 * no role may write it. `addresseeNo` names no row, so that a trace outlives what it tells of. Insert-only.
 */
export const referenceChanges = records.table(
  'reference_change',
  {
    // Numbers in their order, without a cache of its own in each connection: pages follow them.
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    addresseeNo: text('addressee_no').notNull(),
    oldRef: text('old_ref'),
    newRef: text('new_ref'),
    recordedAt: instant('recorded_at').notNull(),
    databaseUser: text('database_user').notNull(),
    /** The change record of the same transaction; none when somebody wrote past the application. */
    changeId: rowRef('change_id').references(() => changes.id),
  },
  (t) => [
    index('reference_change_addressee').on(t.addresseeNo, t.id),
    index('reference_change_unexplained')
      .on(t.id)
      .where(sql`change_id is null`),
  ],
);

/** 世帯. */
export const households = records.table('household', {
  householdNo: text('household_no').primaryKey(),
  householderNo: text('householder_no').notNull(),
});

/** 共有者: members of a joint addressee with their share (持分). Insert-only; a later row for the member replaces. */
export const coOwners = records.table(
  'co_owner',
  {
    id: rowId(),
    jointNo: text('joint_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    memberNo: text('member_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    shareNumerator: integer('share_numerator').notNull(),
    shareDenominator: integer('share_denominator').notNull(),
    representative: boolean('representative').notNull().default(false),
    validFrom: day('valid_from').notNull(),
    validTo: day('valid_to'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('co_owner_joint').on(t.jointNo), index('co_owner_member').on(t.memberNo)],
);

/** 納税管理人 / 相続人代表者: who receives documents in the debtor's place. Insert-only. */
export const taxManagers = records.table(
  'tax_manager',
  {
    id: rowId(),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    managerNo: text('manager_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    kind: text('kind', { enum: ['taxManager', 'heirRepresentative'] }).notNull(),
    taxItem: text('tax_item').references(() => taxItems.code),
    validFrom: day('valid_from').notNull(),
    validTo: day('valid_to'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('tax_manager_addressee').on(t.addresseeNo)],
);

/** 送付先. Insert-only. */
export const mailingAddresses = records.table(
  'mailing_address',
  {
    id: rowId(),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    taxItem: text('tax_item').references(() => taxItems.code),
    recipient: text('recipient').notNull(),
    postalCode: text('postal_code'),
    address: text('address').notNull(),
    validFrom: day('valid_from').notNull(),
    validTo: day('valid_to'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('mailing_address_addressee').on(t.addresseeNo)],
);

/** 口座振替情報. Insert-only; the latest row for a person and item holds. */
export const debitAccounts = records.table(
  'debit_account',
  {
    id: rowId(),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    taxItem: text('tax_item').references(() => taxItems.code),
    bankCode: text('bank_code').notNull(),
    bankBranchCode: text('bank_branch_code').notNull(),
    accountType: text('account_type', { enum: ['ordinary', 'current', 'saving'] }).notNull(),
    accountNo: text('account_no').notNull(),
    holderKana: text('holder_kana').notNull(),
    validFrom: day('valid_from').notNull(),
    validTo: day('valid_to'),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('debit_account_addressee').on(t.addresseeNo)],
);

/** 支援措置: protection of a person (handbook 06 §5), for a period. Insert-only. */
export const protections = records.table(
  'protection',
  {
    id: rowId(),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    kind: text('kind', { enum: ['domesticViolence', 'stalking', 'childAbuse', 'similar'] }).notNull(),
    source: text('source').notNull(),
    validFrom: day('valid_from').notNull(),
    validTo: day('valid_to').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [index('protection_addressee').on(t.addresseeNo)],
);

/** 支援措置の対象: everyone a protection reaches: the person and the household members named with it. Insert-only. */
export const protectionReaches = records.table(
  'protection_reach',
  {
    protectionId: rowRef('protection_id')
      .notNull()
      .references(() => protections.id),
    addresseeNo: text('addressee_no')
      .notNull()
      .references(() => addressees.addresseeNo),
    validFrom: day('valid_from').notNull(),
    validTo: day('valid_to').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.protectionId, t.addresseeNo] }),
    uniqueIndex('protection_reach_addressee').on(t.addresseeNo, t.protectionId),
  ],
);

/** 支援措置の閲覧許可職員: staff named for a protection, who see what all others see masked. Insert-only. */
export const protectionStaff = records.table(
  'protection_staff',
  {
    protectionId: rowRef('protection_id')
      .notNull()
      .references(() => protections.id),
    staffId: text('staff_id').notNull(),
    validFrom: day('valid_from').notNull(),
    validTo: day('valid_to').notNull(),
    changeId: rowRef('change_id')
      .notNull()
      .references(() => changes.id),
  },
  (t) => [primaryKey({ columns: [t.protectionId, t.staffId] })],
);
