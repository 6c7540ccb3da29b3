import { tableEvidence } from '../kind.js';
import { deadlinesOf, incidentState, type Incident, type IncidentDeadlines } from './incident.js';
import { readHolidays, readIncidents } from './incident.store.js';

type Line = Incident & IncidentDeadlines;

/** 漏えい等の記録 (SM-10; handbook 11 §8): incidents that were open on a day of the period, as they stand. */
export const incidentEvidence = tableEvidence<Line>({
  title: '漏えい等の事案の記録',
  source:
    '保管庫の事案簿。対象期間に終結していなかった事案の、発行時の内容。期限は知った日を1日目として数える。',
  key: ({ key }) => key,
  columns: [
    { heading: '事案番号', width: 11, cell: ({ incidentId }) => incidentId },
    { heading: '知った日', width: 8, cell: ({ learnedOn }) => learnedOn },
    { heading: '不正の目的のおそれ', width: 5, cell: ({ malicious }) => (malicious ? '有' : '無') },
    { heading: '状態', width: 5, cell: incidentState },
    { heading: '速報期限', width: 8, cell: ({ quickBy }) => quickBy },
    { heading: '速報日', width: 8, cell: ({ done }) => done.quickReport ?? '' },
    { heading: '確報期限', width: 8, cell: ({ finalBy }) => finalBy },
    { heading: '確報日', width: 8, cell: ({ done }) => done.finalReport ?? '' },
    { heading: '本人通知日', width: 8, cell: ({ done }) => done.subjectNotice ?? '' },
    { heading: '概要', width: 12, cell: ({ said }) => said.overview ?? '' },
    { heading: '項目', width: 8, cell: ({ said }) => said.items ?? '' },
    { heading: '本人の数', width: 5, cell: ({ said }) => said.people ?? '' },
    { heading: '原因', width: 9, cell: ({ said }) => said.cause ?? '' },
    { heading: '再発防止', width: 9, cell: ({ said }) => said.prevention ?? '' },
    { heading: '入力者', width: 7, cell: ({ enteredBy }) => enteredBy },
  ],
  rows: async (session, { from, to, after }, limit) => {
    const holidays = await readHolidays(session);
    const incidents = await readIncidents(session, { learnedBy: to, openOn: from, after, limit });
    return incidents.map((incident) => ({ ...incident, ...deadlinesOf(incident, holidays) }));
  },
});
