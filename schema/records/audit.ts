import { bigint, boolean, integer, interval, jsonb, pgSchema, smallint, text } from 'drizzle-orm/pg-core';
import { bytes, instant } from './columns.js';

/**
 * 監査ログ. The SQL is written by hand (migrations/records/0002_audit.sql, 0005_audit_runs.sql, 0018_audit_blocks.sql):
 * partitions, triggers and definer functions; drizzle-kit leaves this schema alone. Written to by `audit.append` only;
 * `audit.catch_up` makes from it what searches read.
 */
export const audit = pgSchema('audit');

const number = (name: string) => bigint(name, { mode: 'bigint' });

/** The sequencer: one row. */
export const auditHead = audit.table('head', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  nextRecord: number('next_record').notNull(),
  nextSequence: number('next_sequence').notNull(),
  latestAt: instant('latest_at').notNull(),
  latenessMax: interval('lateness_max').notNull(),
  markedRecord: number('marked_record').notNull(),
  markedAt: instant('marked_at').notNull(),
});

/** Distinct lists of coordinates. */
export const auditShapes = audit.table('shape', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  digest: bytes('digest').notNull().unique(),
  coordinates: text('coordinates').array().notNull(),
});

/** Which shapes hold a coordinate. */
export const auditShapeCoordinates = audit.table('shape_coordinate', {
  coordinate: text('coordinate').notNull(),
  shapeId: integer('shape_id').notNull(),
});

/** All records before `recordNo` have a time not after `at`. */
export const auditTimeMarks = audit.table('time_mark', {
  recordNo: number('record_no').primaryKey(),
  at: instant('at').notNull(),
});

/**
 * アクセス記録 as searches see it (索引): one operation, made from its block. `body` is of records of earlier releases, which
 * had no blocks.
 */
export const auditRecords = audit.table('record', {
  recordNo: number('record_no').primaryKey(),
  firstSequence: number('first_sequence').notNull(),
  at: instant('at').notNull(),
  entryCount: integer('entry_count').notNull(),
  shapeId: integer('shape_id').notNull(),
  decisions: smallint('decisions').notNull(),
  kind: text('kind').notNull(),
  actorId: text('actor_id').notNull(),
  purpose: text('purpose').notNull(),
  caseRef: text('case_ref'),
  body: bytes('body'),
});

/** A batch as it was appended: one body a line, the exact bytes to be hashed. What searches read is made from it. */
export const auditBlocks = audit.table('block', {
  firstRecord: number('first_record').primaryKey(),
  records: integer('records').notNull(),
  firstSequence: number('first_sequence').notNull(),
  entryCounts: integer('entry_counts').array().notNull(),
  bodies: text('bodies').notNull(),
});

/** All records before `nextRecord` stand in the tables that searches read: one row. */
export const auditIndexed = audit.table('indexed', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  nextRecord: number('next_record').notNull(),
});

/** Whose data a record is about: one row per record and addressee number (宛名番号). */
export const auditSubjects = audit.table('subject', {
  addresseeNo: text('addressee_no').notNull(),
  recordNo: number('record_no').notNull(),
});

/** Every record with its bytes, also those that searches do not see yet. */
export const auditWritten = audit
  .view('written', {
    recordNo: number('record_no').notNull(),
    firstSequence: number('first_sequence').notNull(),
    at: instant('at').notNull(),
    kind: text('kind').notNull(),
    actorId: text('actor_id').notNull(),
    purpose: text('purpose').notNull(),
    caseRef: text('case_ref'),
    body: bytes('body').notNull(),
  })
  .existing();

/** One line per entry, read from the bodies. */
export const auditEntries = audit
  .view('entry', {
    sequence: number('sequence').notNull(),
    recordNo: number('record_no').notNull(),
    at: instant('at').notNull(),
    kind: text('kind').notNull(),
    actorId: text('actor_id').notNull(),
    purpose: text('purpose').notNull(),
    caseRef: text('case_ref'),
    coordinate: text('coordinate').notNull(),
    decision: text('decision').notNull(),
    reason: text('reason'),
    rows: number('rows').notNull(),
    raised: boolean('raised').notNull(),
    subjects: jsonb('subjects').$type<readonly string[]>().notNull(),
    context: jsonb('context').notNull(),
  })
  .existing();
