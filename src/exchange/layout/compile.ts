import { CHECK_DIGIT_METHODS, isCheckDigitMethod } from './checkDigit.js';
import type { FieldDescriptor, LayoutDescriptor, LayoutSource, RecordKind } from './descriptor.js';
import { readDescriptor } from './descriptor.js';
import { compileExpression, compileTotal, type Expression } from './expression.js';
import type { Fault, FaultCode } from './faults.js';
import {
  fieldCodec,
  isFault,
  type CodeList,
  type DecodedFields,
  type FieldCodec,
  type FieldValue,
} from './field.js';
import { assertSound } from './sound.js';

/** The code lists that a descriptor names, by name. */
export type CodeLists = Readonly<Record<string, CodeList>>;

/** Reads and writes the records of one kind. */
export interface RecordCodec {
  readonly fields: readonly FieldCodec[];
  /**
   * @param texts the field's texts, in the order of the fields
   * @param whole the record's text, over which check digits go
   * @param faults receives what is wrong; the record is only good when nothing was added
   */
  decode(texts: readonly string[], whole: string, recordNo: number, faults: Fault[]): DecodedFields;
  /** Field texts of a fixed record, cut at their bytes. */
  cut(whole: string): string[];
  /** @throws KuramoriError BAD_INPUT when a value does not fit its field */
  encode(fields: DecodedFields): string[];
}

/** A descriptor that was found sound, compiled once for a file. */
export interface Layout {
  readonly descriptor: LayoutDescriptor;
  readonly records: Readonly<Partial<Record<RecordKind, RecordCodec>>> & { readonly data: RecordCodec };
  readonly totals: readonly {
    readonly trailerField: string;
    readonly of: (fields: DecodedFields) => bigint;
  }[];
  readonly checks: readonly { readonly id: string; readonly warning: boolean; readonly holds: Expression }[];
}

/**
 * Compiles a descriptor into plain reading and writing functions.
 * @param source a descriptor as data
 * @param codeLists lists that come from elsewhere, such as the municipality's tax items
 * @throws KuramoriError LAYOUT_INVALID when it is malformed or not sound
 */
export function compileLayout(source: LayoutSource, codeLists: CodeLists = {}): Layout {
  const descriptor = readDescriptor(source);
  const own = Object.entries(descriptor.codeLists).map(
    ([name, list]) => [name, new Map(Object.entries(list))] as const,
  );
  const lists: CodeLists = { ...codeLists, ...Object.fromEntries(own) };
  assertSound(descriptor, new Set(Object.keys(lists)));
  const known = new Set(descriptor.records.data.fields.map(({ name }) => name));
  const codec = (record: { readonly fields: readonly FieldDescriptor[] }) =>
    recordCodec(record.fields, descriptor, lists);
  const { header, data, trailer, end } = descriptor.records;
  return {
    descriptor,
    records: {
      ...(header && { header: codec(header) }),
      data: codec(data),
      ...(trailer && { trailer: codec(trailer) }),
      ...(end && { end: codec(end) }),
    },
    totals: descriptor.totals.map(({ trailerField, is }) => ({ trailerField, of: compileTotal(is, known) })),
    checks: descriptor.checks.map(({ id, expr, severity }) => ({
      id,
      warning: severity === 'warning',
      holds: compileExpression(expr, known),
    })),
  };
}

function recordCodec(
  fields: readonly FieldDescriptor[],
  descriptor: LayoutDescriptor,
  lists: CodeLists,
): RecordCodec {
  const { form } = descriptor.physical;
  const codecs = fields.map((field) => fieldCodec(field, form, lists[field.codeList ?? '']));
  const kept = codecs.map(({ type }) => type !== 'filler');
  const spans = fields.map(({ at = 1, length = 0 }) => [at - 1, at - 1 + length] as const);
  const digits = fields.map(checkDigitOf);
  return {
    fields: codecs,
    cut: (whole) => spans.map(([from, to]) => whole.slice(from, to)),
    decode: (texts, whole, recordNo, faults) => {
      const record: Record<string, FieldValue> = {};
      codecs.forEach((codec, index) => {
        if (kept[index] !== true) return;
        const text = texts[index] ?? '';
        const value = codec.decode(text);
        if (isFault(value)) faults.push({ code: value.fault, recordNo, field: codec.name });
        else record[codec.name] = value;
        const wrong = isFault(value) ? undefined : digits[index]?.(whole, text);
        if (wrong !== undefined) faults.push({ code: wrong, recordNo, field: codec.name });
      });
      return record;
    },
    encode: (record) => codecs.map((codec) => codec.encode(record[codec.name] ?? null)),
  };
}

function checkDigitOf(
  field: FieldDescriptor,
): ((whole: string, text: string) => FaultCode | undefined) | undefined {
  const rule = field.checkDigit;
  if (rule === undefined || !isCheckDigitMethod(rule.method)) return undefined;
  const digit = CHECK_DIGIT_METHODS[rule.method];
  const [from, to] = rule.over;
  return (whole, text) => {
    const over = whole.slice(from - 1, to);
    return /^\d+$/.test(over) && String(digit(over)) === text ? undefined : 'E_CHECK_DIGIT';
  };
}
