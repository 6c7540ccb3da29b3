import type { Session } from '../../kernel/database/database.js';
import { violates } from '../../kernel/database/errors.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { Remittance } from './remittance.js';
import type { TransferStateWord } from './states.js';

/** The approval of a round's digest. */
export interface Approval {
  readonly digest: string;
  readonly approvedBy: string;
  readonly approvedOn: IsoDate;
}

/** Writes the approval of a round. @throws KuramoriError CONFLICT when it was approved already */
export async function insertApproval(
  tx: Session,
  roundId: bigint,
  { digest, approvedBy, approvedOn }: Approval,
  changeId: bigint,
): Promise<void> {
  const written = await tx.run(
    'transfer.approve',
    ({ raw }) => raw`
    insert into records.transfer_round_approval (round_id, digest, approved_by, approved_on, change_id)
    values (${String(roundId)}::bigint, ${digest}, ${approvedBy}, ${approvedOn}::date, ${String(changeId)}::bigint)
    on conflict (round_id) do nothing returning round_id`,
  );
  if (written.length === 0) {
    throw new KuramoriError('CONFLICT', 'The round was approved already. Read it again.', {
      field: 'roundNo',
    });
  }
}

/** A case of a transfer as a change needs it. */
export interface FoundTransferCase {
  readonly transferId: bigint;
  readonly addresseeNo: string;
  readonly step: number;
  readonly state: TransferStateWord;
}

/** A case of a transfer by its number, or none. */
export async function findTransferCase(
  tx: Session,
  transferId: bigint,
): Promise<FoundTransferCase | undefined> {
  const [row] = await tx.run(
    'transfer.case',
    ({ raw }) => raw<FoundTransferCase[]>`
    select transfer_id as "transferId", addressee_no as "addresseeNo", step, state from records.transfer_standing
    where transfer_id = ${String(transferId)}::bigint`,
  );
  return row;
}

/** Takes a case out. @throws KuramoriError CONFLICT when it went on meanwhile */
export async function insertWithdrawal(
  tx: Session,
  { transferId, step }: FoundTransferCase,
  { reason, at }: { readonly reason: string; readonly at: string },
  changeId: bigint,
): Promise<void> {
  try {
    await tx.run(
      'transfer.withdraw',
      ({ raw }) => raw`
      insert into records.transfer_state (transfer_id, step, state, reason, entered_at, change_id)
      values (${String(transferId)}::bigint, ${step + 1}, 'aborted', ${reason}, ${at}::timestamptz,
        ${String(changeId)}::bigint)`,
    );
  } catch (error) {
    if (!violates(error, 'transfer_state_transfer_id_step_pk')) throw error;
    throw new KuramoriError('CONFLICT', 'The case went on at this moment. Read it again.', {
      field: 'transferCaseId',
    });
  }
}

/** Writes money that came for a result. @returns the key of the result @throws KuramoriError NOT_FOUND */
export async function insertRemittance(tx: Session, entry: Remittance, changeId: bigint): Promise<bigint> {
  const [row] = await tx.run(
    'transfer.remit',
    ({ raw }) => raw<{ result_id: bigint }[]>`
    insert into records.transfer_remittance (result_id, received_on, amount, reference, change_id)
    select id, ${entry.receivedOn}::date, ${String(entry.amount)}::bigint, ${entry.reference},
      ${String(changeId)}::bigint
    from records.transfer_result where result_id = ${entry.resultId}::uuid
    returning result_id`,
  );
  if (row === undefined) {
    throw new KuramoriError('NOT_FOUND', 'There is no such result. Check its number.', { field: 'resultId' });
  }
  return row.result_id;
}
