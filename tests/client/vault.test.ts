import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  newTerminalKey,
  numberSearchRequest,
  registerRequest,
  revealRequest,
  signAssertion,
  stepUpRequest,
  verifyPublishedKeys,
  type AssertionDetails,
  type OperationName,
  type SignedOperation,
} from '../../src/client/index.js';
import { VAULT_OPERATION_FORMS, type OperationForm } from '../../src/kernel/vaultOperations.js';
import { assertSignature, ed25519PublicKey } from '../../src/kernel/token/jws.js';
import { readAssertion } from '../../src/vault/assertion/assertion.js';
import { assertBody, assertRefs } from '../../src/vault/assertion/digest.js';
import { openSealed as vaultOpens, recipientOf, sealTo } from '../../src/vault/cipher/jwe.js';
import { p256PublicJwkOf } from '../../src/vault/cipher/p256.js';
import { KeyPair, type KeyClass } from '../../src/vault/keys/key.js';
import { publishedJwk as publishedOf, type Ed25519PublicJwk } from '../../src/vault/keys/publicKey.js';
import { newVaultRef } from '../../src/vault/number/vaultRef.js';
import { signToken } from '../../src/vault/signing/sign.js';
import { CONTEXT, NOON_MS, NOON_SECONDS, NUMBER, REF } from './support/people.js';

/** The two ends are written apart and share no code: here each meets the other's own. */
const key = await newTerminalKey();
const input = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const publishedJwk = publishedOf(p256PublicJwkOf(input), 'input-1');
const certificate = certificateKey(1);
const anchor = { keys: [publishedOf(certificate.publicJwk, certificate.keyId)] };
const { municipality } = CONTEXT;
const iat = NOON_SECONDS;
const list = { v: 1, municipality, keys: [publishedJwk], iat, exp: iat + 86_400 } as const;
const token = (signer = certificate) => signToken(signer, 'input-keys+jwt', list).toString('ascii');
const EXPECTED = { municipality, now: () => NOON_MS };
const vaultKeys = await verifyPublishedKeys(token(), anchor, EXPECTED);

/** A key of class `certificate` as the ring of an opened vault has it. */
function certificateKey(version: number, keyClass: KeyClass = 'certificate'): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const keyId = `${keyClass}-${version}`;
  const publicJwk = publicKey.export({ format: 'jwk' }) as unknown as Ed25519PublicJwk;
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  return new KeyPair({ keyId, keyClass, version }, keyId, publicJwk, pkcs8);
}

function received({ assertion, body }: SignedOperation) {
  const read = readAssertion(assertion);
  if (read.proof.by !== 'jws') throw new Error('it is no JWS');
  assertSignature(read.proof, ed25519PublicKey({ ...key.publicJwk }));
  assertBody(read, JSON.parse(JSON.stringify(body)));
  return { read, body };
}

async function opened(jwe: unknown): Promise<unknown> {
  const kid = recipientOf(jwe as string);
  const bytes = await vaultOpens(
    createPrivateKey(input.export({ format: 'pem', type: 'pkcs8' })),
    jwe as string,
    {
      typ: 'input+jwe',
      kid,
    },
  );
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}

describe('the vault', () => {
  test('takes a reveal, and its sealed answer is opened by the request', async () => {
    const details = { ...CONTEXT, ref: REF, stepUp: 'SU-7', approvals: ['AP-1'], anchor };
    const request = await revealRequest(key, details);
    const { read, body } = received(request);
    expect(read).toMatchObject({
      credentialId: 'CR-0417',
      terminalId: 'T-0417',
      personId: 'P-1029',
      audience: 'vault:242012',
      op: 'reveal',
      ref: REF,
      count: 1,
      stepUp: 'SU-7',
      approvals: ['AP-1'],
    });
    const claims = { v: 1, ref: REF, number: Buffer.from(NUMBER), jti: read.jti, iat } as const;
    const sealed = (signer: KeyPair) =>
      sealTo(body['readerKey'], 'number+jwe', signToken(signer, 'number+jwt', claims));
    const jwe = await sealed(certificate);
    expect(recipientOf(jwe)).toBe(read.sealTo);
    expect(await request.open(jwe)).toBe(NUMBER);
    // A vault of somebody else, under the same name.
    await expect(request.open(await sealed(certificateKey(1)))).rejects.toMatchObject({
      code: 'INTEGRITY_FAILURE',
    });
  });

  test('publishes keys that its own anchor verifies, and no other', async () => {
    expect(vaultKeys.jwks).toEqual([publishedJwk]);
    for (const other of [certificateKey(1), certificateKey(2)])
      await expect(verifyPublishedKeys(token(other), anchor, EXPECTED)).rejects.toMatchObject({
        facts: { rule: 'signature' },
      });
  });

  test('signs with no key of another class', () => {
    expect(() => token(certificateKey(1, 'input'))).toThrow(
      expect.objectContaining({ code: 'INTEGRITY_FAILURE' }),
    );
  });

  test('takes and opens what is sealed to it', async () => {
    const toVault = { ...CONTEXT, vaultKeys };
    const search = received(await numberSearchRequest(key, { ...toVault, number: NUMBER }));
    expect(await opened(search.body['number'])).toEqual({
      v: 1,
      kind: 'number',
      value: NUMBER,
      jti: search.read.jti,
    });
    const register = received(
      await registerRequest(key, { ...toVault, number: NUMBER, attributes: { a: 1 } }),
    );
    expect(await opened(register.body['number'])).toMatchObject({ value: NUMBER, jti: register.read.jti });
    const stepUp = received(await stepUpRequest(key, { ...toVault, totp: '287082' }));
    expect(await opened(stepUp.body['factor'])).toMatchObject({ kind: 'totp', jti: stepUp.read.jti });
  });

  test('finds the subjects that were signed, in any order', async () => {
    const refs = Array.from({ length: 20 }, () => newVaultRef());
    const signed = await signAssertion(key, { ...CONTEXT, op: 'packageAssemble', refs }, { refs });
    const { read } = received(signed);
    expect(() => assertRefs(read, refs.toReversed())).not.toThrow();
    expect(() => assertRefs(read, refs.slice(1))).toThrow();
  });

  test('takes every operation in every form that the client signs, and knows no other', async () => {
    const ways: Partial<AssertionDetails>[] = [{}, { ref: REF }, { refs: [REF, newVaultRef()] }];
    for (const [op, { named, sealed: isSealed }] of Object.entries<OperationForm>(VAULT_OPERATION_FORMS)) {
      const signed = await Promise.all(
        ways.map(async (way) => {
          const sealed = isSealed ? { sealTo: key.thumbprint } : {};
          const details = { ...CONTEXT, ...way, ...sealed, op: op as OperationName };
          return await signAssertion(key, details, {}).catch(() => undefined);
        }),
      );
      expect([op, signed.map((one) => one !== undefined)]).toEqual([op, FORMS[named]]);
      for (const one of signed) if (one !== undefined) expect(received(one).read.op).toBe(op);
    }
    await expect(signAssertion(key, { ...CONTEXT, op: 'rotate' as OperationName }, {})).rejects.toThrow();
  });
});

/** What may be asserted without a reference, with one, with several. */
const FORMS = { none: [true, false, false], one: [false, true, false], any: [true, true, true] };
