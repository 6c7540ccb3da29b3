/** States of a message or a batch (handbook 12 §4). */
export const MESSAGE_STATUSES = [
  'ACCEPTED',
  'DONE',
  'PARTIAL',
  'REFUSED',
  'PENDING',
  'RETRYABLE',
  'INDETERMINATE',
] as const;

export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/** What one line of an inquiry came to, in words of ours. */
export const OUTCOMES = [
  'OK',
  'NO_DATA',
  'CODE_NOT_ACQUIRED',
  'DUPLICATE_RECORD',
  'NOT_PERMITTED',
  'MANUAL_PENDING',
  'PROVIDER_REFUSED',
  'FORMAT_ERROR',
  'SYSTEM_ERROR',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** 照会ステータス（明細単位）. `09` is public (handbook 12 §1.11); the others stand in for codes that are not. */
export const LINE_STATUS = {
  ended: '09',
  codeNotAcquired: '21',
  codeEnded: '22',
  duplicateRecord: '31',
  format: '41',
} as const;

/** 照会ステータス（特定個人情報名単位）. `01` is public; the others stand in for codes that are not. */
export const NAME_STATUS = {
  provided: '01',
  noData: '02',
  notPermitted: '03',
  waiting: '04',
  refused: '05',
} as const;

/** What a line says besides that it ended. */
const LINE_OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  [LINE_STATUS.codeNotAcquired, 'CODE_NOT_ACQUIRED'],
  // 符号 of a number that another one has taken the place of: it must be acquired anew.
  [LINE_STATUS.codeEnded, 'CODE_NOT_ACQUIRED'],
  [LINE_STATUS.duplicateRecord, 'DUPLICATE_RECORD'],
  [LINE_STATUS.format, 'FORMAT_ERROR'],
]);

const NAME_OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  [NAME_STATUS.provided, 'OK'],
  [NAME_STATUS.noData, 'NO_DATA'],
  [NAME_STATUS.notPermitted, 'NOT_PERMITTED'],
  [NAME_STATUS.waiting, 'MANUAL_PENDING'],
  [NAME_STATUS.refused, 'PROVIDER_REFUSED'],
]);

/** Of several names the first in this order speaks for the line: what stops goes before what waits, data come last. */
const GRAVEST_FIRST: readonly Outcome[] = [
  'SYSTEM_ERROR',
  'NOT_PERMITTED',
  'PROVIDER_REFUSED',
  'MANUAL_PENDING',
  'NO_DATA',
  'OK',
];

/** What the second level of the statuses says of one information name. */
export interface NameStatus {
  readonly status: string;
  readonly items: Readonly<Record<string, string>>;
}

/**
 * What both levels of raw statuses come to. A code that is not known is SYSTEM_ERROR and stops; a line that ended well
 * says nothing of data, and a name that was provided without an item has none (handbook 12 §1.11, §4).
 */
export function outcomeOf(lineStatus: string, names: readonly NameStatus[]): Outcome {
  if (lineStatus !== LINE_STATUS.ended) return LINE_OUTCOMES.get(lineStatus) ?? 'SYSTEM_ERROR';
  const outcomes = new Set(names.map(nameOutcome));
  return GRAVEST_FIRST.find((outcome) => outcomes.has(outcome)) ?? 'SYSTEM_ERROR';
}

function nameOutcome({ status, items }: NameStatus): Outcome {
  const outcome = NAME_OUTCOMES.get(status) ?? 'SYSTEM_ERROR';
  const isEmpty = Object.keys(items).length === 0;
  if (outcome === 'OK') return isEmpty ? 'NO_DATA' : 'OK';
  // Data beside a status that denies them: the two cannot both be true.
  return isEmpty ? outcome : 'SYSTEM_ERROR';
}
