import { signAssertion, type SignedOperation, type TerminalSigner } from './assertion.js';
import type { OperationContext } from './details.js';
import type { JsonObject } from './json.js';

/**
 * 移管 (handbook 13 §4): what a handler asks for and does, and what two people approve. The digest of the manifest's
 * draft comes from the vault; the handler signs for it, and any change makes it another.
 */

/** A package that is to be assembled. */
export interface PackageAssembly {
  readonly packageId: string;
  /** As the vault worked it out when the draft was completed. */
  readonly draftDigest: string;
  /** Where the profile includes individual numbers: the reference of each case's number. */
  readonly subjects?: readonly { readonly caseNo: string; readonly ref: string }[];
}

/** A sealed package that is to leave. */
export interface PackageRelease {
  readonly packageId: string;
  readonly draftDigest: string;
  /** SHA-256 of the ciphertext, hexadecimal. */
  readonly ciphertextSha256: string;
  readonly way: 'HTTPS' | 'MEDIUM';
}

/** A request for an approval, in the requester's own words. */
interface Asked extends OperationContext {
  readonly reason: string;
}

/** An approved act. */
interface Approved extends OperationContext {
  readonly stepUp: string;
  /** Of the unit's officer first; of the audit officer, where one is needed, second. */
  readonly approvals: readonly string[];
}

/**
 * Asks for the approval of an assembly.
 * @param approver `audit` for the second one: more than 500 cases, individual numbers, a month that is no window
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function assemblyApprovalRequest(
  key: TerminalSigner,
  details: Asked & { readonly assembly: PackageAssembly; readonly approver?: 'unit' | 'audit' },
): Promise<SignedOperation> {
  const { assembly, approver = 'unit', reason, ...context } = details;
  const body = { op: 'packageAssemble', body: { ...assemblyBody(assembly), reason, approver } };
  return signAssertion(key, { ...context, ...refsOf(assembly), op: 'requestApproval' }, body);
}

/** Assembles a package that was approved. @throws KuramoriError BAD_INPUT as {@link signAssertion} */
export function assemblyRequest(
  key: TerminalSigner,
  { assembly, ...context }: Approved & { readonly assembly: PackageAssembly },
): Promise<SignedOperation> {
  const details = { ...context, ...refsOf(assembly), op: 'packageAssemble' } as const;
  return signAssertion(key, details, assemblyBody(assembly));
}

/** Asks for the approval of a release. @throws KuramoriError BAD_INPUT as {@link signAssertion} */
export function releaseApprovalRequest(
  key: TerminalSigner,
  { release, reason, ...context }: Asked & { readonly release: PackageRelease },
): Promise<SignedOperation> {
  const body = { op: 'packageRelease', body: { ...release, reason } };
  return signAssertion(key, { ...context, op: 'requestApproval' }, body);
}

/** Releases a package that was approved. @throws KuramoriError BAD_INPUT as {@link signAssertion} */
export function releaseRequest(
  key: TerminalSigner,
  { release, ...context }: Approved & { readonly release: PackageRelease },
): Promise<SignedOperation> {
  return signAssertion(key, { ...context, op: 'packageRelease' }, { ...release });
}

/**
 * Asks for the approval of a setting of transfers (移管設定), which is then entered on the vault's host by
 * `kuramori vault transfer setting`.
 * @param setting as the file holds it, which is entered later
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function transferSettingRequest(
  key: TerminalSigner,
  { setting, reason, ...context }: Asked & { readonly setting: JsonObject },
): Promise<SignedOperation> {
  const body = { op: 'transferSetting', body: { setting, reason } };
  return signAssertion(key, { ...context, op: 'requestApproval' }, body);
}

function assemblyBody({ packageId, draftDigest, subjects }: PackageAssembly): JsonObject {
  return {
    packageId,
    draftDigest,
    ...(subjects && { subjects: subjects.map(({ caseNo, ref }) => ({ caseNo, ref })) }),
  };
}

function refsOf({ subjects }: PackageAssembly): { readonly refs?: readonly string[] } {
  return subjects === undefined ? {} : { refs: subjects.map(({ ref }) => ref) };
}
