import { z } from 'zod';
import { dayInJapan, type IsoDate, type Temporal } from '../../kernel/dates.js';
import { INTERMEDIARY_ITEMS_MAX } from '../../kernel/limits.js';
import {
  bodyCode,
  identifier,
  informationNameCode,
  isoDay,
  itemCode,
  procedureCode,
  taskCode,
} from './codes.js';
import type { InquiryBody } from './message.js';

/** A row of the 照会許可用照合リスト: who may ask whom, for which task, for what (番号法 art. 21(2); handbook 12 §5). */
export const matchingRowForm = z.strictObject({
  rowId: identifier,
  inquirerBodyCode: bodyCode,
  providerBodyCode: bodyCode,
  taskCode,
  procedureCode,
  informationNameCode,
  itemCodes: z.array(itemCode).min(1).max(INTERMEDIARY_ITEMS_MAX),
  validFrom: isoDay,
  /** Inclusive: the last day in Japan. */
  validTo: isoDay,
  /** Without it a person of the provider decides each time. */
  autoAnswer: z.boolean(),
});

export type MatchingRow = z.output<typeof matchingRowForm>;

/** The parts of an inquiry that the list is asked with. */
export type ListedInquiry = Pick<
  InquiryBody,
  'taskCode' | 'procedureCode' | 'providerBodyCode' | 'informationNameCode' | 'itemCodes'
>;

/**
 * The first row that permits an inquiry: inquirer, provider, task, procedure and name are the row's, every item asked
 * for is among its items, and the day in Japan lies within its validity. An inquiry without items asks for all of them.
 * @param at when the permission is asked for
 * @example
 * permittingRow(rows, '0220000000242012', inquiry, Temporal.Instant.from('2027-06-30T14:59:59Z'));
 */
export function permittingRow(
  rows: readonly MatchingRow[],
  inquirerBodyCode: string,
  inquiry: ListedInquiry,
  at: Temporal.Instant,
): MatchingRow | undefined {
  const day: IsoDate = dayInJapan(at).toString();
  return rows.find(
    (row) =>
      row.inquirerBodyCode === inquirerBodyCode &&
      row.providerBodyCode === inquiry.providerBodyCode &&
      row.taskCode === inquiry.taskCode &&
      row.procedureCode === inquiry.procedureCode &&
      row.informationNameCode === inquiry.informationNameCode &&
      (inquiry.itemCodes ?? []).every((item) => row.itemCodes.includes(item)) &&
      row.validFrom <= day &&
      day <= row.validTo,
  );
}
