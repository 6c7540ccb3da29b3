import type { Yen } from '../../kernel/yen.js';
import { integrityFailure } from '../cipher/integrity.js';
import type { RefundAccount } from './account.js';
import { digits, text, zenginRecord, zenginText, ZENGIN_RECORD_BYTES } from './zengin.js';

const DATA_RECORD = '2';
/** 新規コード: a payee that stands in no list. */
const NEW_PAYEE = '0';
/** 振込指定区分: by wire. */
const BY_WIRE = '7';
const AMOUNT_AT = 80;
const AMOUNT_DIGITS = 10;

export interface Payment {
  readonly account: RefundAccount;
  /** Whole yen, at most ten digits. */
  readonly amount: Yen;
  /** 顧客コード1, 10 digits: comes back with the bank's answer. */
  readonly customerNo: string;
}

/**
 * 総合振込: the data record of a payment. Names are cut at their field's end, as banks do; the names of bank and branch
 * inform only, and stay blank when they cannot be written.
 * @throws KuramoriError INTERNAL when a part does not fit, which is checked before
 */
export function transferRecord({ account, amount, customerNo }: Payment): Uint8Array {
  return zenginRecord([
    DATA_RECORD,
    digits(account.bankCode, 4),
    text(zenginText(account.bankNameKana) ?? '', 15),
    digits(account.branchCode, 3),
    text(zenginText(account.branchNameKana) ?? '', 15),
    // 手形交換所番号: not used.
    ' '.repeat(4),
    digits(account.accountType, 1),
    digits(account.accountNumber, 7),
    text(zenginText(account.holderKana) ?? account.holderKana, 30),
    digits(amount.toString(), AMOUNT_DIGITS),
    NEW_PAYEE,
    digits(customerNo, 10),
    // 顧客コード2
    ' '.repeat(10),
    BY_WIRE,
    // 識別表示, and what is left.
    ' '.repeat(8),
  ]);
}

/**
 * The amount of a data record that was made here.
 * @throws KuramoriError INTEGRITY_FAILURE for anything else
 */
export function amountOf(record: Uint8Array): Yen {
  const written = Buffer.from(record).toString('latin1');
  const amount = written.slice(AMOUNT_AT, AMOUNT_AT + AMOUNT_DIGITS);
  const isWhole = written.length === ZENGIN_RECORD_BYTES && written.startsWith(DATA_RECORD);
  if (!isWhole || !/^\d+$/.test(amount) || /^0+$/.test(amount)) throw integrityFailure();
  return BigInt(amount);
}
