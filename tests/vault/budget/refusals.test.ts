import { beforeAll, describe, expect, test } from 'vitest';
import { reserveBudget } from '../../../src/vault/budget/budget.js';
import { BUDGET_LIMITS_DEFAULT } from '../../../src/vault/budget/limits.js';
import { countsAsRefusal, noteRefusal } from '../../../src/vault/budget/refusals.js';
import { grantFor } from '../../../src/vault/grant/decide.js';
import { requirePerson } from '../../../src/vault/staff/staff.store.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { at, enter, enterOfficers, entry, grant, ruleOf } from '../staff/support/register.js';

const db = await testVaultDatabases();
const NOW = '2026-11-02T00:00:00Z';
const DAY = '2026-11-02';
const note = (personId: string, now: string) => noteRefusal(db.vault, { personId, unit: 'nozei' }, at(now));
const use = async (personId: string, purpose: string) =>
  ruleOf(grantFor(db.vault, await requirePerson(db.vault, personId), purpose, 'reveal', DAY));

beforeAll(() => enterOfficers(db.vault, NOW));

describe('the ceiling of refusals: 30 within 60 minutes (§6.5)', () => {
  test('the thirtieth suspends every grant of the person, and of nobody else', async () => {
    await enter(db.vault, NOW, entry('P-1'), entry('P-2'));
    const grants = [
      await grant(db.vault, 'P-1', DAY),
      await grant(db.vault, 'P-1', DAY, { purpose: 'TRANSFER' }),
    ];
    await grant(db.vault, 'P-2', DAY);
    for (let n = 1; n < 30; n++) {
      expect(await note('P-1', NOW)).toEqual({ refusals: n, raised: n >= 5, suspendedGrants: [] });
    }
    expect(await use('P-1', 'REFUND')).toBe('accepted');
    expect(await note('P-1', NOW)).toEqual({ refusals: 30, raised: true, suspendedGrants: grants });
    expect(await use('P-1', 'REFUND')).toBe('FORBIDDEN_PURPOSE grant-suspended');
    expect(await use('P-1', 'TRANSFER')).toBe('FORBIDDEN_PURPOSE grant-suspended');
    expect(await use('P-2', 'REFUND')).toBe('accepted');
    expect(await note('P-1', NOW)).toEqual({ refusals: 31, raised: true, suspendedGrants: [] });
  });

  test('an hour later they have dropped out, to the millisecond', async () => {
    for (let n = 0; n < 29; n++) await note('P-3', NOW);
    expect((await note('P-3', '2026-11-02T00:59:59.999Z')).refusals).toBe(30);
    expect((await note('P-3', '2026-11-02T01:00:00Z')).refusals).toBe(2);
  });

  test('of forty at once, none is lost, and the grant is suspended once', async () => {
    await enter(db.vault, NOW, entry('P-4'));
    const grantId = await grant(db.vault, 'P-4', DAY);
    const noted = await Promise.all(Array.from({ length: 40 }, () => note('P-4', NOW)));
    expect(noted.map(({ refusals }) => refusals).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, n) => n + 1),
    );
    expect(noted.flatMap(({ suspendedGrants }) => suspendedGrants)).toEqual([grantId]);
  });

  test('refusals take nothing from the budget of reveals', async () => {
    const of = { personId: 'P-1', unit: 'nozei', kind: 'reveal', subjects: 20 } as const;
    expect(await ruleOf(reserveBudget(db.vault, of, BUDGET_LIMITS_DEFAULT, at(NOW)))).toBe('accepted');
  });
});

test('refusals count that the person caused, of reveals and lookups: nobody is stopped by a replay of others', () => {
  for (const code of [
    'STEP_UP_REQUIRED',
    'FORBIDDEN_PURPOSE',
    'BUDGET_EXCEEDED',
    'DUAL_CONTROL_REQUIRED',
  ] as const) {
    expect(countsAsRefusal('reveal', code)).toBe(true);
    expect(countsAsRefusal('resolve', code)).toBe(true);
    expect(countsAsRefusal('hold', code)).toBe(false);
  }
  for (const code of ['UNAUTHENTICATED', 'REPLAY_DETECTED', 'AUDIT_UNAVAILABLE', 'NOT_FOUND'] as const)
    expect(countsAsRefusal('reveal', code)).toBe(false);
});
