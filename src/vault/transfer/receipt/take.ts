import type { KeyObject } from 'node:crypto';
import { instantText } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { sha256Hex } from '../../../protocol/transfer/forms.js';
import { openMessage } from '../../../protocol/transfer/message.js';
import {
  ACCEPTANCE,
  DELIVERY,
  ERASURE,
  type AcceptanceReceipt,
  type DeliveryReceipt,
  type ErasureReport,
} from '../../../protocol/transfer/receipts.js';
import { sealBroken, openCarryOf } from '../carry/carry.store.js';
import type { TransferContext } from '../context.js';
import { casesOf } from '../draft/draft.store.js';
import { lockTransfer, moveState } from '../journal.js';
import { transferRecord } from '../log.js';
import { requireSealed } from '../package/package.store.js';
import { organizationOf } from './organization.js';
import { insertOutcomes, insertReceipt, receiptsOf, type KeptReceipt } from './receipt.store.js';

/** A receipt as it came. */
export interface IncomingReceipt {
  readonly packageId: string;
  readonly kind: KeptReceipt['kind'];
  /** Compact JWS of the organization. */
  readonly signed: string;
  /** Operator, or the vault by itself. */
  readonly by: string;
}

/**
 * Takes a receipt (受領書・引受通知・消去報告; handbook 13 §7): verified with the keys that two people confirmed, about the very
 * ciphertext that left. The same again changes nothing. Refusals are entries that are raised.
 * @throws KuramoriError INTEGRITY_FAILURE when it is not genuine, or about another package; CONFLICT when another one
 *   was taken, or the transfer is in another state; BAD_INPUT when its cases are not those of the package
 */
export async function takeReceipt(context: TransferContext, incoming: IncomingReceipt): Promise<void> {
  const { packageId, kind, by } = incoming;
  const { audit, clock } = context;
  try {
    await take(context, incoming);
  } catch (error) {
    const event = { coordinate: `Transfer.${kind.toLowerCase()}`, packageId, by, reason: 'refused' } as const;
    await audit.append(transferRecord(clock, { ...event, refused: true, raised: true }));
    throw error;
  }
}

async function take(
  context: TransferContext,
  { packageId, kind, signed, by }: IncomingReceipt,
): Promise<void> {
  const { database, audit, clock } = context;
  const receipt = await verified(context, packageId, kind, signed);
  await database.transaction('vault.transfer.receipt', async (tx) => {
    await lockTransfer(tx, packageId);
    const kept = (await receiptsOf(tx, packageId)).find((each) => each.kind === kind);
    const digest = sha256Hex(signed);
    if (kept?.digest === digest) return;
    if (kept !== undefined) throw takenAlready();
    await insertReceipt(tx, packageId, { kind, digest, signed, at: instantText(clock) });
    if ('erasedAt' in receipt) await assertErased(tx, receipt);
    else if ('cases' in receipt) await accept(tx, context, receipt, by);
    else await deliver(tx, context, receipt, by);
    const coordinate = `Transfer.${kind.toLowerCase()}`;
    await audit.appendIn(tx, transferRecord(clock, { coordinate, packageId, by, reason: digest }));
  });
}

async function verified(
  context: TransferContext,
  packageId: string,
  kind: KeptReceipt['kind'],
  signed: string,
): Promise<DeliveryReceipt | AcceptanceReceipt | ErasureReport> {
  const { database } = context;
  const { outer } = await requireSealed(database, packageId);
  const { setting, keys } = await organizationOf(database, context, packageId);
  const receipt = opened(kind, signed, keys);
  const about =
    receipt.packageId === packageId &&
    receipt.ciphertextSha256 === outer.ciphertext.sha256 &&
    receipt.organization.bodyCode === setting.bodyCode;
  if (about) return receipt;
  throw new KuramoriError(
    'INTEGRITY_FAILURE',
    'The receipt is about another package, or from another organization. Ask for the right one.',
  );
}

function opened(kind: KeptReceipt['kind'], signed: string, keys: readonly KeyObject[]) {
  if (kind === 'DELIVERY') return openMessage(DELIVERY, signed, keys);
  return kind === 'ACCEPTANCE' ? openMessage(ACCEPTANCE, signed, keys) : openMessage(ERASURE, signed, keys);
}

async function deliver(
  tx: Session,
  context: TransferContext,
  { packageId, medium, mediumSerialNo, seal }: DeliveryReceipt,
  by: string,
): Promise<void> {
  const { clock, audit } = context;
  const carry = await openCarryOf(tx, packageId);
  if ((medium === 'HTTPS') !== (carry === undefined) || (carry && carry.serialNo !== mediumSerialNo))
    throw new KuramoriError(
      'CONFLICT',
      'The receipt names another medium than the carry record. Find out which one arrived.',
    );
  if (carry !== undefined && seal !== 'INTACT') {
    await sealBroken(tx, clock, carry.carryId, by);
    const event = { coordinate: 'Carry.sealBroken', packageId, by, reason: carry.carryId } as const;
    await audit.appendIn(tx, transferRecord(clock, { ...event, raised: true }));
  }
  await moveState(tx, clock, packageId, 'DELIVERED', { by, reason: medium });
}

/** 引受: only this moves the collection right, case by case. */
async function accept(
  tx: Session,
  { clock }: TransferContext,
  { packageId, cases }: AcceptanceReceipt,
  by: string,
): Promise<void> {
  const sent = (await casesOf(tx, packageId)).map(({ caseNo }) => caseNo);
  const named = cases.map(({ caseNo }) => caseNo).toSorted();
  if (named.join() !== sent.toSorted().join())
    throw new KuramoriError(
      'BAD_INPUT',
      'The acceptance does not answer each case of the package once. Ask the organization for a whole one.',
    );
  await insertOutcomes(tx, packageId, cases);
  const accepted = cases.filter(({ outcome }) => outcome === 'ACCEPTED').length;
  const state = accepted === cases.length ? 'ACCEPTED' : accepted === 0 ? 'REJECTED' : 'PARTLY_ACCEPTED';
  await moveState(tx, clock, packageId, state, { by, reason: `accepted:${accepted}/${cases.length}` });
  const next = accepted === 0 ? 'CLOSED' : 'ACTIVE';
  await moveState(tx, clock, packageId, next, { by, reason: 'acceptance' });
}

/**
 * 消去報告: the organization has erased all that it got, when it was asked to or when the day of the agreement came. Its
 * report stays as evidence; the transfer is where it was.
 */
async function assertErased(tx: Session, { packageId, cases }: ErasureReport): Promise<void> {
  const delivered = (await receiptsOf(tx, packageId)).some(({ kind }) => kind === 'DELIVERY');
  if (delivered && cases === (await casesOf(tx, packageId)).length) return;
  throw new KuramoriError(
    'BAD_INPUT',
    'The report of an erasure is not about each case that was delivered. Ask the organization for a whole one.',
  );
}

function takenAlready(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'Another receipt of this kind was taken for the package. Settle with the organization which one holds.',
  );
}
