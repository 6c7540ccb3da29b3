import { describe, expect, test } from 'vitest';
import { decodeBody } from '../../../src/audit/body.js';
import { verifySequence } from '../../../src/audit/verify.js';
import { bodyDigestOf } from '../../../src/vault/assertion/digest.js';
import type { Answer } from '../../../src/vault/client/wire.js';
import { enrolCredential, revokeCredential } from '../../../src/vault/staff/credential.js';
import { readNewAuthenticator } from '../../../src/vault/staff/newAuthenticator.js';
import { revokeNow } from '../../../src/vault/staff/revokeNow.js';
import { findActor } from '../../../src/vault/staff/staff.store.js';
import { SoftAuthenticator, type Deviation } from '../../support/authenticator.js';
import { ruleOf } from '../staff/support/register.js';
import { newJti, type Claims } from '../assertion/support/sign.js';
import { assertCounts } from '../../../src/vault/operation/authenticator.js';
import { BASIS, PURPOSE, testService, type TestPerson } from './support/vault.js';

const RP_ID = 'tax.city.example.jp';
const ORIGIN = 'https://app.tax.city.example.jp';
const vault = await testService(undefined, { id: RP_ID, origins: new Set([ORIGIN]) });
const { databases, context, clock } = vault;
const person = await vault.person('P-1029');
const BODY = {};

/** An authenticator whose key is in the register. */
async function enrolled(of: TestPerson = person, own: { backupEligible?: boolean; step?: 0 | 1 } = {}) {
  const authenticator = new SoftAuthenticator({ rpId: RP_ID, origin: ORIGIN, ...own });
  const made = authenticator.made().toString('base64url');
  const { publicJwk, ...known } = readNewAuthenticator(made, context.relyingParty);
  const { credentialId } = await databases.vault.transaction('tests.enrol', (tx) =>
    enrolCredential(
      tx,
      { personId: of.personId, terminalId: 'T-0417', publicJwk, authenticator: known },
      clock.now(),
    ),
  );
  return { authenticator, credentialId };
}

/** Claims of a question after no number, which needs no step-up. */
function claims(own: Claims = {}): Claims {
  const iat = Math.floor(clock.ms() / 1000);
  return {
    iss: 'terminal:T-0417',
    sub: 'person:P-1029',
    aud: `vault:${context.municipality}`,
    iat,
    exp: iat + 60,
    jti: newJti(),
    op: 'status',
    ref: 'vr_0123456789ABCDEFGHJKMNPQRS',
    count: 1,
    purpose: PURPOSE,
    basis: BASIS,
    case: 'C-2026-0001',
    bodyDigest: bodyDigestOf(BODY),
    ...own,
  };
}
const codeOf = (answer: Answer) => (answer.outcome === 'refused' ? answer.error.code : 'done');
const ask = async (assertion: string) => codeOf(await vault.run({ assertion, body: BODY }));
const known = async (credentialId: string) =>
  (await findActor(databases.vault, credentialId))?.credential.authenticator;

async function lastRecords(count: number) {
  const rows = await databases.owner.vault.run(
    'tests.records',
    ({ raw }) => raw<{ body: Buffer }[]>`
    select body from audit.written order by record_no desc limit ${count}`,
  );
  return rows.map(({ body }) => decodeBody(body.toString('utf8'))!).toReversed();
}
const entriesOf = async (count: number) =>
  (await lastRecords(count)).flatMap(({ entries }) =>
    entries.map(({ coordinate, reason }) => [coordinate, reason]),
  );

describe('a key of an authenticator', () => {
  test('does what a key of a terminal does, and the log says by which of the two', async () => {
    const { authenticator, credentialId } = await enrolled();
    expect(await ask(authenticator.assertion(credentialId, claims()))).toBe('done');
    const [intent, completion] = await lastRecords(2);
    const common = { actorId: 'P-1029', terminal: 'T-0417', strength: 'webauthn', operationName: 'status' };
    expect(intent).toMatchObject({ ...common, kind: 'vaultOperation' });
    expect(completion).toMatchObject({ ...common, kind: 'vaultOperation' });
    const stepped = authenticator.assertion(credentialId, claims({ stepUp: 'SU-1' }));
    expect(await ask(stepped)).toBe('done');
    expect((await lastRecords(1))[0]).toMatchObject({ strength: 'webauthn+totp' });
  });

  test('lives for 90 days', async () => {
    const { credentialId } = await enrolled();
    const { validFrom, validTo } = (await findActor(databases.vault, credentialId))!.credential;
    expect(validFrom.until(validTo).total('hours')).toBe(90 * 24);
  });

  test('is entered once: neither the key nor its id at the authenticator again', async () => {
    const { authenticator, credentialId } = await enrolled();
    const entry = {
      personId: 'P-1029',
      terminalId: 'T-0417',
      publicJwk: authenticator.jwk,
      authenticator: (await known(credentialId))!,
    };
    const enter = (own: object) =>
      databases.vault.transaction('tests.enrol', (tx) =>
        enrolCredential(tx, { ...entry, ...own }, clock.now()),
      );
    expect(await ruleOf(enter({}))).toBe('CONFLICT');
    const other = new SoftAuthenticator({ rpId: RP_ID, origin: ORIGIN });
    expect(await ruleOf(enter({ publicJwk: other.jwk }))).toBe('CONFLICT');
  });

  test('is withdrawn as any other, alone or with its person', async () => {
    const { authenticator, credentialId } = await enrolled();
    await revokeCredential(databases.vault, credentialId, clock.now());
    expect(await ask(authenticator.assertion(credentialId, claims()))).toBe('UNAUTHENTICATED');
    expect(await entriesOf(1)).toEqual([['Vault.operation', 'revoked']]);

    const leaver = await vault.person('P-3001');
    const his = await enrolled(leaver);
    const own = { sub: 'person:P-3001' };
    expect(await ask(his.authenticator.assertion(his.credentialId, claims(own)))).toBe('done');
    await databases.vault.transaction('tests.revoke', (tx) => revokeNow(tx, 'P-3001', clock.now()));
    expect(await ask(his.authenticator.assertion(his.credentialId, claims(own)))).toBe('ACCOUNT_REVOKED');
  });

  test('of somebody else signs for nobody but its person', async () => {
    const mine = await enrolled();
    const colleague = await vault.person('P-3002');
    const hers = await enrolled(colleague);
    const { authenticator } = mine;
    expect(await ask(authenticator.assertion(hers.credentialId, claims({ sub: 'person:P-3002' })))).toBe(
      'UNAUTHENTICATED',
    );
    expect(await entriesOf(1)).toEqual([
      ['Vault.operation', 'signature'],
      ['Credential.forged', `key:${hers.credentialId}`],
    ]);
    expect(await ask(authenticator.assertion(mine.credentialId, claims({ sub: 'person:P-3002' })))).toBe(
      'UNAUTHENTICATED',
    );
    expect(await entriesOf(1)).toEqual([['Vault.operation', 'binding']]);
  });

  test('signs no other body', async () => {
    const { authenticator, credentialId } = await enrolled();
    const assertion = authenticator.assertion(credentialId, claims());
    expect(codeOf(await vault.run({ assertion, body: { more: 1 } }))).toBe('UNAUTHENTICATED');
    // Nothing of it was used up.
    expect(await ask(assertion)).toBe('done');
  });
});

describe('what an authenticator signed', () => {
  test('is used once: the same answer is told again, and nothing is done', async () => {
    const { authenticator, credentialId } = await enrolled();
    const assertion = authenticator.assertion(credentialId, claims());
    expect([await ask(assertion), await ask(assertion)]).toEqual(['done', 'done']);
    expect(await entriesOf(1)).toEqual([['Vault.status', 'repeated']]);
    expect((await known(credentialId))?.counter).toBe(2n);
  });

  test('is no second use when the same claims are signed once more', async () => {
    const { authenticator, credentialId } = await enrolled();
    const same = claims({ op: 'stepUp', ref: undefined, count: 0 });
    expect(await ask(authenticator.assertion(credentialId, same))).toBe('BAD_INPUT');
    expect(await ask(authenticator.assertion(credentialId, same))).toBe('REPLAY_DETECTED');
    expect(await entriesOf(1)).toEqual([['Vault.stepUp', 'replay-shown']]);
  });

  test('at once, however often it comes, is used once', async () => {
    const { authenticator, credentialId } = await enrolled();
    const assertion = authenticator.assertion(
      credentialId,
      claims({ op: 'stepUp', ref: undefined, count: 0 }),
    );
    const codes = await Promise.all(Array.from({ length: 8 }, () => ask(assertion)));
    expect(codes.toSorted()).toEqual(['BAD_INPUT', ...Array.from({ length: 7 }, () => 'REPLAY_DETECTED')]);
  });
});

describe('the counter', () => {
  const refusedCount = async (counters: readonly number[], step: 0 | 1 = 1) => {
    const { authenticator, credentialId } = await enrolled(person, { step });
    const codes = [];
    for (const counter of counters)
      codes.push(await ask(authenticator.assertion(credentialId, claims(), { counter } satisfies Deviation)));
    return { codes, credentialId };
  };

  test('goes on, by whatever step', async () => {
    const { codes, credentialId } = await refusedCount([2, 3, 400, 4_294_967_295]);
    expect(new Set(codes)).toEqual(new Set(['done']));
    expect((await known(credentialId))?.counter).toBe(4_294_967_295n);
  });

  test.each([
    ['goes back', [9, 8]],
    ['stands still', [9, 9]],
    ['begins where the key was entered', [1]],
    ['is given up', [9, 0]],
  ])('that %s is refused, and the log names the key', async (_name, counters) => {
    const { codes, credentialId } = await refusedCount(counters);
    expect(codes.at(-1)).toBe('UNAUTHENTICATED');
    const [record] = await lastRecords(1);
    expect(record).toMatchObject({
      kind: 'refusal',
      actorId: 'P-1029',
      entries: [
        { coordinate: 'Vault.status', decision: 'refuse', reason: 'counter', raised: true },
        { coordinate: 'Credential.counter', decision: 'refuse', reason: `key:${credentialId}`, raised: true },
      ],
    });
    expect((await known(credentialId))?.counter).toBe(BigInt(counters.length > 1 ? 9 : 1));
  });

  test('refuses for good: the same assertion is told the same', async () => {
    const { authenticator, credentialId } = await enrolled();
    const assertion = authenticator.assertion(credentialId, claims(), { counter: 1 });
    expect([await ask(assertion), await ask(assertion)]).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    expect(await entriesOf(1)).toEqual([['Vault.status', 'repeated']]);
  });

  test('may be 0 always, where none is kept', async () => {
    const { codes } = await refusedCount([0, 0, 0], 0);
    expect(new Set(codes)).toEqual(new Set(['done']));
    const { codes: begun } = await refusedCount([0, 5, 0], 0);
    expect(begun).toEqual(['done', 'done', 'UNAUTHENTICATED']);
  });

  test('of two that come at once in the same place, one is taken', async () => {
    const { authenticator, credentialId } = await enrolled();
    const two = [7, 7].map((counter) => authenticator.assertion(credentialId, claims(), { counter }));
    expect((await Promise.all(two.map(ask))).toSorted()).toEqual(['UNAUTHENTICATED', 'done']);
  });

  test('does not move for what is not genuine', async () => {
    const { authenticator, credentialId } = await enrolled();
    const forged = authenticator
      .assertion(credentialId, claims(), { counter: 99 })
      .replace(/.{8}$/, 'AAAAAAAA');
    expect(await ask(forged)).toBe('UNAUTHENTICATED');
    expect((await known(credentialId))?.counter).toBe(1n);
  });

  test('is compared as a whole number', () => {
    expect(() => assertCounts({ counter: 4_294_967_294n }, { counter: 4_294_967_295n })).not.toThrow();
    expect(() => assertCounts({ counter: 10n }, { counter: 9n })).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED', rule: 'counter' }),
    );
  });
});

describe('the backup of a key', () => {
  test('is noted when it changes, either way, with an entry that is raised', async () => {
    const { authenticator, credentialId } = await enrolled(person, { backupEligible: true });
    const use = () => ask(authenticator.assertion(credentialId, claims()));
    expect(await use()).toBe('done');
    for (const [backedUp, reason] of [
      [true, 'backedUp'],
      [false, 'notBackedUp'],
    ] as const) {
      authenticator.backedUp = backedUp;
      expect(await use()).toBe('done');
      const [change] = await lastRecords(3);
      expect(change).toMatchObject({
        kind: 'vaultOperation',
        actorId: 'P-1029',
        entries: [
          {
            coordinate: 'Credential.backup',
            decision: 'allow',
            reason: `key:${credentialId} ${reason}`,
            rows: 1,
            raised: true,
          },
        ],
      });
      expect(await known(credentialId)).toMatchObject({ backedUp, backupEligible: true });
      expect(await use()).toBe('done');
      expect((await entriesOf(2)).map(([coordinate]) => coordinate)).toEqual([
        'Vault.status',
        'Vault.status',
      ]);
    }
  });
});

test('the log holds together after all of it', async () => {
  expect((await verifySequence(databases.owner.vault)).faults).toEqual([]);
});
