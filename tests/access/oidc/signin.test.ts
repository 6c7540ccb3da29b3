import { afterAll, describe, expect, test } from 'vitest';
import type { SecondFactorNeeded, SignedIn } from '../../../src/access/identity.js';
import { suspendStaff } from '../../../src/access/register/staff.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { testDatabase } from '../../support/database.js';
import { auditEntries, house, origin, overtaken } from '../support/house.js';
import { startProvider, walk } from '../support/provider.js';

const REDIRECT = 'http://127.0.0.1:1/oidc/callback';
const provider = await startProvider(REDIRECT);
const db = await testDatabase();
const home = await house(db, systemClock, {
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
const { identity } = home;
await home.staff('S001', ['collectionClerk']);
await home.staff('S002');
const without = await house(db, systemClock);

afterAll(async () => {
  await Promise.all([identity.close(), without.identity.close()]);
  await Promise.all([home.audit.close(), without.audit.close()]);
  await provider.stop();
});

async function throughProvider(who: string) {
  const { location, browserBinding } = await identity.startOidc(origin());
  const back = await walk(location, who);
  return { query: new URL(back).search, browserBinding };
}

const refused = (rule: string): unknown => expect.objectContaining({ code: 'UNAUTHENTICATED', rule });

describe('sign-in through an outside provider', () => {
  test('sends the browser with state, nonce and PKCE S256', async () => {
    const url = new URL((await identity.startOidc(origin())).location);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'kuramori',
      redirect_uri: REDIRECT,
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
  });

  test('opens a session when the provider vouches for two factors', async () => {
    const { query, browserBinding } = await throughProvider('S001.mfa');
    const signedIn = (await identity.finishOidc(query, browserBinding, origin({ terminal: '' }))) as SignedIn;
    const caller = await identity.authenticate(`Bearer ${signedIn.accessToken}`, 'T-0417');
    expect(caller).toMatchObject({
      actorId: 'S001',
      strength: 'oidc',
      terminal: 'T-0417',
      roles: ['collectionClerk'],
    });
    expect(signedIn.staff).toMatchObject({ staffId: 'S001', roles: ['collectionClerk'] });
  });

  test('asks for our own code when it vouches for one factor only; the token for that is good once', async () => {
    const { query, browserBinding } = await throughProvider('S001');
    const { pending } = (await identity.finishOidc(
      query,
      browserBinding,
      origin({ clientApp: '' }),
    )) as SecondFactorNeeded;
    await expect(identity.completeOidc({ pending, totp: 'no' }, origin())).rejects.toEqual(
      refused('badSecondFactor'),
    );
    const signedIn = await identity.completeOidc({ pending, totp: home.code() }, origin());
    expect(await identity.authenticate(`Bearer ${signedIn.accessToken}`, 'T-0417')).toMatchObject({
      strength: 'oidc+totp',
      clientApp: 'shuno-front',
    });
    await expect(identity.completeOidc({ pending, totp: home.code() }, origin())).rejects.toEqual(
      refused('oidcPending'),
    );
  });

  test('refuses the way back in another browser, twice, with another state or a forged code', async () => {
    const { query, browserBinding } = await throughProvider('S001.mfa');
    await expect(identity.finishOidc(query, 'other', origin())).rejects.toEqual(refused('oidcState'));
    await expect(
      identity.finishOidc(query.replace(/state=[^&]*/, 'state=other'), browserBinding, origin()),
    ).rejects.toEqual(refused('oidcState'));
    await expect(identity.finishOidc('', '', origin())).rejects.toEqual(refused('oidcState'));
    await expect(
      identity.finishOidc(query.replace(/code=[^&]*/, 'code=forged'), browserBinding, origin()),
    ).rejects.toEqual(refused('oidcProvider'));
    await expect(identity.finishOidc(query, browserBinding, origin())).rejects.toEqual(refused('oidcState'));
    const other = await throughProvider('S001.mfa');
    await identity.finishOidc(other.query, other.browserBinding, origin());
    await expect(identity.finishOidc(other.query, other.browserBinding, origin())).rejects.toEqual(
      refused('oidcState'),
    );
  });

  test('the code of one sign-in does not fit into another: PKCE and nonce', async () => {
    const victim = await throughProvider('S001.mfa');
    const attacker = await throughProvider('S002.mfa');
    const code = new URLSearchParams(victim.query).get('code');
    const mixed = attacker.query.replace(/code=[^&]*/, `code=${String(code)}`);
    await expect(identity.finishOidc(mixed, attacker.browserBinding, origin())).rejects.toEqual(
      refused('oidcProvider'),
    );
  });

  test('brings in nobody whom the register does not know or has withdrawn', async () => {
    const from = () => origin({ address: '10.5.0.1' });
    const unknown = await throughProvider('S999.mfa');
    await expect(identity.finishOidc(unknown.query, unknown.browserBinding, from())).rejects.toEqual(
      refused('unknownAccount'),
    );
    const single = await throughProvider('S999');
    const { pending } = (await identity.finishOidc(
      single.query,
      single.browserBinding,
      from(),
    )) as SecondFactorNeeded;
    await expect(identity.completeOidc({ pending, totp: home.code() }, from())).rejects.toEqual(
      refused('oidcPending'),
    );
    await db.gateway.transaction('test', (tx) => suspendStaff(tx, home.change(), 'S002'));
    const withdrawn = await throughProvider('S002.mfa');
    await expect(identity.finishOidc(withdrawn.query, withdrawn.browserBinding, from())).rejects.toEqual(
      refused('suspended'),
    );
    const rules = (await auditEntries(db, 'Session.openOidc')).map(
      ({ entries }) => entries[0]?.reason.split(' ')[0],
    );
    expect(rules).toEqual(expect.arrayContaining(['unknownAccount', 'oidcPending', 'suspended']));
  });

  test('a second factor finished elsewhere at the same moment opens nothing more', async () => {
    const from = () => origin({ address: '10.5.0.2' });
    await home.staff('S003');
    const { query, browserBinding } = await throughProvider('S003');
    const { pending } = (await identity.finishOidc(query, browserBinding, from())) as SecondFactorNeeded;
    await overtaken(
      db,
      `update access.oidc_request set second_factor_done = true where staff_id = 'S003'`,
      () =>
        expect(identity.completeOidc({ pending, totp: home.code() }, from())).rejects.toEqual(
          refused('oidcPending'),
        ),
    );
  });

  test('a person withdrawn between the two factors does not come in', async () => {
    const from = () => origin({ address: '10.5.0.3' });
    await home.staff('S004');
    const { query, browserBinding } = await throughProvider('S004');
    const { pending } = (await identity.finishOidc(query, browserBinding, from())) as SecondFactorNeeded;
    await db.gateway.transaction('test', (tx) => suspendStaff(tx, home.change(), 'S004'));
    await expect(identity.completeOidc({ pending, totp: home.code() }, from())).rejects.toEqual(
      refused('suspended'),
    );
  });

  test('is not found where none is set up', async () => {
    await expect(without.identity.startOidc(origin())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(without.identity.finishOidc('', '', origin())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
