/**
 * The invented municipality. Postal codes lie in a range, telephone numbers under an area code, that are not assigned;
 * the prefecture part 99 of the municipality code does not exist.
 */
export const MUNICIPALITY = { code: '992011', name: '蔵守市' } as const;

/** Main office and branches (支所): the code that `addressee.branch_code` and departments carry. */
export const BRANCHES = { main: '00', kurasawa: '01', minato: '02' } as const;

/** An area of the municipality. */
export interface Town {
  readonly name: string;
  readonly postalCode: string;
  readonly branchCode: string;
  /** Collection district (地区) that a delinquency case belongs to. */
  readonly district: string;
}

function towns(branchCode: string, district: string, text: string): readonly Town[] {
  return text.split('|').map((entry) => {
    const [name = '', postalCode = ''] = entry.split(' ');
    return { name, postalCode, branchCode, district };
  });
}

/** Towns (町名) with postal code, branch and collection district. */
export const TOWNS: readonly Town[] = [
  ...towns(
    '00',
    '中央',
    '本町一丁目 0090001|本町二丁目 0090001|蔵前町 0090002|御蔵通 0090003|土蔵町 0090004|大手町 0090005|白壁台一丁目 0090006|白壁台二丁目 0090006',
  ),
  ...towns(
    '00',
    '北部',
    '北鍵屋町 0090011|鍵ノ手 0090012|米倉町 0090013|味噌蔵町 0090014|穂波台 0090015|字上ノ倉 0090016',
  ),
  ...towns('00', '東部', '東雲ヶ丘 0090021|桜蔵町 0090022|新田 0090023|大字帳元 0090024|つつじ野 0090025'),
  ...towns('01', '倉沢', '倉沢町奥山 0090101|倉沢町中郷 0090102|倉沢町滝ノ上 0090103|倉沢町字鷺ノ森 0090104'),
  ...towns('02', '湊', '湊町一丁目 0090201|湊町二丁目 0090201|浜蔵町 0090202|灯台町 0090203|塩屋 0090204'),
];

/** Addresses outside the municipality, for owners who live elsewhere: prefecture and town are invented too. */
export const ELSEWHERE: readonly (readonly [string, string])[] = [
  ['0091001', '暁県青原市東町'],
  ['0091002', '暁県瑞穂市緑が丘'],
  ['0091003', '白嶺県鶴見原市城下町'],
  ['0091004', '白嶺県常磐野市中央'],
  ['0091005', '南州県波止浜市港通'],
];

/** Buildings for flats. */
export const BUILDINGS = [
  'コーポ蔵前',
  'メゾン白壁',
  'グランド御蔵',
  'ハイツつつじ',
  'サンライズ湊',
  '市営鍵ノ手住宅',
  'レジデンス大手',
  'パークサイド穂波',
] as const;

/** Telephone area code that is not assigned. */
export const AREA_CODE = '0999';

/** Invented banks under codes that no bank has: code, name, half-width kana. */
export const BANKS: readonly (readonly [string, string])[] = [
  ['0981', '蔵守銀行'],
  ['0982', '暁中央銀行'],
  ['0983', '倉沢信用金庫'],
  ['0984', '湊信用組合'],
  ['0985', '白嶺農業協同組合'],
];
