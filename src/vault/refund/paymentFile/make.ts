import { instantText, today } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { plainDate, type IsoDate } from '../../../kernel/dates.js';
import { dualControlRequired } from '../../../kernel/dualControl.js';
import { KuramoriError } from '../../../kernel/errors.js';
import type { Approval } from '../../approval/approval.js';
import { findApproval } from '../../approval/approval.store.js';
import { consumeApproval } from '../../approval/consume.js';
import { paymentFileContent } from '../../approval/content.js';
import { integrityFailure } from '../../cipher/integrity.js';
import { wipe } from '../../cipher/wipe.js';
import type { VaultContext } from '../../context.js';
import { grantFor } from '../../grant/decide.js';
import { assertBasis } from '../../operation/basis.store.js';
import { assertEmployed } from '../../staff/person.js';
import { lockPerson, personNotFound } from '../../staff/staff.store.js';
import type { VaultRef } from '../../number/vaultRef.js';
import { openItems } from '../../spool/spool.js';
import { composePaymentFile, fileDigest } from './compose.js';
import {
  findConsignor,
  findFile,
  insertFile,
  paymentsOf,
  serializeFiles,
  type PaymentFile,
  type StoredConsignor,
} from './paymentFile.store.js';
import { assertJournalCompared } from './rebuilt.js';
import { selectPayments } from './selection.js';

export type PaymentFileContext = Pick<
  VaultContext,
  'database' | 'shred' | 'audit' | 'clock' | 'clockGuard' | 'seal' | 'municipality' | 'erasureJournal'
>;

/** Who makes which file, by whose approval. */
export interface PaymentFileOrder {
  readonly payOn: IsoDate;
  /** Who asked for the approval. */
  readonly personId: string;
  readonly approvalId: string;
}

/** A file with its bytes, and whom it pays. */
export interface MadeFile {
  readonly file: PaymentFile;
  readonly bytes: Buffer;
  readonly subjects: readonly VaultRef[];
  /** Of its payments, in the order of the records. */
  readonly refundIds: readonly string[];
  /** Made now, or given once more. */
  readonly isNew: boolean;
}

/**
 * 振込データの作成: one file of all payments that were taken until its approval was asked for, in one transaction with the
 * journal and the use of the approval. Nothing leaves before that is durable; whoever was killed meanwhile does the
 * same again and is given the same file.
 * @param note writes the entry of the log, in the transaction
 * @throws KuramoriError CLOCK_UNTRUSTED, NOT_FOUND, ACCOUNT_REVOKED, FORBIDDEN_PURPOSE, DUAL_CONTROL_REQUIRED; as
 *   `selectPayments`
 */
export function makePaymentFile(
  context: PaymentFileContext,
  order: PaymentFileOrder,
  note: (tx: Session, made: MadeFile) => Promise<unknown>,
): Promise<MadeFile> {
  context.clockGuard.assertTrusted();
  return context.database.transaction('vault.payment.make', async (tx) => {
    await serializeFiles(tx);
    const known = await findFile(tx, order.approvalId);
    if (known !== undefined) assertSame(known, order);
    const made = known === undefined ? await make(context, tx, order) : await makeAgain(context, tx, known);
    await note(tx, made);
    return made;
  });
}

/**
 * The same file once more, byte for byte, as long as its records live.
 * @throws KuramoriError CONFLICT, NOT_FOUND, ERASED, INTEGRITY_FAILURE, VAULT_SEALED
 */
export async function paymentFileAgain(context: PaymentFileContext, fileNo: number): Promise<MadeFile> {
  const known = await findFile(context.database, fileNo);
  if (known === undefined)
    throw new KuramoriError('NOT_FOUND', 'There is no such payment file. See kuramori vault payment-files.');
  return makeAgain(context, context.database, known);
}

function assertSame({ madeBy, payOn }: PaymentFile, order: PaymentFileOrder): void {
  if (madeBy !== order.personId) throw dualControlRequired('otherPerson');
  if (payOn !== order.payOn) throw dualControlRequired('otherContent');
}

async function make(context: PaymentFileContext, tx: Session, order: PaymentFileOrder): Promise<MadeFile> {
  const { personId, approvalId, payOn } = order;
  const { summary, requested } = await permitPayment(context, tx, order);
  const { consignor, payments, records, content, ...day } = await selectPayments(context, tx, {
    payOn,
    takenUntil: requested.at,
  });
  try {
    const approved = {
      approvalId,
      kind: 'paymentFile',
      content: paymentFileContent(summary, content),
    } as const;
    await consumeApproval(tx, approved, { by: personId, at: context.clock.now() });
    const bytes = composePaymentFile({ consignor, payOn: day.payOn, records });
    const entry = {
      payOn,
      consignorId: consignor.id,
      count: content.count,
      totalYen: BigInt(content.totalYen),
      sha256: fileDigest(bytes),
      approvalId,
      madeBy: personId,
      madeAt: instantText(context.clock),
    };
    const refundIds = payments.map(({ refundId }) => refundId);
    const fileNo = await insertFile(tx, entry, refundIds);
    return { file: { ...entry, fileNo }, bytes, subjects: subjectsOf(payments), refundIds, isNew: true };
  } finally {
    wipe(...records);
  }
}

/**
 * The person is employed and may pay, as the register is now, and is locked before the approval is, as a withdrawal
 * does. Approval and content are compared when the approval is used.
 */
export async function permitPayment(
  { clock }: PaymentFileContext,
  tx: Session,
  { personId, approvalId }: Pick<PaymentFileOrder, 'personId' | 'approvalId'>,
): Promise<Approval> {
  const day = today(clock);
  const person = (await lockPerson(tx, personId)) ?? personNotFound();
  assertEmployed(person, day);
  const approval = await findApproval(tx, approvalId);
  if (approval === undefined) throw dualControlRequired('missing');
  await grantFor(tx, person, approval.summary.purpose, 'takeRefundAccount', day);
  await assertBasis(tx, approval.summary, day);
  return approval;
}

async function makeAgain(
  context: PaymentFileContext,
  session: Session,
  file: PaymentFile,
): Promise<MadeFile> {
  // As long as nobody knows what the bank has had, it gets nothing.
  await assertJournalCompared(session);
  const payments = await paymentsOf(session, file.fileNo, context.clock.now());
  const refs = payments.flatMap(({ paymentRef }) => paymentRef ?? []);
  if (refs.length < payments.length) {
    throw new KuramoriError(
      'ERASED',
      'Records of this payment file have been erased. It cannot be had any more.',
    );
  }
  const consignor = (await findConsignor(session, file.consignorId)) as StoredConsignor;
  const records = await openItems(context, session, refs, 'payment');
  try {
    const bytes = composePaymentFile({ consignor, payOn: plainDate(file.payOn), records });
    // The bank has had these bytes, or may have had them: others under the same number would pay twice.
    if (fileDigest(bytes) !== file.sha256) throw integrityFailure();
    const refundIds = payments.map(({ refundId }) => refundId);
    return { file, bytes, subjects: subjectsOf(payments), refundIds, isNew: false };
  } finally {
    wipe(...records);
  }
}

function subjectsOf(payments: readonly { readonly vaultRef: VaultRef }[]): readonly VaultRef[] {
  return [...new Set(payments.map(({ vaultRef }) => vaultRef))];
}
