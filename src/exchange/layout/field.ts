import { KuramoriError } from '../../kernel/errors.js';
import type { FieldDescriptor, FieldType } from './descriptor.js';
import type { FaultCode } from './faults.js';
import { kanaFromBytes, kanaToBytes, textFromBytes, textToBytes } from './japanese.js';

/**
 * A decoded value: amounts are bigint, other numbers number, the rest text; dates ISO; null where nothing was
 * sent.
 */
export type FieldValue = string | number | bigint | null;
export type DecodedFields = Record<string, FieldValue>;

/** External value → internal value. */
export type CodeList = ReadonlyMap<string, string>;

/** Why a field could not be read. Shared objects, so that a bad file costs no more than a good one. */
export interface FieldFault {
  readonly fault: FaultCode;
}

/** Reads and writes one field; the text of a fixed record holds one character per byte. */
export interface FieldCodec {
  readonly name: string;
  readonly type: FieldType;
  decode(text: string): FieldValue | FieldFault;
  /** @throws KuramoriError BAD_INPUT when the value does not fit the field */
  encode(value: FieldValue): string;
}

export type Form = 'fixed' | 'csv';

interface TypeCodec {
  read(text: string, field: FieldDescriptor): FieldValue | FieldFault;
  write(value: Exclude<FieldValue, null>, field: FieldDescriptor): string;
}

const NUMERIC: FieldFault = { fault: 'E_NUMERIC' };
const WRONG_TYPE: FieldFault = { fault: 'E_FIELD_TYPE' };
const REQUIRED: FieldFault = { fault: 'E_FIELD_REQUIRED' };
const UNKNOWN_CODE: FieldFault = { fault: 'E_CODE_UNKNOWN' };

const DIGITS = /^\d+$/;
/** CSV numbers without a fixed width have one way to be written, so that an added zero is seen. */
const PLAIN_NUMBER = /^(0|[1-9]\d*)$/;
const SIGNED = /^-?\d+$/;
const YEAR_MIN = 1_868;
const YEAR_MAX = 2_199;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether a decoded value is a fault. */
export function isFault(value: FieldValue | FieldFault): value is FieldFault {
  return typeof value === 'object' && value !== null;
}

/**
 * Compiles a field of a descriptor.
 * @param codes the code list of a `code` field
 */
export function fieldCodec(field: FieldDescriptor, form: Form, codes?: CodeList): FieldCodec {
  const codec = field.type === 'code' ? codeCodec(codes ?? new Map()) : TYPES[field.type];
  const blank = blankValue(field);
  return {
    name: field.name,
    type: field.type,
    decode: (text) => {
      if (isBlank(text, form) && field.type !== 'const') return blank;
      return inRange(codec.read(text, field), field);
    },
    encode: (value) => {
      const text = value === null || value === '' ? blankText(field) : codec.write(value, field);
      return form === 'fixed' ? padded(text, field) : text;
    },
  };
}

const TYPES: Record<Exclude<FieldType, 'code'>, TypeCodec> = {
  digits: { read: readDigits, write: writeNumber },
  int: { read: (text, field) => (isNumber(text, field) ? Number(text) : NUMERIC), write: writeNumber },
  yen: { read: (text, field) => (isNumber(text, field) ? BigInt(text) : NUMERIC), write: writeNumber },
  signedYen: { read: (text) => (SIGNED.test(text) ? BigInt(text) : NUMERIC), write: writeSigned },
  date8: {
    read: (text) => readDate(text.slice(0, 4), text.slice(4, 6), text.slice(6)),
    write: (value) => String(value).replaceAll('-', ''),
  },
  date6: {
    read: (text) => readDate(`20${text.slice(0, 2)}`, text.slice(2, 4), text.slice(4)),
    write: (value) => String(value).slice(2).replaceAll('-', ''),
  },
  dateIso: { read: readIso, write: String },
  const: {
    read: (text, field) => (text === field.value ? text : WRONG_TYPE),
    write: (_, field) => field.value ?? '',
  },
  filler: { read: () => null, write: () => '' },
  kana: {
    read: (text) => kanaFromBytes(text.trimEnd()) ?? WRONG_TYPE,
    write: (value) => kanaToBytes(String(value)),
  },
  text: { read: readText, write: writeText },
};

function codeCodec(codes: CodeList): TypeCodec {
  const external = new Map([...codes].map(([outside, inside]) => [inside, outside]));
  return {
    read: (text) => codes.get(text) ?? UNKNOWN_CODE,
    write: (value, field) => external.get(String(value)) ?? unwritable(field),
  };
}

function isBlank(text: string, form: Form): boolean {
  return form === 'csv' ? text === '' : text.charCodeAt(0) === 32 && text.trim() === '';
}

function blankValue(field: FieldDescriptor): FieldValue | FieldFault {
  if (field.type === 'filler' || field.blank === 'null') return null;
  if (field.blank === 'empty') return '';
  if (field.blank === 'error') return REQUIRED;
  return field.type === 'int' ? 0 : 0n;
}

function blankText(field: FieldDescriptor): string {
  if (field.type === 'const') return field.value ?? '';
  return field.type === 'filler' || field.blank === 'null' || field.blank === 'empty'
    ? ''
    : unwritable(field);
}

function inRange(value: FieldValue | FieldFault, field: FieldDescriptor): FieldValue | FieldFault {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value;
  if (field.min !== undefined && value < field.min) return WRONG_TYPE;
  return field.max !== undefined && value > field.max ? WRONG_TYPE : value;
}

function isNumber(text: string, field: FieldDescriptor): boolean {
  if (field.length === undefined) return PLAIN_NUMBER.test(text) && text.length <= 15;
  return text.length === field.length && DIGITS.test(text);
}

function readDigits(text: string, field: FieldDescriptor): FieldValue | FieldFault {
  if (!DIGITS.test(text)) return NUMERIC;
  if (field.length !== undefined && text.length !== field.length) return WRONG_TYPE;
  return field.lengthMax !== undefined && text.length > field.lengthMax ? WRONG_TYPE : text;
}

function readDate(year: string, month: string, day: string): FieldValue | FieldFault {
  if (year.length !== 4 || month.length !== 2 || day.length !== 2 || !DIGITS.test(year + month + day))
    return NUMERIC;
  return isCalendarDay(Number(year), Number(month), Number(day)) ? `${year}-${month}-${day}` : WRONG_TYPE;
}

function readIso(text: string): FieldValue | FieldFault {
  if (text.length !== 10 || text[4] !== '-' || text[7] !== '-') return WRONG_TYPE;
  return readDate(text.slice(0, 4), text.slice(5, 7), text.slice(8));
}

function isCalendarDay(year: number, month: number, day: number): boolean {
  if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1) return false;
  if (month === 2 && day === 29) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (DAYS[month - 1] ?? 0);
}

function readText(text: string, field: FieldDescriptor): FieldValue | FieldFault {
  if (field.at !== undefined) return textFromBytes(text) ?? WRONG_TYPE;
  return text.length <= (field.lengthMax ?? 0) ? text : WRONG_TYPE;
}

function writeNumber(value: Exclude<FieldValue, null>, field: FieldDescriptor): string {
  const text = String(value);
  const written = field.length === undefined ? text : text.padStart(field.length, '0');
  return DIGITS.test(written) ? written : unwritable(field);
}

function writeSigned(value: Exclude<FieldValue, null>, field: FieldDescriptor): string {
  const text = String(value);
  if (field.length === undefined) return text;
  return text.startsWith('-')
    ? `-${text.slice(1).padStart(field.length - 1, '0')}`
    : text.padStart(field.length, '0');
}

function writeText(value: Exclude<FieldValue, null>, field: FieldDescriptor): string {
  return field.at === undefined ? String(value) : textToBytes(String(value));
}

/** Texts are filled up with spaces; what is longer than its field is refused, never cut. */
function padded(text: string, field: FieldDescriptor): string {
  const length = field.length ?? 0;
  return text.length > length ? unwritable(field) : text.padEnd(length, ' ');
}

function unwritable(field: FieldDescriptor): never {
  throw new KuramoriError('BAD_INPUT', `A value does not fit the field ${field.name} of the layout.`, {
    field: field.name,
  });
}
