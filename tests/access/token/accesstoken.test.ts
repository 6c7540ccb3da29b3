import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { decodeProtectedHeader, importJWK, jwtVerify, type JWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { AccessTokens } from '../../../src/access/token/accesstoken.js';
import { TOKEN_BYTES_MAX } from '../../../src/kernel/limits.js';
import { StandingClock } from '../support/clock.js';
import { ed25519Jwk, publicPart, settings as soundSettings } from '../support/settings.js';

const settings = soundSettings();
const clock = new StandingClock('2026-11-02T00:00:00.000Z');
const tokens = new AccessTokens(settings, clock);
const claim = { actorId: 'S001', sessionId: '7a0f4a86-5f0b-4c06-8a0e-7c1f5d9a2b11' };
const now = Math.floor(clock.now().epochMilliseconds / 1000);

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value), 'utf8').toString('base64url');
const soundHeader = { alg: 'EdDSA', typ: 'at+jwt', kid: 'sign-1' };
const soundClaims = {
  iss: settings.issuer,
  aud: settings.audience,
  sub: 'S001',
  sid: claim.sessionId,
  jti: 'j-1',
  iat: now,
  nbf: now,
  exp: now + 300,
};

/** A token whose signature is good, whatever else it says. */
function signed(header: unknown, claims: unknown, jwk: JWK = settings.signingKey): string {
  const input = `${part(header)}.${part(claims)}`;
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

function ruleFor(token: string): string {
  try {
    tokens.verify(token);
    return 'accepted';
  } catch (error) {
    const { code, rule } = error as { code: string; rule: string };
    return code === 'UNAUTHENTICATED' ? rule : `not a refusal: ${String(error)}`;
  }
}

describe('an access token', () => {
  test('is good at once and names actor and session, nothing of rights', async () => {
    const token = await tokens.issue(claim);
    expect(tokens.verify(token)).toEqual(claim);
    expect(decodeProtectedHeader(token)).toEqual(soundHeader);
    const { payload } = await jwtVerify(token, await importJWK(publicPart(settings.signingKey), 'EdDSA'), {
      currentDate: new Date(now * 1000),
      issuer: settings.issuer,
      audience: settings.audience,
      typ: 'at+jwt',
    });
    expect(Object.keys(payload).toSorted()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sid', 'sub']);
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300);
  });

  test('made here by hand is accepted too, so that the refusals below have one reason each', () => {
    expect(ruleFor(signed(soundHeader, soundClaims))).toBe('accepted');
  });

  test('is refused exactly at its expiry, and not a millisecond before', async () => {
    const standing = new StandingClock('2026-11-02T00:55:00.000Z');
    const own = new AccessTokens(settings, standing);
    const token = await own.issue(claim);
    standing.set('2026-11-02T00:59:59.999Z');
    expect(own.verify(token)).toEqual(claim);
    standing.set('2026-11-02T01:00:00.000Z');
    expect(() => own.verify(token)).toThrow(expect.objectContaining({ rule: 'time' }));
  });

  test('is good on a host whose clock is 5 seconds behind, not 6', async () => {
    const standing = new StandingClock('2026-11-02T00:00:00.000Z');
    const own = new AccessTokens(settings, standing);
    const token = await own.issue(claim);
    standing.set('2026-11-01T23:59:55.000Z');
    expect(own.verify(token)).toEqual(claim);
    standing.set('2026-11-01T23:59:54.000Z');
    expect(() => own.verify(token)).toThrow(expect.objectContaining({ rule: 'time' }));
  });

  test('of a former key is accepted and a published key has no private part', () => {
    const former = ed25519Jwk('sign-0');
    const rotated = new AccessTokens({ ...settings, formerSigningKeys: [publicPart(former)] }, clock);
    expect(rotated.verify(signed({ ...soundHeader, kid: 'sign-0' }, soundClaims, former))).toEqual(claim);
    expect(rotated.published.map(({ kid }) => kid)).toEqual(['sign-1', 'sign-0']);
    expect(JSON.stringify(rotated.published)).not.toContain('"d"');
  });
});

describe('forged tokens', () => {
  const x = Buffer.from(String(settings.signingKey.x), 'base64url');

  test.each(['none', 'None', 'nOnE', 'NONE'])('alg %s with an empty signature is refused', (alg) => {
    expect(ruleFor(`${part({ ...soundHeader, alg })}.${part(soundClaims)}.`)).toBe('algorithm');
  });

  test.each(['none', 'nOnE', 'HS256', 'ES256', 'Ed25519', 'eddsa', 'EdDSA ', '', null, 7, ['EdDSA']])(
    'alg %j is refused though the signature is good',
    (alg) => {
      expect(ruleFor(signed({ ...soundHeader, alg }, soundClaims))).toBe('algorithm');
    },
  );

  test('an empty signature under EdDSA is refused', () => {
    expect(ruleFor(`${part(soundHeader)}.${part(soundClaims)}.`)).toBe('algorithm');
  });

  test.each([
    ['raw bytes', x],
    [
      'PEM',
      Buffer.from(
        createPublicKey({ key: publicPart(settings.signingKey), format: 'jwk' }).export({
          type: 'spki',
          format: 'pem',
        }),
      ),
    ],
  ])('HS256 keyed with the public key (%s) is refused', (_, key) => {
    const input = `${part({ ...soundHeader, alg: 'HS256' })}.${part(soundClaims)}`;
    const mac = createHmac('sha256', key).update(input).digest();
    expect(ruleFor(`${input}.${mac.toString('base64url')}`)).toBe('malformed');
    expect(ruleFor(`${input}.${Buffer.concat([mac, mac]).toString('base64url')}`)).toBe('algorithm');
  });

  test('an ES256 key under an EdDSA kid is refused, as token and as setting', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const input = `${part(soundHeader)}.${part(soundClaims)}`;
    const signature = sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
    expect(ruleFor(`${input}.${signature.toString('base64url')}`)).toBe('signature');
    const jwk = { ...pair.privateKey.export({ format: 'jwk' }), kid: 'sign-1' } as JWK;
    expect(() => new AccessTokens({ ...settings, signingKey: jwk }, clock)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });

  test('a key of the adversary is refused, also when it is sent along', () => {
    const own = ed25519Jwk('sign-1');
    expect(ruleFor(signed(soundHeader, soundClaims, own))).toBe('signature');
    expect(ruleFor(signed({ ...soundHeader, kid: 'other' }, soundClaims, own))).toBe('key');
    for (const carried of [
      { jwk: publicPart(own) },
      { jku: 'https://e.test' },
      { x5u: 'https://e.test' },
      { x5c: ['a'] },
      { crit: ['b64'], b64: false },
      { cty: 'JWT' },
    ]) {
      expect(ruleFor(signed({ ...soundHeader, ...carried }, soundClaims, own))).toBe('header');
    }
  });

  test.each(['../sign-1', 'sign-1\u0000', 'Sign-1', 'constructor', '__proto__', ''])(
    'kid %j names no key',
    (kid) => {
      expect(ruleFor(signed({ ...soundHeader, kid }, soundClaims))).toBe('key');
    },
  );

  test('a kid that is no text is refused', () => {
    expect(ruleFor(signed({ ...soundHeader, kid: 1 }, soundClaims))).toBe('key');
  });

  test.each(['JWT', 'op+jwt', 'AT+JWT', 'application/at+jwt', '', undefined, 1])(
    'typ %j never stands for an access token',
    (typ) => {
      expect(ruleFor(signed({ ...soundHeader, typ }, soundClaims))).toBe('type');
    },
  );

  test.each([
    [{ iss: 'https://other.test' }, 'issuer'],
    [{ iss: undefined }, 'issuer'],
    [{ aud: 'kuramori:other' }, 'audience'],
    [{ aud: [settings.audience] }, 'audience'],
    [{ aud: undefined }, 'audience'],
    [{ jti: undefined }, 'claims'],
    [{ sub: undefined }, 'claims'],
    [{ sub: 'S 1' }, 'claims'],
    [{ sub: 'x'.repeat(256) }, 'claims'],
    [{ sid: 7 }, 'claims'],
    [{ exp: now }, 'time'],
    [{ exp: now + 601 }, 'time'],
    [{ exp: now - 1 }, 'time'],
    [{ nbf: now + 1 }, 'time'],
    [{ iat: now + 300 }, 'time'],
    [{ iat: undefined }, 'claims'],
    [{ exp: String(now + 300) }, 'claims'],
    [{ exp: now + 0.5 }, 'claims'],
    [{ exp: Number.MAX_VALUE }, 'claims'],
    [{ nbf: 'now' }, 'claims'],
  ])('claims with %j are refused', (changed, rule) => {
    expect(ruleFor(signed(soundHeader, { ...soundClaims, ...changed }))).toBe(rule);
  });

  test('an audience list with only ours is refused as well: one token, one reader', () => {
    expect(ruleFor(signed(soundHeader, { ...soundClaims, aud: [settings.audience, 'kuramori:other'] }))).toBe(
      'audience',
    );
  });

  test('members that occur twice are refused in header and claims, though both readings are signed', () => {
    const header = '{"alg":"EdDSA","typ":"at+jwt","kid":"sign-1","alg":"EdDSA"}';
    expect(ruleFor(signed(header, soundClaims))).toBe('duplicateMember');
    expect(ruleFor(signed(soundHeader, JSON.stringify(soundClaims).replace('{', '{"sub":"S999",')))).toBe(
      'duplicateMember',
    );
  });

  test('a changed byte anywhere is refused', () => {
    const token = signed(soundHeader, soundClaims);
    for (let at = 0; at < token.length; at += 7) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(ruleFor(token.slice(0, at) + other + token.slice(at + 1))).not.toBe('accepted');
    }
  });

  test('another spelling of the same signature bytes is refused', () => {
    const token = signed(soundHeader, soundClaims);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(token.at(-1) ?? '');
    expect(ruleFor(token.slice(0, -1) + alphabet.charAt(last ^ 1))).toBe('malformed');
    expect(ruleFor(`${token}=`)).toBe('malformed');
  });

  test.each(['', 'a', 'a.b', 'a.b.c', '..', 'a.b.c.d.e', ' ', '\u0000'])('%j is not a token', (text) => {
    expect(ruleFor(text)).toBe('malformed');
  });

  test('a token over 8 KiB is refused before anything of it is read', () => {
    expect(ruleFor('a'.repeat(TOKEN_BYTES_MAX + 1))).toBe('oversized');
    expect(ruleFor(signed(soundHeader, { ...soundClaims, filler: 'x'.repeat(TOKEN_BYTES_MAX) }))).toBe(
      'oversized',
    );
    expect(ruleFor(signed(soundHeader, { ...soundClaims, filler: 'x'.repeat(5_000) }))).toBe('accepted');
  });

  test('claims that are no object, or nothing at all, are refused', () => {
    expect(ruleFor(signed(soundHeader, '[]'))).toBe('malformed');
    expect(ruleFor(signed('null', soundClaims))).toBe('malformed');
  });
});

describe('signing keys', () => {
  test.each([
    ['no kid', { signingKey: { ...settings.signingKey, kid: '' } }],
    ['no private part', { signingKey: publicPart(settings.signingKey) }],
    ['parts of two keys', { signingKey: { ...settings.signingKey, x: String(ed25519Jwk('other').x) } }],
    ['a kid twice', { formerSigningKeys: [publicPart(ed25519Jwk('sign-1'))] }],
    [
      'a former key that is broken',
      { formerSigningKeys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: 'sign-0' }] },
    ],
    ['a former key of another kind', { formerSigningKeys: [{ kty: 'oct', k: 'AA', kid: 'sign-0' }] }],
  ])('%s are refused at the start', (_, changed) => {
    expect(() => new AccessTokens({ ...settings, ...changed }, clock)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });
});
