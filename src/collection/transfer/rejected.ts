import { KuramoriError } from '../../kernel/errors.js';

/** Why a row of the organization cannot be so. The words are those of `records.transfer_hold`. */
export const ROW_FAULTS = {
  unknownCase: 'the organization has no such case of ours',
  unknownLine: 'the organization has no such line of ours',
  reportedTwice: 'the case is reported on twice',
  partsDiffer: 'the parts do not make up the amount',
  futureDay: 'the day has not come yet',
  futureTime: 'the time has not come yet',
  beforeHandOver: 'the day lies before the case was handed over',
  exceedsTax: 'more tax was collected than was unpaid',
  exceedsFee: 'more reminder fee was collected than was owed',
  otherDisposition: 'the number stands for another disposition of the case',
  endOfNothing: 'no disposition of this number was reported in the case',
  endsBeforeBegin: 'the disposition ends before it was made',
  endsOtherwise: 'the disposition has ended already, and otherwise',
  tooManyRows: 'it has too many rows',
} as const;

export type RowFault = keyof typeof ROW_FAULTS;

/** A row of a file of the organization that cannot be so, by place: never what stands there. */
export function rejectedRow(file: string, row: number, fault: RowFault): KuramoriError {
  return new KuramoriError('FILE_REJECTED', `${file}, row ${row}: ${ROW_FAULTS[fault]}.`, {
    file,
    row,
    fault,
  });
}
