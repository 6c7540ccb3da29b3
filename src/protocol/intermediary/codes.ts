import { z } from 'zod';
import { INTERMEDIARY_TEXT_CHARS_MAX } from '../../kernel/limits.js';

/**
 * Codes of the intermediary server's messages (handbook 12 §4). None of these forms has twelve digits alone, so that an
 * individual number (個人番号) never fits where a code stands.
 */

/** UUIDv7 in small letters: unique for ever, made by who sends. */
export const messageId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

/** 機関コード: 16 digits. */
export const bodyCode = z.string().regex(/^\d{16}$/);

/** 団体内統合宛名番号: 15 digits, leading zeros kept. */
export const unifiedAddresseeNo = z.string().regex(/^\d{15}$/);

/** 事務コード: `JM` and 14 letters or digits. */
export const taskCode = z.string().regex(/^JM[0-9A-Z]{14}$/);

/** 事務手続コード: `JT` and 14 letters or digits. */
export const procedureCode = z.string().regex(/^JT[0-9A-Z]{14}$/);

/** 特定個人情報名コード: `TM` and 14 letters or digits. */
export const informationNameCode = z.string().regex(/^TM[0-9A-Z]{14}$/);

/** 特定個人情報項目コード: capitals and digits, begun by two capitals. */
export const itemCode = z.string().regex(/^[A-Z]{2}[0-9A-Z]{0,14}$/);

/** レコード識別番号: begun by a capital, unique per sender for ever. */
export const recordId = z.string().regex(/^[A-Z][0-9A-Za-z-]{0,39}$/);

/** Identifiers of people, units, cases: printable ASCII without a space. */
export const identifier = z.string().regex(/^[!-~]{1,64}$/);

/** A word or a short sentence: purposes, legal bases, reasons. */
export const shortText = z
  .string()
  .min(1)
  .max(INTERMEDIARY_TEXT_CHARS_MAX)
  .regex(/^\P{C}*$/u);

/** 特定個人情報データ標準レイアウト: year and month of the revision, `2026-07`. */
export const layoutVersion = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);

/** An instant in UTC, as RFC 3339 writes it, to the millisecond at most. */
export const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/)
  .pipe(z.iso.datetime());

/** A day of the calendar, `2026-11-02`. */
export const isoDay = z.iso.date();

/** `sha256:` and 43 characters of base64url. */
export const digestText = z.string().regex(/^sha256:[\w-]{42}[AEIMQUYcgkosw048]$/);

/** Ed25519: 64 bytes in base64url. */
export const signatureText = z.string().regex(/^[\w-]{85}[AQgw]$/);
