import { expect, test } from 'vitest';
import { Unmappable } from '../../../src/collection/transfer/unmappable.js';

function listed(...texts: string[]): string[] {
  const found = new Unmappable();
  for (const text of texts) found.add(text);
  return found.list();
}

test('what JIS X 0213 has is not listed: levels 1 to 4, kana of half and full width, signs, breaks of lines', () => {
  expect(listed('蔵守市　高橋𠮟﨑①㈱〜ｱｲｳﾞA z~\\\n\t1-2')).toEqual([]);
});

test('what it has not is listed once, in order', () => {
  expect(listed('𠮷田髙志', '髙橋', '辻󠄀')).toEqual(['U+9AD9', 'U+20BB7', 'U+E0100']);
});

test('its twin in Unicode is told apart', () => {
  expect(listed('高', '髙')).toEqual(['U+9AD9']);
});
