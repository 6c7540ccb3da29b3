/** Small kana, half width, and the large ones that banks write in their place (handbook 12 §7). */
const LARGE: Readonly<Record<string, string>> = {
  ｧ: 'ｱ',
  ｨ: 'ｲ',
  ｩ: 'ｳ',
  ｪ: 'ｴ',
  ｫ: 'ｵ',
  ｬ: 'ﾔ',
  ｭ: 'ﾕ',
  ｮ: 'ﾖ',
  ｯ: 'ﾂ',
  ヮ: 'ﾜ',
  ヵ: 'ｶ',
  ヶ: 'ｹ',
};

/** Full-width katakana by its half-width spelling, voiced marks apart. */
const FULL =
  'アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォャュョッー';
const HALF = 'ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｬｭｮｯｰ';
const HALF_WIDTH = new Map([...FULL].map((kana, at) => [kana, HALF.charAt(at)]));
const MARKS: ReadonlyMap<string, string> = new Map([
  ['\u3099', 'ﾞ'],
  ['\u309A', 'ﾟ'],
]);

/** A hyphen, a long vowel mark and their look-alikes are one sign in a bank's file. */
const DASHES = /[-‐‑‒–—―−ー－ｰ]/gu;
const HIRAGANA = /[ぁ-ゖ]/gu;
const HIRAGANA_TO_KATAKANA = 0x60;

/**
 * 口座名義 in the form in which names are compared: half-width upper kana, capitals, no spaces, small kana large
 * (handbook 12 §7). Pure.
 * @example
 * holderText('ヤマダ ジョウ'); // 'ﾔﾏﾀﾞｼﾞﾖｳ'
 */
export function holderText(name: string): string {
  const katakana = name
    .normalize('NFKC')
    .replaceAll(HIRAGANA, (kana) => String.fromCharCode(kana.charCodeAt(0) + HIRAGANA_TO_KATAKANA));
  const signs = [...katakana.normalize('NFD').replaceAll(DASHES, 'ｰ').replaceAll(/\s/gu, '').toUpperCase()];
  return signs
    .map((sign) => MARKS.get(sign) ?? HALF_WIDTH.get(sign) ?? sign)
    .map((sign) => LARGE[sign] ?? sign)
    .join('');
}

/** Whether an account's holder is the taxpayer, by their kana. A mismatch decides nothing: a person looks at it. */
export function isSameHolder(one: string, other: string): boolean {
  const text = holderText(one);
  return text !== '' && text === holderText(other);
}
