import { newJti, signAssertion, type SignedOperation, type TerminalSigner } from './assertion.js';
import type { OperationContext } from './details.js';
import { sealFor } from './requests.js';
import type { VaultKeys } from './vaultKeys.js';

/**
 * 緊急時利用 (handbook 15 §6.4): a sealed credential is opened by two people who are present, and for an hour its opener may
 * have single numbers shown without a grant: a {@link revealRequest} whose `approvals` are the opening alone.
 */
interface Glass extends OperationContext {
  /** As the envelope is labelled, `BG-…`. */
  readonly breakGlassId: string;
  /** In the requester's own words; of the opening the same as of its request. */
  readonly reason: string;
}

/** What an opening says. */
export interface OpenBreakGlassDetails extends Glass {
  readonly stepUp: string;
  /** Of the person who is present, given within the five minutes before. */
  readonly approvals: readonly [string];
  /** As it stands in the envelope. */
  readonly code: string;
  readonly vaultKeys: VaultKeys;
}

/** What an officer found who had no part in an opening. */
export interface BreakGlassFinding {
  /** Number of the opening, `AP-…`. */
  readonly opening: string;
  readonly outcome: 'justified' | 'unjustified';
  readonly finding: string;
}

/**
 * Asks the second person, who is present, for an opening.
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function breakGlassApprovalRequest(
  key: TerminalSigner,
  { breakGlassId, reason, ...context }: Glass,
): Promise<SignedOperation> {
  const body = { op: 'openBreakGlass', body: { breakGlassId, reason } };
  return signAssertion(key, { ...context, op: 'requestApproval' }, body);
}

/**
 * Opens a sealed credential; the code goes sealed to the vault. The answer is `{opening, until}`.
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}, and for keys of another municipality's vault
 * @example
 * const { opening } = await ask(await openBreakGlassRequest(key, { ...context, breakGlassId, reason, code, vaultKeys,
 *   stepUp, approvals: [approvalId] }));
 * const request = await revealRequest(key, { ...context, ref, stepUp, approvals: [opening], anchor });
 */
export async function openBreakGlassRequest(
  key: TerminalSigner,
  { breakGlassId, reason, code, vaultKeys, ...context }: OpenBreakGlassDetails,
): Promise<SignedOperation> {
  const jti = newJti();
  const sealed = await sealFor(context, vaultKeys, { kind: 'breakGlass', value: code, jti });
  const body = { breakGlassId, reason, code: sealed };
  return signAssertion(key, { ...context, op: 'openBreakGlass', jti }, body);
}

/**
 * Asks the audit officer to approve a review.
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function breakGlassReviewApprovalRequest(
  key: TerminalSigner,
  { review, ...context }: OperationContext & { readonly review: BreakGlassFinding },
): Promise<SignedOperation> {
  const body = { op: 'reviewBreakGlass', body: { ...review } };
  return signAssertion(key, { ...context, op: 'requestApproval' }, body);
}

/** Enters a review that was approved. @throws KuramoriError BAD_INPUT as {@link signAssertion} */
export function reviewBreakGlassRequest(
  key: TerminalSigner,
  details: OperationContext & {
    readonly review: BreakGlassFinding;
    readonly stepUp: string;
    readonly approvals: readonly [string];
  },
): Promise<SignedOperation> {
  const { review, ...context } = details;
  return signAssertion(key, { ...context, op: 'reviewBreakGlass' }, { ...review });
}

/**
 * Lists the openings that wait for their review, for officers. The answer is `{openings}`.
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function breakGlassListRequest(
  key: TerminalSigner,
  context: OperationContext,
): Promise<SignedOperation> {
  return signAssertion(key, { ...context, op: 'listBreakGlass' }, {});
}
