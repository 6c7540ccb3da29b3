import { instantText, today } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { plainDate } from '../../../kernel/dates.js';
import { dualControlRequired, type ApprovalContent } from '../../../kernel/dualControl.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { CredentialRefusal } from '../../../kernel/token/refusal.js';
import {
  draftDigest,
  type ManifestDraft,
  type TransferManifest,
} from '../../../protocol/transfer/manifest.js';
import { actingIn } from '../../approval/approved.js';
import { consumeApproval, type ConsumedApproval } from '../../approval/consume.js';
import type { TransferDraft } from '../../client/transferWire.js';
import { assertNotErased, lockNumbers } from '../../erasure/erased.js';
import { readBody } from '../../operation/body.js';
import type { Effect, EffectCall } from '../../operation/effects.js';
import { subjectRefs } from '../../operation/subjects.js';
import { requirePerson } from '../../staff/staff.store.js';
import { casesOf, requireCompletion, requireDraft } from '../draft/draft.store.js';
import { manifestDraft, settingsOf, type DraftSettings } from '../draft/manifest.js';
import { lockSeries, lockTransfer, moveState } from '../journal.js';
import { assembleContent, assembleForm, auditReasons, type AssembleBody } from './content.js';
import { casesSentSince, insertPackage, lastOfSeries } from './package.store.js';
import { nextTransferKey } from './signer.js';

const FISCAL_YEAR_MONTH = 4;

/**
 * 移管データの組立: fixes the manifest of a package, its place in the series and who approved it. Approvals are used up and
 * the states APPROVED and ASSEMBLED written, with the entry, in one transaction. The approval of the unit's officer is
 * named first in the assertion, that of the audit officer, where one is needed, second.
 * Answers `{packageId, seriesNo, state}`.
 */
export async function packageAssemble(call: EffectCall): Promise<Effect> {
  const { context, assertion, trail } = call;
  const body = readBody(assembleForm, call.body);
  const refs = signedRefs(call, body);
  return context.database.transaction('vault.transfer.assemble', async (tx) => {
    await lockTransfer(tx, body.packageId);
    const { draft, settings, manifest } = await approvable(tx, call, body);
    await assertSubjects(tx, body, draft);
    await assertQuota(tx, call, settings, draft.cases);
    assertWindowReason(call, settings, manifest);
    const content = assembleContent(assertion, body, manifest);
    const approvals = await approvalsOf(tx, call, draft, settings, content);
    const placed = await placeInSeries(tx, call, draft, approvals);
    await insertPackage(tx, context.clock, { manifest: placed, subjects: body.subjects });
    const by = actingIn(call).by;
    const reason = approvals.map(({ approvalId }) => approvalId).join(',');
    await moveState(tx, context.clock, body.packageId, 'APPROVED', { by, reason });
    await moveState(tx, context.clock, body.packageId, 'ASSEMBLED', {
      by,
      reason: `series:${placed.seriesNo}`,
    });
    const completed = { rows: draft.cases, subjects: refs, reason: `approval:${reason}` };
    const result = { packageId: body.packageId, seriesNo: placed.seriesNo, state: 'ASSEMBLED' };
    return { ...completed, result, entry: await trail.completesIn(tx, completed) };
  });
}

/** The references that were signed are those of the body, or none of either. */
function signedRefs({ assertion }: EffectCall, { subjects }: AssembleBody) {
  if (subjects !== undefined)
    return subjectRefs(
      assertion,
      subjects.map(({ ref }) => ref),
    );
  if (assertion.ref !== undefined || assertion.refsDigest !== undefined)
    throw new CredentialRefusal('binding');
  return [];
}

/** What is approved is what the draft is now, by the settings as they are now: any change voids the approval. */
async function approvable(tx: Session, { context }: EffectCall, body: AssembleBody) {
  const announced = await requireDraft(tx, body.packageId);
  const { counted, draftDigest: completed } = await requireCompletion(tx, body.packageId);
  const settings = await settingsOf(tx, context, announced);
  const draft = await manifestDraft(tx, context, announced, counted);
  if (draftDigest(draft) !== completed || completed !== body.draftDigest)
    throw dualControlRequired('otherContent');
  return { draft: draft as ManifestDraft & { content: 'TRANSFER' }, settings, manifest: announced };
}

/**
 * Numbers go with every case or with none; each case has one reference. Nobody erases one of the numbers before the
 * package is there: from then on it keeps them.
 */
async function assertSubjects(
  tx: Session,
  { packageId, subjects }: AssembleBody,
  { profile }: ManifestDraft,
): Promise<void> {
  if (!profile.includesIndividualNumber && subjects === undefined) return;
  const cases = (await casesOf(tx, packageId)).map(({ caseNo }) => caseNo);
  const named = subjects ?? [];
  const namedCases = named.map(({ caseNo }) => caseNo).toSorted();
  const isWhole = namedCases.join() === cases.toSorted().join();
  if (!profile.includesIndividualNumber || !isWhole)
    throw new KuramoriError(
      'BAD_INPUT',
      'Individual numbers go with each case once where the profile includes them, and with none where it does not.',
    );
  const refs = named.map(({ ref }) => ref);
  await lockNumbers(tx, refs);
  await assertNotErased(tx, refs);
}

/** The months of handover are customary (頃): outside them a reason must be told (handbook 13 §3). */
function assertWindowReason(
  { context }: EffectCall,
  { round }: DraftSettings,
  { outOfWindowReason }: TransferDraft,
): void {
  const { month } = plainDate(today(context.clock));
  if (round.windows.includes(month) || outOfWindowReason !== undefined) return;
  throw new KuramoriError(
    'BAD_INPUT',
    'The month is no window for this recipient. Announce the draft anew with the reason.',
    { field: 'outOfWindowReason' },
  );
}

async function assertQuota(
  tx: Session,
  { context }: EffectCall,
  { recipient, round }: DraftSettings,
  cases: number,
): Promise<void> {
  const day = plainDate(today(context.clock));
  const { year } = day.subtract({ months: FISCAL_YEAR_MONTH - 1 });
  const since = `${year}-04-01T00:00:00+09:00`;
  const sent = await casesSentSince(tx, recipient.bodyCode, since);
  if (sent + cases <= round.quota) return;
  throw new KuramoriError(
    'CONFLICT',
    `The package would exceed the quota of ${round.quota} cases of the fiscal year. Take cases out.`,
    { quota: round.quota, sent },
  );
}

/** Uses the approvals up: of the unit's officer, and of the audit officer where there is a reason for it. */
async function approvalsOf(
  tx: Session,
  call: EffectCall,
  draft: ManifestDraft,
  { round }: DraftSettings,
  content: ApprovalContent,
): Promise<readonly ConsumedApproval[]> {
  const { assertion, context } = call;
  const month = plainDate(today(context.clock)).month;
  const audited = auditReasons(draft, round, month).length > 0;
  const kinds = audited ? (['packageAssemble', 'packageAudit'] as const) : (['packageAssemble'] as const);
  if (assertion.approvals.length !== kinds.length) throw dualControlRequired('missing');
  const approvals: ConsumedApproval[] = [];
  for (const [at, kind] of kinds.entries()) {
    const approvalId = String(assertion.approvals[at]);
    approvals.push(await consumeApproval(tx, { approvalId, kind, content }, actingIn(call)));
  }
  const approvers = new Set(approvals.map(({ decided }) => decided.by));
  if (approvers.size !== approvals.length) throw dualControlRequired('samePerson');
  return approvals;
}

async function placeInSeries(
  tx: Session,
  { context }: EffectCall,
  draft: ManifestDraft & { content: 'TRANSFER' },
  approvals: readonly ConsumedApproval[],
): Promise<TransferManifest> {
  await lockSeries(tx, draft.recipient.bodyCode);
  const last = await lastOfSeries(tx, draft.recipient.bodyCode);
  if (last !== undefined && last.sha256 === null)
    throw new KuramoriError(
      'CONFLICT',
      'The package before it in the series is not sealed. Seal it or give it up first.',
    );
  const nextSigningKey = nextTransferKey(context);
  return {
    ...draft,
    seriesNo: (last?.seriesNo ?? 0) + 1,
    previousPackageDigest: last?.sha256 ?? null,
    createdAt: instantText(context.clock),
    approvals: await Promise.all(
      approvals.map(async ({ approvalId, decided }) => ({
        id: approvalId,
        personRole: (await requirePerson(tx, decided.by)).role,
        at: decided.at.toString(),
        draftDigest: draftDigest(draft),
      })),
    ),
    auditCheckpoint: null,
    ...(nextSigningKey && { nextSigningKey }),
  };
}
