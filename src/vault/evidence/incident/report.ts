import type { IsoDate } from '../../../kernel/dates.js';
import { withoutNumbers } from '../../../kernel/suspectedNumber.js';
import {
  deadlinesOf,
  INCIDENT_ITEM_NAMES,
  INCIDENT_ITEMS,
  incidentState,
  type Incident,
} from './incident.js';

/** 速報 or 確報. */
export type ReportStep = 'quickReport' | 'finalReport';

const TITLES: Readonly<Record<ReportStep, string>> = {
  quickReport: '特定個人情報の漏えい等に関する報告書（速報）',
  finalReport: '特定個人情報の漏えい等に関する報告書（確報）',
};
const UNKNOWN: Readonly<Record<ReportStep, string>> = {
  quickReport: '調査中',
  finalReport: '（未記入）',
};

/** Which report, by whom, on which day. */
export interface ReportAsked {
  readonly step: ReportStep;
  readonly municipality: string;
  readonly holidays: ReadonlySet<IsoDate>;
  readonly day: IsoDate;
}

/**
 * The text of a report to the commission (個人情報保護委員会), with all nine items; what is not known yet is said to be.
 * A person reads it, completes it and sends it: the commission has a form of its own.
 */
export function reportText(incident: Incident, { step, municipality, holidays, day }: ReportAsked): string {
  const { incidentId, learnedOn, malicious, said, done } = incident;
  const { quickBy, finalBy } = deadlinesOf(incident, holidays);
  const items = INCIDENT_ITEM_NAMES.flatMap((item, at) => [
    '',
    `${at + 1}．${INCIDENT_ITEMS[item]}`,
    withoutNumbers(said[item] ?? UNKNOWN[step]),
  ]);
  const lines = [
    TITLES[step],
    '',
    `作成日　　　　　　${day}`,
    `全国地方公共団体コード　${municipality}`,
    `事案番号　　　　　${incidentId}`,
    `状態　　　　　　　${incidentState(incident)}`,
    `事態を知った日　　${learnedOn}`,
    `不正の目的のおそれ　${malicious ? '有' : '無'}`,
    `速報の期限　　　　${quickBy}${dated(done.quickReport)}`,
    `確報の期限　　　　${finalBy}${dated(done.finalReport)}`,
    `本人への通知　　　${done.subjectNotice ?? '未了'}`,
    ...items,
    '',
  ];
  return lines.join('\n');
}

function dated(day: IsoDate | undefined): string {
  return day === undefined ? '' : `（${day} 報告済）`;
}
