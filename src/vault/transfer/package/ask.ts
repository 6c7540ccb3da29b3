import { z } from 'zod';
import type { Session } from '../../../kernel/database/database.js';
import type { ByAt } from '../../../kernel/dualControl.js';
import { APPROVAL_SAMPLE_MAX } from '../../../kernel/limits.js';
import type { ApprovalId } from '../../approval/approval.js';
import { requestApproval } from '../../approval/request.js';
import { readBody } from '../../operation/body.js';
import type { EffectCall } from '../../operation/effects.js';
import { casesOf, requireCompletion, requireDraft } from '../draft/draft.store.js';
import { assembleContent, assembleForm, releaseContent, releaseForm } from './content.js';
import { findPackage, lastOfSeries, requirePackage } from './package.store.js';
import { assertReleasable } from './release.js';

/** Which of two approvers is asked: the officer of the unit, or the audit officer beside him. */
const asked = z.strictObject({ reason: z.string(), approver: z.enum(['unit', 'audit']).default('unit') });
const askAssemblyForm = assembleForm.extend(asked.shape);
const askReleaseForm = releaseForm.extend({ reason: z.string() });

/**
 * Asks for the approval of the digest of a manifest's draft (移管承認; handbook 13 §4), with the summary that an approver
 * must open: count, recipient, samples, what differs from the last time.
 */
export async function askAssembly(tx: Session, call: EffectCall, requested: ByAt): Promise<ApprovalId> {
  const { reason, approver, ...body } = readBody(askAssemblyForm, call.body);
  const draft = await requireDraft(tx, body.packageId);
  const { counted } = await requireCompletion(tx, body.packageId);
  const cases = await casesOf(tx, body.packageId);
  const { purpose, basis } = call.assertion;
  const summary = {
    count: counted.cases,
    recipient: draft.recipient,
    purpose,
    basis,
    reason,
    sample: sampled(cases.map(({ caseNo }) => caseNo)),
    differences: await differences(tx, draft.recipient, counted),
  };
  const kind = approver === 'audit' ? 'packageAudit' : 'packageAssemble';
  const content = assembleContent(call.assertion, body, draft);
  return requestApproval(tx, { kind, content, summary }, requested);
}

/** Asks for the approval of a release: which ciphertext leaves, and how. */
export async function askRelease(tx: Session, call: EffectCall, requested: ByAt): Promise<ApprovalId> {
  const { reason, ...body } = readBody(askReleaseForm, call.body);
  await assertReleasable(tx, body);
  const { manifest } = await requirePackage(tx, body.packageId);
  const { purpose, basis } = call.assertion;
  const summary = {
    count: manifest.cases,
    recipient: manifest.recipient.bodyCode,
    purpose,
    basis,
    reason,
    sample: [`${body.way}:${body.ciphertextSha256}`],
  };
  const content = releaseContent(call.assertion, body);
  return requestApproval(tx, { kind: 'packageRelease', content, summary }, requested);
}

/** Cases spread over the whole, so that nobody can put those that are looked at first. */
function sampled(caseNos: readonly string[]): readonly string[] {
  const step = Math.max(1, Math.ceil(caseNos.length / APPROVAL_SAMPLE_MAX));
  return caseNos.filter((_, at) => at % step === 0).slice(0, APPROVAL_SAMPLE_MAX);
}

async function differences(
  tx: Session,
  recipient: string,
  { cases, totals }: { readonly cases: number; readonly totals: { readonly unpaid: bigint } },
): Promise<readonly string[]> {
  const last = await lastOfSeries(tx, recipient);
  const before = last && (await findPackage(tx, last.packageId));
  if (before === undefined) return ['This is the first package of the series.'];
  return [
    `Cases: ${before.manifest.cases} the last time, ${cases} now.`,
    `Unpaid: ${before.manifest.totals.unpaid} yen the last time, ${totals.unpaid} yen now.`,
  ];
}
