/**
 * The inquiry for a registered account (公金受取口座; handbook 12 §7). The national codes are handed to municipalities
 * only; these stand in their place, and an adapter for the real server brings its own.
 */
export const REGISTERED_ACCOUNT = {
  providerBodyCode: '1300000000000002',
  taskCode: 'JM00000000000170',
  procedureCode: 'JT00000000000171',
  informationNameCode: 'TM00000000000172',
  items: {
    /** 金融機関コード, 4 digits. */
    bankCode: 'KZ01',
    /** 金融機関名カナ. */
    bankNameKana: 'KZ02',
    /** 店番, 3 digits. */
    branchCode: 'KZ03',
    /** 支店名カナ. */
    branchNameKana: 'KZ04',
    /** 預貯金種目コード. */
    accountType: 'KZ05',
    /** 口座番号, 7 digits. */
    accountNumber: 'KZ06',
    /** 名義人氏名カナ. */
    holderKana: 'KZ07',
  },
} as const;
