import { tableEvidence } from '../kind.js';
import { isAuditOverdue, nextAuditBy, type Processor } from './processor.js';
import { readProcessors } from './processor.store.js';

type Line = Processor & { readonly overdue: boolean };

const list = (items: readonly string[]) => items.join('、');

/** 委託先台帳 (SM-32; handbook 11 §7): processors with a contract in the period, as they were last entered. */
export const processorEvidence = tableEvidence<Line>({
  title: '委託先台帳',
  source: '保管庫の委託先台帳。対象期間に契約のある委託先の、最後に登録された内容。',
  key: ({ key }) => key,
  columns: [
    { heading: '委託先', width: 9, cell: ({ processorId, name }) => `${name}（${processorId}）` },
    { heading: '契約番号', width: 7, cell: ({ contractNo }) => contractNo },
    {
      heading: '契約期間',
      width: 8,
      cell: ({ contractFrom, contractTo }) => `${contractFrom}から${contractTo}まで`,
    },
    { heading: '委託する事務の範囲', width: 11, cell: ({ scope }) => scope },
    { heading: '根拠', width: 8, cell: ({ basis }) => basis },
    { heading: '取扱責任者', width: 7, cell: ({ responsible }) => responsible },
    { heading: '取扱者', width: 10, cell: ({ staff }) => list(staff) },
    { heading: '取扱場所', width: 8, cell: ({ places }) => list(places) },
    { heading: '機器', width: 8, cell: ({ devices }) => list(devices) },
    {
      heading: '再委託（許諾日）',
      width: 8,
      cell: ({ subProcessor, consentedOn }) =>
        subProcessor === null ? '無' : `${subProcessor}（${consentedOn}）`,
    },
    { heading: '研修日', width: 8, cell: ({ trainedOn }) => trainedOn ?? '' },
    { heading: '監査日', width: 8, cell: ({ auditedOn }) => list(auditedOn) },
    {
      heading: '次の監査の期限',
      width: 8,
      cell: (line) => `${nextAuditBy(line)}${line.overdue ? '（超過）' : ''}`,
    },
  ],
  rows: async (session, { from, to, after }, limit) =>
    (await readProcessors(session, { from, to, after, limit })).map((processor) => ({
      ...processor,
      overdue: isAuditOverdue(processor, to),
    })),
});
