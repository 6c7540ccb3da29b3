import { signAssertion, type SignedOperation, type TerminalSigner } from './assertion.js';
import type { OperationContext } from './details.js';

/** What an officer says to see an analysis of the log; without a run, which ones wait for this person. */
export interface OpenAnalysisDetails extends OperationContext {
  /** 分析番号, `LA-…`. */
  readonly runId?: string;
}

/** What an officer concludes of an analysis. */
export interface ReviewAnalysisDetails extends OperationContext {
  readonly runId: string;
  readonly stepUp: string;
  /** As it was shown: the officer signs for this run with these hits and no other. */
  readonly digest: string;
  /** 問題なし, 要改善, or 事案: then an incident is entered besides. */
  readonly outcome: 'sound' | 'followUp' | 'incident';
  /** 結論, in the officer's own words. No individual number has a place in it. */
  readonly conclusion: string;
}

/**
 * Shows an officer an analysis of the log with its hits (分析結果の閲覧). The body is `{runId}`, or `{}` for those that wait.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 *
 * @example
 * const { waiting } = await ask(await openAnalysisRequest(key, context));
 * const { run } = await ask(await openAnalysisRequest(key, { ...context, runId: waiting[0].runId }));
 */
export function openAnalysisRequest(
  key: TerminalSigner,
  { runId, ...context }: OpenAnalysisDetails,
): Promise<SignedOperation> {
  return signAssertion(key, { ...context, op: 'openAnalysis' }, runId === undefined ? {} : { runId });
}

/**
 * Signs what an officer concludes of an analysis (分析結果の確認). The body is `{runId, digest, outcome, conclusion}`.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function reviewAnalysisRequest(
  key: TerminalSigner,
  { runId, digest, outcome, conclusion, ...context }: ReviewAnalysisDetails,
): Promise<SignedOperation> {
  const body = { runId, digest, outcome, conclusion };
  return signAssertion(key, { ...context, op: 'reviewAnalysis' }, body);
}
