import { contentDigest, type ApprovalContent, type ContentDigest } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import {
  ERASURE_CERTIFICATE_TEXT_CHARS_MAX,
  ERASURE_REFS_MAX,
  REASON_CHARS_MAX,
} from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import { isVaultRef, type VaultRef } from '../number/vaultRef.js';
import type { RetentionClass } from '../retention/rule.js';

/** What is to be erased (削除・廃棄), as one person asks for it and another approves it. */
export interface ErasureOrder {
  /** At most ERASURE_REFS_MAX, each once, in any order. */
  readonly refs: readonly VaultRef[];
  /** 特定個人情報ファイルの名称. */
  readonly fileName: string;
  /** 根拠: the law, order or decision that lets it go. */
  readonly basis: string;
  /** The rule under which retention ended; none when something else demands the erasure (番号法第20条). */
  readonly retentionClass?: RetentionClass;
  readonly purpose: string;
  /** In the requester's own words. */
  readonly reason: string;
}

/** What an erasure and its certificate keep of the order, the same for every reference of one certificate. */
export interface ErasureParticulars {
  readonly fileName: string;
  readonly basis: string;
  readonly retentionClass?: RetentionClass;
  readonly purpose: string;
  readonly approvalId: string;
  /** Instants in UTC. */
  readonly requestedAt: string;
  readonly approvedAt: string;
  readonly executedBy: string;
  /** Keys that the destroyed data keys were wrapped under. */
  readonly keyIds: readonly string[];
  /** Number (通番) of the vault's intent entry, decimal. */
  readonly intentEntry: string;
}

/** 消去: one approved order under way, or done. */
export interface Erasure {
  readonly certificateId: string;
  /** Sorted. */
  readonly refs: readonly VaultRef[];
  readonly reason: string;
  readonly requestedBy: string;
  readonly approvedBy: string;
  /** Instant in UTC. */
  readonly startedAt: string;
  readonly particulars: ErasureParticulars;
}

/** Digest of references in any order, which whoever holds the list can work out again (handbook 15 §5). */
export function refsDigest(refs: readonly string[]): ContentDigest {
  return contentDigest(refs.toSorted());
}

/**
 * The order with its texts as they are stored and its references sorted.
 * @throws KuramoriError BAD_INPUT
 */
export function soundOrder(order: ErasureOrder): ErasureOrder {
  const { refs } = order;
  if (refs.length === 0 || refs.length > ERASURE_REFS_MAX) {
    throw badRefs(`must have 1 to ${ERASURE_REFS_MAX} references`);
  }
  if (!refs.every(isVaultRef)) throw badRefs('holds something that is no reference');
  if (new Set(refs).size !== refs.length) throw badRefs('names a reference twice');
  const certified = (text: string, field: string) =>
    enteredWords(text, field, ERASURE_CERTIFICATE_TEXT_CHARS_MAX);
  return {
    ...order,
    refs: refs.toSorted(),
    fileName: certified(order.fileName, 'fileName'),
    basis: certified(order.basis, 'basis'),
    purpose: certified(order.purpose, 'purpose'),
    reason: enteredWords(order.reason, 'reason', REASON_CHARS_MAX),
  };
}

/** What the second person approves. @param order sound */
export function erasureContent({ refs, ...told }: ErasureOrder): ApprovalContent {
  return { op: 'erase', count: refs.length, refsDigest: refsDigest(refs), ...told };
}

function badRefs(fault: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', `The list of references ${fault}. Correct it.`, { field: 'refs' });
}
