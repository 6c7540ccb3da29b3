import { z } from 'zod';
import { KuramoriError } from '../../kernel/errors.js';
import { LAYOUT_RECORD_BYTES_MAX } from '../../kernel/limits.js';

/**
 * The layout descriptor (handbook 21 §3): one file kind of one counterparty from a date, as data. A municipality
 * fits its bank by a descriptor, not by code.
 */

const name = z.string().regex(/^[a-z][A-Za-z0-9]*$/);
const isoDay = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

/**
 * How a field is written; `dateIso` is for CSV, `date8`/`date6` (Western YYMMDD of this century) for fixed
 * records.
 */
export const FIELD_TYPES = [
  'digits',
  'int',
  'yen',
  'signedYen',
  'date8',
  'date6',
  'dateIso',
  'code',
  'const',
  'filler',
  'kana',
  'text',
] as const;

const field = z.strictObject({
  name,
  type: z.enum(FIELD_TYPES),
  /** 1-based byte in the record (fixed form). */
  at: z.int().min(1).max(LAYOUT_RECORD_BYTES_MAX).optional(),
  /** Bytes (fixed form), or the exact number of characters (CSV). */
  length: z.int().min(1).max(LAYOUT_RECORD_BYTES_MAX).optional(),
  /** Most characters (CSV). */
  lengthMax: z.int().min(1).max(LAYOUT_RECORD_BYTES_MAX).optional(),
  /** What an empty field means. */
  blank: z.enum(['error', 'null', 'zero', 'empty']).default('error'),
  min: z.int().optional(),
  max: z.int().optional(),
  /** Text of a `const`. */
  value: z.string().optional(),
  /** Code list of a `code`: of this descriptor, or handed in at compilation. */
  codeList: name.optional(),
  checkDigit: z
    .strictObject({ method: z.string(), over: z.tuple([z.int().min(1), z.int().min(1)]) })
    .optional(),
});

const recordFields = z.strictObject({ fields: z.array(field).min(1) });

const physical = z.discriminatedUnion('form', [
  z.strictObject({
    form: z.literal('fixed'),
    recordLength: z.int().min(1).max(LAYOUT_RECORD_BYTES_MAX),
    eol: z.array(z.enum(['CRLF', 'none'])).min(1),
    encoding: z.enum(['jisx0201', 'shift_jis']),
    eofMark: z.enum(['allow', 'refuse']),
  }),
  z.strictObject({
    form: z.literal('csv'),
    encoding: z.literal('utf8'),
    trailerMark: z.string().regex(/^#[A-Z]+$/),
  }),
]);

const descriptor = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z0-9]+)*$/),
  version: z.int().min(1),
  kind: z.enum(['receiptPlain', 'receiptMpn', 'levies', 'ocrLine']),
  validFrom: isoDay,
  validTo: isoDay.nullable(),
  physical,
  recordKind: z
    .strictObject({
      at: z.int().min(1),
      length: z.int().min(1),
      map: z.record(z.string(), z.enum(['header', 'data', 'trailer', 'end'])),
    })
    .optional(),
  records: z.strictObject({
    header: recordFields.optional(),
    data: recordFields,
    trailer: recordFields.optional(),
    end: recordFields.optional(),
  }),
  codeLists: z.record(name, z.record(z.string(), z.string())).default({}),
  totals: z.array(z.strictObject({ trailerField: name, is: z.string() })).default([]),
  unique: z.array(z.array(name).min(1)).default([]),
  checks: z
    .array(
      z.strictObject({
        id: z.string(),
        when: z.literal('data'),
        expr: z.string(),
        severity: z.enum(['error', 'warning']),
      }),
    )
    .default([]),
});

/** A descriptor as it is written, defaults left out. */
export type LayoutSource = z.input<typeof descriptor>;
export type LayoutDescriptor = z.output<typeof descriptor>;
export type FieldDescriptor = z.output<typeof field>;
export type FieldType = (typeof FIELD_TYPES)[number];
export type RecordKind = 'header' | 'data' | 'trailer' | 'end';
export type LayoutKind = LayoutDescriptor['kind'];

/**
 * Reads a descriptor from data of any origin; whether it is sound is judged by `compileLayout`.
 * @throws KuramoriError LAYOUT_INVALID naming the place in the descriptor
 */
export function readDescriptor(source: unknown): LayoutDescriptor {
  const read = descriptor.safeParse(source);
  if (read.success) return read.data;
  // Names of fields as they stand in our form, never what the descriptor put there.
  const places = read.error.issues.map(({ path }) => (path.length === 0 ? 'its root' : path.join('.')));
  throw layoutInvalid(`A layout descriptor is malformed at ${places[0] ?? 'its root'}.`, places);
}

export function layoutInvalid(sentence: string, places: readonly string[] = []): KuramoriError {
  return new KuramoriError('LAYOUT_INVALID', sentence, { places });
}
