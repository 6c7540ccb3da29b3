import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText, sha256Digest } from '../../../src/client/canonical.js';
import { assertBody, assertRefs, bodyDigestOf, refsDigestOf } from '../../../src/vault/assertion/digest.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { anyCharacter } from '../../support/anyCharacter.js';

const refused = (rule: string): unknown => expect.objectContaining({ code: 'UNAUTHENTICATED', rule });

describe('the digest of a body', () => {
  test('is SHA-256 of its RFC 8785 text', () => {
    // printf '{"a":1,"b":"x"}' | openssl dgst -sha256 -binary | basenc --base64url
    expect(bodyDigestOf({ b: 'x', a: 1 })).toBe('sha256:7PnpjsBkHiMRP_POi9x40N3SSYhlF_1Kf2jMg9TmVmc');
  });

  test('is the one that the client works out, for every body', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue({ maxDepth: 3 })),
        async (body) => {
          const text = canonicalText(body);
          expect(bodyDigestOf(JSON.parse(text))).toBe(await sha256Digest(text));
        },
      ),
    );
  });

  test('does not depend on the order of members, and changes with every other change', () => {
    expect(bodyDigestOf({ a: 1, b: [1, 2] })).toBe(bodyDigestOf({ b: [1, 2], a: 1 }));
    const others = [{ a: 1, b: [2, 1] }, { a: '1', b: [1, 2] }, { a: 1, b: [1, 2], c: null }, { a: 1 }];
    expect(new Set([{ a: 1, b: [1, 2] }, ...others].map(bodyDigestOf)).size).toBe(5);
  });

  test('is refused for what is no object, or has no one text', () => {
    for (const body of [null, undefined, [], 'text', 7, true])
      expect(() => bodyDigestOf(body)).toThrow(refused('malformed'));
    expect(() => bodyDigestOf(JSON.parse('{"a":1e999}'))).toThrow(refused('malformed'));
    expect(() => bodyDigestOf(JSON.parse(String.raw`{"a":"\ud800"}`))).toThrow(refused('malformed'));
    expect(() => bodyDigestOf(JSON.parse(String.raw`{"\ud800":1}`))).toThrow(refused('malformed'));
  });

  test('is refused for a body that is deeper than any operation needs, at once', () => {
    const nested = (depth: number): unknown => JSON.parse(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(bodyDigestOf(nested(15))).toMatch(/^sha256:/);
    expect(() => bodyDigestOf(nested(16))).toThrow(refused('malformed'));
    expect(() => bodyDigestOf(nested(5_000))).toThrow(refused('malformed'));
  });
});

describe('what came', () => {
  test('is the body that was signed, or the refusal says binding', () => {
    const bodyDigest = bodyDigestOf({ a: 1 });
    expect(() => assertBody({ bodyDigest }, { a: 1 })).not.toThrow();
    expect(() => assertBody({ bodyDigest }, { a: 2 })).toThrow(refused('binding'));
  });

  test('are the subjects that were signed, in any order, each once', () => {
    const refs = [newVaultRef(), newVaultRef(), newVaultRef()];
    const signedRefs = { refsDigest: refsDigestOf(refs), count: 3 };
    expect(() => assertRefs(signedRefs, refs.toReversed())).not.toThrow();
    expect(() => assertRefs(signedRefs, refs.slice(1))).toThrow(refused('binding'));
    expect(() => assertRefs(signedRefs, [...refs.slice(1), newVaultRef()])).toThrow(refused('binding'));
    const twice = [refs[0]!, refs[0]!];
    expect(() => assertRefs({ refsDigest: refsDigestOf(twice), count: 2 }, twice)).toThrow(
      refused('binding'),
    );
  });
});
