import type { Addressee } from './addressee.js';
import type { Book } from './book.js';
import type { DayNo } from './days.js';
import type { Random } from './random.js';
import { ACTORS } from './staffList.js';

/** Half-width kana that banks can read: the wide ones by NFKD of the half-width block. */
const HALF_WIDTH = new Map<string, string>();
for (let code = 0xff61; code <= 0xff9f; code += 1)
  HALF_WIDTH.set(String.fromCharCode(code).normalize('NFKC'), String.fromCharCode(code));

const SMALL: Readonly<Record<string, string>> = {
  ァ: 'ア',
  ィ: 'イ',
  ゥ: 'ウ',
  ェ: 'エ',
  ォ: 'オ',
  ッ: 'ツ',
  ャ: 'ヤ',
  ュ: 'ユ',
  ョ: 'ヨ',
};
const HOLDER_CHARS_MAX = 30;

/** 預金者名 as banks keep it: half-width kana, small ones large, one space between the parts, 30 characters at most. */
export function holderKana(kana: string): string {
  const wide = [...kana.replace(/[\s　]+/g, ' ')]
    .map((character) => SMALL[character] ?? character)
    .join('')
    .normalize('NFD');
  return [...wide]
    .map((character) =>
      character === '\u3099' ? 'ﾞ' : character === '\u309A' ? 'ﾟ' : (HALF_WIDTH.get(character) ?? character),
    )
    .join('')
    .slice(0, HOLDER_CHARS_MAX);
}

/** Enters a mandate for direct debit (口座振替) of all items. */
export function addDebitAccount(
  book: Book,
  random: Random,
  holder: Addressee,
  bankCode: string,
  from: DayNo,
): void {
  book.add('debit_account', {
    id: book.next('debit_account'),
    addressee_no: holder.addresseeNo,
    tax_item: null,
    bank_code: bankCode,
    bank_branch_code: String(random.between(1, 40)).padStart(3, '0'),
    account_type: holder.kind === 'person' ? 'ordinary' : random.pick(['ordinary', 'current']),
    account_no: `0${random.digits(6)}`,
    holder_kana: holderKana(holder.kana),
    valid_from: from,
    valid_to: null,
    change_id: book.change('account.register', from, ACTORS.mandates, 'COLLECTION'),
  });
}
