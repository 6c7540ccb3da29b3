import { beforeAll, describe, expect, test } from 'vitest';
import { readAssertion } from '../../../src/vault/assertion/assertion.js';
import { authenticate } from '../../../src/vault/assertion/authenticate.js';
import { revokeCredential, type CredentialEnrolled } from '../../../src/vault/staff/credential.js';
import { assertInForce } from '../../../src/vault/staff/person.js';
import { revokeNow } from '../../../src/vault/staff/revokeNow.js';
import { StandingClock } from '../../access/support/clock.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { at, enrol, enter, entry, ruleOf } from '../staff/support/register.js';
import {
  claimsAt,
  headerOf,
  MUNICIPALITY,
  newTestKey,
  signed,
  type Claims,
  type TestKey,
} from './support/sign.js';

const db = await testVaultDatabases();
const START = '2026-11-02T00:00:00.000Z';
const clock = new StandingClock(START);
const context = { database: db.vault, clock, municipality: MUNICIPALITY };
let enrolled: CredentialEnrolled & { readonly key: TestKey };

beforeAll(async () => {
  await enter(db.vault, START, entry('P-1029', { employmentTo: '2027-03-31' }));
  enrolled = await enrol(db.vault, START, 'P-1029');
});

/** What becomes of an assertion made and signed at one instant and received at another. */
function outcome(receivedAt: string, own: Claims = {}, madeAt = receivedAt, by = enrolled): Promise<string> {
  clock.set(receivedAt);
  const token = signed(headerOf(by.credentialId), claimsAt(madeAt, own), by.key);
  return ruleOf(authenticate(context, readAssertion(token)));
}

describe('a sound assertion', () => {
  test('tells the person, the key and the terminal of the register', async () => {
    clock.set(START);
    const token = signed(headerOf(enrolled.credentialId), claimsAt(START), enrolled.key);
    expect(await authenticate(context, readAssertion(token))).toMatchObject({
      person: { personId: 'P-1029', unit: 'nozei', role: 'handler', revokedAt: undefined },
      credential: { credentialId: enrolled.credentialId, terminalId: 'T-0417', revokedAt: undefined },
      terminal: { terminalId: 'T-0417', zone: 'workZone', unit: 'nozei', revokedAt: undefined },
    });
  });

  test('ends exactly at its expiry', async () => {
    expect(await outcome('2026-11-02T00:00:59.999Z', {}, START)).toBe('accepted');
    expect(await outcome('2026-11-02T00:01:00.000Z', {}, START)).toBe('UNAUTHENTICATED time');
  });

  test('may come from a clock that is 5 seconds ahead, not a millisecond more', async () => {
    expect(await outcome(START, {}, '2026-11-02T00:00:05Z')).toBe('accepted');
    expect(await outcome('2026-11-02T00:00:00.999Z', {}, '2026-11-02T00:00:06Z')).toBe(
      'UNAUTHENTICATED time',
    );
  });

  test('lives for at most 120 seconds, and for some time', async () => {
    const { iat } = claimsAt(START) as { iat: number };
    expect(await outcome(START, { exp: iat + 120 })).toBe('accepted');
    expect(await outcome(START, { exp: iat + 121 })).toBe('UNAUTHENTICATED time');
    expect(await outcome(START, { iat: iat + 4, exp: iat + 4 })).toBe('UNAUTHENTICATED time');
    expect(await outcome(START, { iat: iat + 4, exp: iat + 3 })).toBe('UNAUTHENTICATED time');
    expect(await outcome(START, { iat: 0, exp: iat + 60 })).toBe('UNAUTHENTICATED time');
  });
});

describe('an assertion is refused', () => {
  test('for another municipality', async () => {
    expect(await outcome(START, { aud: 'vault:242021' })).toBe('UNAUTHENTICATED audience');
  });

  test('for another person or terminal than the key is of', async () => {
    expect(await outcome(START, { sub: 'person:P-1030' })).toBe('UNAUTHENTICATED binding');
    expect(await outcome(START, { iss: 'terminal:T-0418' })).toBe('UNAUTHENTICATED binding');
  });

  test('when the key is unknown, another one signed, or a byte was changed', async () => {
    const stranger = { ...enrolled, key: newTestKey() };
    expect(await outcome(START, {}, START, { ...enrolled, credentialId: 'CR-none' })).toBe(
      'UNAUTHENTICATED key',
    );
    expect(await outcome(START, {}, START, stranger)).toBe('UNAUTHENTICATED signature');
    const [header, , signature] = signed(
      headerOf(enrolled.credentialId),
      claimsAt(START),
      enrolled.key,
    ).split('.');
    const other = Buffer.from(JSON.stringify(claimsAt(START))).toString('base64url');
    const forged = readAssertion(`${header}.${other}.${signature}`);
    expect(await ruleOf(authenticate(context, forged))).toBe('UNAUTHENTICATED signature');
  });

  test('for a key whose id differs in case alone', async () => {
    const credentialId = enrolled.credentialId.toLowerCase();
    expect(await outcome(START, {}, START, { ...enrolled, credentialId })).toBe('UNAUTHENTICATED key');
  });

  test('before the key begins, and from its end on: 90 days', async () => {
    expect(await outcome('2026-11-01T23:59:59.999Z')).toBe('UNAUTHENTICATED key');
    expect(await outcome('2027-01-30T23:59:59.999Z')).toBe('accepted');
    expect(await outcome('2027-01-31T00:00:00.000Z')).toBe('UNAUTHENTICATED key');
  });

  test('once the key was withdrawn, at once', async () => {
    const other = await enrol(db.vault, START, 'P-1029', 'T-0417');
    expect(await outcome(START, {}, START, other)).toBe('accepted');
    await revokeCredential(db.vault, other.credentialId, at(START));
    expect(await outcome(START, {}, START, other)).toBe('UNAUTHENTICATED revoked');
    expect(await outcome(START)).toBe('accepted');
  });

  test('as of a revoked account once the person was withdrawn, though the keys died too', async () => {
    await enter(db.vault, START, entry('P-2000'));
    const leaver = await enrol(db.vault, START, 'P-2000', 'T-0500');
    await db.vault.transaction('tests', (tx) => revokeNow(tx, 'P-2000', at(START)));
    clock.set(START);
    const own = { sub: 'person:P-2000', iss: 'terminal:T-0500' };
    const token = signed(headerOf(leaver.credentialId), claimsAt(START, own), leaver.key);
    const actor = await authenticate(context, readAssertion(token));
    expect(() => assertInForce(actor, clock.now())).toThrow(
      expect.objectContaining({ code: 'ACCOUNT_REVOKED', rule: 'person-revoked', raised: true }),
    );
  });
});

test('former staff are refused from midnight in Japan on, though the assertion still lives (§6.2)', async () => {
  await enter(db.vault, START, entry('P-3000', { employmentTo: '2027-03-31' }));
  const lastDay = '2027-03-31T14:59:30.000Z';
  const leaver = await enrol(db.vault, lastDay, 'P-3000', 'T-0417');
  const token = signed(
    headerOf(leaver.credentialId),
    claimsAt(lastDay, { sub: 'person:P-3000' }),
    leaver.key,
  );
  const check = async (now: string): Promise<void> => {
    clock.set(now);
    assertInForce(await authenticate(context, readAssertion(token)), clock.now());
  };
  expect(await ruleOf(check('2027-03-31T14:59:59.999Z'))).toBe('accepted');
  expect(await ruleOf(check('2027-03-31T15:00:00.000Z'))).toBe('ACCOUNT_REVOKED employment-ended');
  expect(await ruleOf(check('2027-03-31T15:00:00.001Z'))).toBe('ACCOUNT_REVOKED employment-ended');
});
