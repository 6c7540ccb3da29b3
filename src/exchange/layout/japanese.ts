import iconv from 'iconv-lite';

/**
 * The characters of bank records: JIS X 0201 in one byte, Shift_JIS in two. A record is handled as text with one
 * character per byte, so that positions stay what the layout says.
 */

const KANA_BYTE_FIRST = 0xa1;
const KANA_BYTE_LAST = 0xdf;
/** U+FF61 − 0xA1: half-width katakana in Unicode. */
const KANA_SHIFT = 0xfec0;

/** Whether a byte is a printable character of JIS X 0201. */
export function isJisX0201(byte: number): boolean {
  return (byte >= 0x20 && byte <= 0x7e) || (byte >= KANA_BYTE_FIRST && byte <= KANA_BYTE_LAST);
}

/** Half-width kana and ASCII from bytes; undefined when a byte is of neither. */
export function kanaFromBytes(bytes: string): string | undefined {
  let text = '';
  for (let index = 0; index < bytes.length; index++) {
    const code = bytes.charCodeAt(index);
    if (!isJisX0201(code)) return undefined;
    text += String.fromCharCode(code >= KANA_BYTE_FIRST ? code + KANA_SHIFT : code);
  }
  return text;
}

/** The bytes of half-width kana and ASCII; what is neither stays as it is and is refused by the record's check. */
export function kanaToBytes(text: string): string {
  return text.replace(/[\uFF61-\uFF9F]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - KANA_SHIFT));
}

/** Double-byte text, trailing spaces dropped; undefined when a lone lead byte or an unassigned pair is in it. */
export function textFromBytes(bytes: string): string | undefined {
  const raw = Buffer.from(bytes, 'latin1');
  const text = iconv.decode(raw, 'cp932');
  return iconv.encode(text, 'cp932').equals(raw) ? text.replace(/[ \u3000]+$/, '') : undefined;
}

/** The bytes of double-byte text, one character each. */
export function textToBytes(text: string): string {
  return iconv.encode(text, 'cp932').toString('latin1');
}
