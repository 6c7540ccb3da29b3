import type { BuiltInRole } from '../access/roles.js';

/** 課・係 of the demonstration municipality; `branchCode` as in `BRANCHES`, null in the main office. */
export const DEPARTMENTS = [
  { code: '1110', name: '税務部収納課収納係', branchCode: null },
  { code: '1120', name: '税務部収納課滞納整理第一係', branchCode: null },
  { code: '1121', name: '税務部収納課滞納整理第二係', branchCode: null },
  { code: '1130', name: '税務部収納課還付係', branchCode: null },
  { code: '1210', name: '税務部課税課市民税係', branchCode: null },
  { code: '1220', name: '税務部課税課資産税係', branchCode: null },
  { code: '2110', name: '市民部市民課窓口係', branchCode: null },
  { code: '4110', name: '倉沢支所市民係', branchCode: '01' },
  { code: '4210', name: '湊支所市民係', branchCode: '02' },
  { code: '6110', name: '総務部情報政策課', branchCode: null },
  { code: '8110', name: '監査委員事務局', branchCode: null },
  { code: '9110', name: '保守委託先（蔵守情報サービス株式会社）', branchCode: null },
] as const;

/** A staff member of the demonstration. */
export interface DemonstrationStaff {
  readonly staffId: string;
  readonly name: string;
  readonly kana: string;
  readonly department: string;
  readonly role: BuiltInRole;
}

const staff = (
  staffId: string,
  name: string,
  kana: string,
  department: string,
  role: BuiltInRole,
): DemonstrationStaff => ({
  staffId,
  name,
  kana,
  department,
  role,
});

/** Somebody for every built-in role that a person can hold; the transfer job is a service account. */
export const STAFF: readonly DemonstrationStaff[] = [
  staff('C1101', '倉田　章', 'クラタ　アキラ', '1110', 'collectionClerk'),
  staff('C1102', '三宅　千晶', 'ミヤケ　チアキ', '1110', 'collectionClerk'),
  staff('D1201', '堀内　健', 'ホリウチ　ケン', '1120', 'delinquencyOfficer'),
  staff('D1202', '永井　紗季', 'ナガイ　サキ', '1120', 'delinquencyOfficer'),
  staff('D1203', '﨑山　隆', 'サキヤマ　タカシ', '1121', 'delinquencyOfficer'),
  staff('D1204', '大沢　めぐみ', 'オオサワ　メグミ', '1121', 'delinquencyOfficer'),
  staff('R1301', '水野　由佳', 'ミズノ　ユカ', '1130', 'refundOfficer'),
  staff('R1302', '古川　拓', 'フルカワ　タク', '1130', 'refundOfficer'),
  staff('A1401', '西田　勝', 'ニシダ　マサル', '1210', 'assessmentClerk'),
  staff('A1402', '関　亜由美', 'セキ　アユミ', '1220', 'assessmentClerk'),
  staff('W1501', '松尾　早苗', 'マツオ　サナエ', '2110', 'counterClerk'),
  staff('B1601', '滝口　進', 'タキグチ　ススム', '4110', 'branchClerk'),
  staff('B1602', '浜野　渚', 'ハマノ　ナギサ', '4210', 'branchClerk'),
  staff('M1701', '黒田　克己', 'クロダ　カツミ', '1110', 'sectionChief'),
  staff('M1702', '早川　美智子', 'ハヤカワ　ミチコ', '1110', 'sectionChief'),
  staff('N1711', '桐生　律子', 'キリュウ　リツコ', '1120', 'numberHandler'),
  staff('X1801', '北条　玲', 'ホウジョウ　レイ', '8110', 'auditor'),
  staff('P1901', '白石　誠', 'シライシ　マコト', '6110', 'accessAdministrator'),
  staff('P1902', '高梨　瞳', 'タカナシ　ヒトミ', '6110', 'accessAdministrator'),
  staff('P1903', '長谷　明', 'ハセ　アキラ', '6110', 'accessAdministrator'),
  staff('V2001', '保守　太郎', 'ホシュ　タロウ', '9110', 'maintenanceContractor'),
];

/** The service account of the transfer job (移管ジョブ). */
export const TRANSFER_JOB = {
  clientId: 'transfer-job',
  name: '移管ジョブ',
  department: '1120',
  role: 'transferJob',
} as const;

/** Who did what in the years that the demonstration shows. */
export const ACTORS = {
  migration: 'P1901',
  residents: 'W1501',
  taxes: 'A1401',
  assets: 'A1402',
  receipts: 'C1101',
  mandates: 'C1102',
  refunds: ['R1301', 'R1302'],
  deciders: ['M1701', 'M1702'],
  officers: ['D1201', 'D1202', 'D1203', 'D1204'],
} as const;
