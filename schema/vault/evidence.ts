import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytes, day, instant } from '../columns.js';
import { vault } from './tables.js';

const entryNo = () => bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity();
const enteredAt = () => instant('entered_at').notNull();
/** The officer of the vault's register who answers for the entry. */
const enteredBy = () => text('entered_by').notNull();

/** 文書署名鍵の証明書: one for each version of the class `document`, as it was issued. */
export const documentCertificates = vault.table('document_certificate', {
  keyId: text('key_id').primaryKey(),
  /** X.509, DER. */
  certificate: bytes('certificate').notNull(),
  issuedAt: instant('issued_at').notNull(),
});

/**
 * 委託先台帳 (handbook 11 §7): each row says everything of one contract as it is from now on; the last one counts.
 * Insert-only.
 */
export const processors = vault.table(
  'processor',
  {
    id: entryNo(),
    processorId: text('processor_id').notNull(),
    /** 委託先の名称. */
    name: text('name').notNull(),
    /** 契約番号. */
    contractNo: text('contract_no').notNull(),
    contractFrom: day('contract_from').notNull(),
    /** Inclusive. */
    contractTo: day('contract_to').notNull(),
    /** 委託する事務の範囲. */
    scope: text('scope').notNull(),
    /** 根拠. */
    basis: text('basis').notNull(),
    /** 取扱責任者. */
    responsible: text('responsible').notNull(),
    /** 取扱者. */
    staff: text('staff').array().notNull(),
    places: text('places').array().notNull(),
    devices: text('devices').array().notNull(),
    /** 再委託先; none without consent (番号法第10条). */
    subProcessor: text('sub_processor'),
    /** 再委託の許諾日. */
    consentedOn: day('consented_on'),
    trainedOn: day('trained_on'),
    enteredBy: enteredBy(),
    enteredAt: enteredAt(),
  },
  (t) => [
    index('processor_of').on(t.processorId, t.id),
    check('processor_id_form', sql`processor_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'`),
    check('processor_period', sql`contract_to >= contract_from`),
    check('processor_consent', sql`(sub_processor is null) = (consented_on is null)`),
  ],
);

/** 委託先の監査: at least one a year. Insert-only. */
export const processorAudits = vault.table(
  'processor_audit',
  {
    id: entryNo(),
    processorId: text('processor_id').notNull(),
    auditedOn: day('audited_on').notNull(),
    /** 指摘事項と結果. */
    finding: text('finding').notNull(),
    enteredBy: enteredBy(),
    enteredAt: enteredAt(),
  },
  (t) => [index('processor_audit_of').on(t.processorId, t.auditedOn)],
);

export const INCIDENT_STEPS = [
  'found',
  'quickReport',
  'finalReport',
  'subjectNotice',
  'notReportable',
  'closed',
] as const;

/**
 * 漏えい等の事案 (handbook 11 §8): each row adds what became known or was done; of each text the last one counts.
 * Insert-only. Every incident is to be reported until a person decides otherwise.
 */
export const incidentEntries = vault.table(
  'incident_entry',
  {
    id: entryNo(),
    /** `IN-…` */
    incidentId: text('incident_id').notNull(),
    /** What this row is: a finding, or a step that was done. */
    step: text('step', { enum: INCIDENT_STEPS }).notNull(),
    /** 知った日; in the first row of an incident and there alone. */
    learnedOn: day('learned_on'),
    /** 不正の目的のおそれ: 60 days for the final report. */
    malicious: boolean('malicious'),
    /** Of a step that was done. */
    doneOn: day('done_on'),
    /** 概要 */
    overview: text('overview'),
    /** 漏えい等した特定個人情報の項目 */
    items: text('items'),
    /** 本人の数 */
    people: text('people'),
    /** 原因 */
    cause: text('cause'),
    /** 二次被害又はそのおそれの有無及び内容 */
    secondaryDamage: text('secondary_damage'),
    /** 本人への対応の実施状況 */
    response: text('response'),
    /** 公表の実施状況 */
    publication: text('publication'),
    /** 再発防止のための措置 */
    prevention: text('prevention'),
    /** その他参考となる事項 */
    other: text('other'),
    enteredBy: enteredBy(),
    /** The second person, where a decision ends the duty to report. */
    approvedBy: text('approved_by'),
    enteredAt: enteredAt(),
  },
  (t) => [
    index('incident_entry_of').on(t.incidentId, t.id),
    check('incident_id_form', sql`incident_id ~ '^IN-[0-9a-f-]{36}$'`),
    check(
      'incident_step_known',
      sql`step in ('found', 'quickReport', 'finalReport', 'subjectNotice', 'notReportable', 'closed')`,
    ),
    check('incident_step_dated', sql`(step = 'found') = (done_on is null)`),
    check('incident_learned_when_found', sql`learned_on is null or step = 'found'`),
    check(
      'incident_two_people',
      sql`case when step in ('notReportable', 'closed') then approved_by is not null and approved_by <> entered_by
        else approved_by is null end`,
    ),
  ],
);

/** 休日: holidays by law (祝日), for deadlines that move to the next open day. Insert-only. */
export const holidays = vault.table(
  'holiday',
  { day: day('day').notNull(), name: text('name').notNull() },
  (t) => [primaryKey({ columns: [t.day] })],
);
