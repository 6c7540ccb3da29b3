/** 利用目的(事務): why something is looked at. Every request names one; audit entries carry it. */
export const PURPOSES = {
  COLLECTION: '収納管理事務',
  DELINQUENCY: '滞納整理事務',
  REFUND: '還付充当事務',
  COUNTER: '窓口証明事務',
  ASSESSMENT: '賦課照会事務',
  TRANSFER: '移管事務',
  AUDIT: '監査事務',
  ADMINISTRATION: '権限管理事務',
  MAINTENANCE: '保守事務',
} as const;

/**
 * Purposes that may reach an individual number (番号法 9条1項, 別表24の項). The vault decides by its own register; what
 * could never pass there is not even carried.
 */
const NUMBER_PURPOSES: ReadonlySet<string> = new Set(['COLLECTION', 'DELINQUENCY', 'REFUND', 'TRANSFER']);

/** Whether a purpose may reach an individual number. */
export function reachesNumbers(purpose: PurposeName): boolean {
  return NUMBER_PURPOSES.has(purpose);
}

/** One purpose (利用目的). */
export type PurposeName = keyof typeof PURPOSES;

/** Whether a text names a purpose. */
export function isPurpose(text: string): text is PurposeName {
  return Object.hasOwn(PURPOSES, text);
}
