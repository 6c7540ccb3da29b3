import type { Session } from '../../../kernel/database/database.js';
import { TRANSFER_SNAPSHOT_PAGE_ROWS } from '../../../kernel/limits.js';
import { limitationEvents, limitationIn, type LimitationRow } from '../../limitation/limitation.store.js';
import { frozenCases, type SnapshotScope } from './rows.store.js';

interface EventsRow extends LimitationRow {
  readonly case_no: string;
  readonly line_no: number;
}

/** Renewals that one row of the file names; the layout takes no more. */
const RENEWALS_NAMED_MAX = 50;

/** 時効 of every frozen line, worked out from its events page by page. */
export async function freezeLimitation(tx: Session, scope: SnapshotScope): Promise<void> {
  for (let after = 0; ; after += TRANSFER_SNAPSHOT_PAGE_ROWS) {
    const page = await readEvents(tx, scope.roundId, after);
    if (page.length > 0) await insertPage(tx, scope.roundId, after, page.map(contentOf));
    if (page.length < TRANSFER_SNAPSHOT_PAGE_ROWS) return;
  }
}

function contentOf(row: EventsRow): string {
  const { case_no: caseNo, line_no: lineNo } = row;
  const { startsOn, completesOn, renewals } = limitationIn(row);
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
    select f.case_no, line.line_no, l.due_on, i.legal_family, ${limitationEvents(raw)} as events
    from (${frozenCases(raw, roundId)}) as f
    join records.transfer_line line on line.transfer_id = f.transfer_id
    join records.levy_line l on l.id = line.levy_id
    join records.tax_item i on i.code = l.tax_item
    order by f.case_no collate "C", line.line_no
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
