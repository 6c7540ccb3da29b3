import { signAssertion, type SignedOperation, type TerminalSigner } from './assertion.js';
import type { OperationContext } from './details.js';
import type { JsonObject } from './json.js';

/** 副本: what is held ready for other bodies to ask for, with the reference of its person. */
export interface GivenCopy {
  readonly ref: string;
  /** レコード識別番号: a capital, then letters, digits or hyphens; unique for ever. */
  readonly recordId: string;
  /** 15 digits, linked with the reference in the vault. */
  readonly unifiedAddresseeNo: string;
  /** 特定個人情報名コード */
  readonly informationNameCode: string;
  /** A higher version takes the place of a lower one. */
  readonly version: number;
  /** Days, inclusive: 公開開始日・終了日. */
  readonly publishedFrom: string;
  readonly publishedTo: string;
  /** 自動応答不可: a person decides each time. */
  readonly autoAnswerForbidden: boolean;
  readonly nonDisclosure: boolean;
  readonly items: Readonly<Record<string, string>>;
}

/** What every operation says by which something is given. */
interface Giving extends OperationContext {
  readonly stepUp: string;
  /** UUIDv7, made before the first signature and kept: signed for again, it is the same message. */
  readonly messageId: string;
}

/** Registers copies (副本登録). @throws KuramoriError BAD_INPUT as {@link signAssertion} */
export function registerCopiesRequest(
  key: TerminalSigner,
  { copies, messageId, ...context }: Giving & { readonly copies: readonly GivenCopy[] },
): Promise<SignedOperation> {
  const body = { messageId, copies: copies.map((copy) => ({ ...copy, items: { ...copy.items } })) };
  return signAssertion(key, { ...context, refs: refsOf(copies), op: 'registerCopies' }, body);
}

/** Deletes copies (副本削除) by their record numbers. @throws KuramoriError BAD_INPUT as {@link signAssertion} */
export function deleteCopiesRequest(
  key: TerminalSigner,
  {
    copies,
    messageId,
    ...context
  }: Giving & { readonly copies: readonly Pick<GivenCopy, 'ref' | 'recordId'>[] },
): Promise<SignedOperation> {
  const body = { messageId, copies: copies.map(({ ref, recordId }) => ({ ref, recordId })) };
  return signAssertion(key, { ...context, refs: refsOf(copies), op: 'deleteCopies' }, body);
}

/** Decides what waits for a person (提供の可否). @throws KuramoriError BAD_INPUT as {@link signAssertion} */
export function decideProvisionRequest(
  key: TerminalSigner,
  details: Giving & {
    readonly provisionId: string;
    readonly decision: 'PROVIDE' | 'REFUSE';
    readonly reason: string;
  },
): Promise<SignedOperation> {
  const { messageId, provisionId, decision, reason, ...context } = details;
  const body = { messageId, provisionId, decision, reason };
  return signAssertion(key, { ...context, op: 'decideProvision' }, body);
}

/** Lists what waits for a person. @throws KuramoriError BAD_INPUT as {@link signAssertion} */
export function pendingProvisionsRequest(
  key: TerminalSigner,
  context: OperationContext & { readonly stepUp: string },
): Promise<SignedOperation> {
  return signAssertion(key, { ...context, op: 'listPendingProvisions' }, {});
}

/**
 * Asks for one of the two approvals without which nothing is given.
 * @throws KuramoriError BAD_INPUT as {@link signAssertion}
 */
export function provisionApprovalRequest(
  key: TerminalSigner,
  details: OperationContext & {
    /** Of the register of legal bases, for giving information. */
    readonly provisionBasis: string;
    readonly reason: string;
    readonly approver: 'unit' | 'audit';
  },
): Promise<SignedOperation> {
  const { provisionBasis, reason, approver, ...context } = details;
  const body = { op: 'switchProvision', body: { basis: provisionBasis, reason, approver } };
  return signAssertion(key, { ...context, op: 'requestApproval' }, body);
}

/** Begins to give information, or stops. @throws KuramoriError BAD_INPUT as {@link signAssertion} */
export function switchProvisionRequest(
  key: TerminalSigner,
  details: OperationContext & {
    readonly stepUp: string;
    readonly reason: string;
    /** Missing: it stops. */
    readonly begin?: {
      readonly provisionBasis: string;
      /** Of the officer, and of the audit officer. */
      readonly approvals: readonly [string, string];
    };
  },
): Promise<SignedOperation> {
  const { begin, reason, ...context } = details;
  const body: JsonObject = begin ? { on: true, basis: begin.provisionBasis, reason } : { on: false, reason };
  const approvals = begin && { approvals: begin.approvals };
  return signAssertion(key, { ...context, ...approvals, op: 'switchProvision' }, body);
}

function refsOf(copies: readonly { readonly ref: string }[]): readonly string[] {
  return [...new Set(copies.map(({ ref }) => ref))];
}
