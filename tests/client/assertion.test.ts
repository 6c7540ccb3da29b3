import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  newJti,
  newReaderKey,
  newTerminalKey,
  signAssertion,
  type AssertionDetails,
  type JsonObject,
} from '../../src/client/index.js';
import { OPERATION_APPROVALS_MAX, OPERATION_REFS_MAX } from '../../src/kernel/limits.js';
import { canonicalJson } from '../audit/canonical.js';
import { digest, openAssertion, signJws } from './support/jose.js';
import { CONTEXT, NOON_SECONDS, OTHER_REF, REF } from './support/people.js';
import { anyCharacter } from '../support/anyCharacter.js';

const key = await newTerminalKey();
const SEAL_TO = (await newReaderKey()).thumbprint;
const HOLD: AssertionDetails = { ...CONTEXT, op: 'hold', ref: REF };

/** The claims, after the second implementation has verified the signature. */
async function claimsOf(details: AssertionDetails, body: JsonObject = {}) {
  return openAssertion((await signAssertion(key, details, body)).assertion, { ...key.publicJwk }).claims;
}

describe('an assertion (handbook 15 §5)', () => {
  test('has exactly the header and the claims of the handbook', async () => {
    const sent = { reason: '訴訟', until: '2027-03-31' };
    const { assertion, body, jti } = await signAssertion(
      key,
      { ...CONTEXT, op: 'erase', ref: REF, stepUp: 'SU-7', approvals: ['AP-1', 'AP-2'] },
      sent,
    );
    const { header, claims, text } = openAssertion(assertion, { ...key.publicJwk });
    expect(JSON.stringify(header)).toBe('{"alg":"EdDSA","typ":"op+jwt","kid":"CR-0417"}');
    expect(claims).toStrictEqual({
      iss: 'terminal:T-0417',
      sub: 'person:P-1029',
      aud: 'vault:242012',
      iat: NOON_SECONDS,
      exp: NOON_SECONDS + 60,
      jti,
      op: 'erase',
      ref: REF,
      count: 1,
      purpose: 'DELINQUENCY',
      basis: 'BASIS-24',
      case: 'C-2026-0098',
      bodyDigest: digest(sent),
      approvals: ['AP-1', 'AP-2'],
      stepUp: 'SU-7',
    });
    expect(text).toBe(canonicalJson(claims));
    expect(body).toEqual(sent);
  });

  test('holds the thumbprint of the reader’s key for a reveal', async () => {
    const claims = await claimsOf({ ...CONTEXT, op: 'reveal', ref: REF, sealTo: SEAL_TO, stepUp: 'SU-7' });
    expect(claims).toMatchObject({ op: 'reveal', sealTo: SEAL_TO, ref: REF, count: 1 });
  });

  test('leaves out what is not asserted', async () => {
    const claims = await claimsOf({ ...HOLD, approvals: [] });
    expect(Object.keys(claims)).not.toEqual(expect.arrayContaining(['approvals']));
    for (const name of ['sealTo', 'stepUp', 'approvals', 'refsDigest'])
      expect(claims).not.toHaveProperty(name);
  });

  test('is byte for byte what another implementation signs of the same claims', async () => {
    const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const jwk = await exportJWK(privateKey);
    const extractable = {
      privateKey,
      publicJwk: { kty: 'OKP', crv: 'Ed25519', x: jwk.x! },
      thumbprint: '',
    } as const;
    const { assertion } = await signAssertion(extractable, HOLD, { a: 1 });
    const { header, claims } = openAssertion(assertion, { ...extractable.publicJwk });
    expect(signJws(header, claims, { ...jwk })).toBe(assertion);
  });

  test('takes the time of the clock that is handed in, and of the host otherwise', async () => {
    const { now: _now, ...hosts } = HOLD;
    const before = Math.floor(Date.now() / 1000);
    const { iat, exp } = (await claimsOf(hosts)) as { iat: number; exp: number };
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(iat).toBeLessThanOrEqual(Date.now() / 1000);
    expect(exp).toBe(iat + 60);
  });

  test('has a number of 128 random bits, another one each time', async () => {
    const made = await Promise.all(Array.from({ length: 200 }, () => signAssertion(key, HOLD, {})));
    expect(new Set(made.map(({ jti }) => jti)).size).toBe(200);
    for (const { jti } of made) expect(Buffer.from(jti, 'base64url')).toHaveLength(16);
  });

  test('has the number that was made beforehand, when something was sealed for it', async () => {
    const jti = newJti();
    expect(await claimsOf({ ...HOLD, jti })).toMatchObject({ jti });
  });
});

describe('the subjects of an assertion', () => {
  test('are counted, and named by the digest of their sorted references when they are several', async () => {
    const claims = await claimsOf({ ...CONTEXT, op: 'packageAssemble', refs: [OTHER_REF, REF] });
    expect(claims).toMatchObject({ refsDigest: digest([REF, OTHER_REF]), count: 2 });
    expect(claims).not.toHaveProperty('ref');
  });

  test('have the same digest in every order, and another one when a reference is another', async () => {
    const refs = Array.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (last) => REF.slice(0, -1) + last);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(refs, { minLength: 1 }), fc.nat(), async (some, at) => {
        const digestOf = async (these: readonly string[]) =>
          (await claimsOf({ ...CONTEXT, op: 'erase', refs: these }))['refsDigest'];
        const expected = await digestOf(some);
        expect(await digestOf(some.toReversed())).toBe(expected);
        const replaced = some.with(at % some.length, OTHER_REF.replace('0', 'Z'));
        expect(await digestOf(replaced)).not.toBe(expected);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['register', 1],
    ['resolve', 1],
    ['stepUp', 0],
    ['status', 0],
  ] as const)('are, for %s without a reference, %i', async (op, count) => {
    expect(await claimsOf({ ...CONTEXT, op })).toMatchObject({ op, count });
  });

  test('are as many as the limit allows', async () => {
    const refs = Array.from(
      { length: OPERATION_REFS_MAX + 1 },
      (_, at) => `vr_${String(at).padStart(26, '0')}`,
    );
    const most = await claimsOf({ ...CONTEXT, op: 'packageAssemble', refs: refs.slice(1) });
    expect(most).toMatchObject({ count: OPERATION_REFS_MAX });
    await expect(claimsOf({ ...CONTEXT, op: 'packageAssemble', refs })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      facts: { field: 'refs' },
    });
  });
});

describe('the body', () => {
  test('is digested and returned as one: what the caller changes later changes neither', async () => {
    const sent = { list: [1, 2], nothing: undefined };
    const pending = signAssertion(key, HOLD, sent);
    sent.list.push(3);
    const { assertion, body } = await pending;
    expect(body).toStrictEqual({ list: [1, 2] });
    expect(openAssertion(assertion, { ...key.publicJwk }).claims['bodyDigest']).toBe(
      digest({ list: [1, 2] }),
    );
  });

  test('has the digest that the receiver computes of what was sent, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue({ maxDepth: 4 })),
        async (any) => {
          const { assertion, body } = await signAssertion(key, HOLD, any);
          const received: unknown = JSON.parse(JSON.stringify(body));
          expect(openAssertion(assertion, { ...key.publicJwk }).claims['bodyDigest']).toBe(digest(received));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('does not verify once a character of it or of the assertion is another', async () => {
    const { assertion } = await signAssertion(key, HOLD, {});
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: assertion.lastIndexOf('.') - 1 }), async (at) => {
        const other = assertion[at] === 'A' ? 'B' : 'A';
        const changed = assertion.slice(0, at) + other + assertion.slice(at + 1);
        expect(() => openAssertion(changed, { ...key.publicJwk })).toThrow();
      }),
    );
  });
});

describe('what would be refused by the vault is refused before it is signed', () => {
  const long = 'x'.repeat(201);
  test.each<[string, Partial<Record<keyof AssertionDetails, unknown>>]>([
    ['op', { op: 'list' }],
    ['op', { op: 'toString' }],
    ['op', { op: undefined }],
    ['credentialId', { credentialId: '' }],
    ['credentialId', { credentialId: 'CR 0417' }],
    ['terminalId', { terminalId: 'T/0417' }],
    ['terminalId', { terminalId: 'T'.repeat(33) }],
    ['personId', { personId: 'P-1029\n' }],
    ['purpose', { purpose: undefined }],
    ['basis', { basis: '根拠' }],
    ['caseId', { caseId: long }],
    ['caseId', { caseId: 'C-1234-5678-9018' }],
    ['municipality', { municipality: '24201' }],
    ['municipality', { municipality: '２４２０１２' }],
    ['stepUp', { stepUp: '' }],
    ['approvals', { approvals: [''] }],
    ['approvals', { approvals: Array.from({ length: OPERATION_APPROVALS_MAX + 1 }, () => randomUUID()) }],
    ['approvals', { approvals: ['AP-1', 'AP-1'] }],
    ['jti', { jti: 'short' }],
    ['jti', { jti: `${'A'.repeat(21)}B` }],
    ['ref', { ref: REF.toLowerCase() }],
    ['ref', { ref: `${REF}0` }],
    ['ref', { ref: undefined }],
    ['ref', { op: 'resolve' }],
    ['ref', { op: 'stepUp' }],
    ['refs', { refs: [OTHER_REF] }],
    ['refs', { op: 'erase', refs: [OTHER_REF] }],
    ['refs', { op: 'register', ref: undefined, refs: [OTHER_REF] }],
    ['refs', { op: 'erase', ref: undefined, refs: [] }],
    ['refs', { op: 'erase', ref: undefined, refs: [REF, REF] }],
    ['refs', { op: 'erase', ref: undefined, refs: ['vr_1'] }],
    ['sealTo', { sealTo: SEAL_TO }],
    ['ref', { op: 'reveal', ref: undefined, sealTo: SEAL_TO }],
    ['sealTo', { op: 'reveal' }],
    ['sealTo', { op: 'reveal', sealTo: `${'A'.repeat(42)}B` }],
  ])('%s: %o', async (field, change) => {
    const error: unknown = await signAssertion(key, { ...HOLD, ...change } as AssertionDetails, {}).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 'BAD_INPUT', facts: { field } });
    for (const value of Object.values(change).flat())
      if (typeof value === 'string' && value.length > 10) expect(String(error)).not.toContain(value);
  });

  test('a key that is not an Ed25519 private key', async () => {
    const reader = await newReaderKey();
    await expect(signAssertion(reader as never, HOLD, {})).rejects.toMatchObject({ facts: { field: 'key' } });
    const { publicKey } = await generateKeyPair('EdDSA');
    await expect(signAssertion({ ...key, privateKey: publicKey }, HOLD, {})).rejects.toMatchObject({
      facts: { field: 'key' },
    });
  });

  test('a body that JSON cannot carry', async () => {
    await expect(signAssertion(key, HOLD, { amount: 1n } as never)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      facts: { field: 'body' },
    });
  });
});
