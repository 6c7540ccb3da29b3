import { z } from 'zod';
import { contentDigest, type ApprovalContent } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { isVaultRef, type VaultRef } from '../number/vaultRef.js';
import { RETENTION_CLASSES } from '../retention/rule.js';

const JOURNAL_VERSION = 1;

const text = z.string();
const instant = z.iso.datetime();
const ref = z.custom<VaultRef>(isVaultRef);
const heading = z.strictObject({
  v: z.literal(JOURNAL_VERSION),
  kind: z.literal('journal'),
  municipality: z.string().regex(/^[0-9]{6}$/),
});
const begun = z.strictObject({
  v: z.literal(JOURNAL_VERSION),
  kind: z.literal('erasure'),
  certificateId: text,
  refs: z.array(ref).min(1).readonly(),
  reason: text,
  requestedBy: text,
  approvedBy: text,
  startedAt: instant,
  particulars: z.strictObject({
    fileName: text,
    basis: text,
    retentionClass: z.enum(RETENTION_CLASSES).exactOptional(),
    purpose: text,
    approvalId: text,
    requestedAt: instant,
    approvedAt: instant,
    executedBy: text,
    keyIds: z.array(text).readonly(),
    intentEntry: text,
  }),
});
const certified = z.strictObject({
  v: z.literal(JOURNAL_VERSION),
  kind: z.literal('certificate'),
  certificateId: text,
  signed: text,
  issuedAt: instant,
});
/** 振込データ: a payment file that was about to leave, so that a restored database that lacks it pays nothing twice. */
const paid = z.strictObject({
  v: z.literal(JOURNAL_VERSION),
  kind: z.literal('paymentFile'),
  fileNo: z.int32().min(1),
  payOn: z.iso.date(),
  count: z.int32().min(1),
  /** Whole yen, decimal. */
  totalYen: z.string().regex(/^[1-9]\d{0,11}$/),
  sha256: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** Whom it pays, in the order of its records. */
  refundIds: z.array(text).min(1).readonly(),
  madeBy: text,
  madeAt: instant,
});
/** 記録簿の再作成: the journal was made anew, so that it may lack payment files which the bank has. */
const rebuilt = z.strictObject({
  v: z.literal(JOURNAL_VERSION),
  kind: z.literal('rebuilt'),
  rebuildId: z.string().regex(/^RB-[0-9a-f-]{36}$/),
  rebuiltAt: instant,
  /** The officer who decided it. */
  decidedBy: text,
});
const line = z.discriminatedUnion('kind', [heading, begun, certified, paid, rebuilt]);

/** One line of the erasure journal's file. */
export type JournalLine = Readonly<z.output<typeof line>>;

/** What a writer gives: the version is added here. */
export type JournalEntry = JournalLine extends infer Line
  ? Line extends JournalLine
    ? Omit<Line, 'v'>
    : never
  : never;

/** The certificate of one that was done. */
export type CertifiedLine = Extract<JournalLine, { readonly kind: 'certificate' }>;

/** A payment file that has left the vault. */
export type PaymentFileLine = Extract<JournalLine, { readonly kind: 'paymentFile' }>;

/** That the journal was made anew. */
export type RebuiltLine = Extract<JournalLine, { readonly kind: 'rebuilt' }>;

/**
 * The bytes of a line, with its digest, so that a bit that turned on the disk does not turn one reference into another.
 * @throws KuramoriError BAD_INPUT when it is larger than what can be digested
 */
export function lineBytes(entry: JournalEntry): Uint8Array {
  const members = { v: JOURNAL_VERSION, ...entry };
  const digest = contentDigest(members);
  return Buffer.from(`${JSON.stringify({ ...members, digest })}\n`, 'utf8');
}

/**
 * Reads a line.
 * @param lineNo from 1, for the error
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function parsedLine(bytes: Uint8Array, lineNo: number): JournalLine {
  try {
    const { digest, ...members } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
    if (digest !== contentDigest(members as ApprovalContent)) throw journalDamaged(lineNo);
    return line.parse(members);
  } catch (cause) {
    throw journalDamaged(lineNo, cause);
  }
}

function journalDamaged(lineNo: number, cause?: unknown): KuramoriError {
  return new KuramoriError(
    'INTEGRITY_FAILURE',
    'The erasure journal is damaged. Put back its copy; the vault must not open without it.',
    { line: lineNo },
    { cause },
  );
}
