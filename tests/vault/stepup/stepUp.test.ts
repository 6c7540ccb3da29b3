import { beforeAll, describe, expect, test } from 'vitest';
import type { KuramoriError } from '../../../src/kernel/errors.js';
import type { JsonEnvelope, KeyService } from '../../../src/vault/seal/keyService.js';
import { VaultSeal } from '../../../src/vault/seal/seal.js';
import { newTotpSecret, totpCode, totpStep } from '../../../src/kernel/token/totp.js';
import { revokeNow } from '../../../src/vault/staff/revokeNow.js';
import { setFactor, unlockFactor } from '../../../src/vault/stepup/factor.js';
import { beginStepUp, freshStepUp } from '../../../src/vault/stepup/stepUp.js';
import { findStepUp, purgeStepUps } from '../../../src/vault/stepup/stepUp.store.js';
import { StandingClock } from '../../access/support/clock.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { MUNICIPALITY } from '../assertion/support/sign.js';
import { at, enter, entry, ruleOf } from '../staff/support/register.js';

const db = await testVaultDatabases();
const START = '2026-11-02T00:02:00.000Z';
const clock = new StandingClock(START);
const seal = await VaultSeal.load({ database: db.vault, clock, municipality: MUNICIPALITY });
const context = { database: db.vault, clock, seal, municipality: MUNICIPALITY };
let people = 0;

/** Keeps the root key as it is: what protects it is not what is tested here. */
const plainService: KeyService = {
  name: 'plain',
  protect: (rootKey) => Promise.resolve({ key: Buffer.from(rootKey).toString('hex') }),
  recover: (envelope: JsonEnvelope) => Promise.resolve(Buffer.from(String(envelope['key']), 'hex')),
};

beforeAll(async () => {
  await seal.initialise(plainService);
  await seal.open(plainService);
});

/** Somebody with an authenticator. */
async function somebody(secret = newTotpSecret()) {
  people += 1;
  const personId = `P-${people}`;
  await enter(db.vault, START, entry(personId));
  await set(personId, secret);
  const code = (now = clock.now().epochMilliseconds) => totpCode(secret, totpStep(now));
  const begin = (given = code(), purpose = 'REFUND') =>
    beginStepUp(context, { personId, terminalId: 'T-0417', purpose }, given);
  return { personId, secret, code, begin, fail: () => ruleOf(begin(wrongCode(secret))) };
}

/** A code of none of the three steps that would be taken. */
function wrongCode(secret: Uint8Array): string {
  const step = totpStep(clock.now().epochMilliseconds);
  const taken = new Set([step - 1, step, step + 1].map((each) => totpCode(secret, each)));
  return ['000000', '000001', '000002', '000003'].find((each) => !taken.has(each))!;
}

const set = (personId: string, secret: Uint8Array) =>
  db.vault.transaction('tests', (tx) => setFactor(tx, context, personId, secret));
const fresh = (
  id: string | undefined,
  own: Partial<{ personId: string; terminalId: string; purpose: string }>,
) =>
  freshStepUp(
    db.vault,
    id,
    { personId: 'P-1', terminalId: 'T-0417', purpose: 'REFUND', ...own },
    clock.now(),
  );
const jst = (time: string) => clock.set(`2026-11-02T${time}+09:00`);

describe('the worked example of §4: step-up 09:02:00 for REFUND', () => {
  test('reveals at 09:06:59 are allowed, at 09:07:00 not, and for DELINQUENCY never', async () => {
    jst('09:02:00');
    const { personId, begin } = await somebody();
    const { stepUpId, until } = await begin();
    expect(stepUpId).toMatch(/^SU-[\w-]{22}$/);
    expect(until.toString()).toBe('2026-11-02T00:07:00Z');
    jst('09:03:00');
    await expect(fresh(stepUpId, { personId, purpose: 'DELINQUENCY' })).rejects.toMatchObject({
      code: 'STEP_UP_REQUIRED',
      rule: 'step-up-purpose',
      raised: false,
    });
    jst('09:06:59');
    expect(await fresh(stepUpId, { personId })).toMatchObject({ stepUpId, purpose: 'REFUND' });
    jst('09:06:59.999');
    expect(await ruleOf(fresh(stepUpId, { personId }))).toBe('accepted');
    jst('09:07:00');
    expect(await ruleOf(fresh(stepUpId, { personId }))).toBe('STEP_UP_REQUIRED step-up-expired');
  });
});

describe('the worked example of §3: secret of RFC 6238 appendix B', () => {
  test('at Unix time 59 the code is 287082, and at 75 it is refused, for step 1 was taken', async () => {
    const { begin } = await somebody(Buffer.from('12345678901234567890', 'ascii'));
    clock.set('1970-01-01T00:00:59Z');
    expect(await ruleOf(begin('287082'))).toBe('accepted');
    clock.set('1970-01-01T00:01:15Z');
    expect(await ruleOf(begin('287082'))).toBe('UNAUTHENTICATED replayedSecondFactor');
  });
});

describe('a code', () => {
  test('is taken one step late, and then no earlier one any more', async () => {
    jst('09:02:00');
    const { begin, code } = await somebody();
    const [now, before] = [code(), code(clock.now().epochMilliseconds - 30_000)];
    expect(await ruleOf(begin(before))).toBe('accepted');
    expect(await ruleOf(begin(now))).toBe('accepted');
    expect(await ruleOf(begin(before))).toBe('UNAUTHENTICATED replayedSecondFactor');
  });

  test('of fifty that come at once with it, exactly one passes', async () => {
    jst('09:02:00');
    const { begin, code } = await somebody();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => ruleOf(begin(code()))));
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect(new Set(outcomes.filter((outcome) => outcome !== 'accepted'))).toEqual(
      new Set(['UNAUTHENTICATED replayedSecondFactor', 'UNAUTHENTICATED locked']),
    );
  });

  test('of another person is worth nothing', async () => {
    jst('09:02:00');
    const [one, other] = [await somebody(), await somebody()];
    expect(await ruleOf(one.begin(other.code()))).toBe('UNAUTHENTICATED badSecondFactor');
  });

  test.each(['', '12345', '1234567', '１２３４５６', 'abcdef', '123456\u0000'])(
    'that is none is refused as a wrong one: %j',
    async (text) => {
      const { begin } = await somebody();
      expect(await ruleOf(begin(text))).toBe('UNAUTHENTICATED badSecondFactor');
    },
  );
});

describe('failures', () => {
  test('09:00, 09:03, 09:06, 09:09, 09:14 lock until 09:29, a right code too, which changes nothing', async () => {
    const { begin, fail } = await somebody();
    for (const time of ['09:00:00', '09:03:00', '09:06:00', '09:09:00', '09:14:00']) {
      jst(time);
      expect(await fail()).toBe('UNAUTHENTICATED badSecondFactor');
    }
    jst('09:28:59');
    expect(await ruleOf(begin())).toBe('UNAUTHENTICATED locked');
    jst('09:29:00');
    expect(await ruleOf(begin())).toBe('accepted');
  });

  test('do not lock when the fifth comes at 09:15:00 exactly', async () => {
    const { begin, fail } = await somebody();
    for (const time of ['09:00:00', '09:03:00', '09:06:00', '09:09:00', '09:15:00']) {
      jst(time);
      await fail();
    }
    expect(await ruleOf(begin())).toBe('accepted');
  });

  test('of twenty guesses at once, five are answered and the rest are locked out', async () => {
    jst('09:02:00');
    const { fail } = await somebody();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => fail()));
    expect(outcomes.filter((outcome) => outcome === 'UNAUTHENTICATED badSecondFactor')).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === 'UNAUTHENTICATED locked')).toHaveLength(15);
  });

  test('ten in a day lock until a person unlocks', async () => {
    const { personId, begin, fail } = await somebody();
    for (let hour = 10; hour < 20; hour++) {
      jst(`${hour}:00:00`);
      await fail();
    }
    clock.set('2026-12-24T00:00:00Z');
    expect(await ruleOf(begin())).toBe('UNAUTHENTICATED locked');
    await db.vault.transaction('tests', (tx) => unlockFactor(tx, personId));
    expect(await ruleOf(begin())).toBe('accepted');
  });

  test('are answered alike, whatever was wrong', async () => {
    jst('09:02:00');
    const { begin, fail } = await somebody();
    await begin();
    const answers = new Set<string>();
    const note = async (outcome: Promise<unknown>) => {
      const { code, message, facts } = await outcome.then(
        () => ({ code: 'accepted', message: '', facts: {} }),
        (error: unknown) => error as KuramoriError,
      );
      answers.add(JSON.stringify([code, message, facts]));
    };
    await note(begin());
    await note(begin('000000'));
    await note(beginStepUp(context, { personId: 'P-none', terminalId: 'T', purpose: 'REFUND' }, '000000'));
    for (let n = 0; n < 5; n++) await fail();
    await note(begin());
    expect(answers.size).toBe(1);
  });
});

describe('a secret', () => {
  test('is nowhere in the database, and opens in no other row', async () => {
    jst('09:02:00');
    const [one, other] = [await somebody(), await somebody()];
    const rows = await db.owner.vault.run(
      'tests.dump',
      ({ raw }) => raw<{ row: string }[]>`select f::text as row from vault.factor f`,
    );
    const dump = rows.map(({ row }) => row).join('\n');
    expect(dump).toContain(one.personId);
    expect(dump).not.toContain(Buffer.from(one.secret).toString('hex'));
    await db.owner.vault.run(
      'tests.swap',
      ({ raw }) => raw`
      update vault.factor f set nonce = o.nonce, ciphertext = o.ciphertext from vault.factor o
      where f.person_id = ${one.personId} and o.person_id = ${other.personId}`,
    );
    expect(await ruleOf(one.begin(other.code()))).toBe('INTEGRITY_FAILURE');
  });

  test('set anew ends the one before, with its failures and its lock', async () => {
    jst('09:02:00');
    const { personId, begin, fail } = await somebody();
    for (let n = 0; n < 5; n++) await fail();
    expect(await ruleOf(begin())).toBe('UNAUTHENTICATED locked');
    const secret = newTotpSecret();
    await set(personId, secret);
    expect(await ruleOf(begin(totpCode(secret, totpStep(clock.now().epochMilliseconds))))).toBe('accepted');
  });

  test('has its length and its person, who was not withdrawn', async () => {
    const { personId } = await somebody();
    expect(await ruleOf(set(personId, new Uint8Array(19)))).toBe('BAD_INPUT');
    expect(await ruleOf(set(personId, new Uint8Array(65)))).toBe('BAD_INPUT');
    expect(await ruleOf(set('P-none', newTotpSecret()))).toBe('NOT_FOUND');
    await db.vault.transaction('tests', (tx) => revokeNow(tx, personId, clock.now()));
    expect(await ruleOf(set(personId, newTotpSecret()))).toBe('CONFLICT');
    const nobody = db.vault.transaction('tests', (tx) => unlockFactor(tx, 'P-none'));
    expect(await ruleOf(nobody)).toBe('NOT_FOUND');
  });
});

describe('a step-up', () => {
  test('is of one person on one terminal', async () => {
    jst('09:02:00');
    const { personId, begin } = await somebody();
    const { stepUpId } = await begin();
    const stranger = fresh(stepUpId, { personId: 'P-9999' });
    await expect(stranger).rejects.toMatchObject({ rule: 'step-up-binding', raised: true });
    expect(await ruleOf(fresh(stepUpId, { personId, terminalId: 'T-9999' }))).toBe(
      'STEP_UP_REQUIRED step-up-binding',
    );
  });

  test('must be named, and known', async () => {
    expect(await ruleOf(fresh(undefined, {}))).toBe('STEP_UP_REQUIRED step-up-missing');
    expect(await ruleOf(fresh('SU-unknown', {}))).toBe('STEP_UP_REQUIRED step-up-unknown');
  });

  test('does not count before it was made, when the clock was set back', async () => {
    jst('09:02:00');
    const { personId, begin } = await somebody();
    const { stepUpId } = await begin();
    jst('09:01:59.999');
    expect(await ruleOf(fresh(stepUpId, { personId }))).toBe('STEP_UP_REQUIRED step-up-expired');
  });

  test('is dead with the person', async () => {
    jst('09:02:00');
    const { personId, begin } = await somebody();
    const { stepUpId } = await begin();
    await db.vault.transaction('tests', (tx) => revokeNow(tx, personId, clock.now()));
    expect(await ruleOf(fresh(stepUpId, { personId }))).toBe('STEP_UP_REQUIRED step-up-unknown');
  });

  test('is forgotten when it is over', async () => {
    jst('09:02:00');
    const { begin } = await somebody();
    const { stepUpId } = await begin();
    await purgeStepUps(db.vault, at('2026-11-02T00:06:59.999Z'));
    expect(await findStepUp(db.vault, stepUpId)).toBeDefined();
    expect(await purgeStepUps(db.vault, at('2026-11-02T00:07:00Z'))).toBeGreaterThan(0);
    expect(await findStepUp(db.vault, stepUpId)).toBeUndefined();
  });

  test('needs an open vault', async () => {
    jst('09:02:00');
    const { begin } = await somebody();
    seal.seal();
    expect(await ruleOf(begin())).toBe('VAULT_SEALED');
    await seal.open(plainService);
    expect(await ruleOf(begin())).toBe('accepted');
  });
});
