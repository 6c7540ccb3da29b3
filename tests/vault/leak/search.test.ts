import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTROL, MISTYPED, REGISTERED, TYPED, UNREGISTERED, UNSEALED } from './numbers.js';
import { Search, type Needle } from './search.js';
import { spellingsOf } from './spellings.js';

const needles: Needle[] = spellingsOf(CONTROL).map(({ name, bytes }) => ({ label: name, bytes }));
const search = new Search(needles);
const sparse = new Search([...REGISTERED, ...UNREGISTERED, ...MISTYPED, UNSEALED].flatMap(named));

function named(digits: string): Needle[] {
  return spellingsOf(digits).map(({ name, bytes }) => ({ label: name, bytes }));
}

describe('the search that the proof rests on', () => {
  test('finds every spelling, wherever it lies and however it is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...needles),
        fc.uint8Array({ maxLength: 40 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.integer({ min: 1, max: 60 }),
        async ({ label, bytes }, before, after, size) => {
          const whole = Buffer.concat([before, bytes, after]);
          const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
            whole.subarray(at * size, (at + 1) * size),
          );
          expect(await search.in(chunks)).toContain(label);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('agrees with a search that is slow and obvious, also where much nearly fits', async () => {
    const pieces = needles.map(({ bytes }) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.constantFrom(...pieces),
            fc.integer({ min: 0, max: 12 }),
            fc.integer({ min: 1, max: 60 }),
          ),
          { maxLength: 8 },
        ),
        async (cuts) => {
          const whole = Buffer.concat(
            cuts.map(([bytes, from, length]) => bytes.subarray(from, from + length)),
          );
          const obvious = needles.filter((_, at) => whole.includes(pieces[at]!)).map(({ label }) => label);
          expect([...(await search.in([whole]))].toSorted()).toEqual(obvious.toSorted());
        },
      ),
    );
  });

  test('finds nothing in what was made of nothing', async () => {
    const noise = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at * 31 + at * 7) & 0xff));
    expect(await sparse.in([noise, Buffer.alloc(100_000), Buffer.from(JSON.stringify(TYPED))])).toEqual(
      new Set(),
    );
    expect(await sparse.in(needles.map(({ bytes }) => bytes))).toEqual(new Set());
  });

  test('knows what the encodings are from other programs', async () => {
    const digits = CONTROL;
    const inJson = JSON.stringify({ v: 1, ref: 'x', number: digits, jti: 'y' });
    const elsewhere: [string, string | Uint8Array][] = [
      ['digits', `1${digits}2`],
      ['digits in base64 at', Buffer.from(inJson).toString('base64')],
      ['digits in base64 at', Buffer.from(` ${inJson}`).toString('base64url')],
      ['digits in base64 at', btoa(`  ${inJson}`)],
      ['percent-encoded, full width', encodeURIComponent(TYPED['wide']!(digits))],
      ['groups of 4', TYPED['wideHyphens']!(digits)],
      ['thousands', new Intl.NumberFormat('en').format(BigInt(digits))],
      ['double', new Uint8Array(new Float64Array([Number(digits)]).buffer)],
      ['integer', new Uint8Array(new BigInt64Array([BigInt(digits)]).buffer)],
    ];
    for (const [name, bytes] of elsewhere)
      expect([...(await search.in([Buffer.from(bytes as string)]))].join(), name).toContain(name);
  });
});
