import { z } from 'zod';
import { instantText, today } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { plainDate, type IsoDate } from '../../../kernel/dates.js';
import { KuramoriError } from '../../../kernel/errors.js';
import type { VaultContext } from '../../context.js';
import { assertOfficer, entryText, officerId } from '../../evidence/entering.js';
import { zenginText } from '../zengin.js';
import { PAYMENT_LAYOUTS, type Consignor } from './compose.js';
import { findConsignor, insertConsignor, type StoredConsignor } from './paymentFile.store.js';

/** What an officer enters of the municipality's account; kana of any width. */
export const consignorForm = z.strictObject({
  by: officerId,
  validFrom: z.iso.date(),
  code: z.string().regex(/^\d{10}$/),
  name: z.string(),
  bankCode: z.string().regex(/^\d{4}$/),
  bankName: z.string(),
  branchCode: z.string().regex(/^\d{3}$/),
  branchName: z.string(),
  accountType: z.enum(['1', '2', '9']),
  accountNumber: z.string().regex(/^\d{7}$/),
  layout: z.enum(PAYMENT_LAYOUTS).default('120+CRLF'),
});
export type ConsignorEntry = z.output<typeof consignorForm>;

/**
 * Enters the consignor (振込依頼人) as the bank knows it from a day on. Files that were made stay what they are.
 * @throws KuramoriError BAD_INPUT for a name that a record cannot hold; NOT_FOUND, ACCOUNT_REVOKED, FORBIDDEN_PURPOSE
 *   for who is no officer
 */
export async function enterConsignor(
  tx: Session,
  { clock }: Pick<VaultContext, 'clock'>,
  { by, validFrom, name, bankName, branchName, ...codes }: ConsignorEntry,
): Promise<void> {
  await assertOfficer(tx, by, today(clock));
  const consignor: Consignor = {
    ...codes,
    nameKana: kanaOf(name, 'name', 40),
    bankNameKana: kanaOf(bankName, 'bankName', 15),
    branchNameKana: kanaOf(branchName, 'branchName', 15),
  };
  const entered = { validFrom: plainDate(validFrom).toString(), by, at: instantText(clock) };
  await insertConsignor(tx, consignor, entered);
}

/** The consignor on a day. @throws KuramoriError CONFLICT when none is entered */
export async function consignorOn(session: Session, day: IsoDate): Promise<StoredConsignor> {
  const consignor = await findConsignor(session, day);
  if (consignor !== undefined) return consignor;
  throw new KuramoriError(
    'CONFLICT',
    'Nobody has entered the consignor for that day. Enter it by kuramori vault payment-consignor.',
    { rule: 'consignor' },
  );
}

/** The bank compares what it knows: nothing is cut. */
function kanaOf(name: string, field: string, charsMax: number): string {
  const kana = zenginText(entryText(name, field));
  if (kana !== undefined && kana.length <= charsMax) return kana;
  throw new KuramoriError(
    'BAD_INPUT',
    `The field ${field} must be written in kana, capitals and digits, at most ${charsMax} of them in half width.`,
    { field },
  );
}
