import { isCheckDigitMethod } from './checkDigit.js';
import {
  layoutInvalid,
  type FieldDescriptor,
  type LayoutDescriptor,
  type LayoutKind,
  type RecordKind,
} from './descriptor.js';

/** Canonical fields that a file kind must give, whatever the counterparty calls them (handbook 21 §3). */
const CANONICAL: Record<LayoutKind, readonly string[]> = {
  receiptPlain: [
    'taxItemCode',
    'levyFiscalYear',
    'instalmentNo',
    'billedAmount',
    'taxAmount',
    'lateCharge',
    'collectingBank',
    'paidOn',
    'channel',
    'ocrLine',
    'noticeNo',
  ],
  receiptMpn: [
    'taxItemCode',
    'levyFiscalYear',
    'instalmentNo',
    'billedAmount',
    'paymentNo',
    'confirmationNo',
    'collectingBank',
    'paidOn',
    'channel',
  ],
  levies: [
    'recordKind',
    'municipalityCode',
    'formerMunicipalityCode',
    'assessmentYear',
    'taxYear',
    'levyFiscalYear',
    'noticeNo',
    'taxItemCode',
    'payrollAgentNo',
    'instalmentNo',
    'returnNo',
    'businessYearNo',
    'childAddresseeNo',
    'addresseeNo',
    'taxAmount',
    'nominalDueOn',
    'statutoryDueOn',
    'priorityOn',
    'decidedOn',
    'notifiedOn',
    'paymentNo',
    'confirmationNo',
    'reason',
  ],
  ocrLine: ['municipalityCode', 'taxItemCode', 'levyFiscalYear', 'instalmentNo', 'noticeNo', 'billedAmount'],
};

/** Types whose width in a fixed record is given by what they are. */
const FIXED_WIDTHS: Partial<Record<FieldDescriptor['type'], number>> = { date8: 8, date6: 6 };

/**
 * Refuses a descriptor that could read or write something else than it says.
 * @param codeLists names of the code lists that will be at hand
 * @throws KuramoriError LAYOUT_INVALID naming the place
 */
export function assertSound(descriptor: LayoutDescriptor, codeLists: ReadonlySet<string>): void {
  if (descriptor.validTo !== null && descriptor.validTo < descriptor.validFrom) refuse(descriptor, 'validTo');
  for (const [kind, record] of Object.entries(descriptor.records)) {
    assertFields(descriptor, kind as RecordKind, record?.fields ?? [], codeLists);
  }
  const names = new Set(descriptor.records.data.fields.map(({ name }) => name));
  for (const name of CANONICAL[descriptor.kind]) if (!names.has(name)) refuse(descriptor, `data.${name}`);
  for (const name of descriptor.unique.flat()) if (!names.has(name)) refuse(descriptor, `unique.${name}`);
  const trailer = new Set(descriptor.records.trailer?.fields.map(({ name }) => name));
  for (const { trailerField } of descriptor.totals)
    if (!trailer.has(trailerField)) refuse(descriptor, `totals.${trailerField}`);
  if (descriptor.physical.form === 'fixed') assertKinds(descriptor);
}

/**
 * Refuses versions of one layout whose days of validity overlap: a file must have one reading.
 * @throws KuramoriError LAYOUT_INVALID
 */
export function assertVersionsApart(descriptors: readonly LayoutDescriptor[]): void {
  const byId = Map.groupBy(descriptors, ({ id }) => id);
  for (const versions of byId.values()) {
    const sorted = versions.toSorted((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
    sorted.forEach((version, index) => {
      const next = sorted[index + 1];
      if (next !== undefined && (version.validTo === null || version.validTo >= next.validFrom))
        refuse(next, 'validFrom');
    });
  }
}

function assertFields(
  descriptor: LayoutDescriptor,
  kind: RecordKind,
  fields: readonly FieldDescriptor[],
  codeLists: ReadonlySet<string>,
): void {
  const names = new Set<string>();
  for (const field of fields) {
    const place = `${kind}.${field.name}`;
    if (names.has(field.name) && field.type !== 'filler') refuse(descriptor, place);
    names.add(field.name);
    if (field.type === 'code' && !codeLists.has(field.codeList ?? ''))
      refuse(descriptor, `${place}.codeList`);
    if (field.type === 'const' && field.value === undefined) refuse(descriptor, `${place}.value`);
    if (field.checkDigit !== undefined) assertCheckDigit(descriptor, field, place);
  }
  if (descriptor.physical.form === 'fixed')
    assertGapless(descriptor, kind, fields, descriptor.physical.recordLength);
  else if (fields.some(({ at }) => at !== undefined)) refuse(descriptor, `${kind}.at`);
}

/** Every byte of a fixed record belongs to exactly one named field. */
function assertGapless(
  descriptor: LayoutDescriptor,
  kind: RecordKind,
  fields: readonly FieldDescriptor[],
  length: number,
): void {
  let next = 1;
  for (const field of fields) {
    const place = `${kind}.${field.name}`;
    if (field.at !== next || field.length === undefined || field.type === 'dateIso')
      refuse(descriptor, place);
    const width = FIXED_WIDTHS[field.type] ?? field.value?.length ?? field.length;
    if (width !== field.length) refuse(descriptor, place);
    next += field.length;
  }
  if (next !== length + 1) refuse(descriptor, kind);
}

function assertCheckDigit(descriptor: LayoutDescriptor, field: FieldDescriptor, place: string): void {
  const { method, over } = field.checkDigit ?? { method: '', over: [0, 0] };
  const covers = field.at !== undefined && over[0] <= over[1] && over[1] < field.at && field.length === 1;
  if (!isCheckDigitMethod(method) || !covers) refuse(descriptor, `${place}.checkDigit`);
}

function assertKinds(descriptor: LayoutDescriptor): void {
  if (descriptor.recordKind === undefined) {
    if (Object.keys(descriptor.records).length > 1) refuse(descriptor, 'recordKind');
    return;
  }
  const { at, length, map } = descriptor.recordKind;
  const mapped = Object.values(map);
  if (new Set(mapped).size !== mapped.length || at !== 1) refuse(descriptor, 'recordKind.map');
  for (const [text, kind] of Object.entries(map)) {
    const first = descriptor.records[kind]?.fields[0];
    if (first?.type !== 'const' || first.value !== text || text.length !== length)
      refuse(descriptor, `recordKind.map.${text}`);
  }
}

function refuse(descriptor: LayoutDescriptor, place: string): never {
  throw layoutInvalid(`The layout ${descriptor.id} version ${descriptor.version} is not sound at ${place}.`, [
    place,
  ]);
}
