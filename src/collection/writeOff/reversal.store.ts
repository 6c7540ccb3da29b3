import { writeOffReversalDecisions, writeOffReversals } from '../../../schema/records/index.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { arrayText } from '../receipt/line.store.js';
import { lockLevies, missing } from '../receipt/lock.store.js';
import type { NewReversal, WrittenOffLine } from './reversal.js';
import type { ProposalStanding } from './writeOff.js';

/**
 * Locks levy lines and reads what a proposal has written off of each; a line that it has nothing of is left out.
 * @param reversalId a proposal to take it back that does not count, because it is being decided
 */
export async function lockWrittenOff(
  tx: Session,
  writeOffProposalId: bigint,
  levyIds: readonly bigint[],
  reversalId?: bigint,
): Promise<readonly WrittenOffLine[]> {
  await lockLevies(tx, levyIds);
  return tx.run(
    'writeOff.writtenOff',
    ({ raw }) => raw<WrittenOffLine[]>`
    select w.levy_id as "levyId", sum(w.amount)::bigint as "writtenOff",
      exists (select from records.write_off_reversal_line l join records.write_off_reversal r on r.id = l.reversal_id
        where l.levy_id = w.levy_id and r.proposal_id = ${String(writeOffProposalId)}::bigint
          and r.id is distinct from ${reversalId === undefined ? null : String(reversalId)}::bigint
          and not exists (select from records.write_off_reversal_decision d where d.reversal_id = r.id)
      ) as "isProposed",
      exists (select from records.transfer_line l join records.transfer_standing z using (transfer_id)
        where l.levy_id = w.levy_id and z.is_locked) as "isLocked"
    from records.write_off w
    where w.proposal_id = ${String(writeOffProposalId)}::bigint
      and w.levy_id = any (${arrayText(levyIds)}::text::bigint[])
    group by w.levy_id`,
  );
}

/** Writes a proposal that `reversedYen` allowed. @returns its number */
export async function insertReversal(
  tx: Session,
  { writeOffProposalId, levyIds, ...reversal }: NewReversal,
  changeId: bigint,
): Promise<bigint> {
  const [row] = await tx.run('writeOff.proposeReversal', ({ orm }) =>
    orm
      .insert(writeOffReversals)
      .values({ ...reversal, proposalId: writeOffProposalId, changeId })
      .returning({ id: writeOffReversals.id }),
  );
  if (row === undefined) return missing('writeOff.proposeReversal');
  await tx.run(
    'writeOff.reversalLines',
    ({ raw }) => raw`
    insert into records.write_off_reversal_line (reversal_id, levy_id)
    select ${String(row.id)}::bigint, levy_id from unnest(${arrayText(levyIds)}::text::bigint[]) as t (levy_id)`,
  );
  return row.id;
}

/** A proposal to take a write-off back, for its decision. */
export interface FoundReversal extends ProposalStanding {
  readonly id: bigint;
  readonly writeOffProposalId: bigint;
  readonly addresseeNo: string;
  readonly levyIds: readonly bigint[];
}

interface FoundReversalRow extends Omit<FoundReversal, 'outcome' | 'levyIds'> {
  readonly outcome: 'approved' | 'rejected' | null;
  readonly lines: string;
}

/** A proposal to take a write-off back by its number, with the person who made it and its lines. */
export async function findReversal(tx: Session, id: bigint): Promise<FoundReversal | undefined> {
  const [row] = await tx.run(
    'writeOff.findReversal',
    ({ raw }) => raw<FoundReversalRow[]>`
    select r.id, r.proposal_id as "writeOffProposalId", r.addressee_no as "addresseeNo", d.outcome,
      coalesce(s.person_id, r.proposed_by) as "proposerPerson",
      (select string_agg(l.levy_id::text, ',' order by l.levy_id) from records.write_off_reversal_line l
        where l.reversal_id = r.id) as lines
    from records.write_off_reversal r
    left join records.write_off_reversal_decision d on d.reversal_id = r.id
    left join access.staff s on s.staff_id = r.proposed_by
    where r.id = ${String(id)}::bigint`,
  );
  if (row === undefined) return undefined;
  const { lines, outcome, ...reversal } = row;
  return { ...reversal, outcome: outcome ?? undefined, levyIds: lines.split(',').map(BigInt) };
}

/** 決裁. */
export interface ReversalDecisionEntry {
  readonly reversalId: bigint;
  readonly outcome: 'approved' | 'rejected';
  readonly decidedBy: string;
  readonly decidedOn: IsoDate;
  readonly reason: string;
}

/**
 * Writes the decision that `assertDecidable` allowed; the database books what is approved.
 * @throws KuramoriError CONFLICT when another decision was faster
 */
export async function insertReversalDecision(
  tx: Session,
  entry: ReversalDecisionEntry,
  changeId: bigint,
): Promise<void> {
  const written = await tx.run('writeOff.decideReversal', ({ orm }) =>
    orm
      .insert(writeOffReversalDecisions)
      .values({ ...entry, changeId })
      .onConflictDoNothing()
      .returning({ reversalId: writeOffReversalDecisions.reversalId }),
  );
  if (written.length === 0)
    throw new KuramoriError(
      'CONFLICT',
      'The proposal was decided by somebody else at this moment. Read it again.',
      { field: 'reversalId' },
    );
}
