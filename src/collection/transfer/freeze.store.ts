import type { Session } from '../../kernel/database/database.js';
import { missing } from '../receipt/lock.store.js';

/**
 * Locks the balances of everything that the people of a round owe, in the ledger's order, before anything is read of
 * them: a payment that comes now is either seen by the freeze, or noted as a change after it.
 */
export async function lockPeople(tx: Session, roundId: bigint): Promise<void> {
  await tx.run(
    'transfer.lock',
    ({ raw }) => raw`
    select records.lock_levies(array(
      select b.levy_id from records.levy_balance b join records.transfer_standing s using (addressee_no)
      where s.round_id = ${String(roundId)}::bigint and s.state = 'noticed' and not b.settled order by b.levy_id))`,
  );
}

/** What is fixed by a freeze. */
export interface NewFreeze {
  /** ISO instant. */
  readonly asOf: string;
  readonly cases: number;
  readonly lines: number;
  readonly changeId: bigint;
}

/** Writes the freeze. @returns the number of its draft (UUIDv7) */
export async function insertFreeze(tx: Session, roundId: bigint, freeze: NewFreeze): Promise<string> {
  const [row] = await tx.run(
    'transfer.freeze',
    ({ raw }) => raw<{ draft_id: string }[]>`
    insert into records.transfer_freeze (round_id, as_of, draft_id, case_count, line_count, change_id)
    values (${String(roundId)}::bigint, ${freeze.asOf}::timestamptz, uuidv7(), ${freeze.cases}, ${freeze.lines},
      ${String(freeze.changeId)}::bigint)
    returning draft_id`,
  );
  return row?.draft_id ?? missing('transfer.freeze');
}

/** What a round was frozen with. */
export async function readFreeze(
  tx: Session,
  roundId: bigint,
): Promise<{ readonly cases: number; readonly lines: number } | undefined> {
  const [row] = await tx.run(
    'transfer.frozen',
    ({ raw }) => raw<{ cases: number; lines: number }[]>`
    select case_count as cases, line_count as lines from records.transfer_freeze
    where round_id = ${String(roundId)}::bigint`,
  );
  return row;
}
