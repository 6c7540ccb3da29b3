import type { INCIDENT_STEPS } from '../../../../schema/vault/evidence.js';
import { openDayFrom } from '../../../kernel/closedDays.js';
import { plainDate, type IsoDate } from '../../../kernel/dates.js';
import {
  INCIDENT_ALARM_DAYS,
  INCIDENT_FINAL_DAYS,
  INCIDENT_FINAL_MALICIOUS_DAYS,
  INCIDENT_QUICK_DAYS,
} from '../../../kernel/limits.js';

/** What a row of an incident is. */
export type IncidentStep = (typeof INCIDENT_STEPS)[number];

/** 報告事項 (個人情報保護委員会規則; handbook 11 §8), in the order of the report. */
export const INCIDENT_ITEMS = {
  overview: '概要',
  items: '漏えい等が発生し、又は発生したおそれがある特定個人情報の項目',
  people: '漏えい等が発生し、又は発生したおそれがある特定個人情報に係る本人の数',
  cause: '原因',
  secondaryDamage: '二次被害又はそのおそれの有無及びその内容',
  response: '本人への対応の実施状況',
  publication: '公表の実施状況',
  prevention: '再発防止のための措置',
  other: 'その他参考となる事項',
} as const;

export type IncidentItem = keyof typeof INCIDENT_ITEMS;
export const INCIDENT_ITEM_NAMES = Object.keys(INCIDENT_ITEMS) as readonly IncidentItem[];

/** 漏えい等の事案, as its entries together tell it. */
export interface Incident {
  readonly incidentId: string;
  /** Number of its first entry. */
  readonly key: bigint;
  /** 知った日: the day of learning is day 1. */
  readonly learnedOn: IsoDate;
  /** 不正の目的による行為のおそれ. */
  readonly malicious: boolean;
  /** What is known of the nine items. */
  readonly said: Readonly<Partial<Record<IncidentItem, string>>>;
  /** The day of each step that was done. */
  readonly done: Readonly<Partial<Record<IncidentStep, IsoDate>>>;
  readonly enteredBy: string;
}

/** 報告期限. */
export interface IncidentDeadlines {
  /** Day 3: from here on it is told of. */
  readonly alarmFrom: IsoDate;
  /** 速報: day 5, never moved. */
  readonly quickBy: IsoDate;
  /** 確報: day 30, or day 60 where malice is possible, moved to the next open day. */
  readonly finalBy: IsoDate;
}

/**
 * The deadlines of an incident (handbook 11 §8): the day of learning is day 1 and weekends count.
 * @param holidays holidays by law, ISO; in a year that is missing none moves a deadline, which is then rather early
 * @example deadlinesOf({ learnedOn: '2026-11-02', malicious: true }, holidays).finalBy // '2027-01-04'
 */
export function deadlinesOf(
  { learnedOn, malicious }: Pick<Incident, 'learnedOn' | 'malicious'>,
  holidays: ReadonlySet<IsoDate>,
): IncidentDeadlines {
  const dayNo = (n: number) => plainDate(learnedOn).add({ days: n - 1 });
  const final = dayNo(malicious ? INCIDENT_FINAL_MALICIOUS_DAYS : INCIDENT_FINAL_DAYS);
  return {
    alarmFrom: dayNo(INCIDENT_ALARM_DAYS).toString(),
    quickBy: dayNo(INCIDENT_QUICK_DAYS).toString(),
    finalBy: openDayFrom(final, holidays).toString(),
  };
}

/** What has to be told of an incident: the nearest duty that was not done. */
export type IncidentAlarm = 'quickDue' | 'quickOverdue' | 'finalDue' | 'finalOverdue';

/**
 * The alarm of an incident on a day: from day 3 without a quick report, and in the last days before the final one.
 * @returns none while nothing is due, after the final report, and where two people decided that there is no duty
 */
export function alarmOf(
  incident: Incident,
  holidays: ReadonlySet<IsoDate>,
  day: IsoDate,
): IncidentAlarm | undefined {
  const { done } = incident;
  if (done.notReportable !== undefined || done.closed !== undefined || done.finalReport !== undefined)
    return undefined;
  const { alarmFrom, quickBy, finalBy } = deadlinesOf(incident, holidays);
  if (day > finalBy) return 'finalOverdue';
  if (done.quickReport === undefined) {
    if (day > quickBy) return 'quickOverdue';
    return day >= alarmFrom ? 'quickDue' : undefined;
  }
  const near = plainDate(finalBy).subtract({ days: INCIDENT_QUICK_DAYS }).toString();
  return day >= near ? 'finalDue' : undefined;
}

/** 状態, in words. */
export function incidentState({ done }: Incident): string {
  if (done.closed !== undefined) return '終結';
  if (done.notReportable !== undefined) return '報告対象外';
  if (done.finalReport !== undefined) return '確報済';
  return done.quickReport === undefined ? '報告前' : '速報済';
}
