import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { importJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SignedIn } from '../../../src/access/identity.js';
import { createServiceAccount } from '../../../src/access/register/service.js';
import { createStaff } from '../../../src/access/register/staff.js';
import { fromBase32, totpCode, totpStep } from '../../../src/kernel/token/totp.js';
import { registerSignIn } from '../../../src/gateway/signin/routes.js';
import { SIGN_IN_BODY_BYTES_MAX } from '../../../src/kernel/limits.js';
import { StandingClock } from '../../access/support/clock.js';
import { auditEntries, house, PASSWORD } from '../../access/support/house.js';
import { startProvider, walk } from '../../access/support/provider.js';
import { ed25519Jwk, publicPart } from '../../access/support/settings.js';
import { testDatabase } from '../../support/database.js';

const REDIRECT = 'http://127.0.0.1:1/oidc/callback';
const provider = await startProvider(REDIRECT);
const db = await testDatabase();
const clock = new StandingClock('2026-11-02T00:00:00Z');
const home = await house(db, clock, {
  oidc: {
    issuer: provider.issuer,
    clientId: 'kuramori',
    clientSecret: 'only-for-tests',
    redirectUri: REDIRECT,
    staffClaim: 'sub',
    scope: 'openid',
    secondFactor: { amr: ['otp'], acr: [] },
    insecureLoopback: true,
  },
});
const app: FastifyInstance = Fastify({ genReqId: () => randomUUID() });
await registerSignIn(app, home.identity);
const base = await app.listen({ host: '127.0.0.1', port: 0 });

afterAll(async () => {
  await app.close();
  await home.identity.close();
  await home.audit.close();
  await provider.stop();
});

const TERMINAL = { 'kuramori-terminal': 'T-0417', 'kuramori-client': 'shuno-front' };

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(base + path, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', ...TERMINAL, ...headers },
  });
}

async function errorOf(answer: Response): Promise<string> {
  const { error, ...rest } = (await answer.json()) as { error: { code: string; message: string } };
  expect(rest).toEqual({});
  expect(Object.keys(error)).toEqual(['code', 'message']);
  return `${answer.status} ${error.code}`;
}

async function signIn(staffId = 'S001'): Promise<SignedIn> {
  clock.forward({ seconds: 60 });
  const answer = await post('/session', { staffId, password: PASSWORD, totp: home.code() });
  expect(answer.status).toBe(200);
  return (await answer.json()) as SignedIn;
}

beforeAll(async () => {
  await home.staff('S001', ['sectionChief']);
});

describe('the session routes', () => {
  test('sign in, renew, step up, sign out', async () => {
    const first = await signIn();
    expect(Object.keys(first)).toEqual(['accessToken', 'expiresIn', 'refreshToken', 'staff']);
    expect(first.staff).toEqual({
      staffId: 'S001',
      name: '試験 花子',
      department: 'SHUNO',
      roles: ['sectionChief'],
    });
    const renewed = (await (
      await post('/session/refresh', { refreshToken: first.refreshToken })
    ).json()) as SignedIn;
    const authorization = `Bearer ${renewed.accessToken}`;
    clock.forward({ seconds: 60 });
    const stepped = await post(
      '/session/step-up',
      { purpose: 'REFUND', totp: home.code() },
      { authorization },
    );
    expect(await stepped.json()).toEqual({ purpose: 'REFUND', expiresIn: 300 });
    const ended = await fetch(`${base}/session`, {
      method: 'DELETE',
      headers: { authorization, ...TERMINAL },
    });
    expect([ended.status, await ended.text()]).toEqual([204, '']);
    expect(
      await errorOf(await post('/session/step-up', { purpose: 'REFUND', totp: '000000' }, { authorization })),
    ).toBe('401 UNAUTHENTICATED');
    expect(await errorOf(await post('/session/refresh', { refreshToken: renewed.refreshToken }))).toBe(
      '401 UNAUTHENTICATED',
    );
  });

  test('the log has the terminal, the client application and the request', async () => {
    const last = (await auditEntries(db, 'Session.close')).at(-1);
    expect(last).toMatchObject({
      kind: 'signOut',
      actorId: 'S001',
      terminal: 'T-0417',
      clientApp: 'shuno-front',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  test('no answer is kept by a cache, nor a refusal', async () => {
    for (const answer of [
      await fetch(`${base}/jwks`),
      await post('/session', {}),
      await post('/session', { staffId: 'x', password: 'y', totp: 'z' }),
    ]) {
      expect(answer.headers.get('cache-control')).toBe('no-store');
      await answer.arrayBuffer();
    }
  });

  test('a refusal is the same text for every reason', async () => {
    const bodies = await Promise.all(
      [
        post('/session', { staffId: 'nobody', password: PASSWORD, totp: '000000' }),
        post('/session', { staffId: 'S001', password: 'wrong-one', totp: '000000' }),
      ].map(async (answer) => (await answer).text()),
    );
    expect(new Set(bodies).size).toBe(1);
  });

  test('a purpose not held is 403', async () => {
    const { accessToken } = await signIn();
    const answer = await post(
      '/session/step-up',
      { purpose: 'ADMINISTRATION', totp: '000000' },
      { authorization: `Bearer ${accessToken}` },
    );
    expect(await errorOf(answer)).toBe('403 FORBIDDEN_PURPOSE');
  });
});

describe('bodies', () => {
  test.each([
    ['{', 'application/json'],
    ['[]', 'application/json'],
    ['"x"', 'application/json'],
    ['', 'application/json'],
    ['{"staffId":"S001"}', 'application/json'],
    ['{"staffId":"S001","password":"p","totp":"1","more":1}', 'application/json'],
    ['{"staffId":1,"password":"p","totp":"1"}', 'application/json'],
    ['{"__proto__":{},"staffId":"a","password":"p","totp":"1"}', 'application/json'],
    ['staffId=S001&password=p&totp=1', 'application/x-www-form-urlencoded'],
    ['{"staffId":"S001","password":"p","totp":"1"}', 'text/plain'],
  ])('%s as %s are refused as bad input, without repeating them', async (body, type) => {
    const answer = await post('/session', body, { 'content-type': type });
    expect(await errorOf(answer.clone())).toBe('400 BAD_INPUT');
    expect(await answer.text()).not.toContain('S001');
  });

  test('over their limit are refused by size', async () => {
    const answer = await post('/session', {
      staffId: 'S001',
      password: 'x'.repeat(SIGN_IN_BODY_BYTES_MAX),
      totp: '1',
    });
    expect(await errorOf(answer)).toBe('413 PAYLOAD_TOO_LARGE');
  });

  test('with a token over its own limit are refused as a credential', async () => {
    expect(await errorOf(await post('/token', { clientAssertion: 'a'.repeat(8_200) }))).toBe(
      '401 UNAUTHENTICATED',
    );
  });
});

test('enrolment over the routes: code, authenticator, password, sign-in', async () => {
  const { enrolmentCode: code } = await db.gateway.transaction('test', (tx) =>
    createStaff(tx, home.change(), {
      staffId: 'N001',
      personId: 'P-N001',
      name: '試験 次郎',
      kana: 'シケン ジロウ',
      department: 'SHUNO',
      employmentFrom: '2026-04-01',
      employmentTo: undefined,
    }),
  );
  const { totpSecret } = (await (await post('/enrolment', { staffId: 'N001', code })).json()) as {
    totpSecret: string;
  };
  const totp = () => totpCode(fromBase32(totpSecret), totpStep(clock.now().epochMilliseconds));
  expect(
    await errorOf(
      await post('/enrolment/finish', { staffId: 'N001', code, password: 'password1', totp: totp() }),
    ),
  ).toBe('400 BAD_INPUT');
  expect(
    (await post('/enrolment/finish', { staffId: 'N001', code, password: PASSWORD, totp: totp() })).status,
  ).toBe(204);
  clock.forward({ seconds: 30 });
  expect((await post('/session', { staffId: 'N001', password: PASSWORD, totp: totp() })).status).toBe(200);
});

test('a job gets its token, and the key set verifies it', async () => {
  const jwk = ed25519Jwk('job-1');
  await db.gateway.transaction('test', (tx) =>
    createServiceAccount(tx, home.change(), {
      clientId: 'nightly',
      name: '夜間処理',
      department: 'SHUNO',
      validFrom: '2026-11-01',
      validTo: undefined,
      roles: ['transferJob'],
      publicJwk: publicPart(jwk),
    }),
  );
  const now = Math.floor(clock.now().epochMilliseconds / 1000);
  const clientAssertion = await new SignJWT({
    iss: 'nightly',
    sub: 'nightly',
    aud: home.settings.tokenEndpoint,
    iat: now,
    exp: now + 60,
    jti: 'one',
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid: 'job-1' })
    .sign(await importJWK(jwk, 'EdDSA'));
  const answer = await post('/token', { clientAssertion });
  expect([answer.status, Object.keys((await answer.json()) as object)]).toEqual([
    200,
    ['accessToken', 'expiresIn'],
  ]);
  expect(await errorOf(await post('/token', { clientAssertion }))).toBe('401 UNAUTHENTICATED');
  expect(await (await fetch(`${base}/jwks`)).json()).toEqual(home.identity.jwks());
});

test('the outside provider over the routes: redirect, cookie, callback, second factor', async () => {
  const start = await fetch(`${base}/oidc/start`, { redirect: 'manual', headers: TERMINAL });
  expect(start.status).toBe(302);
  const [cookie = ''] = start.headers.getSetCookie();
  expect(cookie).toMatch(
    /^kuramori-oidc=[\w-]{43}; Path=\/oidc; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
  );
  const back = new URL(await walk(String(start.headers.get('location')), 'S001'));
  const callback = (headers: Record<string, string>) =>
    fetch(`${base}/oidc/callback${back.search}`, { headers: { ...TERMINAL, ...headers } });
  expect(await errorOf(await callback({}))).toBe('401 UNAUTHENTICATED');
  const { pending } = (await (await callback({ cookie: `other=1; ${cookie.split(';')[0]}` })).json()) as {
    pending: string;
  };
  clock.forward({ seconds: 60 });
  const answer = await post('/oidc/second-factor', { pending, totp: home.code() });
  expect(((await answer.json()) as SignedIn).staff.staffId).toBe('S001');
  expect(await errorOf(await fetch(`${base}/oidc/callback`))).toBe('401 UNAUTHENTICATED');
});

describe('failures', () => {
  test("an audit log that is away answers 503 and opens nothing; the person's try does not count", async () => {
    await home.staff('S050');
    clock.forward({ seconds: 60 });
    const sessions = () =>
      db.owner.run(
        'test',
        async ({ raw }) => (await raw`select from access.session where staff_id = 'S050'`).length,
      );
    await db.owner.run('test', ({ raw }) => raw.unsafe('alter table audit.block rename to block_away'));
    expect(
      await errorOf(await post('/session', { staffId: 'S050', password: PASSWORD, totp: home.code() })),
    ).toBe('503 AUDIT_UNAVAILABLE');
    expect(
      await errorOf(await post('/session', { staffId: 'nobody', password: PASSWORD, totp: '000000' })),
    ).toBe('503 AUDIT_UNAVAILABLE');
    await db.owner.run('test', ({ raw }) => raw.unsafe('alter table audit.block_away rename to block'));
    expect(await sessions()).toBe(0);
    const kinds = await db.owner.run('test', async ({ raw }) =>
      (
        await raw<{ kind: string }[]>`
      select kind from access.sign_in_event where staff_id = 'S050' order by id`
      ).map(({ kind }) => kind),
    );
    expect(kinds).toEqual(['started', 'abandoned']);
    await signIn('S050');
    expect(await sessions()).toBe(1);
  });

  test.each([new Error('sentinel-7190'), 'sentinel-7190', { statusCode: 302, sentinel: 'sentinel-7190' }])(
    'a defect is told as INTERNAL and its text stays inside: %j',
    async (defect) => {
      const broken = Fastify();
      await registerSignIn(broken, {
        ...home.identity,
        jwks: () => {
          throw defect as Error;
        },
      });
      const answer = await broken.inject({ url: '/jwks' });
      expect([answer.statusCode, answer.body.includes('sentinel-7190')]).toEqual([500, false]);
      expect(answer.json()).toMatchObject({ error: { code: 'INTERNAL' } });
      await broken.close();
    },
  );
});
