import { signAssertion, type SignedOperation, type TerminalSigner } from './assertion.js';
import type { OperationContext } from './details.js';

/** What is said of the task of one number; of several, two people decide: see {@link TwoPersonAct}. */
export interface TaskDetails extends OperationContext {
  readonly ref: string;
  /** In the person's own words. */
  readonly reason: string;
}

/** What the end of a task says. */
export interface TaskEndDetails extends TaskDetails {
  /** 保存期間の種別, such as `TAX_LEDGER`. */
  readonly retentionClass: string;
  /** Day on which the task ended, YYYY-MM-DD. */
  readonly endedOn: string;
}

/** Which page of the candidates for erasure. */
export interface CandidatesDetails extends OperationContext {
  /** Where the page before ended: its `next`. */
  readonly after?: { readonly erasableFrom: string; readonly ref: string };
  readonly pageSize?: number;
}

/**
 * Says that the task for which a number is kept has ended (事務の終了). The answer is `{erasableFrom}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function endTaskRequest(
  key: TerminalSigner,
  { retentionClass, endedOn, reason, ...context }: TaskEndDetails,
): Promise<SignedOperation> {
  return signAssertion(key, { ...context, op: 'endTask' }, { retentionClass, endedOn, reason });
}

/**
 * Says that the task goes on after all (事務の再開). The answer is `{}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function resumeTaskRequest(
  key: TerminalSigner,
  { reason, ...context }: TaskDetails,
): Promise<SignedOperation> {
  return signAssertion(key, { ...context, op: 'resumeTask' }, { reason });
}

/**
 * Asks for a page of the candidates for erasure (消去候補). The answer is `{run, candidates, next}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 *
 * @example
 * const { candidates, next } = await ask(await candidatesRequest(key, { ...context, stepUp }));
 */
export function candidatesRequest(
  key: TerminalSigner,
  { after, pageSize, ...context }: CandidatesDetails,
): Promise<SignedOperation> {
  const body = {
    ...(after === undefined ? {} : { after: { erasableFrom: after.erasableFrom, ref: after.ref } }),
    ...(pageSize === undefined ? {} : { pageSize }),
  };
  return signAssertion(key, { ...context, op: 'listCandidates' }, body);
}
