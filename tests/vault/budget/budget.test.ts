import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { releaseBudget, reserveBudget, reserveBudgetIn } from '../../../src/vault/budget/budget.js';
import { purgeBudgetUses, spentOf, type BudgetOf } from '../../../src/vault/budget/budget.store.js';
import { BUDGET_LIMITS_DEFAULT } from '../../../src/vault/budget/limits.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { at, ruleOf } from '../staff/support/register.js';

const db = await testVaultDatabases();
let people = 0;
/** Somebody new in a new unit, so that no test draws on the budget of another. */
const somebody = (own: Partial<BudgetOf> = {}): BudgetOf => {
  people += 1;
  return { personId: `P-${people}`, unit: `unit-${people}`, kind: 'reveal', ...own };
};
const jst = (time: string, day = '2026-11-02') => at(`${day}T${time}+09:00`);
const reserve = (of: BudgetOf, subjects: number, now = jst('09:00:00'), limits = BUDGET_LIMITS_DEFAULT) =>
  reserveBudget(db.vault, { ...of, subjects }, limits, now);
const spent = (of: BudgetOf, now = jst('09:00:00')) => spentOf(db.vault, of, now);

describe('the worked examples of §6.5', () => {
  test('10 at 09:00 and 10 at 09:40: one more is refused at 09:59:59 and allowed at 10:00:00', async () => {
    const of = somebody();
    await reserve(of, 10, jst('09:00:00'));
    await reserve(of, 10, jst('09:40:00'));
    await expect(reserve(of, 1, jst('09:59:59'))).rejects.toMatchObject({
      code: 'BUDGET_EXCEEDED',
      rule: 'budget-person-hour',
      raised: true,
      facts: { capacityReturnsAt: '2026-11-02T01:00:00Z' },
    });
    await reserve(of, 1, jst('10:00:00'));
    expect((await spent(of, jst('10:00:00'))).personHour).toBe(11);
  });

  test('25 at once with 10 used: exactly 10 succeed, 15 are refused', async () => {
    const of = somebody();
    await reserve(of, 10);
    const outcomes = await Promise.all(Array.from({ length: 25 }, () => ruleOf(reserve(of, 1))));
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === 'BUDGET_EXCEEDED budget-person-hour')).toHaveLength(15);
    expect((await spent(of)).personHour).toBe(20);
  });

  test('198 of the unit used, 3 asked: refused whole, 198 stay used', async () => {
    const unit = 'unit-198';
    for (let n = 0; n < 11; n++) await reserve(somebody({ unit }), 18);
    const of = somebody({ unit });
    expect(await ruleOf(reserve(of, 3))).toBe('BUDGET_EXCEEDED budget-unit-day');
    expect((await spent(of)).unitDay).toBe(198);
    expect(await ruleOf(reserve(of, 2))).toBe('accepted');
  });
});

test('the same subject twice counts twice: it is calls that count, not people', async () => {
  const of = somebody();
  await reserve(of, 1);
  await reserve(of, 1);
  expect((await spent(of)).personHour).toBe(2);
});

test('the day ends at 24:00 in Japan: 60 then, and the hour goes on over it', async () => {
  const of = somebody();
  for (const time of ['09:00:00', '12:00:00', '23:30:00']) await reserve(of, 20, jst(time));
  const late = reserve(of, 1, jst('23:59:59.999'));
  await expect(late).rejects.toMatchObject({
    rule: 'budget-person-hour',
    facts: { capacityReturnsAt: '2026-11-02T15:30:00Z' },
  });
  expect(await ruleOf(reserve(of, 1, jst('00:00:00', '2026-11-03')))).toBe(
    'BUDGET_EXCEEDED budget-person-hour',
  );
  expect(await ruleOf(reserve(of, 1, jst('00:30:00', '2026-11-03')))).toBe('accepted');
  const spread = somebody();
  for (const time of ['09:00:00', '12:00:00', '15:00:00']) await reserve(spread, 20, jst(time));
  await expect(reserve(spread, 1, jst('18:00:00'))).rejects.toMatchObject({
    rule: 'budget-person-day',
    facts: { capacityReturnsAt: '2026-11-02T15:00:00Z' },
  });
});

test('of people of one unit at once, exactly as many succeed as the unit has left', async () => {
  const unit = 'unit-shared';
  const limits = { ...BUDGET_LIMITS_DEFAULT, revealsUnitDay: 13 };
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, () => ruleOf(reserve(somebody({ unit }), 1, jst('09:00:00'), limits))),
  );
  expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(13);
});

test.each(['unit', 'person'] as const)(
  'whoever asks for the same %s waits until the one before has ended, and then sees what it took',
  async (shared) => {
    const first = somebody();
    const second = somebody(shared === 'unit' ? { unit: first.unit } : { personId: first.personId });
    const one = { ...BUDGET_LIMITS_DEFAULT, revealsUnitDay: 1, revealsPersonDay: 1 };
    const now = jst('09:00:00');
    let ended = false;
    let later: Promise<string> | undefined;
    await db.vault.transaction('tests', async (tx) => {
      await reserveBudgetIn(tx, { ...first, subjects: 1 }, one, now);
      later = ruleOf(reserve(second, 1, now, one)).finally(() => (ended = true));
      await sleep(150);
      expect(ended).toBe(false);
    });
    expect(await later).toMatch(/^BUDGET_EXCEEDED/);
  },
);

test('reveals and lookups of the same people at once wait for each other and never for ever', async () => {
  const unit = 'unit-mixed';
  const two = [somebody({ unit }), somebody({ unit })];
  const mixed = Array.from({ length: 40 }, (_, n) => ({
    ...two[n % 2]!,
    kind: n % 4 < 2 ? ('reveal' as const) : ('lookup' as const),
  }));
  const outcomes = await Promise.all(mixed.map((of) => ruleOf(reserve(of, 1))));
  expect(new Set(outcomes)).toEqual(new Set(['accepted']));
});

test('lookups have 60 within the hour, and take nothing from reveals', async () => {
  const of = somebody({ kind: 'lookup' });
  await reserve(of, 60);
  await expect(reserve(of, 1)).rejects.toMatchObject({
    rule: 'budget-person-hour',
    facts: { capacityReturnsAt: '2026-11-02T01:00:00Z' },
  });
  expect(await ruleOf(reserve({ ...of, kind: 'reveal' }, 20))).toBe('accepted');
});

test('what can never fit is refused without a time', async () => {
  await expect(reserve(somebody(), 21)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED', facts: {} });
  const lookups = reserve(somebody({ kind: 'lookup' }), 61);
  await expect(lookups).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED', facts: {} });
  const small = { ...BUDGET_LIMITS_DEFAULT, revealsUnitDay: 2 };
  const never = reserve(somebody(), 3, jst('09:00:00'), small);
  await expect(never).rejects.toMatchObject({ rule: 'budget-unit-day', facts: {} });
});

test('a use dated later than now, by a clock since set back, counts', async () => {
  const of = somebody();
  await reserve(of, 20, jst('12:00:00'));
  expect(await ruleOf(reserve(of, 1, jst('09:00:00')))).toBe('BUDGET_EXCEEDED budget-person-hour');
});

test('a reservation is given back once, and stands while its transaction has not ended', async () => {
  const of = somebody();
  const reserved = await reserve(of, 20);
  await releaseBudget(db.vault, reserved);
  expect((await spent(of)).personHour).toBe(0);
  expect(await ruleOf(releaseBudget(db.vault, reserved))).toBe('INTERNAL');
  const failed = db.vault.transaction('tests', async (tx) => {
    await reserveBudgetIn(tx, { ...of, subjects: 20 }, BUDGET_LIMITS_DEFAULT, jst('09:00:00'));
    throw new Error('rolled back');
  });
  await expect(failed).rejects.toThrow('rolled back');
  expect(await ruleOf(reserve(of, 20))).toBe('accepted');
});

test('a count that is none is a defect, and takes nothing', async () => {
  const of = somebody();
  for (const subjects of [0, -1, 1.5, Number.NaN])
    expect(await ruleOf(reserve(of, subjects))).toBe('INTERNAL');
  expect((await spent(of)).personHour).toBe(0);
});

test('uses are forgotten after 48 hours, when no window counts them', async () => {
  const of = somebody();
  await reserve(of, 1, jst('09:00:00', '2020-01-01'));
  await purgeBudgetUses(db.vault, jst('08:59:59.999', '2020-01-03'));
  expect((await spent(of, jst('09:00:00', '2020-01-01'))).personHour).toBe(1);
  expect(await purgeBudgetUses(db.vault, jst('09:00:00', '2020-01-03'))).toBe(1);
  expect((await spent(of, jst('09:00:00', '2020-01-01'))).personHour).toBe(0);
});
