import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import {
  newTerminalKey,
  newTerminalPasskey,
  revealRequest,
  signAssertion,
  type TerminalPasskey,
} from '../../src/client/index.js';
import { parseOperation } from '../../src/kernel/token/operation.js';
import { readAssertion } from '../../src/vault/assertion/assertion.js';
import { assertWebauthn } from '../../src/vault/assertion/webauthn.js';
import { readNewAuthenticator } from '../../src/vault/staff/newAuthenticator.js';
import { SoftAuthenticator } from '../support/authenticator.js';
import { place, plugIn } from './support/credentials.js';
import { newSigningKey } from './support/jose.js';
import { CONTEXT, NOON_SECONDS, REF } from './support/people.js';

const RP_ID = 'tax.city.example.jp';
const ORIGIN = `https://app.${RP_ID}`;
const PARTY = { id: RP_ID, origins: new Set([ORIGIN]) };
const HOLDER = { rpId: RP_ID, rpName: 'みほん市', personId: 'P-1029', displayName: '城島　涼' };
const HOLD = { ...CONTEXT, op: 'hold', ref: REF } as const;

afterEach(() => place(undefined));

describe.each(['ES256', 'EdDSA'] as const)('a key in an authenticator (%s)', (algorithm) => {
  test('is made, entered, and signs what the vault accepts, at the same calls as a terminal’s', async () => {
    const authenticator = new SoftAuthenticator({ algorithm, rpId: RP_ID, origin: ORIGIN });
    plugIn(authenticator);
    const { passkey, authenticatorData } = await newTerminalPasskey(HOLDER);
    const { publicJwk, ...known } = readNewAuthenticator(authenticatorData, PARTY);
    expect(known.webauthnId).toBe(passkey.webauthnId);

    const anchor = { keys: [newSigningKey().publicJwk] };
    const signed = [
      await signAssertion(passkey, HOLD, { reason: '番号 €' }),
      await revealRequest(passkey, { ...CONTEXT, ref: REF, stepUp: 'SU-7', anchor }),
    ];
    for (const { assertion, jti } of signed) {
      const { proof, ...read } = readAssertion(assertion);
      expect(read).toMatchObject({
        credentialId: 'CR-0417',
        personId: 'P-1029',
        jti,
        issuedAt: NOON_SECONDS,
      });
      if (proof.by !== 'webauthn') throw new Error('it is of a terminal’s key');
      expect(() => assertWebauthn(proof, { publicJwk, authenticator: known }, PARTY)).not.toThrow();
    }
  });
});

describe('the authenticator', () => {
  const authenticator = new SoftAuthenticator({ rpId: RP_ID, origin: ORIGIN });
  const passkey: TerminalPasskey = { rpId: RP_ID, webauthnId: authenticator.id.toString('base64url') };

  test('is asked for a key of the person, verified, and for no other where one is there', async () => {
    const { asked } = plugIn(authenticator);
    await newTerminalPasskey({ ...HOLDER, others: [passkey] });
    await newTerminalPasskey(HOLDER);
    const [first, second] = asked.map(({ publicKey }) => publicKey);
    expect(first).toMatchObject({
      rp: { id: RP_ID, name: 'みほん市' },
      user: { name: 'P-1029', displayName: '城島　涼' },
      authenticatorSelection: { userVerification: 'required' },
      attestation: 'none',
      excludeCredentials: [{ type: 'public-key', id: new Uint8Array(authenticator.id) }],
    });
    expect(first?.pubKeyCredParams?.map(({ alg }) => alg)).toEqual([-7, -8]);
    expect(second?.excludeCredentials).toEqual([]);
    expect(first?.user?.id).not.toEqual(second?.user?.id);
  });

  test('is asked to sign the SHA-256 of the claims with its one key, the person verified', async () => {
    const { asked } = plugIn(authenticator);
    const { assertion } = await signAssertion(passkey, HOLD, {});
    const payload = Buffer.from(assertion.split('.')[1]!, 'base64url');
    const challenge = createHash('sha256').update(payload).digest();
    const { publicKey } = asked[0]!;
    expect(Buffer.from(publicKey.challenge as ArrayBuffer)).toEqual(challenge);
    expect(publicKey).toMatchObject({
      rpId: RP_ID,
      userVerification: 'required',
      timeout: 30_000,
      allowCredentials: [{ type: 'public-key', id: new Uint8Array(authenticator.id) }],
    });
    expect(parseOperation(assertion)).toMatchObject({
      by: 'webauthn',
      claims: { op: 'hold', exp: NOON_SECONDS + 60 },
    });
  });

  test('that declines, or has no such key, or is not there, leaves nothing signed', async () => {
    const refused = { code: 'UNAUTHENTICATED', message: expect.stringContaining('Try again') as string };
    await expect(signAssertion(passkey, HOLD, {})).rejects.toMatchObject(refused);
    plugIn(new SoftAuthenticator({ rpId: RP_ID, origin: ORIGIN }));
    await expect(signAssertion(passkey, HOLD, {})).rejects.toMatchObject({
      ...refused,
      cause: expect.objectContaining({ message: 'NotAllowedError' }) as Error,
    });
    place({ get: () => Promise.resolve(null), create: () => Promise.resolve(null) });
    await expect(signAssertion(passkey, HOLD, {})).rejects.toMatchObject(refused);
    await expect(newTerminalPasskey(HOLDER)).rejects.toMatchObject(refused);
  });

  test('is not asked for what the vault would refuse', async () => {
    const { asked } = plugIn(authenticator);
    for (const [field, change] of [
      ['credentialId', { credentialId: 'CR.0417' }],
      ['credentialId', { credentialId: 'CR 0417' }],
      ['purpose', { purpose: '' }],
    ] as const)
      await expect(signAssertion(passkey, { ...HOLD, ...change }, {})).rejects.toMatchObject({
        code: 'BAD_INPUT',
        facts: { field },
      });
    expect(asked).toEqual([]);
  });

  test('is not asked by a terminal that has a key of its own', async () => {
    const { asked } = plugIn(authenticator);
    const { assertion } = await signAssertion(await newTerminalKey(), HOLD, {});
    expect(parseOperation(assertion).by).toBe('jws');
    expect(asked).toEqual([]);
  });
});
