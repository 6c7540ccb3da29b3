import { z } from 'zod';
import type { ApprovalContent } from '../../../kernel/dualControl.js';
import { TRANSFER_CASES_MAX, TRANSFER_CASES_ONE_APPROVER_MAX } from '../../../kernel/limits.js';
import { CASE_NO } from '../../../protocol/transfer/layout.js';
import { sha256Form, packageIdForm, recordBytes, sha256Hex } from '../../../protocol/transfer/forms.js';
import type { ManifestDraft } from '../../../protocol/transfer/manifest.js';
import type { Assertion } from '../../assertion/assertion.js';
import { isVaultRef, type VaultRef } from '../../number/vaultRef.js';
import type { TransferDraft } from '../../client/transferWire.js';
import type { SettingValue } from '../setting/form.js';
import type { NumberSubject } from './package.store.js';

/** Whose number goes with which case; only where the profile includes numbers. */
const subjectsForm = z
  .array(
    z.strictObject({
      caseNo: z.string().regex(CASE_NO),
      ref: z.custom<VaultRef>((value) => isVaultRef(value)),
    }),
  )
  .min(1)
  .max(TRANSFER_CASES_MAX);

/** What a terminal signs to assemble a package (`packageAssemble`). */
export const assembleForm = z.strictObject({
  packageId: packageIdForm,
  draftDigest: sha256Form,
  subjects: subjectsForm.optional(),
});

export type AssembleBody = Readonly<z.output<typeof assembleForm>>;

/** How a sealed package leaves: over the network, or on a medium. */
export const RELEASE_WAYS = ['HTTPS', 'MEDIUM'] as const;

/** What a terminal signs to release a package (`packageRelease`). */
export const releaseForm = z.strictObject({
  packageId: packageIdForm,
  draftDigest: sha256Form,
  /** Of the sealed ciphertext: this one and no other leaves. */
  ciphertextSha256: sha256Form,
  way: z.enum(RELEASE_WAYS),
});

export type ReleaseBody = Readonly<z.output<typeof releaseForm>>;

/** Why the audit officer must approve as well as the officer of the unit. */
export type AuditReason = 'cases' | 'individualNumber' | 'outOfWindow';

/**
 * Reasons for a second approver (handbook 13 §2–4): many cases, individual numbers, a month that is no window.
 * @param month in Japan, from 1
 */
export function auditReasons(
  draft: Pick<ManifestDraft, 'cases' | 'profile'>,
  { windows }: Pick<SettingValue<'round'>, 'windows'>,
  month: number,
): readonly AuditReason[] {
  return [
    ...(draft.cases > TRANSFER_CASES_ONE_APPROVER_MAX ? (['cases'] as const) : []),
    ...(draft.profile.includesIndividualNumber ? (['individualNumber'] as const) : []),
    ...(windows.includes(month) ? [] : (['outOfWindow'] as const)),
  ];
}

/** What people approve of an assembly: the digest of the manifest's draft, and whose numbers are added. */
export function assembleContent(
  { purpose, basis }: Pick<Assertion, 'purpose' | 'basis'>,
  { packageId, draftDigest, subjects }: AssembleBody,
  { recipient, outOfWindowReason }: Pick<TransferDraft, 'recipient' | 'outOfWindowReason'>,
): ApprovalContent {
  return {
    op: 'packageAssemble',
    packageId,
    draftDigest,
    recipient,
    purpose,
    basis,
    outOfWindowReason: outOfWindowReason ?? null,
    subjectsDigest: subjects === undefined ? null : subjectsDigest(subjects),
  };
}

/** What people approve of a release. */
export function releaseContent(
  { purpose, basis }: Pick<Assertion, 'purpose' | 'basis'>,
  body: ReleaseBody,
): ApprovalContent {
  return { op: 'packageRelease', ...body, purpose, basis };
}

/** Digest of cases and references, in the order of the cases. */
function subjectsDigest(subjects: readonly NumberSubject[]): string {
  return sha256Hex(recordBytes(subjects.toSorted((a, b) => (a.caseNo < b.caseNo ? -1 : 1))));
}
