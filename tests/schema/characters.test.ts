import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.js';
import { anyCharacter } from '../support/anyCharacter.js';

const db = await testDatabase();

async function roundTrip(names: readonly string[]): Promise<string[]> {
  const rows = await db.loader.run(
    'test.names',
    ({ raw }) => raw<{ name: string }[]>`
    with given as (select name, ordinality as n from unnest(${[...names]}::text[]) with ordinality as t (name))
    , made as (
      insert into records.addressee (addressee_no, kind, branch_code, name, kana, residence, address,
        name_folded, kana_folded, address_folded)
      select gen_random_uuid()::text || '-' || n, 'person', '01', name, 'カナ', 'resident', name, '', '', '' from given
      returning addressee_no, name, address
    )
    select name from made where name = address order by split_part(addressee_no, '-', 6)::int`,
  );
  return rows.map(({ name }) => name);
}

test.each([
  ['variant kanji of JIS X 0213', '髙橋 﨑山 德永'],
  ['a character outside the basic plane', '𠮷野 𠀋 𡈽屋'],
  [
    'variation selectors (IVS), which distinguish two forms of one character',
    '邉\u{E0104}見 葛\u{E0100}城 葛\u{E0101}城',
  ],
  ['gaiji of plane 15 and of the private use area', '\u{F0000}\u{FFFFD}山 \u{E000}田'],
  [
    'half-width kana, combining marks and compatibility ideographs, none of them normalised',
    'ｶﾞ ガ か\u{3099} 神 神\u{FE00}',
  ],
  ['quotes, backslashes and braces of array literals', `O'Brien "x" \\ {a,b} NULL`],
  ['an emoji joined of several', '👩‍👩‍👧‍👦'],
])('%s: what is stored is what was given', async (_, name) => {
  expect(await roundTrip([name])).toEqual([name]);
});

test('any text of whole characters comes back code point by code point', async () => {
  const character = fc
    .oneof(
      fc.string({ unit: anyCharacter, minLength: 1, maxLength: 8 }),
      fc.integer({ min: 0xf0000, max: 0x10fffd }).map((n) => String.fromCodePoint(n)),
    )
    .filter((text) => !text.includes('\0'));
  await fc.assert(
    fc.asyncProperty(fc.array(character, { minLength: 1, maxLength: 20 }), async (names) => {
      expect(await roundTrip(names)).toEqual(names);
    }),
    { numRuns: 50 },
  );
});

test('two names that differ in a variation selector only are two names', async () => {
  const [row] = await db.owner.run(
    'test.differ',
    ({ raw }) => raw<[{ same: boolean }]>`
    select ${'葛\u{E0100}'}::text = ${'葛\u{E0101}'}::text as same`,
  );
  expect(row.same).toBe(false);
});

test('half of a surrogate pair and NUL, which are no characters, are never stored as something else', async () => {
  await expect(roundTrip(['a\0b'])).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
  expect(await roundTrip(['\uD842'])).not.toContain('\uD842');
});
