import { describe, expect, test } from 'vitest';
import {
  assertBudgetLimitRules,
  BUDGET_LIMITS_DEFAULT,
  budgetLimitsOn,
  type BudgetLimitRule,
} from '../../../src/vault/budget/limits.js';

const CEILINGS = {
  revealsPersonHour: 100,
  revealsPersonDay: 300,
  revealsUnitDay: 1_000,
  lookupsPersonHour: 300,
};

test('without configuration the figures are those of handbook 14 §7', () => {
  expect(budgetLimitsOn([], 'nozei', '2026-11-02')).toEqual({
    revealsPersonHour: 20,
    revealsPersonDay: 60,
    revealsUnitDay: 200,
    lookupsPersonHour: 60,
  });
});

describe('configured limits', () => {
  const rules: readonly BudgetLimitRule[] = [
    { validFrom: '2026-12-01', revealsUnitDay: 300 },
    { validFrom: '2026-11-02', unit: 'nozei', revealsUnitDay: 100, lookupsPersonHour: 30 },
    { validFrom: '2026-10-01', revealsUnitDay: 150, revealsPersonDay: 40 },
  ];
  const on = (unit: string, day: string) => budgetLimitsOn(rules, unit, day);

  test('hold from their day on', () => {
    expect(on('shimin', '2026-09-30')).toEqual(BUDGET_LIMITS_DEFAULT);
    expect(on('shimin', '2026-10-01')).toMatchObject({ revealsUnitDay: 150, revealsPersonDay: 40 });
    expect(on('shimin', '2026-12-01')).toMatchObject({ revealsUnitDay: 300, revealsPersonDay: 40 });
  });

  test('of a unit come before those for all, also before later ones', () => {
    expect(on('nozei', '2026-11-01')).toMatchObject({ revealsUnitDay: 150, lookupsPersonHour: 60 });
    expect(on('nozei', '2026-12-01')).toMatchObject({ revealsUnitDay: 100, lookupsPersonHour: 30 });
  });

  test('do not depend on the order in which they are written', () => {
    expect(budgetLimitsOn(rules.toReversed(), 'nozei', '2026-12-01')).toEqual(on('nozei', '2026-12-01'));
  });

  test('stay within the ceilings', () => {
    expect(() => assertBudgetLimitRules(rules)).not.toThrow();
    expect(() => assertBudgetLimitRules([{ validFrom: '2026-11-02', revealsPersonHour: 0 }])).not.toThrow();
    const wrong: BudgetLimitRule[] = [
      { validFrom: '2026-11-02', revealsPersonHour: 101 },
      { validFrom: '2026-11-02', revealsPersonDay: 301 },
      { validFrom: '2026-11-02', revealsUnitDay: 1_001 },
      { validFrom: '2026-11-02', lookupsPersonHour: 301 },
      { validFrom: '2026-11-02', revealsUnitDay: -1 },
      { validFrom: '2026-11-02', revealsUnitDay: 1.5 },
      { validFrom: '2026-11-02', revealsUnitDay: Number.NaN },
    ];
    for (const rule of wrong) {
      const name = Object.keys(rule)[1] as keyof typeof CEILINGS;
      expect(() => assertBudgetLimitRules([rule])).toThrow(
        expect.objectContaining({
          code: 'CONFIGURATION_INVALID',
          facts: { limit: name, ceiling: CEILINGS[name] },
        }),
      );
    }
    const unknown = { validFrom: '2026-11-02', everything: 1 } as BudgetLimitRule;
    expect(() => assertBudgetLimitRules([unknown])).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID', facts: {} }),
    );
    expect(() => assertBudgetLimitRules([{ validFrom: 'soon' }])).toThrow(/date/);
  });
});
