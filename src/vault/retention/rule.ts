import { compareDates, plainDate, type IsoDate, type PlainDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';

/** 保存期間の種別 (handbook 11 §4.4). `ERASURE` is kept for ever: it has no rule in years. */
export const RETENTION_CLASSES = [
  'INFO_PROVISION_7Y',
  'AUDIT',
  'TAX_LEDGER',
  'MEDIA_CARRY',
  'ERASURE',
] as const;

/** What is kept under one rule. */
export type RetentionClass = (typeof RETENTION_CLASSES)[number];

/** Classes whose period ends one day. */
export const PERIOD_CLASSES = RETENTION_CLASSES.filter((each) => each !== 'ERASURE');

/** A class whose period ends one day. */
export type PeriodClass = (typeof PERIOD_CLASSES)[number];

/** 保存期間: how long what begins on or after a day is kept, until the next rule of the class. */
export interface RetentionRule {
  readonly class: RetentionClass;
  /** Whole years, from 1. */
  readonly years: number;
  readonly validFrom: IsoDate;
  /** 根拠: law, order, ordinance or decision. */
  readonly basis: string;
}

/** Day on which 番号法 came into use: before it nothing was kept under it. */
const NUMBER_ACT_IN_USE: IsoDate = '2015-10-05';

/** What a municipality starts with; its own rules are added with their dates. */
export const RETENTION_RULES_AT_FOUNDING: readonly RetentionRule[] = [
  { class: 'INFO_PROVISION_7Y', years: 7, validFrom: NUMBER_ACT_IN_USE, basis: '番号法施行令第29条' },
  { class: 'AUDIT', years: 7, validFrom: NUMBER_ACT_IN_USE, basis: '安全管理措置に係る記録の保存方針' },
  { class: 'TAX_LEDGER', years: 5, validFrom: NUMBER_ACT_IN_USE, basis: '地方税法第18条' },
  { class: 'MEDIA_CARRY', years: 7, validFrom: NUMBER_ACT_IN_USE, basis: '安全管理措置に係る記録の保存方針' },
];

export function lastKeptDay(
  rules: readonly RetentionRule[],
  retentionClass: PeriodClass,
  from: PlainDate,
): PlainDate;
export function lastKeptDay(
  rules: readonly RetentionRule[],
  retentionClass: RetentionClass,
  from: PlainDate,
): PlainDate | undefined;
/**
 * The last day on which a thing must be kept (民法 140, 143): the first day is not counted; the period ends with the
 * eve of the corresponding day, or with the last day of the month where there is no such day.
 * @param from day on which the period begins, such as that of the record
 * @returns none for what is kept for ever
 * @throws KuramoriError CONFIGURATION_INVALID when no rule is in force on that day
 * @example 7 years from 2026-11-02 → 2033-11-02: erasable from 2033-11-03
 */
export function lastKeptDay(
  rules: readonly RetentionRule[],
  retentionClass: RetentionClass,
  from: PlainDate,
): PlainDate | undefined {
  if (retentionClass === 'ERASURE') return undefined;
  const counted = from.add({ days: 1 });
  const corresponding = counted.add({ years: ruleInForce(rules, retentionClass, from).years });
  return corresponding.day === counted.day ? corresponding.subtract({ days: 1 }) : corresponding;
}

/** The rules of all classes on a day, those that have one. */
export function rulesInForce(rules: readonly RetentionRule[], day: PlainDate): readonly RetentionRule[] {
  return RETENTION_CLASSES.flatMap((each) => newestRule(rules, each, day) ?? []);
}

/** The rule of a class on a day. @throws KuramoriError CONFIGURATION_INVALID */
export function ruleInForce(
  rules: readonly RetentionRule[],
  retentionClass: RetentionClass,
  day: PlainDate,
): RetentionRule {
  const rule = newestRule(rules, retentionClass, day);
  if (rule !== undefined) return rule;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    'No retention period is registered for that class on that day. Register one.',
    { class: retentionClass, day: day.toString() },
  );
}

function newestRule(
  rules: readonly RetentionRule[],
  retentionClass: RetentionClass,
  day: PlainDate,
): RetentionRule | undefined {
  return rules
    .filter((each) => each.class === retentionClass && compareDates(plainDate(each.validFrom), day) <= 0)
    .toSorted((a, b) => compareDates(plainDate(b.validFrom), plainDate(a.validFrom)))[0];
}
