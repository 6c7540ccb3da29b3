import { writeOffDecisions, writeOffProposals } from '../../../schema/records/index.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { sumYen } from '../../kernel/yen.js';
import { readLimitations } from '../limitation/limitation.store.js';
import { arrayText, readLedgerLines } from '../receipt/line.store.js';
import { lockLevies, missing } from '../receipt/lock.store.js';
import type {
  LineStanding,
  ProposalStanding,
  StayInForce,
  WriteOffCauseWord,
  WriteOffPart,
} from './writeOff.js';

interface CaseworkRow {
  readonly levy_id: bigint;
  readonly stay_id: bigint | null;
  readonly ground: StayInForce['ground'];
  readonly decided_on: IsoDate;
  readonly is_proposed: boolean;
  readonly transfer: LineStanding['transfer'];
  readonly last_paid_on: IsoDate | null;
}

/**
 * Locks levy lines and reads what each stands at for a write-off. Two who write off one line wait for each other here.
 * @param proposalId a proposal that does not count, because it is being decided
 */
export async function lockStandings(
  tx: Session,
  levyIds: readonly bigint[],
  proposalId?: bigint,
): Promise<readonly LineStanding[]> {
  await lockLevies(tx, levyIds);
  const lines = await readLedgerLines(tx, levyIds);
  const limitations = await readLimitations(tx, levyIds);
  const casework = await readCasework(tx, levyIds, proposalId);
  return casework.flatMap((row) => {
    const line = lines.get(row.levy_id);
    const limitation = limitations.get(row.levy_id);
    if (line === undefined || limitation === undefined) return [];
    const { levyId, addresseeNo, outstanding } = line;
    const { is_proposed: isProposed, transfer, last_paid_on: lastPaidOn } = row;
    const casework = { stay: stayIn(row), isProposed, transfer, lastPaidOn };
    return [{ levyId, addresseeNo, outstanding, limitation, ...casework }];
  });
}

/**
 * Days for which news of a payment is waited for, by the rule of a day (`promise_rule`).
 * @throws KuramoriError INTERNAL when there is no rule yet on that day
 */
export async function readPendingDays(tx: Session, today: IsoDate): Promise<number> {
  const [row] = await tx.run(
    'writeOff.pendingDays',
    ({ raw }) => raw<{ days: number }[]>`
    select pending_days as days from records.promise_rule
    where valid_from <= ${today}::date order by valid_from desc limit 1`,
  );
  return row?.days ?? missing('writeOff.pendingDays');
}

function stayIn({ stay_id: stayId, ground, decided_on: decidedOn }: CaseworkRow): StayInForce | undefined {
  return stayId === null ? undefined : { stayId, ground, decidedOn };
}

function readCasework(
  tx: Session,
  levyIds: readonly bigint[],
  proposalId: bigint | undefined,
): Promise<CaseworkRow[]> {
  return tx.run(
    'writeOff.casework',
    ({ raw }) => raw<CaseworkRow[]>`
    select w.levy_id, s.id as stay_id, s.ground, s.decided_on,
      exists (select from records.write_off_claim c
        where c.levy_id = w.levy_id
          and c.proposal_id is distinct from ${proposalId === undefined ? null : String(proposalId)}::bigint
          and not exists (select from records.write_off_decision d where d.proposal_id = c.proposal_id)) as is_proposed,
      case when t.is_locked then 'locked' when t.is_untold then 'untold' else 'none' end as transfer,
      (select max(p.effective_on) from (
        select a.effective_on from records.allocation a where a.levy_id = w.levy_id
        group by a.component, a.effective_on having sum(a.amount) > 0
      ) as p) as last_paid_on
    from unnest(${arrayText(levyIds)}::text::bigint[]) as w (levy_id)
    left join lateral (
      select e.id, e.ground, e.decided_on from records.execution_stay e
      where e.levy_id = w.levy_id and records.stay_in_force(e.id)
      order by e.decided_on, e.id limit 1
    ) as s on true
    cross join lateral (
      select bool_or(z.is_locked) as is_locked, bool_or(exists (select from records.transfer_state g
        where g.transfer_id = z.transfer_id and g.state = 'active')
        and not records.organization_acts_known(z.transfer_id)) as is_untold
      from records.transfer_line l join records.transfer_standing z using (transfer_id) where l.levy_id = w.levy_id
    ) as t`,
  );
}

/** 起案. */
export interface NewProposal {
  readonly addresseeNo: string;
  readonly cause: WriteOffCauseWord;
  readonly parts: readonly WriteOffPart[];
  readonly proposedBy: string;
  readonly proposedOn: IsoDate;
  readonly reason: string;
}

/** Writes a proposal of what `writeOffParts` allowed. @returns its number */
export async function insertProposal(
  tx: Session,
  { parts, ...proposal }: NewProposal,
  changeId: bigint,
): Promise<bigint> {
  const amount = sumYen(parts.map((part) => part.amount));
  const [row] = await tx.run('writeOff.propose', ({ orm }) =>
    orm
      .insert(writeOffProposals)
      .values({ ...proposal, amount, changeId })
      .returning({ id: writeOffProposals.id }),
  );
  if (row === undefined) return missing('writeOff.propose');
  const numbers = (pick: (part: WriteOffPart) => bigint) => arrayText(parts.map(pick));
  await tx.run(
    'writeOff.claims',
    ({ raw }) => raw`
    insert into records.write_off_claim (proposal_id, levy_id, component, amount, extinguished_on, stay_id)
    select ${String(row.id)}::bigint, levy_id, component, amount, nullif(extinguished_on, '')::date, nullif(stay_id, 0)
    from unnest(${numbers(({ levyId }) => levyId)}::text::bigint[],
      ${parts.map(({ component }) => component)}::text[], ${numbers((part) => part.amount)}::text::bigint[],
      ${parts.map(({ extinguishedOn }) => extinguishedOn ?? '')}::text[],
      ${numbers(({ stayId }) => stayId ?? 0n)}::text::bigint[])
      as t (levy_id, component, amount, extinguished_on, stay_id)`,
  );
  return row.id;
}

/** A proposal for its decision. */
export interface FoundProposal extends ProposalStanding {
  readonly id: bigint;
  readonly addresseeNo: string;
  readonly cause: WriteOffCauseWord;
}

/** A proposal by its number, with the person who made it. */
export async function findProposal(tx: Session, id: bigint): Promise<FoundProposal | undefined> {
  const [row] = await tx.run(
    'writeOff.find',
    ({ raw }) => raw<(Omit<FoundProposal, 'outcome'> & { outcome: 'approved' | 'rejected' | null })[]>`
    select p.id, p.addressee_no as "addresseeNo", p.cause, d.outcome,
      coalesce(s.person_id, p.proposed_by) as "proposerPerson"
    from records.write_off_proposal p
    left join records.write_off_decision d on d.proposal_id = p.id
    left join access.staff s on s.staff_id = p.proposed_by
    where p.id = ${String(id)}::bigint`,
  );
  return row && { ...row, outcome: row.outcome ?? undefined };
}

/** What was proposed, by line and component. */
export function readParts(tx: Session, proposalId: bigint): Promise<readonly WriteOffPart[]> {
  return tx.run(
    'writeOff.parts',
    ({ raw }) => raw<WriteOffPart[]>`
    select levy_id as "levyId", component, amount, extinguished_on as "extinguishedOn", stay_id as "stayId"
    from records.write_off_claim where proposal_id = ${String(proposalId)}::bigint`,
  );
}

/** 決裁. */
export interface WriteOffDecisionEntry {
  readonly proposalId: bigint;
  readonly outcome: 'approved' | 'rejected';
  readonly decidedBy: string;
  readonly decidedOn: IsoDate;
  readonly reason: string;
}

/**
 * Writes the decision that `assertDecidable` allowed; the database books what is approved.
 * @throws KuramoriError CONFLICT when another decision was faster
 */
export async function insertDecision(
  tx: Session,
  entry: WriteOffDecisionEntry,
  changeId: bigint,
): Promise<void> {
  const written = await tx.run('writeOff.decide', ({ orm }) =>
    orm
      .insert(writeOffDecisions)
      .values({ ...entry, changeId })
      .onConflictDoNothing()
      .returning({ proposalId: writeOffDecisions.proposalId }),
  );
  if (written.length === 0)
    throw new KuramoriError(
      'CONFLICT',
      'The write-off was decided by somebody else at this moment. Read it again.',
      { field: 'proposalId' },
    );
}
