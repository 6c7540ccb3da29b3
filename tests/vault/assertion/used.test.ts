import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { readAssertion, type Assertion } from '../../../src/vault/assertion/assertion.js';
import { bodyDigestOf } from '../../../src/vault/assertion/digest.js';
import { claimJti, earlierAnswer, settleJti } from '../../../src/vault/assertion/used.js';
import { findUsed, purgeUsedAssertions } from '../../../src/vault/assertion/used.store.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { at, ruleOf } from '../staff/support/register.js';
import { claimsAt, headerOf, newTestKey, signed, THUMBPRINT, type Claims } from './support/sign.js';

const db = await testVaultDatabases();
const NOW = '2026-11-02T00:00:00Z';
const key = newTestKey();
const assertion = (own: Claims = {}): Assertion =>
  readAssertion(signed(headerOf('CR-1'), claimsAt(NOW, own), key));
const newRequestId = () => randomBytes(8).toString('hex');

describe('one assertion of a push', () => {
  let push: Assertion;
  beforeEach(() => {
    push = assertion({ op: 'push' });
  });

  test('is used once; while the outcome is not known, the status operation is named', async () => {
    expect(await claimJti(db.vault, push, 'R-1')).toBeUndefined();
    await expect(claimJti(db.vault, push, 'R-2')).rejects.toMatchObject({
      code: 'REPLAY_DETECTED',
      rule: 'replay-unsettled',
      raised: false,
      facts: { requestId: 'R-1', statusOperation: 'status' },
    });
  });

  test.each(['done', 'refused'] as const)('gets the same answer again once it was %s', async (outcome) => {
    await claimJti(db.vault, push, 'R-1');
    await settleJti(db.vault, push, outcome, { receipt: '第12号', rows: 1 });
    const result = { receipt: '第12号', rows: 1 };
    expect(await claimJti(db.vault, push, 'R-2')).toEqual({ outcome, result, requestId: 'R-1' });
    expect(await claimJti(db.vault, push, 'R-3')).toEqual({ outcome, result, requestId: 'R-1' });
  });

  test('may have ended without anything to tell', async () => {
    await claimJti(db.vault, push, 'R-1');
    await settleJti(db.vault, push, 'done');
    expect(await claimJti(db.vault, push, 'R-2')).toEqual({
      outcome: 'done',
      result: null,
      requestId: 'R-1',
    });
  });

  test('with another body, subject, operation or person is an attack', async () => {
    const jti = push.jti;
    await claimJti(db.vault, push, 'R-1');
    await settleJti(db.vault, push, 'done', { receipt: '1' });
    const others: Claims[] = [
      { bodyDigest: bodyDigestOf({ other: 1 }) },
      { ref: 'vr_ZZZZZZZZZZZZZZZZZZZZZZZZZZ' },
      { op: 'hold' },
    ];
    for (const own of others) {
      await expect(claimJti(db.vault, assertion({ op: 'push', jti, ...own }), 'R-2')).rejects.toMatchObject({
        code: 'REPLAY_DETECTED',
        rule: 'replay-other',
        raised: true,
        facts: { requestId: 'R-1' },
      });
    }
    const stranger = assertion({ op: 'push', jti, sub: 'person:P-6666' });
    await expect(claimJti(db.vault, stranger, 'R-2')).rejects.toMatchObject({
      rule: 'replay-other',
      facts: {},
    });
  });

  test('is settled once, and only after it was claimed', async () => {
    expect(await ruleOf(settleJti(db.vault, push, 'done'))).toBe('INTERNAL');
    await claimJti(db.vault, push, 'R-1');
    await settleJti(db.vault, push, 'refused', { code: 'NOT_FOUND' });
    expect(await ruleOf(settleJti(db.vault, push, 'done'))).toBe('INTERNAL');
    expect(await findUsed(db.vault, push.jti)).toMatchObject({ outcome: 'refused' });
  });
});

describe('what is told once', () => {
  const once: Claims[] = [
    { op: 'reveal', sealTo: THUMBPRINT },
    { op: 'resolve', ref: undefined },
    { op: 'attachToDocument' },
    { op: 'stepUp', ref: undefined, count: 0 },
  ];

  test.each(once)('is never told again, whatever it came to: $op', async (own) => {
    const shown = assertion(own);
    await claimJti(db.vault, shown, 'R-1');
    const replayed = {
      code: 'REPLAY_DETECTED',
      rule: 'replay-shown',
      raised: true,
      facts: { requestId: 'R-1' },
    };
    await expect(claimJti(db.vault, shown, 'R-2')).rejects.toMatchObject(replayed);
    await settleJti(db.vault, shown, 'done', { sealed: 'eyJ' });
    await expect(claimJti(db.vault, shown, 'R-3')).rejects.toMatchObject(replayed);
  });

  test('is not in the store, though it was handed in', async () => {
    const reveal = assertion({ op: 'reveal', sealTo: THUMBPRINT });
    await claimJti(db.vault, reveal, 'R-1');
    await settleJti(db.vault, reveal, 'done', { sealed: 'MARKER-OF-A-SEALED-NUMBER' });
    const dump = await db.owner.vault.run(
      'tests.dump',
      ({ raw }) => raw<{ row: string }[]>`select u::text as row from vault.used_assertion u`,
    );
    expect(dump.some(({ row }) => row.includes(reveal.jti))).toBe(true);
    expect(dump.some(({ row }) => row.includes('MARKER'))).toBe(false);
  });
});

test('of fifty that come at once with one jti, exactly one passes', async () => {
  for (const own of [{ op: 'reveal', sealTo: THUMBPRINT }, { op: 'push' }]) {
    const one = assertion(own);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => ruleOf(claimJti(db.vault, one, newRequestId()))),
    );
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.startsWith('REPLAY_DETECTED'))).toHaveLength(49);
  }
});

test('a use stays known when what came after it failed', async () => {
  const one = assertion({ op: 'push' });
  const failed = db.vault.transaction('tests', async () => {
    await claimJti(db.vault, one, 'R-1');
    throw new Error('the effect failed');
  });
  await expect(failed).rejects.toThrow('the effect failed');
  expect(await ruleOf(claimJti(db.vault, one, 'R-2'))).toBe('REPLAY_DETECTED replay-unsettled');
});

describe('a use is kept until the end of the assertion and 24 hours more', () => {
  test('and not a millisecond longer', async () => {
    const one = assertion({ op: 'push', exp: (claimsAt(NOW) as { iat: number }).iat + 60 });
    await claimJti(db.vault, one, 'R-1');
    await purgeUsedAssertions(db.vault, at('2026-11-03T00:00:59.999Z'));
    expect(await findUsed(db.vault, one.jti)).toBeDefined();
    expect(await purgeUsedAssertions(db.vault, at('2026-11-03T00:01:00.000Z'))).toBeGreaterThan(0);
    expect(await findUsed(db.vault, one.jti)).toBeUndefined();
  });

  test('and one that is removed while it is looked for is a replay all the same', async () => {
    const one = assertion({ op: 'push' });
    await claimJti(db.vault, one, 'R-1');
    let calls = 0;
    // Removes the row between the insert and the look at it.
    const session: typeof db.vault = {
      ...db.vault,
      run: async (name, work) => {
        calls += 1;
        if (calls === 2) await purgeUsedAssertions(db.owner.vault, at('2027-01-01T00:00:00Z'));
        return db.vault.run(name, work);
      },
    };
    await expect(claimJti(session, one, 'R-2')).rejects.toMatchObject({ rule: 'replay-other', facts: {} });
    expect(calls).toBe(2);
  });
});

test('the earlier answer is worked out from the row alone', () => {
  const one = assertion({ op: 'push' });
  const row = { jti: one.jti, bodyDigest: one.bodyDigest, op: 'push', subjects: String(one.ref) };
  const earlier = { ...row, personId: one.personId, requestId: 'R-1', outcome: 'done', result: 7 } as const;
  expect(earlierAnswer(earlier, one)).toEqual({ outcome: 'done', result: 7, requestId: 'R-1' });
});
