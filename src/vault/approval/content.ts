import { dualControlRequired, type ApprovalContent } from '../../kernel/dualControl.js';
import type { Assertion } from '../assertion/assertion.js';
import { refsDigestOf } from '../assertion/digest.js';
import type { VaultRef } from '../number/vaultRef.js';

/**
 * What a second person approves of an operation over several subjects (handbook 15 §6.3). An operation that changes
 * what is there has a content of its own.
 */
export function severalContent(
  { purpose, basis }: Pick<Assertion, 'purpose' | 'basis'>,
  op: 'status',
  refs: readonly VaultRef[],
): ApprovalContent {
  return { op, count: refs.length, refsDigest: refsDigestOf(refs), purpose, basis };
}

/** What a second person approves of a bulk registration (一括登録): the very file. */
export interface RegistrationFile {
  /** `sha256:` and the hexadecimal SHA-256 of its bytes, as `sha256sum` prints it. */
  readonly fileDigest: string;
  /** Lines with numbers (件数); a heading is none. */
  readonly count: number;
}

/** The content of {@link RegistrationFile} for its purpose and basis. */
export function registrationContent(
  { purpose, basis }: Pick<Assertion, 'purpose' | 'basis'>,
  { fileDigest, count }: RegistrationFile,
): ApprovalContent {
  return { op: 'register', count, fileDigest, purpose, basis };
}

/** What a second person approves of a payment file (総合振込): whom it pays, how much, when, from which account. */
export interface PaymentFileContent {
  /** ISO */
  readonly payOn: string;
  /** Entry of the consignor (振込依頼人), decimal. */
  readonly consignor: string;
  /** Of the refunds' numbers in their order. */
  readonly refundsDigest: string;
  readonly count: number;
  /** Whole yen, decimal. */
  readonly totalYen: string;
}

/** The content of {@link PaymentFileContent} for its purpose and basis. */
export function paymentFileContent(
  { purpose, basis }: Pick<Assertion, 'purpose' | 'basis'>,
  { payOn, consignor, refundsDigest, count, totalYen }: PaymentFileContent,
): ApprovalContent {
  return { op: 'paymentFile', payOn, consignor, refundsDigest, count, totalYen, purpose, basis };
}

/** What a second person approves of a payment file that a restore has lost: what the bank says of this very file. */
export function comparedFileContent(
  { purpose, basis }: Pick<Assertion, 'purpose' | 'basis'>,
  { fileNo, sha256, outcome }: { readonly fileNo: number; readonly sha256: string; readonly outcome: string },
): ApprovalContent {
  return { op: 'paymentCompared', fileNo, sha256, outcome, purpose, basis };
}

/**
 * What a second officer approves after the journal was made anew: that payments were compared with the bank since each
 * of these rebuildings.
 */
export function comparedJournalContent(
  { purpose, basis }: Pick<Assertion, 'purpose' | 'basis'>,
  rebuildIds: readonly string[],
): ApprovalContent {
  return { op: 'paymentJournalCompared', rebuildIds, purpose, basis };
}

/** What a second person approves of the destruction of a key (鍵破棄). */
export function destructionContent(keyClass: string, version: number): ApprovalContent {
  return { op: 'destroyKey', class: keyClass, version };
}

/** What a second person approves who is present at an opening (緊急時利用): which seal is broken, and for what. */
export function openingContent(
  { purpose, basis, caseId }: Pick<Assertion, 'purpose' | 'basis' | 'caseId'>,
  { breakGlassId, reason }: { readonly breakGlassId: string; readonly reason: string },
): ApprovalContent {
  return { op: 'openBreakGlass', breakGlassId, reason, purpose, basis, case: caseId };
}

/** What the audit officer approves of a review (点検). */
export function reviewContent(
  { purpose, basis }: Pick<Assertion, 'purpose' | 'basis'>,
  review: { readonly opening: string; readonly outcome: string; readonly finding: string },
): ApprovalContent {
  const { opening, outcome, finding } = review;
  return { op: 'reviewBreakGlass', opening, outcome, finding, purpose, basis };
}

/**
 * The one approval that an operation uses up.
 * @throws KuramoriError DUAL_CONTROL_REQUIRED
 */
export function approvalNamed({ approvals }: Pick<Assertion, 'approvals'>): string {
  const [approval, another] = approvals;
  if (approval === undefined || another !== undefined) throw dualControlRequired('missing');
  return approval;
}
