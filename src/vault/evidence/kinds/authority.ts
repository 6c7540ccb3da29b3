import { accessOn, type AccessLine } from '../../grant/report.js';
import { tableEvidence } from '../kind.js';

/** 閲覧可能者一覧 (SM-02): who could use numbers on the last day of the period, for what. */
export const authorityEvidence = tableEvidence<AccessLine>({
  title: '個人番号を利用できる者の一覧',
  source: '保管庫の職員登録簿及び利用権限。対象期間の末日における状態。',
  key: ({ grantId }) => grantId,
  columns: [
    { heading: '権限番号', width: 5, cell: ({ grantId }) => String(grantId) },
    { heading: '職員', width: 8, cell: ({ personId }) => personId },
    { heading: '所属', width: 7, cell: ({ unit }) => unit },
    { heading: '役割', width: 8, cell: ({ role }) => role },
    { heading: '利用目的', width: 10, cell: ({ purpose }) => purpose },
    { heading: '操作', width: 20, cell: ({ operations }) => operations.join(' ') },
    { heading: '有効期間の始め', width: 8, cell: ({ validFrom }) => validFrom },
    { heading: '有効期間の終わり', width: 8, cell: ({ validTo }) => validTo },
    { heading: '申請者', width: 8, cell: ({ requestedBy }) => requestedBy },
    { heading: '承認者', width: 8, cell: ({ approvedBy }) => approvedBy },
  ],
  rows: async (session, { to, after = 0n }, limit, today) =>
    (await accessOn(session, to, today))
      .filter(({ grantId }) => grantId > after)
      .toSorted((a, b) => Number(a.grantId - b.grantId))
      .slice(0, limit),
});
