import { KuramoriError } from '../../kernel/errors.js';

/** Kana forms that search treats as one (handbook 06 §3), each with the form it is compared as. */
const SMALL_KANA = pairs('ァア ィイ ゥウ ェエ ォオ ッツ ャヤ ュユ ョヨ ヮワ ヵカ ヶケ ヰイ ヱエ ヲオ');

/** Variant characters and the form they are compared as (handbook 06 §4). Comparison only; names keep their own. */
const VARIANTS = pairs(
  '髙高 﨑崎 嵜崎 邊辺 邉辺 濵浜 濱浜 齋斉 齊斉 斎斉 𠮷吉 德徳 廣広 澤沢 櫻桜 國国 龍竜 瀧滝 嶋島 嶌島 惠恵 眞真 榮栄 藏蔵 ' +
    '靜静 壽寿 桒桑 槗橋 舘館 曾曽 假仮 會会 與与 條条 黑黒 靑青',
);

const SEPARATORS = /[\s\u3000・･.,，．ー\-‐‑–—―ｰ]/gu;
const IDEOGRAPHIC_VARIATION_SELECTORS = /[\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/gu;
const COMBINING_MARKS = /[\u3099\u309A]/gu;

/** 検索用カナ: the comparison form of a reading; hiragana, half width, small kana, marks and spaces do not matter. */
export function foldKana(text: string): string {
  const katakana = text
    .normalize('NFKC')
    .replace(/[ぁ-ゖ]/gu, (c) => String.fromCodePoint((c.codePointAt(0) ?? 0) + 0x60));
  const bare = katakana.replace(SEPARATORS, '').normalize('NFD').replace(COMBINING_MARKS, '');
  return [...bare]
    .map((c) => SMALL_KANA.get(c) ?? c)
    .join('')
    .toUpperCase();
}

/** 検索用氏名: the comparison form of a name; variants, widths, selectors and spaces do not matter. */
export function foldName(text: string): string {
  const bare = text.replace(IDEOGRAPHIC_VARIATION_SELECTORS, '').normalize('NFKC').replace(SEPARATORS, '');
  return [...bare]
    .map((c) => VARIANTS.get(c) ?? c)
    .join('')
    .toUpperCase();
}

/** 検索用住所: as for names; 丁目, 番地, 番, 号 become one separator so that 1丁目2番3号 is found as 1-2-3. */
export function foldAddress(text: string): string {
  const plain = text.replace(IDEOGRAPHIC_VARIATION_SELECTORS, '').normalize('NFKC');
  const numbered = plain
    .replace(/(\d+)(?:丁目|番地の?|番|号|[‐‑–—―ーの-])(?=\d)/gu, '$1-')
    .replace(/(\d+)(?:丁目|番地|番|号)/gu, '$1');
  const kept = numbered.replace(/[\s\u3000・･.,，．]/gu, '').replace(/[‐‑–—―]/gu, '-');
  return [...kept]
    .map((c) => VARIANTS.get(c) ?? c)
    .join('')
    .toUpperCase();
}

/** What a prefix search compares with: `from` included, `before` excluded, in the order of code points. */
export interface PrefixRange {
  readonly from: string;
  readonly before: string;
}

const LAST_CODE_POINT = 0x10ffff;
const LAST_BEFORE_SURROGATES = 0xd7ff;
const FIRST_AFTER_SURROGATES = 0xe000;

/**
 * The range of all texts that begin with a folded text. A range, because an index serves it also when the text is not
 * known at planning time; `LIKE` with a parameter is served by none.
 * @throws KuramoriError BAD_INPUT when nothing is left of the text after folding
 */
export function prefixRange(folded: string): PrefixRange {
  const points = [...folded].map((c) => c.codePointAt(0) ?? 0);
  if (points.length === 0) {
    throw new KuramoriError(
      'BAD_INPUT',
      'A search text has no letter, character or digit. Give at least one.',
      { field: 'filter' },
    );
  }
  const kept = points.slice(0, points.findLastIndex((point) => point < LAST_CODE_POINT) + 1);
  const last = kept.pop();
  if (last === undefined)
    throw new KuramoriError('BAD_INPUT', 'A search text has no searchable character.', { field: 'filter' });
  const next = last === LAST_BEFORE_SURROGATES ? FIRST_AFTER_SURROGATES : last + 1;
  return { from: folded, before: String.fromCodePoint(...kept, next) };
}

/** 検索用電話番号: digits alone. @throws KuramoriError BAD_INPUT when there are none */
export function foldPhone(text: string): string {
  const digits = text.normalize('NFKC').replace(/[^0-9]/gu, '');
  if (digits !== '') return digits;
  throw new KuramoriError('BAD_INPUT', 'A telephone number has no digits. Give at least one.', {
    field: 'filter',
  });
}

/** `'髙高 﨑崎'`: from the first character of each pair to the second. */
function pairs(text: string): ReadonlyMap<string, string> {
  return new Map(text.split(' ').map((pair) => [...pair] as [string, string]));
}
