import type { Session } from '../../../kernel/database/database.js';
import type { RebuiltLine } from '../../erasure/journal.line.js';

/** That the journal on the disk was made anew. */
export type Rebuild = Omit<RebuiltLine, 'v' | 'kind'>;

/** Writes down that the journal was made anew. @returns false when it is known */
export async function insertRebuild(
  session: Session,
  { rebuildId, rebuiltAt, decidedBy }: Rebuild,
  foundAt: string,
): Promise<boolean> {
  const { count } = await session.run(
    'vault.payment.rebuilt',
    ({ raw }) => raw`
    insert into vault.payment_journal_rebuilt (rebuild_id, rebuilt_at, decided_by, found_at)
    values (${rebuildId}, ${rebuiltAt}, ${decidedBy}, ${foundAt}) on conflict (rebuild_id) do nothing`,
  );
  return count === 1;
}

/** Rebuildings after which nobody has compared with the bank yet, in the order of their names. */
export function openRebuilds(session: Session): Promise<readonly Rebuild[]> {
  return readRebuilds(session, { openOnly: true });
}

/** All of them. */
export function allRebuilds(session: Session): Promise<readonly Rebuild[]> {
  return readRebuilds(session, { openOnly: false });
}

async function readRebuilds(
  session: Session,
  { openOnly }: { readonly openOnly: boolean },
): Promise<readonly Rebuild[]> {
  const rows = await session.run(
    'vault.payment.rebuilds',
    ({ raw }) => raw<(Omit<Rebuild, 'rebuiltAt'> & { rebuiltMs: bigint })[]>`
    select rebuild_id as "rebuildId", decided_by as "decidedBy",
      (extract(epoch from rebuilt_at) * 1000)::int8 as "rebuiltMs"
    from vault.payment_journal_rebuilt r
    where not ${openOnly}
      or not exists (select from vault.payment_journal_compared c where c.rebuild_id = r.rebuild_id)
    order by rebuild_id`,
  );
  return rows.map(({ rebuiltMs, ...rebuild }) => ({
    ...rebuild,
    rebuiltAt: new Date(Number(rebuiltMs)).toISOString(),
  }));
}

/** Writes down that two officers have compared with the bank since these rebuildings. */
export async function insertJournalCompared(
  tx: Session,
  rebuildIds: readonly string[],
  compared: { readonly approvalId: string; readonly by: string; readonly at: string },
): Promise<void> {
  await tx.run(
    'vault.payment.journalCompared',
    ({ raw }) => raw`
    insert into vault.payment_journal_compared (rebuild_id, approval_id, compared_by, compared_at)
    select id, ${compared.approvalId}, ${compared.by}, ${compared.at}::timestamptz
    from unnest(${[...rebuildIds]}::text[]) as given (id)`,
  );
}
