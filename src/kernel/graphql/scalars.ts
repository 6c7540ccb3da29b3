import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { plainDate, Temporal } from '../dates.js';
import { isKuramoriError } from '../errors.js';
import { YEN_MAX } from '../yen.js';

/** A refusal that names the scalar and never the value. */
function malformed(scalar: string, form: string): GraphQLError {
  return new GraphQLError(`A value of ${scalar} must be ${form}.`, { extensions: { code: 'BAD_INPUT' } });
}

function literal(node: ValueNode): unknown {
  if (node.kind === Kind.INT) return Number(node.value);
  return node.kind === Kind.STRING ? node.value : undefined;
}

function parseYen(value: unknown): bigint {
  if (typeof value === 'bigint' && value <= YEN_MAX && value >= -YEN_MAX) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  throw malformed('Yen', 'a whole number of yen within ±(2^53 − 1)');
}

/** 円: whole yen, a JSON integer, exact within ±(2^53 − 1). */
export const YenScalar = new GraphQLScalarType<bigint, number>({
  name: 'Yen',
  description: '金額（円・整数）. Whole yen within ±(2^53 − 1); never a fraction.',
  serialize: (value) => Number(parseYen(value)),
  parseValue: parseYen,
  parseLiteral: (node) => parseYen(node.kind === Kind.INT ? Number(node.value) : undefined),
});

/** Before it, the language of dates has a year 0, which the database has not. */
const FIRST_DAY = '0001-01-01';

function parseDate(value: unknown): string {
  if (typeof value !== 'string') throw malformed('Date', 'a day written YYYY-MM-DD');
  const day = dayOf(value);
  if (day === undefined || day < FIRST_DAY)
    throw malformed('Date', 'a day of the calendar from 0001-01-01 on, written YYYY-MM-DD');
  return day;
}

/** @returns undefined when the text is no day */
function dayOf(text: string): string | undefined {
  try {
    return plainDate(text).toString();
  } catch (cause) {
    if (isKuramoriError(cause, 'BAD_INPUT')) return undefined;
    throw cause;
  }
}

/** 日付: a calendar day in Japan, YYYY-MM-DD. */
export const DateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description: '日付（YYYY-MM-DD）. A calendar day in Asia/Tokyo, without a time.',
  serialize: (value) => String(value),
  parseValue: parseDate,
  parseLiteral: (node) => parseDate(literal(node)),
});

/** Years of four digits: what lies outside is written in a way that the database does not read. */
const FIRST_INSTANT = Temporal.Instant.from('0001-01-01T00:00:00Z');
const LAST_INSTANT = Temporal.Instant.from('9999-12-31T23:59:59.999999999Z');

function parseInstant(value: unknown): string {
  if (typeof value !== 'string') throw malformed('DateTime', 'an instant with an offset');
  const instant = instantOf(value);
  if (
    instant === undefined ||
    Temporal.Instant.compare(instant, FIRST_INSTANT) < 0 ||
    Temporal.Instant.compare(instant, LAST_INSTANT) > 0
  )
    throw malformed(
      'DateTime',
      'an instant of the years 1 to 9999 with an offset, such as 2026-11-02T10:00:00+09:00',
    );
  return instant.toString();
}

/** @returns undefined when the text is no instant */
function instantOf(text: string): Temporal.Instant | undefined {
  try {
    return Temporal.Instant.from(text);
  } catch (cause) {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}

/** 日時: an instant, ISO 8601 with offset. */
export const DateTimeScalar = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  description: '日時（ISO 8601）. An instant with its offset.',
  serialize: (value) => String(value),
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(literal(node)),
});

function parseCount(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^\d{1,18}$/.test(value)) return BigInt(value);
  throw malformed('SequenceNo', 'a whole number');
}

/** 通番: a number of the audit log or of a row, text because it may pass 2^53. */
export const SequenceNoScalar = new GraphQLScalarType<bigint, string>({
  name: 'SequenceNo',
  description: '通番. A whole number as text, because it may exceed 2^53.',
  serialize: (value) => String(value),
  parseValue: parseCount,
  parseLiteral: (node) => parseCount(literal(node)),
});
