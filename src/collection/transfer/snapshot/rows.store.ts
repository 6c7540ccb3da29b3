import type { Handle, Session } from '../../../kernel/database/session.js';
import type { IsoDate } from '../../../kernel/dates.js';
import { TRANSFER_SNAPSHOT_PAGE_ROWS } from '../../../kernel/limits.js';
import {
  TRANSFER_LAYOUT,
  type TransferFileName,
  type TransferRow,
} from '../../../protocol/transfer/layout.js';

/** Which round is frozen, and when. */
export interface SnapshotScope {
  readonly roundId: bigint;
  /** Today in Japan. */
  readonly today: IsoDate;
}

/** The frozen cases of a round, as a part of a statement. */
export function frozenCases(raw: Handle['raw'], roundId: bigint) {
  return raw`
    select s.transfer_id, s.case_id, s.addressee_no, c.case_no, c.district
    from records.transfer_standing s join records.delinquency_case c on c.id = s.case_id
    where s.round_id = ${String(roundId)}::bigint and s.state = 'frozen'`;
}

/** How many rows each file of a round has. */
export async function countRows(session: Session, roundId: bigint): Promise<ReadonlyMap<string, number>> {
  const rows = await session.run(
    'transfer.countRows',
    ({ raw }) => raw<{ file: string; rows: number }[]>`
    select file, count(*)::integer as rows from records.transfer_snapshot_row
    where round_id = ${String(roundId)}::bigint group by file`,
  );
  return new Map(rows.map((row) => [row.file, row.rows]));
}

/**
 * The frozen rows of a file, page by page, so that no more than a page is held and no transaction stays open while they
 * travel.
 */
export async function* readRows<F extends TransferFileName>(
  session: Session,
  roundId: bigint,
  file: F,
): AsyncGenerator<TransferRow[F]> {
  for (let after = 0; ; after += TRANSFER_SNAPSHOT_PAGE_ROWS) {
    const page = await session.run(
      'transfer.rows',
      ({ raw }) => raw<{ content: Record<string, unknown> }[]>`
      select content from records.transfer_snapshot_row
      where round_id = ${String(roundId)}::bigint and file = ${file}
        and row_no > ${after}::integer and row_no <= ${after + TRANSFER_SNAPSHOT_PAGE_ROWS}::integer
      order by row_no`,
    );
    for (const { content } of page) yield rowOf(file, content);
    if (page.length < TRANSFER_SNAPSHOT_PAGE_ROWS) return;
  }
}

/** JSON has whole yen as numbers, exact to 2^53; the layout has them as bigints. */
function rowOf<F extends TransferFileName>(file: F, content: Record<string, unknown>): TransferRow[F] {
  const columns = Object.entries(TRANSFER_LAYOUT[file]);
  return Object.fromEntries(
    columns.map(([name, { kind }]) => {
      const value = content[name] ?? null;
      return [name, kind === 'yen' && typeof value === 'number' ? BigInt(value) : value];
    }),
  ) as TransferRow[F];
}
