import { randomUUID } from 'node:crypto';
import { SignJWT, importJWK, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createServiceAccount,
  endServiceKey,
  registerServiceKey,
  revokeServiceAccount,
} from '../../../src/access/register/service.js';
import { testDatabase } from '../../support/database.js';
import { StandingClock } from '../support/clock.js';
import { house, origin } from '../support/house.js';
import { ed25519Jwk, publicPart } from '../support/settings.js';

const db = await testDatabase();
const clock = new StandingClock('2026-11-02T00:00:00Z');
const home = await house(db, clock);
const { identity } = home;

afterAll(async () => {
  await identity.close();
  await home.audit.close();
});

let addresses = 0;
const elsewhere = (terminal = 'T-0417') =>
  origin({ address: `10.8.${addresses >> 8}.${addresses++ & 255}`, terminal });

const bearer = ({ accessToken }: { accessToken: string }) => `Bearer ${accessToken}`;
const refused = (rule: string): unknown => expect.objectContaining({ code: 'UNAUTHENTICATED', rule });

describe('service accounts', () => {
  const jwk = ed25519Jwk('job-key-1');

  async function assertion(
    changed: Record<string, unknown> = {},
    key: JWK = jwk,
    typ = 'JWT',
  ): Promise<string> {
    const now = Math.floor(clock.now().epochMilliseconds / 1000);
    const claims = {
      iss: 'transfer-job',
      sub: 'transfer-job',
      aud: home.settings.tokenEndpoint,
      iat: now,
      exp: now + 60,
      jti: randomUUID(),
      ...changed,
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ, kid: String(key.kid) })
      .sign(await importJWK(key, 'EdDSA'));
  }
  const token = async (text: string) => identity.serviceToken(text, { ...elsewhere(''), clientApp: '' });

  beforeAll(async () => {
    clock.set('2026-12-20T00:00:00Z');
    await db.gateway.transaction('test', (tx) =>
      createServiceAccount(tx, home.change(), {
        clientId: 'transfer-job',
        name: '移管ジョブ',
        department: 'SHUNO',
        validFrom: '2026-12-01',
        validTo: '2027-12-31',
        roles: ['transferJob'],
        publicJwk: publicPart(jwk),
      }),
    );
  });

  test('get an access token for an assertion, and no refresh token', async () => {
    const issued = await token(await assertion());
    expect(Object.keys(issued).toSorted()).toEqual(['accessToken', 'expiresIn']);
    const caller = await identity.authenticate(bearer(issued), '');
    expect(caller).toMatchObject({
      actorId: 'transfer-job',
      kind: 'service',
      clientApp: 'transfer-job',
      roles: ['transferJob'],
      department: 'SHUNO',
      strength: 'clientAssertion',
      branchCode: undefined,
    });
    expect([...caller.purposes]).toEqual(['TRANSFER']);
    await expect(
      identity.stepUp(caller, { purpose: 'TRANSFER', totp: '000000' }, elsewhere('')),
    ).rejects.toEqual(refused('unknownAccount'));
    clock.forward({ minutes: 5 });
    await expect(identity.authenticate(bearer(issued), '')).rejects.toEqual(refused('time'));
  });

  test('cannot use an assertion twice, not even at the same moment', async () => {
    const text = await assertion();
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => token(text)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(token(text)).rejects.toEqual(refused('assertionReplayed'));
  });

  test.each([
    [{ sub: 'other' }, 'issuer'],
    [{ iss: 'other' }, 'key'],
    [{ iss: 'x\u0000' }, 'claims'],
    [{ iss: 'a b' }, 'claims'],
    [{ iss: '../x' }, 'key'],
    [{ aud: 'https://other.test/token' }, 'audience'],
    [{ jti: undefined }, 'claims'],
    [{ iat: undefined }, 'claims'],
    [{ exp: undefined }, 'claims'],
  ])('are refused with %j', async (changed, rule) => {
    await expect(token(await assertion(changed))).rejects.toEqual(refused(rule));
  });

  test('are refused with too long a life, an expired assertion, another type, another key', async () => {
    const now = Math.floor(clock.now().epochMilliseconds / 1000);
    await expect(token(await assertion({ exp: now + 61 }))).rejects.toEqual(refused('time'));
    await expect(token(await assertion({ iat: now - 60, exp: now }))).rejects.toEqual(refused('time'));
    await expect(token(await assertion({}, jwk, 'at+jwt'))).rejects.toEqual(refused('type'));
    await expect(token(await assertion({}, ed25519Jwk('job-key-1')))).rejects.toEqual(refused('signature'));
    await expect(token(await assertion({}, ed25519Jwk('x'.repeat(300))))).rejects.toEqual(refused('key'));
    await expect(token(await assertion({}, ed25519Jwk('job key')))).rejects.toEqual(refused('key'));
  });

  test('change keys without a gap; an ended key ends its sessions', async () => {
    const next = ed25519Jwk('job-key-2');
    await db.gateway.transaction('test', (tx) =>
      registerServiceKey(tx, home.change(), 'transfer-job', publicPart(next)),
    );
    const issued = await token(await assertion({}, next));
    await db.gateway.transaction('test', (tx) =>
      endServiceKey(tx, home.change(), 'transfer-job', 'job-key-1'),
    );
    identity.forget({ actorId: 'transfer-job' });
    await expect(identity.authenticate(bearer(issued), '')).rejects.toEqual(refused('sessionEnded'));
    await expect(token(await assertion())).rejects.toEqual(refused('key'));
    await expect(token(await assertion({}, next))).resolves.toBeDefined();
    await expect(
      db.gateway.transaction('test', (tx) => endServiceKey(tx, home.change(), 'transfer-job', 'job-key-1')),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(
      db.gateway.transaction('test', (tx) => registerServiceKey(tx, home.change(), 'transfer-job', next)),
    ).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    await db.gateway.transaction('test', (tx) => revokeServiceAccount(tx, home.change(), 'transfer-job'));
    await expect(token(await assertion({}, next))).rejects.toMatchObject({ code: 'ACCOUNT_REVOKED' });
    await expect(
      db.gateway.transaction('test', (tx) => revokeServiceAccount(tx, home.change(), 'transfer-job')),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('are opened once per id, with roles that are known and may stand together', async () => {
    const account = {
      clientId: 'transfer-job',
      name: '移管',
      department: 'SHUNO',
      validFrom: '2026-12-01',
      validTo: undefined,
      publicJwk: publicPart(jwk),
    };
    const open = (changed: object) =>
      db.gateway.transaction('test', (tx) =>
        createServiceAccount(tx, home.change(), { ...account, roles: ['transferJob'], ...changed }),
      );
    await expect(open({})).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(open({ clientId: 'job-2', roles: ['nothing'] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(open({ clientId: 'job-2', roles: ['auditor', 'transferJob'] })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(open({ clientId: 'job-2', publicJwk: jwk })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
    await expect(open({ clientId: 'no good' })).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
  });
});
