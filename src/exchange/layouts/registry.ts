import type { IsoDate } from '../../kernel/dates.js';
import { readDescriptor, type LayoutSource } from '../layout/descriptor.js';
import { fileRejected } from '../layout/faults.js';
import { assertVersionsApart } from '../layout/sound.js';
import { LEVIES_CSV } from './levies.js';
import { RECEIPT_MPN } from './receiptMpn.js';
import { RECEIPT_PLAIN, RECEIPT_PLAIN_CSV } from './receiptPlain.js';

/** Layouts that ship with the product. */
export const LAYOUTS: readonly LayoutSource[] = [RECEIPT_PLAIN, RECEIPT_PLAIN_CSV, RECEIPT_MPN, LEVIES_CSV];

assertVersionsApart(LAYOUTS.map((source) => readDescriptor(source)));

/** What a load can be about. */
export type LoadKind = 'receipts' | 'levies';

const IDS: Record<LoadKind, readonly string[]> = {
  receipts: [RECEIPT_PLAIN.id, RECEIPT_PLAIN_CSV.id, RECEIPT_MPN.id],
  levies: [LEVIES_CSV.id],
};

/**
 * Chooses the layout of a file by what it begins with: the file kind of a fixed header, else CSV headings.
 * @param head the first bytes of the file
 * @param on the day of the load, which chooses the version
 * @throws KuramoriError FILE_REJECTED when no layout of the kind begins like that
 */
export function chooseLayout(kind: LoadKind, head: Buffer, on: IsoDate): LayoutSource {
  if (head.length === 0) throw fileRejected([{ code: 'E_EMPTY_FILE' }]);
  const begin = head.subarray(0, 3).toString('latin1');
  const fixed = /^[0-9]/.test(begin);
  const found = LAYOUTS.find((source) => {
    const inForce = source.validFrom <= on && (source.validTo === null || on <= source.validTo);
    return (
      inForce &&
      IDS[kind].includes(source.id) &&
      (fixed ? beginsFixed(source, begin) : source.physical.form === 'csv')
    );
  });
  if (found === undefined) throw fileRejected([{ code: fixed ? 'E_NO_HEADER' : 'E_HEADING', recordNo: 1 }]);
  return found;
}

/** The constants of the header: record kind, then file kind. */
function beginsFixed(source: LayoutSource, begin: string): boolean {
  const constants = source.records.header?.fields.slice(0, 2).map(({ value }) => value ?? '') ?? [];
  return source.physical.form === 'fixed' && constants.join('') === begin;
}
