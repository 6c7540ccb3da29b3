import { signAssertion, type SignedOperation, type TerminalSigner } from './assertion.js';
import type { OperationContext } from './details.js';
import type { JsonObject } from './json.js';

/**
 * What two people decide (二人承認, handbook 15 §6.3): an operation, its subjects, and the body it will have. One person
 * asks for it with {@link approvalRequest}, another opens and decides it, and the first does the very same with
 * {@link approvedRequest}: one changed byte is another request.
 */
export type TwoPersonAct =
  /** 番号変更: the number of `ref` was replaced by that of `supersededBy`, which is registered. */
  | (Act<'supersede', { readonly supersededBy: string } & Said> & OneSubject)
  /** 消去保留 */
  | (Act<'hold', Said> & OneSubject)
  /** 保留解除 */
  | (Act<'releaseHold', { readonly holdId: string } & Said> & OneSubject)
  /** 消去: what the certificate of erasure prints of it. */
  | (Act<'erase', { readonly fileName: string; readonly retentionClass?: string } & Said> & Subjects)
  /** 事務の終了 of several subjects; `endedOn` is the day, `retentionClass` the rule that begins then. */
  | (Act<'endTask', { readonly retentionClass: string; readonly endedOn: string; readonly reason: string }> &
      Subjects)
  /** 事務の再開 of several subjects. */
  | (Act<'resumeTask', { readonly reason: string }> & Subjects)
  /** 状態照会 of several subjects. */
  | (Act<'status', { readonly reason: string }> & Subjects);

/**
 * 一括登録: a file that is then registered on the vault's host, so that it is asked for and never sent.
 * `kuramori vault register FILE --digest` shows its digest and count.
 */
export type RegistrationAct = Act<
  'register',
  { readonly fileDigest: string; readonly count: number; readonly reason: string }
>;

/** 鍵破棄: asked for by a 鍵管理者, who then does it on the vault's host by `kuramori vault destroy`. */
export type KeyDestructionAct = Act<
  'destroyKey',
  { readonly keyClass: string; readonly version: number; readonly reason: string }
>;

/**
 * 振込データの作成: asked for by who may pay, of all payments that were taken until then and are in no file; then made on the
 * vault's host by `kuramori vault payment-file`.
 */
export type PaymentFileAct = Act<'paymentFile', { readonly payOn: string; readonly reason: string }>;

/**
 * 銀行との照合: what the bank says of a payment file that a restore of the vault has lost; then entered on the vault's
 * host by `kuramori vault payment-compared`.
 */
export type PaymentComparedAct = Act<
  'paymentCompared',
  { readonly fileNo: number; readonly outcome: 'paid' | 'notPaid'; readonly reason: string }
>;

/**
 * 記録簿の再作成後の照合: an officer says that the bank's transfers were compared with the vault's payment files after its
 * journal was made anew; then entered on the vault's host by `kuramori vault payment-journal-compared`.
 */
export type PaymentJournalComparedAct = Act<'paymentJournalCompared', { readonly reason: string }>;

/** What is asked for here and done on the vault's host. */
type HostAct =
  | RegistrationAct
  | KeyDestructionAct
  | PaymentFileAct
  | PaymentComparedAct
  | PaymentJournalComparedAct;

interface Act<Op extends string, Body> {
  readonly op: Op;
  readonly said: Body;
}

interface Said {
  /** 根拠 */
  readonly basis: string;
  /** In the requester's own words. */
  readonly reason: string;
}

interface OneSubject {
  readonly ref: string;
}

interface Subjects {
  readonly refs: readonly string[];
}

/** What a request for approval says. */
export interface ApprovalDetails extends OperationContext {
  readonly act: TwoPersonAct | HostAct;
}

/** What an approved operation says. */
export interface ApprovedDetails extends OperationContext {
  readonly act: TwoPersonAct;
  readonly stepUp: string;
  /** The one approval that is used up. */
  readonly approvals: readonly [string];
}

/** What an approver says to see a request. */
export interface OpenApprovalDetails extends OperationContext {
  readonly approvalId: string;
}

/** What an approver decides. */
export interface DecideApprovalDetails extends OpenApprovalDetails {
  readonly stepUp: string;
  /** As it was shown: the approver signs for this content and no other. */
  readonly contentDigest: string;
  readonly decision: 'approve' | 'refuse';
}

/**
 * Asks a second person (承認依頼). The body is `{op, body}`; the answer `{approvalId}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 *
 * @example
 * const act = { op: 'hold', ref, said: { basis, reason } } as const;
 * const { approvalId } = await ask(await approvalRequest(key, { ...context, act }));
 */
export function approvalRequest(
  key: TerminalSigner,
  { act, ...context }: ApprovalDetails,
): Promise<SignedOperation> {
  const body = { op: act.op, body: saidOf(act) };
  return signAssertion(key, { ...context, ...subjectsOf(act), op: 'requestApproval' }, body);
}

/**
 * Does what was approved, by the person who asked for it.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 *
 * @example
 * const { holdId } = await ask(await approvedRequest(key, { ...context, act, stepUp, approvals: [approvalId] }));
 */
export function approvedRequest(
  key: TerminalSigner,
  { act, ...context }: ApprovedDetails,
): Promise<SignedOperation> {
  // The reason of a status is for the approver alone.
  const body = act.op === 'status' ? { refs: [...act.refs] } : saidOf(act);
  return signAssertion(key, { ...context, ...subjectsOf(act), op: act.op }, body);
}

/**
 * Shows an approver what is asked (内容確認). The body is `{approvalId}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function openApprovalRequest(
  key: TerminalSigner,
  { approvalId, ...context }: OpenApprovalDetails,
): Promise<SignedOperation> {
  return signAssertion(key, { ...context, op: 'openApproval' }, { approvalId });
}

/**
 * Approves or refuses (承認・否認). The body is `{approvalId, contentDigest, decision}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function decideApprovalRequest(
  key: TerminalSigner,
  { approvalId, contentDigest, decision, ...context }: DecideApprovalDetails,
): Promise<SignedOperation> {
  const body = { approvalId, contentDigest, decision };
  return signAssertion(key, { ...context, op: 'decideApproval' }, body);
}

function subjectsOf(act: TwoPersonAct | HostAct): { ref?: string; refs?: readonly string[] } {
  if ('ref' in act) return { ref: act.ref };
  return 'refs' in act ? { refs: act.refs } : {};
}

function saidOf(act: TwoPersonAct | HostAct): JsonObject {
  return { ...act.said, ...('refs' in act ? { refs: [...act.refs] } : {}) };
}
