import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { bytes, day, instant } from '../columns.js';
import { vault } from './tables.js';

/** Kinds of settings of transfers: whom to, in which layout, on which ground, when. */
export const TRANSFER_SETTING_KINDS = ['recipient', 'profile', 'basis', 'round', 'converter'] as const;

/** 移管設定: dated, decided by two people, signed by the vault, never changed: the one entered last holds. */
export const transferSettings = vault.table(
  'transfer_setting',
  {
    settingId: bigint('setting_id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    kind: text('kind', { enum: TRANSFER_SETTING_KINDS }).notNull(),
    name: text('name').notNull(),
    validFrom: day('valid_from').notNull(),
    /** Inclusive. */
    validTo: day('valid_to'),
    /** Compact JWS of the vault over all of it: who writes to the database cannot put a key of his own there. */
    signed: text('signed').notNull(),
    approvalId: text('approval_id').notNull(),
    enteredAt: instant('entered_at').notNull(),
  },
  (t) => [
    index('transfer_setting_name').on(t.kind, t.name, t.settingId),
    check(
      'transfer_setting_kind_known',
      sql`kind in ('recipient', 'profile', 'basis', 'round', 'converter')`,
    ),
    check('transfer_setting_period', sql`valid_to is null or valid_to >= valid_from`),
  ],
);

/** 失効した鍵: keys of recipients that nothing is sealed to any more, looked at when a package is sealed. */
export const transferRevocations = vault.table('transfer_revocation', {
  fingerprint: text('fingerprint').primaryKey(),
  reason: text('reason').notNull(),
  enteredBy: text('entered_by').notNull(),
  at: instant('at').notNull(),
});

/** 移管データ原案: as the records side announced it. A draft has the id that its package will have. */
export const transferDrafts = vault.table('transfer_draft', {
  packageId: text('package_id').primaryKey(),
  announced: jsonb('announced').notNull(),
  openedAt: instant('opened_at').notNull(),
});

export const SPOOL_OWNERS = ['draft', 'result'] as const;

/** 一時保管: a file that lies encrypted in the spool; without its row it opens no more. */
export const transferSpool = vault.table(
  'transfer_spool',
  {
    spoolId: text('spool_id').primaryKey(),
    ownerKind: text('owner_kind', { enum: SPOOL_OWNERS }).notNull(),
    /** Draft or result package. */
    owner: text('owner').notNull(),
    fileName: text('file_name').notNull(),
    rows: integer('rows').notNull(),
    bytes: bigint('bytes', { mode: 'bigint' }).notNull(),
    /** Of the plaintext, hexadecimal. */
    sha256: text('sha256').notNull(),
    keyId: text('key_id').notNull(),
    wrapNonce: bytes('wrap_nonce').notNull(),
    wrapped: bytes('wrapped').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [
    uniqueIndex('transfer_spool_file').on(t.owner, t.fileName),
    check('transfer_spool_owner_known', sql`owner_kind in ('draft', 'result')`),
  ],
);

/** 移管事案: which cases a complete draft holds, with their control totals. No personal data but the keys. */
export const transferCases = vault.table(
  'transfer_case',
  {
    packageId: text('package_id')
      .notNull()
      .references(() => transferDrafts.packageId),
    caseNo: text('case_no').notNull(),
    addresseeNo: text('addressee_no').notNull(),
  },
  (t) => [primaryKey({ columns: [t.packageId, t.caseNo] })],
);

/** A draft that no longer changes: what two people approve. */
export const transferCompletions = vault.table('transfer_completion', {
  packageId: text('package_id')
    .primaryKey()
    .references(() => transferDrafts.packageId),
  draftDigest: text('draft_digest').notNull(),
  /** Files, cases and totals, as they were counted. */
  counted: jsonb('counted').notNull(),
  at: instant('at').notNull(),
});

/**
 * 移管パッケージ: its manifest, but for the file of numbers: a digest of numbers is as good as an index value. Kept for
 * good: no row of it is personal.
 */
export const transferPackages = vault.table(
  'transfer_package',
  {
    packageId: text('package_id')
      .primaryKey()
      .references(() => transferDrafts.packageId),
    recipient: text('recipient').notNull(),
    seriesNo: integer('series_no').notNull(),
    /** RFC 8785 text. */
    manifest: text('manifest').notNull(),
    /** References and cases whose numbers are added when it is sealed; null where none are. */
    subjects: jsonb('subjects'),
    assembledAt: instant('assembled_at').notNull(),
  },
  (t) => [index('transfer_package_series').on(t.recipient, t.seriesNo)],
);

/** What became of the seal: ciphertext and outer record, which hold no personal data. */
export const transferSeals = vault.table('transfer_sealed', {
  packageId: text('package_id')
    .primaryKey()
    .references(() => transferPackages.packageId),
  bytes: bigint('bytes', { mode: 'bigint' }).notNull(),
  /** Of the ciphertext, hexadecimal. */
  sha256: text('sha256').notNull(),
  /** The outer record, RFC 8785. */
  outer: text('outer_record').notNull(),
  at: instant('at').notNull(),
});

/** 移管状態: the journal of states, step by step. */
export const transferStates = vault.table(
  'transfer_state',
  {
    packageId: text('package_id')
      .notNull()
      .references(() => transferDrafts.packageId),
    /** From 1; two at once cannot both be the next. */
    step: integer('step').notNull(),
    state: text('state').notNull(),
    at: instant('at').notNull(),
    /** A person, an operator or a service. */
    by: text('by').notNull(),
    reason: text('reason').notNull(),
  },
  (t) => [primaryKey({ columns: [t.packageId, t.step] }), index('transfer_state_at').on(t.at)],
);

/** 受領書・引受書・消去報告: as the organization signed them, or as they were entered from paper. */
export const transferReceipts = vault.table(
  'transfer_receipt',
  {
    packageId: text('package_id')
      .notNull()
      .references(() => transferPackages.packageId),
    kind: text('kind', { enum: ['DELIVERY', 'ACCEPTANCE', 'ERASURE'] }).notNull(),
    digest: text('digest').notNull(),
    signed: text('signed').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.packageId, t.kind] })],
);

/** 引受・返還, by case. */
export const transferOutcomes = vault.table(
  'transfer_outcome',
  {
    packageId: text('package_id')
      .notNull()
      .references(() => transferPackages.packageId),
    caseNo: text('case_no').notNull(),
    outcome: text('outcome', { enum: ['ACCEPTED', 'REJECTED'] }).notNull(),
    reason: text('reason'),
  },
  (t) => [primaryKey({ columns: [t.packageId, t.caseNo] })],
);

/** 媒体の種別 that may leave (handbook 13 §6): flash memory is none of them. */
export const MEDIUM_TYPES = ['DVD_R', 'BD_R', 'LTO', 'HDD_ENCRYPTED'] as const;

/** 持ち運び記録 (handbook 13 §6): how a medium left; what became of it stands in its events. */
export const transferCarries = vault.table(
  'transfer_carry',
  {
    carryId: text('carry_id').primaryKey(),
    sequence: bigint('sequence', { mode: 'bigint' }).generatedAlwaysAsIdentity(),
    packageId: text('package_id')
      .notNull()
      .references(() => transferPackages.packageId),
    mediumType: text('medium_type', { enum: MEDIUM_TYPES }).notNull(),
    serialNo: text('serial_no').notNull(),
    label: text('label').notNull(),
    sealNo: text('seal_no').notNull(),
    caseLockNo: text('case_lock_no').notNull(),
    writtenAt: instant('written_at').notNull(),
    writtenBy: text('written_by').notNull(),
    /** Of the ciphertext as it was read back from the medium, hexadecimal. */
    readBackDigest: text('read_back_digest').notNull(),
    firstCarrier: text('first_carrier').notNull(),
    secondCarrier: text('second_carrier').notNull(),
    purpose: text('purpose').notNull(),
    fromPlace: text('from_place').notNull(),
    toPlace: text('to_place').notNull(),
    transport: text('transport').notNull(),
    leftAt: instant('left_at').notNull(),
    expectedAt: instant('expected_at').notNull(),
    approvalId: text('approval_id').notNull(),
  },
  (t) => [
    index('transfer_carry_package').on(t.packageId),
    check('transfer_carry_medium', sql`medium_type in ('DVD_R', 'BD_R', 'LTO', 'HDD_ENCRYPTED')`),
    check('transfer_carry_two_carriers', sql`first_carrier <> second_carrier`),
  ],
);

export const CARRY_EVENTS = ['arrived', 'returned', 'destroyed', 'sealBroken', 'lost', 'overdue'] as const;

/** What became of a medium: an arrival, a return, a destruction, an incident, an alarm. */
export const transferCarryEvents = vault.table(
  'transfer_carry_event',
  {
    carryId: text('carry_id')
      .notNull()
      .references(() => transferCarries.carryId),
    kind: text('kind', { enum: CARRY_EVENTS }).notNull(),
    at: instant('at').notNull(),
    enteredBy: text('entered_by').notNull(),
    /** Who received it, its condition, the method of destruction. */
    details: jsonb('details').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.carryId, t.kind] }),
    check(
      'transfer_carry_event_known',
      sql`kind in ('arrived', 'returned', 'destroyed', 'sealBroken', 'lost', 'overdue')`,
    ),
  ],
);

/** 入金連絡: signed once; sent until the organization has it. Numbers of a package have no gap. */
export const transferDeltas = vault.table(
  'transfer_delta',
  {
    packageId: text('package_id')
      .notNull()
      .references(() => transferDrafts.packageId),
    deltaNo: integer('delta_no').notNull(),
    signed: text('signed').notNull(),
    /** Of the content, hexadecimal. */
    digest: text('digest').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.packageId, t.deltaNo] })],
);

/** The organization has it. */
export const transferDeltasSent = vault.table(
  'transfer_delta_sent',
  {
    packageId: text('package_id').notNull(),
    deltaNo: integer('delta_no').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.packageId, t.deltaNo] }),
    foreignKey({
      name: 'transfer_delta_sent_delta',
      columns: [t.packageId, t.deltaNo],
      foreignColumns: [transferDeltas.packageId, transferDeltas.deltaNo],
    }),
  ],
);

/** 結果データ: a package that came back and passed every check. */
export const transferResults = vault.table(
  'transfer_result',
  {
    resultId: text('result_id').primaryKey(),
    sequence: bigint('sequence', { mode: 'bigint' }).generatedAlwaysAsIdentity(),
    packageId: text('package_id')
      .notNull()
      .references(() => transferPackages.packageId),
    sender: text('sender').notNull(),
    seriesNo: integer('series_no').notNull(),
    /** Of the ciphertext, hexadecimal. */
    sha256: text('sha256').notNull(),
    manifest: text('manifest').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [uniqueIndex('transfer_result_series').on(t.sender, t.seriesNo)],
);

/** 消去記録: spool and package of a transfer are gone; signed by the vault. */
export const transferErasures = vault.table('transfer_erasure', {
  packageId: text('package_id')
    .primaryKey()
    .references(() => transferDrafts.packageId),
  signed: text('signed').notNull(),
  at: instant('at').notNull(),
});

/** 消去依頼: that the organization was asked to erase its copy of a transfer that has closed; signed once. */
export const transferErasureRequests = vault.table('transfer_erasure_request', {
  packageId: text('package_id')
    .primaryKey()
    .references(() => transferPackages.packageId),
  signed: text('signed').notNull(),
  /** An operator, or the vault by itself. */
  by: text('by').notNull(),
  at: instant('at').notNull(),
});

/** 変換記録: what a contractor's converter was given, what it gave, and that it kept nothing. */
export const transferConversions = vault.table(
  'transfer_conversion',
  {
    conversionId: bigint('conversion_id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    packageId: text('package_id')
      .notNull()
      .references(() => transferDrafts.packageId),
    converter: text('converter').notNull(),
    version: text('version').notNull(),
    inputDigest: text('input_digest').notNull(),
    outputDigest: text('output_digest').notNull(),
    erasureProof: text('erasure_proof').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [index('transfer_conversion_package').on(t.packageId)],
);
