import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newJti, newReaderKey, openSealed } from '../../src/client/index.js';
import { SEALED_NUMBER_CHARS_MAX } from '../../src/kernel/limits.js';
import {
  newAgreementKey,
  newSigningKey,
  sealJwe,
  sealNumber,
  signToken,
  type Members,
} from './support/jose.js';
import { NUMBER, OTHER_REF, REF } from './support/people.js';

const reader = await newReaderKey();
const signer = newSigningKey();
const ANCHOR = { keys: [signer.publicJwk] };
const recipient = { publicJwk: { ...reader.publicJwk }, thumbprint: reader.thumbprint };
const JTI = newJti();
const ASKED = { ref: REF, jti: JTI };
const PAYLOAD = { v: 1, ref: REF, number: NUMBER, jti: JTI, iat: 1_793_578_201 };
const sealed = (payload: string | Buffer | Members = PAYLOAD, header: Members = {}) =>
  sealNumber(recipient, signer, payload, header);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('a number sealed by another implementation', () => {
  test('is opened by the reader it was sealed to', async () => {
    expect(await openSealed(reader, sealed(), ASKED, ANCHOR)).toBe(NUMBER);
  });

  test('is opened with zeros in front and as text', async () => {
    for (const number of ['000000000000', '023456789013'])
      expect(await openSealed(reader, sealed({ ...PAYLOAD, number }), ASKED, ANCHOR)).toBe(number);
  });

  test('is opened whatever else later versions of the vault may put beside it', async () => {
    expect(await openSealed(reader, sealed({ ...PAYLOAD, at: 'later' }), ASKED, ANCHOR)).toBe(NUMBER);
  });
});

describe('a sealed number is refused', () => {
  test('with any character of any part changed', async () => {
    const jwe = sealed();
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: jwe.length - 1 }),
        fc.constantFrom(...ALPHABET, '.', '=', ' '),
        async (at, c) => {
          fc.pre(jwe[at] !== c);
          await refused(jwe.slice(0, at) + c + jwe.slice(at + 1));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('with any bit of nonce, ciphertext or tag flipped', async () => {
    const parts = sealed().split('.');
    for (const at of [2, 3, 4]) {
      const bytes = Buffer.from(parts[at]!, 'base64url');
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        await refused(parts.with(at, flipped.toString('base64url')).join('.'));
      }
    }
  });

  test('with a part cut short, emptied, added or taken from another', async () => {
    const [parts, others] = [sealed(), sealed()].map((jwe) => jwe.split('.'));
    for (const at of [0, 2, 3, 4]) {
      await refused(parts!.with(at, '').join('.'));
      await refused(parts!.with(at, parts![at]!.slice(0, -4)).join('.'));
      await refused(parts!.with(at, `${parts![at]!}AAAA`).join('.'));
      await refused(parts!.with(at, others![at]!).join('.'));
    }
    await refused(parts!.with(1, 'AAAA').join('.'));
    await refused([...parts!, ''].join('.'));
    await refused(parts!.slice(0, 4).join('.'));
  });

  test('in any other spelling of the same bytes', async () => {
    const jwe = sealed();
    const last = ALPHABET.indexOf(jwe.at(-1)!);
    // The tag's last character carries two bits and four spare ones.
    for (let spare = 1; spare < 16; spare += 1) await refused(jwe.slice(0, -1) + ALPHABET[last + spare]!);
    await refused(`${jwe}==`);
    await refused(`${jwe}\n`);
    await refused(` ${jwe}`);
  });

  test.each<[string, Members]>([
    ['another typ', { typ: 'input+jwe' }],
    ['the full media type', { typ: 'application/number+jwe' }],
    ['no typ', { typ: undefined }],
    ['the cty of an input', { cty: 'json' }],
    ['no cty', { cty: undefined }],
    ['another kid', { kid: newAgreementKey().thumbprint }],
    ['no kid', { kid: undefined }],
    ['another algorithm', { alg: 'ECDH-ES+A256KW' }],
    ['no algorithm', { alg: 'none' }],
    ['a direct key', { alg: 'dir' }],
    ['a password', { alg: 'PBES2-HS256+A128KW', p2c: 1, p2s: 'AAAA' }],
    ['another encryption', { enc: 'A128GCM' }],
    ['an encryption of another kind', { enc: 'A256CBC-HS512' }],
    ['compression', { zip: 'DEF' }],
    ['an extension that must be understood', { crit: ['exp'], exp: 1 }],
    ['parties', { apu: 'QWxpY2U', apv: 'Qm9i' }],
    ['a key of its own', { jwk: newAgreementKey().publicJwk }],
    ['an address of keys', { jku: 'https://keys.invalid/' }],
    ['no ephemeral key', { epk: undefined }],
    ['an ephemeral key of another curve', { epk: { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) } }],
    ['an ephemeral key off the curve', { epk: { ...reader.publicJwk, y: 'A'.repeat(43) } }],
    ['an ephemeral key that is no key', { epk: 'key' }],
  ])('with %s', async (_name, header) => {
    await refused(sealed(PAYLOAD, header));
  });

  test('when it was sealed to another reader, even under this reader’s name', async () => {
    const other = newAgreementKey();
    await refused(sealNumber(other, signer, PAYLOAD));
    await refused(sealNumber(other, signer, PAYLOAD, { kid: reader.thumbprint }));
  });

  test.each<[string, string | Buffer | Members]>([
    ['another reference', { ...PAYLOAD, ref: OTHER_REF }],
    ['another assertion', { ...PAYLOAD, jti: newJti() }],
    ['no assertion', { ...PAYLOAD, jti: undefined }],
    ['another version', { ...PAYLOAD, v: 2 }],
    ['a version as text', { ...PAYLOAD, v: '1' }],
    ['a number as a number', { ...PAYLOAD, number: 123456789018 }],
    ['eleven digits', { ...PAYLOAD, number: '12345678901' }],
    ['a line break after the digits', { ...PAYLOAD, number: `${NUMBER}\n` }],
    ['digits of another script', { ...PAYLOAD, number: '１２３４５６７８９０１８' }],
    ['no number', { ...PAYLOAD, number: undefined }],
    ['no time', { ...PAYLOAD, iat: undefined }],
    ['a time as text', { ...PAYLOAD, iat: '2026-11-02' }],
    ['what is sealed to the vault', { v: 1, kind: 'number', value: NUMBER, jti: JTI }],
    ['a list', JSON.stringify([PAYLOAD])],
    ['nothing', ''],
    ['null', 'null'],
    ['text that is not JSON', NUMBER],
    ['JSON with something after it', `${JSON.stringify(PAYLOAD)}x`],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x7b])],
  ])('that holds %s', async (_name, payload) => {
    await refused(sealed(payload));
  });

  test('when it is not a text, too long or no JWE', async () => {
    for (const jwe of [undefined, null, 7, {}, [sealed()]]) await refused(jwe as never);
    for (const jwe of ['', '....', 'a.b.c', 'e30....', 'bnVsbA....', 'W10....', 'ew....', '/+==....'])
      await refused(jwe);
    await refused(sealed({ ...PAYLOAD, more: 'x'.repeat(SEALED_NUMBER_CHARS_MAX) }));
  });
});

describe('a number that a gateway in other hands forged', () => {
  /** It knows the reader's public key, the reference and `jti`, and has seen every token that the vault ever signed. */
  const forged = { ...PAYLOAD, number: '234567890126' };

  test('in the clear, as the vault once sealed it, is refused', async () => {
    await refused(sealJwe(recipient, forged));
    await refused(sealJwe(recipient, forged, { cty: 'json' }));
  });

  test('signed by another key, under whatever name, is refused', async () => {
    for (const kid of ['certificate-1', 'certificate-2', 'input-1', reader.thumbprint])
      await refused(sealNumber(recipient, newSigningKey(kid), forged));
  });

  test('with a signature of the vault over something else is refused', async () => {
    const [header, , signature] = signToken(signer, 'number+jwt', PAYLOAD).split('.');
    const payload = Buffer.from(JSON.stringify(forged)).toString('base64url');
    await refused(sealJwe(recipient, `${header}.${payload}.${signature}`));
    await refused(sealJwe(recipient, `${header}.${payload}.`));
  });

  test('out of another kind of token is refused, whatever the vault signed in it', async () => {
    for (const typ of [
      'erasure-certificate+jws',
      'input-keys+jwt',
      'op+jwt',
      'JWT',
      'application/number+jwt',
    ])
      await refused(sealJwe(recipient, signToken(signer, typ, PAYLOAD)));
  });

  test.each<[string, Members]>([
    ['no algorithm', { alg: 'none' }],
    ['a shared secret', { alg: 'HS256' }],
    ['no name', { kid: undefined }],
    ['the name of a key of another class', { kid: 'input-1' }],
    ['a key of its own', { jwk: newSigningKey().publicJwk }],
    ['an extension that must be understood', { crit: ['b64'], b64: false }],
  ])('under %s is refused, though the right key signed', async (_name, header) => {
    await refused(sealJwe(recipient, signToken(signer, 'number+jwt', PAYLOAD, header)));
  });

  test('out of an earlier answer is refused: its number is of another request', async () => {
    const earlier = signToken(signer, 'number+jwt', { ...PAYLOAD, jti: newJti() });
    await refused(sealJwe(recipient, earlier));
    const another = signToken(signer, 'number+jwt', { ...PAYLOAD, ref: OTHER_REF });
    await refused(sealJwe(recipient, another));
  });

  test('is refused under the anchor of another municipality', async () => {
    await refused(sealed(), { keys: [newSigningKey().publicJwk] });
  });

  test('is not even looked at without an anchor', async () => {
    await expect(openSealed(reader, sealed(), ASKED, { keys: [] })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
  });
});

test('an old key of the anchor verifies until it is taken out', async () => {
  const next = newSigningKey('certificate-2');
  const both = { keys: [next.publicJwk, signer.publicJwk] };
  for (const key of [signer, next])
    expect(await openSealed(reader, sealNumber(recipient, key, PAYLOAD), ASKED, both)).toBe(NUMBER);
  await refused(sealed(), { keys: [next.publicJwk] });
});

/** The one refusal there is: it says neither why nor what, and keeps no cause. */
async function refused(jwe: string, anchor = ANCHOR): Promise<void> {
  const error: unknown = await openSealed(reader, jwe, ASKED, anchor).then(
    () => 'opened',
    (caught: unknown) => caught,
  );
  expect(error).toMatchObject({
    name: 'KuramoriError',
    code: 'INTEGRITY_FAILURE',
    message: 'The sealed number was not made by the vault for this request and this key. Stop and report it.',
    facts: {},
  });
  expect(error).not.toHaveProperty('cause');
  expect(inspect(error, { depth: 5 })).not.toContain(NUMBER);
}
