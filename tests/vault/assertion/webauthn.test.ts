import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAssertion } from '../../../src/vault/assertion/assertion.js';
import { assertGenuine } from '../../../src/vault/assertion/authenticate.js';
import type { RelyingParty } from '../../../src/vault/assertion/relyingParty.js';
import type { Actor } from '../../../src/vault/staff/person.js';
import {
  carried,
  FLAG,
  SoftAuthenticator,
  type Algorithm,
  type Deviation,
} from '../../support/authenticator.js';
import { at, person } from '../staff/support/register.js';
import { claimsAt, headerOf, MUNICIPALITY, newTestKey, signed, type Claims } from './support/sign.js';

const NOW = '2026-11-02T00:00:00Z';
const RP_ID = 'tax.city.example.jp';
const ORIGIN = 'https://app.tax.city.example.jp';
const PARTY: RelyingParty = { id: RP_ID, origins: new Set([ORIGIN, 'https://tax.city.example.jp']) };
const KID = 'CR-0a1b';
const CLAIMS = claimsAt(NOW);
const ALGORITHMS: Algorithm[] = ['ES256', 'EdDSA'];
const newAuthenticator = (algorithm: Algorithm = 'ES256', backupEligible = false) =>
  new SoftAuthenticator({ algorithm, rpId: RP_ID, origin: ORIGIN, backupEligible });
const authenticator = newAuthenticator();

/** As the register has the key of an authenticator, of P-1029 on T-0417. */
function actorOf(own: SoftAuthenticator): Actor {
  const { jwk: publicJwk, id, backupEligible } = own;
  return {
    person: person(),
    terminal: { terminalId: 'T-0417', zone: 'workZone', unit: 'nozei', revokedAt: undefined },
    credential: {
      credentialId: KID,
      personId: 'P-1029',
      terminalId: 'T-0417',
      publicJwk,
      authenticator: { webauthnId: id.toString('base64url'), counter: 1n, backupEligible, backedUp: false },
      validFrom: at(NOW),
      validTo: at('2027-01-31T00:00:00Z'),
      revokedAt: undefined,
    },
  };
}

/** What becomes of a token that comes at NOW. */
function outcomeOf(
  token: string,
  actor = actorOf(authenticator),
  relyingParty: RelyingParty | null = PARTY,
): string {
  try {
    const where = { municipality: MUNICIPALITY, relyingParty: relyingParty ?? undefined, now: at(NOW) };
    assertGenuine(readAssertion(token), actor, where);
    return 'accepted';
  } catch (error) {
    const { code, rule, message } = error as { code: string; rule: string; message: string };
    const plain = message === 'The credential is missing, wrong, expired or not accepted. Sign in again.';
    return code === 'UNAUTHENTICATED' && plain ? rule : `not a refusal: ${String(error)}`;
  }
}
const outcome = (deviation: Deviation, claims: Claims = CLAIMS) =>
  outcomeOf(authenticator.assertion(KID, claims, deviation));

describe.each(ALGORITHMS)('what an authenticator signed by %s', (algorithm) => {
  const own = newAuthenticator(algorithm);

  test('is accepted, and its claims are those of any assertion', () => {
    const token = own.assertion(KID, { ...CLAIMS, stepUp: 'SU-1', approvals: ['AP-1'] });
    expect(outcomeOf(token, actorOf(own))).toBe('accepted');
    expect(readAssertion(token)).toMatchObject({
      credentialId: KID,
      personId: 'P-1029',
      terminalId: 'T-0417',
      jti: CLAIMS['jti'],
      op: 'hold',
      stepUp: 'SU-1',
      approvals: ['AP-1'],
    });
  });

  test('is refused once any bit of what was signed, or of the signature, is another', () => {
    const token = own.assertion(KID, CLAIMS);
    const parts = token.split('.');
    const actor = actorOf(own);
    fc.assert(
      fc.property(fc.constantFrom(1, 3, 4, 5), fc.nat(), fc.nat(7), (part, byteAt, bit) => {
        const bytes = Buffer.from(parts[part]!, 'base64url');
        bytes[byteAt % bytes.length]! ^= 1 << bit;
        const other = parts.with(part, bytes.toString('base64url')).join('.');
        return /^(signature|malformed|claims|issuer|duplicateMember)$/.test(outcomeOf(other, actor));
      }),
      { numRuns: 1_000 },
    );
  });

  test('every bit of its signature counts', () => {
    const token = own.assertion(KID, CLAIMS);
    const [cut, actor] = [token.lastIndexOf('.') + 1, actorOf(own)];
    const signature = Buffer.from(token.slice(cut), 'base64url');
    for (let bit = 0; bit < signature.length * 8; bit += 1) {
      const other = Buffer.from(signature);
      other[bit >> 3]! ^= 1 << (bit & 7);
      expect(outcomeOf(token.slice(0, cut) + other.toString('base64url'), actor)).toBe('signature');
    }
  });

  test('is not accepted from another key of the same kind', () => {
    expect(outcomeOf(newAuthenticator(algorithm).assertion(KID, CLAIMS), actorOf(own))).toBe('signature');
  });
});

describe('one kind of key never signs in the form of the other', () => {
  const terminal = newTestKey();
  const ofTerminal = (): Actor => {
    const actor = actorOf(authenticator);
    return {
      ...actor,
      credential: { ...actor.credential, publicJwk: terminal.publicJwk, authenticator: undefined },
    };
  };

  test('the Ed25519 key of a terminal as an authenticator', () => {
    const own = newAuthenticator('EdDSA');
    const token = own.assertion(KID, CLAIMS, { key: terminal.privateKey });
    expect(outcomeOf(token, ofTerminal())).toBe('algorithm');
  });

  test('the Ed25519 key of an authenticator as a terminal', () => {
    const own = newAuthenticator('EdDSA');
    const token = signed(headerOf(KID), CLAIMS, { ...terminal, privateKey: own.privateKey });
    expect(outcomeOf(token, actorOf(own))).toBe('algorithm');
  });

  test('a P-256 key under a header that says Ed25519', () => {
    const header = Buffer.from(JSON.stringify(headerOf(KID))).toString('base64url');
    const input = `${header}.${Buffer.from(JSON.stringify(CLAIMS)).toString('base64url')}`;
    const dsaEncoding = 'ieee-p1363';
    const signature = sign('sha256', Buffer.from(input), { key: authenticator.privateKey, dsaEncoding });
    expect(outcomeOf(`${input}.${signature.toString('base64url')}`)).toBe('algorithm');
  });

  test('a signature of P-256 that is not written as DER', () => {
    const parts = authenticator.assertion(KID, CLAIMS).split('.');
    const [data, client] = [parts[3]!, parts[4]!].map((part) => Buffer.from(part, 'base64url')) as [
      Buffer,
      Buffer,
    ];
    const input = Buffer.concat([data, createHash('sha256').update(client).digest()]);
    const raw = sign('sha256', input, { key: authenticator.privateKey, dsaEncoding: 'ieee-p1363' });
    expect(outcomeOf(parts.with(5, raw.toString('base64url')).join('.'))).toBe('signature');
  });
});

describe('the client data', () => {
  const challengeOf = (text: string) => createHash('sha256').update(text).digest('base64url');
  test.each<[string, Deviation, string]>([
    ['of a new key', { client: { type: 'webauthn.create' } }, 'type'],
    ['of a payment', { client: { type: 'payment.get' } }, 'type'],
    ['without a type', { client: { type: undefined } }, 'type'],
    ['of another challenge', { client: { challenge: challengeOf('other') } }, 'signature'],
    ['without a challenge', { client: { challenge: undefined } }, 'signature'],
    ['of another site', { client: { origin: 'https://tax.city.example.org' } }, 'origin'],
    ['of another host of the domain', { client: { origin: 'https://evil.tax.city.example.jp' } }, 'origin'],
    ['of another port', { client: { origin: `${ORIGIN}:8443` } }, 'origin'],
    ['of the site without TLS', { client: { origin: ORIGIN.replace('https', 'http') } }, 'origin'],
    ['of the site in another spelling', { client: { origin: `${ORIGIN}/` } }, 'origin'],
    ['of several sites', { client: { origin: [ORIGIN] } }, 'origin'],
    ['without an origin', { client: { origin: undefined } }, 'origin'],
    ['of a frame of another page', { client: { crossOrigin: true } }, 'origin'],
    ['of a frame, said otherwise', { client: { crossOrigin: 'false' } }, 'origin'],
    ['with a page around it', { client: { topOrigin: 'https://example.org' } }, 'origin'],
    ['that are no JSON', { clientText: 'webauthn.get' }, 'malformed'],
    ['that are no object', { clientText: '[]' }, 'malformed'],
    [
      'with an origin twice',
      { clientText: `{"type":"webauthn.get","origin":"https://example.org","origin":"${ORIGIN}"}` },
      'duplicateMember',
    ],
  ])('%s are refused', (_name, deviation, rule) => {
    expect(outcome(deviation)).toBe(rule);
  });

  test('may hold what browsers add, and need not speak of frames', () => {
    expect(outcome({ client: { other_keys_can_be_added_here: 'do not compare' } })).toBe('accepted');
    expect(outcome({ client: { crossOrigin: undefined } })).toBe('accepted');
    expect(outcome({ client: { origin: 'https://tax.city.example.jp' } })).toBe('accepted');
  });
});

describe('the authenticator data', () => {
  test.each<[string, Deviation, string]>([
    ['for another relying party', { rpId: 'city.example.jp' }, 'relyingParty'],
    ['without the person there', { unset: FLAG.present }, 'userVerification'],
    ['without the person verified', { unset: FLAG.verified }, 'userVerification'],
    ['that say they hold a key', { set: FLAG.keyAttached }, 'malformed'],
    ['that say they hold extensions', { set: FLAG.extensions }, 'malformed'],
    ['of a key that may suddenly be copied', { set: FLAG.backupEligible }, 'binding'],
    ['of a key that is backed up and may not be', { set: FLAG.backedUp }, 'malformed'],
  ])('%s are refused', (_name, deviation, rule) => {
    expect(outcome(deviation)).toBe(rule);
  });

  test('of a key that may be copied say so always', () => {
    const own = newAuthenticator('ES256', true);
    expect(outcomeOf(own.assertion(KID, CLAIMS), actorOf(own))).toBe('accepted');
    own.backedUp = true;
    expect(outcomeOf(own.assertion(KID, CLAIMS), actorOf(own))).toBe('accepted');
    const without = own.assertion(KID, CLAIMS, { unset: FLAG.backupEligible | FLAG.backedUp });
    expect(outcomeOf(without, actorOf(own))).toBe('binding');
  });
});

describe('as with any assertion', () => {
  test.each<[string, Claims, string]>([
    ['another person', { sub: 'person:P-1030' }, 'binding'],
    ['another terminal', { iss: 'terminal:T-0418' }, 'binding'],
    ['another municipality', { aud: 'vault:242021' }, 'audience'],
    ['a life of 121 seconds', { exp: Number(CLAIMS['iat']) + 121 }, 'time'],
    ['an unknown claim', { nbf: 1 }, 'claims'],
    ['an unknown operation', { op: 'decrypt' }, 'claims'],
  ])('%s is refused', (_name, own, rule) => {
    expect(outcome({}, { ...CLAIMS, ...own })).toBe(rule);
  });

  test('it ends exactly at its expiry, and 90 days after the key was entered', () => {
    const early = claimsAt('2026-11-01T23:59:00Z');
    expect(outcome({}, early)).toBe('time');
    const actor = actorOf(authenticator);
    const ended = { ...actor, credential: { ...actor.credential, validTo: at(NOW) } };
    expect(outcomeOf(authenticator.assertion(KID, CLAIMS), ended)).toBe('key');
  });

  test('a payload of the carrier’s is not what was signed, whichever it is', () => {
    const token = authenticator.assertion(KID, CLAIMS);
    const mine = Buffer.from(JSON.stringify({ ...CLAIMS, ref: 'vr_0123456789ABCDEFGHJKMNPQRT' }));
    const canonical = JSON.parse(mine.toString()) as Claims;
    const sorted = JSON.stringify(
      Object.fromEntries(Object.entries(canonical).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    );
    expect(outcomeOf(token.split('.').with(1, Buffer.from(sorted).toString('base64url')).join('.'))).toBe(
      'signature',
    );
  });
});

test('without a relying party of its own the vault believes no authenticator', () => {
  const token = authenticator.assertion(KID, CLAIMS);
  expect(outcomeOf(token, actorOf(authenticator), null)).toBe('relyingParty');
});

test('a signature over nothing, or of another curve, is a refusal and no defect', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  expect(outcome({ key: privateKey })).toBe('malformed');
  const payload = Buffer.from(authenticator.assertion(KID, CLAIMS).split('.')[1]!, 'base64url');
  const right = authenticator.get(createHash('sha256').update(payload).digest());
  expect(outcomeOf(carried(payload, KID, right))).toBe('accepted');
  for (const signature of [Buffer.alloc(1), Buffer.alloc(72), Buffer.from('3006020100020100', 'hex')])
    expect(outcomeOf(carried(payload, KID, { ...right, signature }))).toBe('signature');
});
