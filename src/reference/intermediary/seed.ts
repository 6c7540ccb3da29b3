import type { IsoDate } from '../../kernel/dates.js';
import type { MatchingRow } from '../../protocol/intermediary/matchingList.js';
import { MESSAGE_KINDS } from '../../protocol/intermediary/message.js';
import { REGISTERED_ACCOUNT } from '../../protocol/intermediary/registeredAccount.js';
import type { StaffRow } from './staff.js';

/** The core system: it signs every answer. */
export const NETWORK_BODY = {
  bodyCode: '1300000000000001',
  name: '情報提供ネットワークシステム',
  systemId: 'INTERMEDIARY',
} as const;

/** The bodies on the network, all invented: two municipalities, the account registry, another city. */
export const BODIES = {
  municipality: { bodyCode: '0220000000992011', name: '蔵守市', systemId: 'LINKAGE-992011' },
  neighbour: { bodyCode: '0220000000992020', name: '青原市', systemId: 'LINKAGE-992020' },
  registry: {
    bodyCode: REGISTERED_ACCOUNT.providerBodyCode,
    name: '公金受取口座登録システム',
    systemId: 'REGISTRY',
  },
  city: { bodyCode: '1419000000993018', name: '鶴見原市', systemId: 'LINKAGE-993018' },
} as const;

/** A version of the 特定個人情報データ標準レイアウト, with the days on which it is understood. */
export interface LayoutVersion {
  readonly version: string;
  readonly validFrom: IsoDate;
  readonly validTo: IsoDate;
}

export const LAYOUTS: readonly LayoutVersion[] = [
  { version: '2025-07', validFrom: '2025-07-01', validTo: '2026-06-30' },
  { version: '2026-07', validFrom: '2026-07-01', validTo: '2039-12-31' },
];

/** お知らせ: something all bodies are told, from a day on. */
export interface Notice {
  readonly noticeId: string;
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly text: string;
}

export const NOTICES: readonly Notice[] = [
  { noticeId: 'OSR-0001', from: '2026-06-01', to: '2026-07-31', text: '標準レイアウト2026-07への切替' },
  { noticeId: 'OSR-0002', from: '2026-10-01', to: '2039-12-31', text: '定期保守は毎月第三日曜日に行います' },
];

/** Local tax information (地方税関係情報), which cities hold. */
export const TAX_INFORMATION = {
  taskCode: 'JM00000000000100',
  informationNameCode: 'TM00000000000100',
  items: { income: 'CZ01', taxAmount: 'CZ02', dependants: 'CZ03' },
  procedures: {
    /** On the list for the year 2026-07-01 to 2027-06-30. */
    year: 'JT00000000000101',
    /** On the list until 2025-06-30. */
    expired: 'JT00000000000102',
    /** Not on the list. */
    unlisted: 'JT00000000000103',
    /** On the list without automatic answers. */
    manual: 'JT00000000000104',
  },
} as const;

const accounts = {
  taskCode: REGISTERED_ACCOUNT.taskCode,
  procedureCode: REGISTERED_ACCOUNT.procedureCode,
  providerBodyCode: REGISTERED_ACCOUNT.providerBodyCode,
  informationNameCode: REGISTERED_ACCOUNT.informationNameCode,
  itemCodes: Object.values(REGISTERED_ACCOUNT.items),
  validFrom: '2023-04-01',
  validTo: '2039-12-31',
  autoAnswer: true,
};
const taxes = {
  taskCode: TAX_INFORMATION.taskCode,
  informationNameCode: TAX_INFORMATION.informationNameCode,
  itemCodes: [TAX_INFORMATION.items.income, TAX_INFORMATION.items.taxAmount],
  validFrom: '2026-07-01',
  validTo: '2027-06-30',
  autoAnswer: true,
};
const { municipality, neighbour, city } = BODIES;
const { year, expired, manual } = TAX_INFORMATION.procedures;

/** 照会許可用照合リスト. */
export const MATCHING_LIST: readonly MatchingRow[] = [
  { rowId: 'ROW-01', inquirerBodyCode: municipality.bodyCode, ...accounts },
  { rowId: 'ROW-02', inquirerBodyCode: neighbour.bodyCode, ...accounts },
  asks('ROW-03', municipality.bodyCode, city.bodyCode, year),
  {
    ...asks('ROW-04', municipality.bodyCode, city.bodyCode, expired),
    validFrom: '2024-07-01',
    validTo: '2025-06-30',
  },
  { ...asks('ROW-05', municipality.bodyCode, city.bodyCode, manual), autoAnswer: false },
  asks('ROW-06', neighbour.bodyCode, municipality.bodyCode, year),
  asks('ROW-07', city.bodyCode, municipality.bodyCode, year),
];

function asks(
  rowId: string,
  inquirerBodyCode: string,
  providerBodyCode: string,
  procedureCode: string,
): MatchingRow {
  return { rowId, inquirerBodyCode, providerBodyCode, procedureCode, ...taxes };
}

const procedureCodes = [REGISTERED_ACCOUNT.procedureCode, ...Object.values(TAX_INFORMATION.procedures)];
const hired = { unitCode: 'U-24', validFrom: '2020-04-01', validTo: '2039-12-31' };

/** Staff of the bodies: with all rights, with the right to ask questions alone, and one who has left. */
export const STAFF: readonly StaffRow[] = [
  {
    bodyCode: municipality.bodyCode,
    personId: 'P-1029',
    kinds: [...MESSAGE_KINDS],
    procedureCodes,
    ...hired,
  },
  { bodyCode: municipality.bodyCode, personId: 'P-1030', kinds: ['query'], procedureCodes: [], ...hired },
  {
    bodyCode: municipality.bodyCode,
    personId: 'P-1031',
    kinds: ['query', 'inquiry'],
    procedureCodes: [TAX_INFORMATION.procedures.year],
    ...hired,
  },
  {
    bodyCode: municipality.bodyCode,
    personId: 'P-1032',
    kinds: [...MESSAGE_KINDS],
    procedureCodes,
    ...hired,
    validTo: '2026-03-31',
  },
  { bodyCode: neighbour.bodyCode, personId: 'P-2001', kinds: [...MESSAGE_KINDS], procedureCodes, ...hired },
  { bodyCode: city.bodyCode, personId: 'P-5001', kinds: [...MESSAGE_KINDS], procedureCodes, ...hired },
];
