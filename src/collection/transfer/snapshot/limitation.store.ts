import type { Session } from '../../../kernel/database/database.js';
import type { IsoDate } from '../../../kernel/dates.js';
import { TRANSFER_SNAPSHOT_PAGE_ROWS } from '../../../kernel/limits.js';
import { limitationOf, LIMITATION_YEARS, type Renewal } from '../limitation.js';
import { frozenCases, type SnapshotScope } from './rows.store.js';

interface EventsRow {
  readonly case_no: string;
  readonly line_no: number;
  readonly due_on: IsoDate;
  readonly legal_family: 'tax' | 'premium';
  readonly events: string | null;
}

/** Renewals that one row of the file names; the layout takes no more. */
const RENEWALS_NAMED_MAX = 50;

/**
 * 時効 of every frozen line, worked out from its events page by page. A part payment acknowledges, what was collected by
 * force or reversed does not; a seizure renews from its end, unless it was cancelled (handbook 03 §7).
 */
export async function freezeLimitation(tx: Session, scope: SnapshotScope): Promise<void> {
  for (let after = 0; ; after += TRANSFER_SNAPSHOT_PAGE_ROWS) {
    const page = await readEvents(tx, scope.roundId, after);
    if (page.length > 0) await insertPage(tx, scope.roundId, after, page.map(contentOf));
    if (page.length < TRANSFER_SNAPSHOT_PAGE_ROWS) return;
  }
}

function contentOf(row: EventsRow): string {
  const { case_no: caseNo, line_no: lineNo, due_on: dueOn } = row;
  const events = (row.events ?? '').split(',').filter((each) => each !== '');
  const { startsOn, completesOn, renewals } = limitationOf(
    dueOn,
    LIMITATION_YEARS[row.legal_family],
    events.map((each) => {
      const [kind, on = ''] = each.split(':');
      return { kind: kind as Renewal['kind'], on };
    }),
  );
  const named = renewals.slice(-RENEWALS_NAMED_MAX).map(({ kind, on }) => `${kind}:${on}`);
  return JSON.stringify({
    caseNo,
    lineNo,
    startsOn,
    completesOn,
    renewals: named.length === 0 ? null : named.join(';'),
  });
}

function readEvents(tx: Session, roundId: bigint, after: number): Promise<EventsRow[]> {
  return tx.run(
    'transfer.limitationEvents',
    ({ raw }) => raw<EventsRow[]>`
    select f.case_no, t.line_no, l.due_on, i.legal_family, (
      select string_agg(distinct e.kind || ':' || e.on_day, ',') from (
        select 'REMINDER' as kind, m.sent_on as on_day from records.reminder m where m.levy_id = t.levy_id
        union all
        select 'ACKNOWLEDGEMENT', a.effective_on from records.allocation a
        join records.receipt r on r.id = a.receipt_id
        where a.levy_id = t.levy_id and a.amount > 0 and r.reverses_id is null
          and r.source not in ('disposition', 'organization')
          and not exists (select from records.receipt v where v.reverses_id = r.id)
        union all
        select 'SEIZURE', e.ended_on from records.disposition_claim c
        join records.disposition_end e on e.disposition_id = c.disposition_id
        where c.levy_id = t.levy_id and e.kind <> 'cancelled'
      ) as e) as events
    from (${frozenCases(raw, roundId)}) as f
    join records.transfer_line t on t.transfer_id = f.transfer_id
    join records.levy_line l on l.id = t.levy_id
    join records.tax_item i on i.code = l.tax_item
    order by f.case_no collate "C", t.line_no
    offset ${after} limit ${TRANSFER_SNAPSHOT_PAGE_ROWS}`,
  );
}

async function insertPage(
  tx: Session,
  roundId: bigint,
  after: number,
  contents: readonly string[],
): Promise<void> {
  await tx.run(
    'transfer.freezeLimitation',
    ({ raw }) => raw`
    insert into records.transfer_snapshot_row (round_id, file, row_no, content)
    select ${String(roundId)}::bigint, '10_limitation.csv', ${after}::integer + n, content::jsonb
    from unnest(${[...contents]}::text[]) with ordinality as t (content, n)`,
  );
}
