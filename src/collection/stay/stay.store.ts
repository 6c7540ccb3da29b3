import { stayCancellations, stayDecisions, stayProposals } from '../../../schema/records/index.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { readLimitations, readUntold } from '../limitation/limitation.store.js';
import { arrayText, readLedgerLines } from '../receipt/line.store.js';
import { lockLevies, missing } from '../receipt/lock.store.js';
import type { CancellableStay, StayableLine, StayGroundWord, StayProposalStanding } from './stay.js';

type Casework = Pick<
  StayableLine,
  'levyId' | 'isStayed' | 'isSeized' | 'isProposed' | 'isHandedOver' | 'isUntold'
>;

/**
 * Locks levy lines and reads what each stands at for a stay. Two who stay one line wait for each other here.
 * @param proposalId a proposal that does not count, because it is being decided
 */
export async function lockStayable(
  tx: Session,
  levyIds: readonly bigint[],
  proposalId?: bigint,
): Promise<readonly StayableLine[]> {
  await lockLevies(tx, levyIds);
  const lines = await readLedgerLines(tx, levyIds);
  const limitations = await readLimitations(tx, levyIds);
  const untold = await readUntold(tx, levyIds);
  const casework = await readCasework(tx, levyIds, proposalId);
  return casework.flatMap((row) => {
    const line = lines.get(row.levyId);
    const limitation = limitations.get(row.levyId);
    if (line === undefined || limitation === undefined) return [];
    const { addresseeNo, dueOn, outstanding } = line;
    const isUntold = untold.has(row.levyId);
    return [{ ...row, addresseeNo, dueOn, outstanding, limitation, isUntold }];
  });
}

function readCasework(
  tx: Session,
  levyIds: readonly bigint[],
  proposalId: bigint | undefined,
): Promise<Casework[]> {
  return tx.run(
    'stay.casework',
    ({ raw }) => raw<Casework[]>`
    select w.levy_id as "levyId",
      exists (select from records.execution_stay s
        where s.levy_id = w.levy_id and records.stay_in_force(s.id)) as "isStayed",
      exists (select from records.disposition_claim c join records.disposition d on d.id = c.disposition_id
        where c.levy_id = w.levy_id and d.kind = 'seizure'
          and not exists (select from records.disposition_end e where e.disposition_id = d.id)) as "isSeized",
      exists (select from records.stay_claim c
        where c.levy_id = w.levy_id
          and c.proposal_id is distinct from ${proposalId === undefined ? null : String(proposalId)}::bigint
          and not exists (select from records.stay_decision d where d.proposal_id = c.proposal_id)) as "isProposed",
      exists (select from records.transfer_line l join records.transfer_standing z using (transfer_id)
        where l.levy_id = w.levy_id and z.is_noted and not z.is_returned) as "isHandedOver"
    from unnest(${arrayText(levyIds)}::text::bigint[]) as w (levy_id)`,
  );
}

/** 起案. */
export interface NewStayProposal {
  readonly addresseeNo: string;
  readonly ground: StayGroundWord;
  readonly levyIds: readonly bigint[];
  readonly proposedBy: string;
  readonly proposedOn: IsoDate;
  readonly reason: string;
}

/** Writes a proposal that `assertStayable` allowed. @returns its number */
export async function insertProposal(
  tx: Session,
  { levyIds, ...proposal }: NewStayProposal,
  changeId: bigint,
): Promise<bigint> {
  const [row] = await tx.run('stay.propose', ({ orm }) =>
    orm
      .insert(stayProposals)
      .values({ ...proposal, lineCount: levyIds.length, changeId })
      .returning({ id: stayProposals.id }),
  );
  if (row === undefined) return missing('stay.propose');
  await tx.run(
    'stay.claims',
    ({ raw }) => raw`
    insert into records.stay_claim (proposal_id, levy_id)
    select ${String(row.id)}::bigint, levy_id from unnest(${arrayText(levyIds)}::text::bigint[]) as t (levy_id)`,
  );
  return row.id;
}

/** A proposal for its decision. */
export interface FoundStayProposal extends StayProposalStanding {
  readonly id: bigint;
  readonly addresseeNo: string;
  readonly ground: StayGroundWord;
  readonly levyIds: readonly bigint[];
}

interface FoundStayProposalRow extends Omit<FoundStayProposal, 'outcome' | 'levyIds'> {
  readonly outcome: 'approved' | 'rejected' | null;
  readonly lines: string;
}

/** A proposal by its number, with the person who made it and its lines. */
export async function findProposal(tx: Session, id: bigint): Promise<FoundStayProposal | undefined> {
  const [row] = await tx.run(
    'stay.findProposal',
    ({ raw }) => raw<FoundStayProposalRow[]>`
    select p.id, p.addressee_no as "addresseeNo", p.ground, d.outcome,
      coalesce(s.person_id, p.proposed_by) as "proposerPerson",
      (select string_agg(c.levy_id::text, ',' order by c.levy_id) from records.stay_claim c
        where c.proposal_id = p.id) as lines
    from records.stay_proposal p
    left join records.stay_decision d on d.proposal_id = p.id
    left join access.staff s on s.staff_id = p.proposed_by
    where p.id = ${String(id)}::bigint`,
  );
  if (row === undefined) return undefined;
  const { lines, outcome, ...proposal } = row;
  return { ...proposal, outcome: outcome ?? undefined, levyIds: lines.split(',').map(BigInt) };
}

/** 決裁. */
export interface StayDecisionEntry {
  readonly proposalId: bigint;
  readonly outcome: 'approved' | 'rejected';
  readonly decidedBy: string;
  readonly decidedOn: IsoDate;
  readonly reason: string;
}

/**
 * Writes the decision that `assertDecidable` allowed; the database enters the stays of what is approved.
 * @throws KuramoriError CONFLICT when another decision was faster
 */
export async function insertDecision(tx: Session, entry: StayDecisionEntry, changeId: bigint): Promise<void> {
  const written = await tx.run('stay.decide', ({ orm }) =>
    orm
      .insert(stayDecisions)
      .values({ ...entry, changeId })
      .onConflictDoNothing()
      .returning({ proposalId: stayDecisions.proposalId }),
  );
  if (written.length === 0) throw decidedMeanwhile('proposalId');
}

/** A stay for its cancellation, its line locked. */
export interface FoundStay extends CancellableStay {
  readonly id: bigint;
  readonly addresseeNo: string;
}

/** Locks the line of a stay and reads the stay. */
export async function lockStay(tx: Session, id: bigint): Promise<FoundStay | undefined> {
  const [named] = await tx.run(
    'stay.line',
    ({ raw }) => raw<{ levy_id: bigint }[]>`
    select levy_id from records.execution_stay where id = ${String(id)}::bigint`,
  );
  if (named === undefined) return undefined;
  await lockLevies(tx, [named.levy_id]);
  const [row] = await tx.run(
    'stay.find',
    ({ raw }) => raw<FoundStay[]>`
    select s.id, s.addressee_no as "addresseeNo", s.decided_on as "decidedOn",
      exists (select from records.stay_cancellation x where x.stay_id = s.id) as "isCancelled"
    from records.execution_stay s where s.id = ${String(id)}::bigint`,
  );
  return row;
}

/**
 * Writes a cancellation that `assertCancellable` allowed.
 * @throws KuramoriError CONFLICT when another was faster
 */
export async function insertCancellation(
  tx: Session,
  entry: { readonly stayId: bigint; readonly cancelledOn: IsoDate; readonly reason: string },
  changeId: bigint,
): Promise<void> {
  const written = await tx.run('stay.cancel', ({ orm }) =>
    orm
      .insert(stayCancellations)
      .values({ ...entry, changeId })
      .onConflictDoNothing()
      .returning({ stayId: stayCancellations.stayId }),
  );
  if (written.length === 0) throw decidedMeanwhile('stayId');
}

function decidedMeanwhile(field: string): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'The stay was decided or cancelled by somebody else at this moment. Read it again.',
    { field },
  );
}
