import { signAssertion, type SignedOperation, type TerminalSigner } from './assertion.js';
import type { OperationContext } from './details.js';

/** What an audit officer says to get a part of an evidence. */
export interface EvidenceDetails extends OperationContext {
  /** 証跡の種別, e.g. `use`, `deletion`, `signIn`. */
  readonly kind: string;
  /** First and last day in Japan, ISO. */
  readonly from: string;
  readonly to: string;
  readonly form: 'csv' | 'pdf';
  /** `next` of the part before. */
  readonly after?: string;
}

/**
 * Asks for a part of an evidence (証跡). The body is `{kind, from, to, form, after}`; the answer holds `csv`, or `pdf` as
 * base64, and `next` while there is more.
 *
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 *
 * @example
 * const period = { from: '2026-11-01', to: '2026-11-30' };
 * const asked = await evidenceRequest(key, { ...context, kind: 'use', form: 'pdf', ...period });
 */
export function evidenceRequest(
  key: TerminalSigner,
  { kind, from, to, form, after, ...context }: EvidenceDetails,
): Promise<SignedOperation> {
  const body = { kind, from, to, form, ...(after === undefined ? {} : { after }) };
  return signAssertion(key, { ...context, op: 'evidence' }, body);
}
