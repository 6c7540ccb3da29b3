import type { Sex } from '../names.js';

/** Somebody to whom an approved refund is to be paid, and what the account registry has for him. */
export interface Refundee {
  readonly name: string;
  readonly kana: string;
  readonly sex: Sex;
  readonly birthYear: number;
  /** 団体内統合宛名番号, of a range that no scattered number lies in. */
  readonly unifiedAddresseeNo: string;
  /** Whether the 符号 has been acquired. */
  readonly hasCode: boolean;
  /** 名義人カナ of the registered account (公金受取口座), as banks write it; none is registered without. */
  readonly holderKana?: string;
}

/**
 * People that every demonstration has, whatever its seed, and whom its intermediary server knows: one for each way that
 * the inquiry for an account can end.
 */
export const REFUND_CAST = {
  sameHolder: {
    name: '城島　涼',
    kana: 'ジョウジマ　リョウ',
    sex: 'male',
    birthYear: 1985,
    unifiedAddresseeNo: '710000000000001',
    hasCode: true,
    holderKana: 'ｼﾞﾖｳｼﾞﾏ ﾘﾖｳ',
  },
  otherHolder: {
    name: '堀江　直人',
    kana: 'ホリエ　ナオト',
    sex: 'male',
    birthYear: 1962,
    unifiedAddresseeNo: '710000000000002',
    hasCode: true,
    holderKana: 'ﾎﾘｴ ｹｲｺ',
  },
  noAccount: {
    name: '三田村　雪',
    kana: 'ミタムラ　ユキ',
    sex: 'female',
    birthYear: 1993,
    unifiedAddresseeNo: '710000000000003',
    hasCode: true,
  },
  noCode: {
    name: '津川　勇',
    kana: 'ツガワ　イサム',
    sex: 'male',
    birthYear: 1978,
    unifiedAddresseeNo: '710000000000004',
    hasCode: false,
    holderKana: 'ﾂｶﾞﾜ ｲｻﾑ',
  },
} as const satisfies Record<string, Refundee>;
