import { KuramoriError } from '../../kernel/errors.js';
import { holderText } from '../../kernel/holder.js';

/** Records of the banks' association (全銀協規定形式): 120 bytes, each character one byte (handbook 20 §2). */
export const ZENGIN_RECORD_BYTES = 120;

/** What every bank takes (handbook 20 §4, strict profile); `･`, `ｰ`, `ｦ` and small kana are not among it. */
const STRICT = /^[ 0-9A-Zｱ-ﾝﾞﾟ().\-/]+$/u;

/** What banks write in the place of signs that a comparison keeps apart (handbook 20 §4). */
const WRITTEN: Readonly<Record<string, string>> = {
  ｰ: '-',
  ｦ: 'ｵ',
  ヰ: 'ｲ',
  ヱ: 'ｴ',
  '・': '.',
  ',': '.',
};

/**
 * A name as a bank's record writes it: half-width kana and capitals, one space between its parts. Pure.
 * @returns undefined when something in it has no such writing, or nothing is left
 * @example
 * zenginText('わたなべ ゆうこ'); // 'ﾜﾀﾅﾍﾞ ﾕｳｺ'
 * zenginText('渡邉 ユウコ'); // undefined
 */
export function zenginText(name: string): string | undefined {
  const parts = name.trim().split(/\s+/u).map(holderText);
  const text = [...parts.join(' ')].map((sign) => WRITTEN[sign] ?? sign).join('');
  return STRICT.test(text) && text.trim() !== '' ? text : undefined;
}

/**
 * A field of digits: at the right, filled with zeros.
 * @throws KuramoriError INTERNAL when it does not fit, which is checked before
 */
export function digits(text: string, length: number): string {
  if (!/^\d+$/.test(text) || text.length > length) throw unfit();
  return text.padStart(length, '0');
}

/** A field of text: at the left, filled with spaces, cut at its end; a kana is never cut from its mark. */
export function text(name: string, length: number): string {
  const end = /^[ﾞﾟ]/u.test(name.slice(length)) ? length - 1 : length;
  return name.slice(0, end).padEnd(length, ' ');
}

/**
 * A record in JIS X 0201, its fields in their order.
 * @throws KuramoriError INTERNAL when it is not of 120 bytes, or a sign has none, which is checked before
 */
export function zenginRecord(fields: readonly string[]): Uint8Array {
  const bytes = Uint8Array.from([...fields.join('')].map(byteOf));
  if (bytes.length !== ZENGIN_RECORD_BYTES) throw unfit();
  return bytes;
}

const HALF_WIDTH_FIRST = 0xff61;
const HALF_WIDTH_LAST = 0xff9f;
const JIS_X_0201_KANA_FIRST = 0xa1;

function byteOf(sign: string): number {
  const code = sign.charCodeAt(0);
  if (code >= 0x20 && code <= 0x7e) return code;
  if (code < HALF_WIDTH_FIRST || code > HALF_WIDTH_LAST) throw unfit();
  return code - HALF_WIDTH_FIRST + JIS_X_0201_KANA_FIRST;
}

function unfit(): KuramoriError {
  return new KuramoriError('INTERNAL', 'A payment does not fit into the records of the banks.');
}
