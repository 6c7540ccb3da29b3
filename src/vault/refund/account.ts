import { z } from 'zod';
import type { InquiryResult } from '../../protocol/intermediary/answer.js';
import { REGISTERED_ACCOUNT } from '../../protocol/intermediary/registeredAccount.js';
import { zenginText } from './zengin.js';

/** 全銀: half-width kana, capitals, digits and a few signs, at most 48. */
const HOLDER_CHARS_MAX = 48;
const BANK_NAME_CHARS_MAX = 60;

/** 公金受取口座 as it was provided. */
export const accountForm = z.strictObject({
  bankCode: z.string().regex(/^\d{4}$/),
  bankNameKana: z.string().max(BANK_NAME_CHARS_MAX),
  branchCode: z.string().regex(/^\d{3}$/),
  branchNameKana: z.string().max(BANK_NAME_CHARS_MAX),
  /** 預貯金種目: 1 ordinary, 2 current, 4 savings, 9 other. */
  accountType: z.enum(['1', '2', '4', '9']),
  /** Seven digits, filled with zeros from the left. */
  accountNumber: z.string().regex(/^\d{7}$/),
  /** In half-width kana, as banks write it. */
  holderKana: z
    .string()
    .max(HOLDER_CHARS_MAX)
    .refine((name) => zenginText(name) !== undefined),
});
export type RefundAccount = z.output<typeof accountForm>;

const ACCOUNT_DIGITS = 7;

/**
 * The account that an inquiry gave. Pure.
 * @returns undefined when an item is missing or has not its form: nobody is paid to what was guessed
 * @example `12345` becomes `0012345`
 */
export function accountOf({ names }: InquiryResult): RefundAccount | undefined {
  const items = names.find(
    ({ informationNameCode }) => informationNameCode === REGISTERED_ACCOUNT.informationNameCode,
  )?.items;
  const of = (name: keyof typeof REGISTERED_ACCOUNT.items) => items?.[REGISTERED_ACCOUNT.items[name]] ?? '';
  const read = accountForm.safeParse({
    bankCode: of('bankCode'),
    bankNameKana: of('bankNameKana'),
    branchCode: of('branchCode'),
    branchNameKana: of('branchNameKana'),
    accountType: of('accountType'),
    accountNumber: of('accountNumber').padStart(ACCOUNT_DIGITS, '0'),
    holderKana: zenginText(of('holderKana')) ?? '',
  });
  return read.success && of('accountNumber') !== '' ? read.data : undefined;
}

/** What is shown to people without the right to pay (handbook 12 §7). */
export interface MaskedAccount {
  readonly bankCode: string;
  readonly branchCode: string;
  /** `***1234` */
  readonly accountNumber: string;
  /** The first sign of the name. */
  readonly holderKana: string;
}

/** Bank, branch, the last four digits, the first kana. Pure. */
export function masked({ bankCode, branchCode, accountNumber, holderKana }: RefundAccount): MaskedAccount {
  return {
    bankCode,
    branchCode,
    accountNumber: `***${accountNumber.slice(-4)}`,
    holderKana: firstKana(holderKana),
  };
}

/** With its mark: half-width kana write ﾞ and ﾟ as signs of their own. */
function firstKana(holderKana: string): string {
  return holderKana.replace(/^(.[ﾞﾟ]?).*$/su, '$1');
}
