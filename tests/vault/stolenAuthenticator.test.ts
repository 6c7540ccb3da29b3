import { afterAll, describe, expect, test } from 'vitest';
import { canonicalJson } from '../audit/canonical.js';
import { SoftAuthenticator } from '../support/authenticator.js';
import { claimsAt, headerOf, newTestKey, signed, type Claims } from './assertion/support/sign.js';
import { temporaryHome } from './processes/process.js';
import { BASIS, CASE, MUNICIPALITY, PURPOSE, startVaultProcess } from './processes/vault.js';
import { Thief, VaultLog } from './stolen/thief.js';

/** A gateway in other hands carries what people signed with authenticators, over mutual TLS, to a vault process. */
const RP_ID = 'tax.city.example.jp';
const ORIGIN = `https://app.${RP_ID}`;
const vault = await startVaultProcess(temporaryHome(), {
  KURAMORI_VAULT_WEBAUTHN_RP_ID: RP_ID,
  KURAMORI_VAULT_WEBAUTHN_ORIGINS: ORIGIN,
});
const thief = new Thief(vault);
const log = new VaultLog(vault);
afterAll(() => thief.close());

const BODY = {};
const BODY_DIGEST = 'sha256:RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o';
const OTHER_REF = 'vr_0123456789ABCDEFGHJKMNPQRT';

async function personWithAuthenticator(personId: string) {
  const { context, key } = await vault.person(personId);
  const authenticator = new SoftAuthenticator({ rpId: RP_ID, origin: ORIGIN });
  const { terminalId } = context;
  const authenticatorData = authenticator.made().toString('base64url');
  const entry = { personId, terminalId, authenticatorData };
  const { credentialId } = (await vault.administer('staff.credential', entry)) as { credentialId: string };
  const claims = (own: Claims = {}): Claims =>
    claimsAt(new Date().toISOString(), {
      iss: `terminal:${terminalId}`,
      sub: `person:${personId}`,
      aud: `vault:${MUNICIPALITY}`,
      op: 'status',
      purpose: PURPOSE,
      basis: BASIS,
      case: CASE,
      bodyDigest: BODY_DIGEST,
      ...own,
    });
  return { authenticator, credentialId, claims, ofTerminal: { key, credentialId: context.credentialId } };
}
const clerk = await personWithAuthenticator('P-1029');
const insider = await personWithAuthenticator('P-2050');
const { authenticator, credentialId, claims } = clerk;
const hers = () => authenticator.assertion(credentialId, claims());

async function toldOf(assertion: string, body: object = BODY) {
  const { value, entries } = await log.during(() => thief.deliver({ assertion, body: body as never }));
  const { reason, actor, raised } = entries[0]!;
  return {
    code: value.code ?? value.outcome,
    reason,
    actor,
    raised,
    also: entries.slice(1).map((e) => e.coordinate),
  };
}
const refused = (reason: string, raised: boolean, actor = 'unknown', also: string[] = []) => ({
  code: 'UNAUTHENTICATED',
  reason,
  actor,
  raised,
  also,
});

test('what she signed is done', async () => {
  expect(await thief.deliver({ assertion: hers(), body: BODY })).toMatchObject({ outcome: 'done' });
});

describe('what she signed, held back and changed', () => {
  const forged = refused('signature', true, 'unknown', ['Credential.forged']);
  const withPayload = (own: Claims) => {
    const parts = hers().split('.');
    const before = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString()) as Claims;
    return parts.with(1, Buffer.from(canonicalJson({ ...before, ...own })).toString('base64url')).join('.');
  };

  test.each<[string, Claims]>([
    ['another reference', { ref: OTHER_REF }],
    ['another person', { sub: 'person:P-2050' }],
    ['a fresh number of its own', { jti: Buffer.alloc(16, 7).toString('base64url') }],
    ['another step-up', { stepUp: 'SU-1' }],
  ])('to %s is refused, and her key is named', async (_name, own) => {
    expect(await toldOf(withPayload(own))).toEqual(forged);
  });

  test('to another body is refused', async () => {
    expect(await toldOf(hers(), { more: 1 })).toEqual(refused('binding', true, 'P-1029'));
  });

  test('to the key of a conspirator is refused', async () => {
    expect(await toldOf(hers().replace(credentialId, insider.credentialId))).toEqual(forged);
    expect(await toldOf(hers().replace(credentialId, clerk.ofTerminal.credentialId))).toEqual(
      refused('algorithm', true),
    );
  });

  test('into a JWS is refused', async () => {
    const [, payload, , , , signature] = hers().split('.') as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const header = Buffer.from(JSON.stringify(headerOf(credentialId))).toString('base64url');
    expect(await toldOf(`${header}.${payload}.${signature}`)).toEqual(refused('malformed', false));
    const own = signed(headerOf(credentialId), claims(), newTestKey());
    expect(await toldOf(own)).toEqual(refused('algorithm', true));
  });
});

describe('what she was led to sign', () => {
  test.each([
    ['on another site', { client: { origin: 'https://tax.city.example.org' } }, 'origin', true],
    ['in a frame', { client: { crossOrigin: true } }, 'origin', true],
    ['for another domain', { rpId: 'example.org' }, 'relyingParty', true],
    ['without being verified', { unset: 0x04 }, 'userVerification', false],
    ['as a new key', { client: { type: 'webauthn.create' } }, 'type', false],
  ] as const)('%s is refused', async (_name, deviation, reason, raised) => {
    expect(await toldOf(authenticator.assertion(credentialId, claims(), deviation))).toEqual(
      refused(reason, raised),
    );
  });
});

test('what passed once is of no more use, and a copy of her key is noticed', async () => {
  const assertion = authenticator.assertion(credentialId, claims({ op: 'stepUp', ref: undefined, count: 0 }));
  expect(await toldOf(assertion)).toMatchObject({ code: 'BAD_INPUT' });
  expect(await toldOf(assertion)).toMatchObject({ code: 'REPLAY_DETECTED', actor: 'P-1029', raised: true });
  const copy = authenticator.assertion(credentialId, claims(), { counter: 1 });
  expect(await toldOf(copy)).toEqual(refused('counter', true, 'P-1029', ['Credential.counter']));
});

test('a key that was withdrawn signs nothing more, from that moment on', async () => {
  const assertion = hers();
  await vault.administer('staff.revokeCredential', { credentialId });
  expect(await toldOf(assertion)).toEqual(refused('revoked', false));
  expect(await toldOf(hers())).toEqual(refused('revoked', false));
});
