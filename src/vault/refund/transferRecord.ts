import { KuramoriError } from '../../kernel/errors.js';
import type { RefundAccount } from './account.js';
import { holderText } from './holder.js';

/** 総合振込 of the banks' association (全銀協規定形式): one data record, 120 bytes, each character one byte. */
const DATA_RECORD = '2';
/** 新規コード: a payee that stands in no list. */
const NEW_PAYEE = '0';
/** 振込指定区分: by wire. */
const BY_WIRE = '7';

export interface Payment {
  readonly account: RefundAccount;
  /** Whole yen, at most ten digits. */
  readonly amount: bigint;
  /** 顧客コード1, 10 digits: comes back with the bank's answer. */
  readonly customerNo: string;
}

/**
 * The data record of a payment, in Shift_JIS (JIS X 0201). Numbers stand at the right and are filled with zeros, texts
 * at the left and are filled with spaces; names are cut at their field's end, as banks do.
 * @throws KuramoriError INTERNAL when a part does not fit, which is checked before
 */
export function transferRecord({ account, amount, customerNo }: Payment): Uint8Array {
  const record = [
    DATA_RECORD,
    digits(account.bankCode, 4),
    kana(account.bankNameKana, 15),
    digits(account.branchCode, 3),
    kana(account.branchNameKana, 15),
    // 手形交換所番号: not used.
    ' '.repeat(4),
    digits(account.accountType, 1),
    digits(account.accountNumber, 7),
    kana(account.holderKana, 30),
    digits(amount.toString(), 10),
    NEW_PAYEE,
    digits(customerNo, 10),
    // 顧客コード2
    ' '.repeat(10),
    BY_WIRE,
    // 識別表示, and what is left.
    ' '.repeat(8),
  ].join('');
  return Uint8Array.from([...record].map(byteOf));
}

function digits(text: string, length: number): string {
  if (!/^\d+$/.test(text) || text.length > length) throw unfit();
  return text.padStart(length, '0');
}

function kana(text: string, length: number): string {
  return holderText(text).slice(0, length).padEnd(length, ' ');
}

const HALF_WIDTH_FIRST = 0xff61;
const HALF_WIDTH_LAST = 0xff9f;
const JIS_X_0201_KANA_FIRST = 0xa1;

function byteOf(sign: string): number {
  const code = sign.charCodeAt(0);
  if (code >= 0x20 && code <= 0x7e) return code;
  if (code < HALF_WIDTH_FIRST || code > HALF_WIDTH_LAST) throw unfit();
  return code - HALF_WIDTH_FIRST + JIS_X_0201_KANA_FIRST;
}

function unfit(): KuramoriError {
  return new KuramoriError('INTERNAL', 'A payment does not fit into the transfer record of the banks.');
}
