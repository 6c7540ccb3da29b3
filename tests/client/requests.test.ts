import { describe, expect, test } from 'vitest';
import {
  newJti,
  newTerminalKey,
  numberSearchRequest,
  registerRequest,
  revealRequest,
  stepUpRequest,
  verifyPublishedKeys,
  type SignedOperation,
  type VaultKeys,
} from '../../src/client/index.js';
import {
  digest,
  newSigningKey,
  openAssertion,
  openJwe,
  sealJwe,
  sealNumber,
  signToken,
  thumbprint,
  type Members,
} from './support/jose.js';
import { CONTEXT, NOON_MS, NOON_SECONDS, NUMBER, OTHER_REF, REF } from './support/people.js';
import { newClientsVault } from './support/vault.js';

const key = await newTerminalKey();
const { input: vault, signer, anchor, signed, vaultKeys } = await newClientsVault();
const TO_VAULT = { vaultKeys };

/** What the vault sees of a request, after it has crossed the gateway as JSON. */
function received({ assertion, body }: SignedOperation): { claims: Members; body: Members } {
  const { claims } = openAssertion(assertion, { ...key.publicJwk });
  const crossed = JSON.parse(JSON.stringify(body)) as Members;
  expect(claims['bodyDigest']).toBe(digest(crossed));
  return { claims, body: crossed };
}

describe('a reveal', () => {
  const details = { ...CONTEXT, ref: REF, stepUp: 'SU-7', anchor };
  const iat = NOON_SECONDS;

  test('is answered with a number that its own request alone opens', async () => {
    const [request, another] = [await revealRequest(key, details), await revealRequest(key, details)];
    const { claims, body } = received(request);
    expect(claims).toMatchObject({ op: 'reveal', ref: REF, count: 1, stepUp: 'SU-7' });
    const readerKey = body['readerKey'] as Members;
    expect(Object.keys(readerKey).toSorted()).toEqual(['crv', 'kty', 'x', 'y']);
    expect(claims['sealTo']).toBe(thumbprint(readerKey));
    const reader = { publicJwk: readerKey, thumbprint: claims['sealTo'] as string };
    const answer = sealNumber(reader, signer, { v: 1, ref: REF, number: NUMBER, jti: claims['jti'], iat });
    expect(await request.open(answer)).toBe(NUMBER);
    await expect(another.open(answer)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });

  test('refuses the number of another person or of an earlier request', async () => {
    const request = await revealRequest(key, details);
    const { claims, body } = received(request);
    const reader = { publicJwk: body['readerKey'] as Members, thumbprint: claims['sealTo'] as string };
    for (const change of [{ ref: OTHER_REF }, { jti: newJti() }])
      await expect(
        request.open(
          sealNumber(reader, signer, { v: 1, ref: REF, number: NUMBER, jti: claims['jti'], iat, ...change }),
        ),
      ).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });

  test('refuses a number that the gateway made up, with everything that it carried', async () => {
    const request = await revealRequest(key, details);
    const { claims, body } = received(request);
    const reader = { publicJwk: body['readerKey'] as Members, thumbprint: claims['sealTo'] as string };
    const forged = { v: 1, ref: REF, number: NUMBER, jti: claims['jti'], iat };
    for (const jwe of [
      sealJwe(reader, forged, { cty: 'json' }),
      sealNumber(reader, newSigningKey(), forged),
      sealJwe(reader, signToken(signer, 'erasure-certificate+jws', forged)),
    ])
      await expect(request.open(jwe)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });

  test('is not made without an anchor: its answer could not be verified', async () => {
    await expect(revealRequest(key, { ...details, anchor: { keys: [] } })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      facts: { field: 'anchor' },
    });
  });

  test('has a reader key of its own each time, of which only the public half is sent', async () => {
    const made = await Promise.all([revealRequest(key, details), revealRequest(key, details)]);
    expect(new Set(made.map((one) => received(one).claims['sealTo'])).size).toBe(2);
    expect(JSON.stringify(made)).not.toContain('"d"');
  });
});

describe('a search by number', () => {
  test('carries the number sealed to the vault for this assertion', async () => {
    const request = await numberSearchRequest(key, {
      ...CONTEXT,
      ...TO_VAULT,
      number: '１２３４ ５６７８ ９０１８',
    });
    const { claims, body } = received(request);
    expect(claims).toMatchObject({ op: 'resolve', count: 1, jti: request.jti });
    expect(Object.keys(body)).toEqual(['number']);
    const { header, payload } = openJwe(body['number'] as string, vault.privateKey);
    expect(header).toMatchObject({ typ: 'input+jwe', kid: vault.thumbprint });
    expect(payload).toStrictEqual({
      v: 1,
      kind: 'number',
      value: '１２３４ ５６７８ ９０１８',
      jti: claims['jti'],
    });
  });

  test('says nothing of where it is sealed to, nor of the clock', async () => {
    const { claims } = received(await numberSearchRequest(key, { ...CONTEXT, ...TO_VAULT, number: NUMBER }));
    expect(Object.keys(claims).toSorted()).toEqual(
      'aud basis bodyDigest case count exp iat iss jti op purpose sub'.split(' '),
    );
  });
});

describe('a registration', () => {
  test('carries the number sealed, and attributes beside it', async () => {
    const attributes = { unifiedAddresseeNo: '000000000012345' };
    const request = await registerRequest(key, { ...CONTEXT, ...TO_VAULT, number: NUMBER, attributes });
    const { claims, body } = received(request);
    expect(claims).toMatchObject({ op: 'register', count: 1 });
    expect(body).toEqual({ ...attributes, number: expect.any(String) as string });
    expect(openJwe(body['number'] as string, vault.privateKey).payload).toMatchObject({
      kind: 'number',
      value: NUMBER,
      jti: claims['jti'],
    });
  });

  test('needs no attributes', async () => {
    const { body } = received(await registerRequest(key, { ...CONTEXT, ...TO_VAULT, number: NUMBER }));
    expect(Object.keys(body)).toEqual(['number']);
  });

  test('refuses a number in the clear among the attributes', async () => {
    const details = { ...CONTEXT, ...TO_VAULT, number: NUMBER, attributes: { number: NUMBER } };
    await expect(registerRequest(key, details)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      facts: { field: 'attributes' },
    });
  });
});

describe('a step-up', () => {
  test('carries the code sealed to the vault for this assertion', async () => {
    const { claims, body } = received(await stepUpRequest(key, { ...CONTEXT, ...TO_VAULT, totp: '287082' }));
    expect(claims).toMatchObject({ op: 'stepUp', count: 0, purpose: 'DELINQUENCY' });
    expect(Object.keys(body)).toEqual(['factor']);
    expect(openJwe(body['factor'] as string, vault.privateKey).payload).toStrictEqual({
      v: 1,
      kind: 'totp',
      value: '287082',
      jti: claims['jti'],
    });
  });
});

describe('every request that seals', () => {
  const requests = (toVault: { vaultKeys: VaultKeys }, context = CONTEXT) => [
    () => numberSearchRequest(key, { ...context, ...toVault, number: NUMBER }),
    () => registerRequest(key, { ...context, ...toVault, number: NUMBER }),
    () => stepUpRequest(key, { ...context, ...toVault, totp: '287082' }),
  ];

  test('stops at keys that were not verified', async () => {
    const handedOver = { ...vaultKeys } as VaultKeys;
    for (const make of requests({ vaultKeys: handedOver }))
      await expect(make()).rejects.toMatchObject({ code: 'BAD_INPUT', facts: { field: 'vaultKeys' } });
  });

  test('stops at keys of another municipality than the one that is asked', async () => {
    const municipality = '131016';
    const theirs = await verifyPublishedKeys(signed({ municipality }), anchor, {
      municipality,
      now: () => NOON_MS,
    });
    for (const make of requests({ vaultKeys: theirs }))
      await expect(make()).rejects.toMatchObject({ code: 'BAD_INPUT', facts: { field: 'vaultKeys' } });
  });

  test('stops at a list that has expired since it was verified', async () => {
    const tomorrow = { ...CONTEXT, now: () => NOON_MS + 86_400_000 };
    for (const make of requests(TO_VAULT, tomorrow))
      await expect(make()).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE', facts: { rule: 'time' } });
  });

  test('holds the list against the host’s clock when no other is handed in', async () => {
    const { now: _now, ...context } = CONTEXT;
    const iat = Math.floor(Date.now() / 1000);
    const { municipality } = CONTEXT;
    const fresh = await verifyPublishedKeys(signed({ iat, exp: iat + 60 }), anchor, { municipality });
    for (const make of requests({ vaultKeys: fresh }, context)) await expect(make()).resolves.toBeDefined();
  });
});
