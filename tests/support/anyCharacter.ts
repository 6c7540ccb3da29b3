import fc from 'fast-check';

/** Halves of a pair stand from here on; they are no characters. */
const SURROGATES = { from: 0xd800, count: 0x800 };
const LAST = 0x10ffff;

/**
 * Any character, in the order and with the shrinking of fast-check’s own unit `binary`. For the way back from a
 * character that one fills a table of more than a million entries in every worker; this one reckons it.
 */
export const anyCharacter = fc.nat({ max: LAST - SURROGATES.count }).map(characterAt, placeOf);

function characterAt(place: number): string {
  return String.fromCodePoint(place < SURROGATES.from ? place : place + SURROGATES.count);
}

function placeOf(character: unknown): number {
  const point = typeof character === 'string' ? character.codePointAt(0) : undefined;
  const place = point === undefined || point < SURROGATES.from ? point : point - SURROGATES.count;
  // A half, or more than one character, comes from no place.
  if (place === undefined || place < 0 || characterAt(place) !== character)
    throw new Error('It is no character.');
  return place;
}
