import { instantsOf, japanTime } from '../../../audit/evidence/period.js';
import type { CarryEventKind } from '../../transfer/carry/carry.store.js';
import { afterText, tableEvidence } from '../kind.js';

interface CarryLine {
  readonly sequence: bigint;
  readonly carry_id: string;
  readonly package_id: string;
  readonly medium_type: string;
  readonly serial_no: string;
  readonly seal_no: string;
  readonly case_lock_no: string;
  readonly written_by: string;
  readonly read_back_digest: string;
  readonly first_carrier: string;
  readonly second_carrier: string;
  readonly purpose: string;
  readonly from_place: string;
  readonly to_place: string;
  readonly transport: string;
  readonly left_at: string;
  readonly approval_id: string;
  readonly events: readonly { readonly kind: CarryEventKind; readonly at: string }[];
}

/** What became of a medium, in words. */
const EVENTS: Readonly<Record<CarryEventKind, string>> = {
  arrived: '到着',
  returned: '返却',
  destroyed: '廃棄',
  sealBroken: '封印破損',
  lost: '紛失',
  overdue: '期限超過',
};

/** 持ち運びの記録 (handbook 13 §6): one line for each medium that left, with what became of it. */
export const carryEvidence = tableEvidence<CarryLine>({
  title: '電子記録媒体の持ち運びの記録',
  source: '保管庫の持ち運び記録。媒体の内容は暗号化されており、復号の鍵は媒体とともに運ばれない。',
  key: ({ sequence }) => sequence,
  columns: [
    { heading: '記録番号', width: 13, cell: (row) => row.carry_id },
    { heading: 'パッケージ', width: 13, cell: (row) => row.package_id },
    { heading: '媒体', width: 6, cell: (row) => row.medium_type },
    { heading: '製造番号', width: 7, cell: (row) => row.serial_no },
    { heading: '封印・錠', width: 7, cell: (row) => `${row.seal_no} / ${row.case_lock_no}` },
    { heading: '書込者', width: 6, cell: (row) => row.written_by },
    { heading: '読戻し要約値', width: 13, cell: (row) => `sha256:${row.read_back_digest}` },
    { heading: '運搬者', width: 8, cell: (row) => `${row.first_carrier}、${row.second_carrier}` },
    { heading: '目的', width: 8, cell: (row) => row.purpose },
    {
      heading: '区間・手段',
      width: 10,
      cell: (row) => `${row.from_place}→${row.to_place}（${row.transport}）`,
    },
    { heading: '持出日時', width: 8, cell: (row) => japanTime(iso(row.left_at)) },
    { heading: '経過', width: 12, cell: (row) => row.events.map(told).join('、') },
    { heading: '承認番号', width: 13, cell: (row) => row.approval_id },
  ],
  rows: async (session, slice, limit) => {
    const { from, to } = instantsOf(slice);
    return session.run(
      'vault.evidence.carries',
      ({ raw }) => raw<CarryLine[]>`
      select c.*, coalesce((select jsonb_agg(jsonb_build_object('kind', e.kind, 'at', e.at) order by e.at)
        from vault.transfer_carry_event e where e.carry_id = c.carry_id), '[]') as events
      from vault.transfer_carry c
      where c.sequence > ${afterText(slice)}::bigint and c.left_at >= ${from}::text::timestamptz
        and c.left_at < ${to}::text::timestamptz
      order by c.sequence limit ${limit}`,
    );
  },
});

function told({ kind, at }: CarryLine['events'][number]): string {
  return `${EVENTS[kind]} ${japanTime(iso(at))}`;
}

/** As statements give instants, in the form that instants are read in. */
function iso(at: string): string {
  return new Date(at).toISOString();
}
