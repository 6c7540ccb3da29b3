import { instantsOf, japanTime } from '../../audit/evidence/period.js';
import type { IsoDate } from '../../kernel/dates.js';
import { readHolidays } from '../evidence/incident/incident.store.js';
import { tableEvidence } from '../evidence/kind.js';
import { reviewDueOn, type BreakGlassOutcome } from './breakGlass.js';
import { readOpenings, type OpeningWithUses } from './breakGlass.store.js';

interface Line extends OpeningWithUses {
  readonly dueOn: IsoDate;
  readonly isOverdue: boolean;
}

const OUTCOMES: Readonly<Record<BreakGlassOutcome, string>> = { justified: '相当', unjustified: '不相当' };

/** 緊急時利用の記録 (handbook 15 §6.4): openings of the period, what was shown under each, and what its review found. */
export const breakGlassEvidence = tableEvidence<Line>({
  title: '緊急時利用の記録',
  source: '保管庫の緊急時利用簿。対象期間の開封の、発行時の内容。利用は権限によらず、開封ごとに5人まで。',
  key: ({ key }) => key,
  columns: [
    { heading: '開封番号', width: 13, cell: ({ openingId }) => openingId },
    {
      heading: '資格・封印番号',
      width: 9,
      cell: ({ breakGlassId, sealNo }) => `${breakGlassId} / ${sealNo}`,
    },
    { heading: '開封者', width: 6, cell: ({ openedBy }) => openedBy },
    { heading: '立会者', width: 6, cell: ({ secondedBy }) => secondedBy },
    { heading: '端末', width: 6, cell: ({ terminalId }) => terminalId },
    { heading: '利用目的・根拠', width: 9, cell: ({ purpose, basis }) => `${purpose} / ${basis}` },
    { heading: '事案', width: 7, cell: ({ caseRef }) => caseRef },
    { heading: '理由', width: 9, cell: ({ reason }) => reason },
    { heading: '開封日時', width: 8, cell: ({ openedAt }) => japanTime(openedAt.toString()) },
    { heading: '利用（参照）', width: 14, cell: ({ uses }) => uses.map(usedText).join('、') },
    {
      heading: '点検期限',
      width: 7,
      cell: ({ dueOn, isOverdue }) => `${dueOn}${isOverdue ? '（超過）' : ''}`,
    },
    { heading: '点検', width: 12, cell: reviewText },
  ],
  rows: async (session, slice, limit, today) => {
    const { from, to } = instantsOf(slice);
    const holidays = await readHolidays(session);
    const openings = await readOpenings(session, { from, to, after: slice.after, limit });
    return openings.map((opening) => {
      const dueOn = reviewDueOn(opening, holidays);
      return { ...opening, dueOn, isOverdue: opening.review === undefined && today > dueOn };
    });
  },
});

function usedText({ ref, at, isReturned }: OpeningWithUses['uses'][number]): string {
  return `${japanTime(new Date(at).toISOString())} ${ref}${isReturned ? '（表示なし）' : ''}`;
}

function reviewText({ review }: Line): string {
  if (review === undefined) return '未了';
  const { outcome, finding, reviewedBy, approvedBy, reviewedAt } = review;
  const when = japanTime(new Date(reviewedAt).toISOString());
  return `${OUTCOMES[outcome]} ${when} ${reviewedBy}、承認 ${approvedBy}：${finding}`;
}
