import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import {
  LOOKUPS_PERSON_HOUR,
  LOOKUPS_PERSON_HOUR_MAX,
  REVEALS_PERSON_DAY,
  REVEALS_PERSON_DAY_MAX,
  REVEALS_PERSON_HOUR,
  REVEALS_PERSON_HOUR_MAX,
  REVEALS_UNIT_DAY,
  REVEALS_UNIT_DAY_MAX,
} from '../../kernel/limits.js';

/** 開示件数の上限: subjects within 60 minutes, or within a day in Japan (handbook 14 §7). */
export interface BudgetLimits {
  readonly revealsPersonHour: number;
  readonly revealsPersonDay: number;
  readonly revealsUnitDay: number;
  readonly lookupsPersonHour: number;
}

/** Other limits from a day on, for one unit or, without one, for all that have none of their own. */
export interface BudgetLimitRule extends Partial<BudgetLimits> {
  readonly validFrom: IsoDate;
  readonly unit?: string;
}

export const BUDGET_LIMITS_DEFAULT: BudgetLimits = {
  revealsPersonHour: REVEALS_PERSON_HOUR,
  revealsPersonDay: REVEALS_PERSON_DAY,
  revealsUnitDay: REVEALS_UNIT_DAY,
  lookupsPersonHour: LOOKUPS_PERSON_HOUR,
};

const CEILINGS: BudgetLimits = {
  revealsPersonHour: REVEALS_PERSON_HOUR_MAX,
  revealsPersonDay: REVEALS_PERSON_DAY_MAX,
  revealsUnitDay: REVEALS_UNIT_DAY_MAX,
  lookupsPersonHour: LOOKUPS_PERSON_HOUR_MAX,
};

/**
 * The limits of a unit on a day: of each figure, the latest rule of the unit, else the latest for all, else the
 * default. Pure.
 * @param rules in any order, checked by {@link assertBudgetLimitRules}
 */
export function budgetLimitsOn(rules: readonly BudgetLimitRule[], unit: string, day: IsoDate): BudgetLimits {
  const inForce = rules
    .filter((rule) => rule.validFrom <= day && (rule.unit === undefined || rule.unit === unit))
    .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const figures = inForce.map(({ validFrom: _from, unit: _unit, ...figuresOf }) => figuresOf);
  return Object.assign({}, BUDGET_LIMITS_DEFAULT, ...figures) as BudgetLimits;
}

/**
 * Checks configured limits.
 * @throws KuramoriError CONFIGURATION_INVALID when one is no whole number within its ceiling; BAD_INPUT for its day
 */
export function assertBudgetLimitRules(rules: readonly BudgetLimitRule[]): void {
  for (const { validFrom, unit: _unit, ...figures } of rules) {
    plainDate(validFrom);
    for (const [name, figure] of Object.entries(figures)) {
      const ceiling = CEILINGS[name as keyof BudgetLimits];
      if (Number.isSafeInteger(figure) && figure >= 0 && figure <= ceiling) continue;
      throw new KuramoriError(
        'CONFIGURATION_INVALID',
        'A budget must be a whole number of subjects within its ceiling.',
        Object.hasOwn(CEILINGS, name) ? { limit: name, ceiling } : {},
      );
    }
  }
}

/** Rules for all come before those of the unit, and each by its day, so that what matters most is laid on last. */
function rank({ unit, validFrom }: BudgetLimitRule): string {
  return `${unit === undefined ? 0 : 1} ${validFrom}`;
}
