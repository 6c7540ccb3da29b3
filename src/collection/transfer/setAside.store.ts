import { transferSetAsideDecisions, transferSetAsides } from '../../../schema/records/index.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { missing } from '../receipt/lock.store.js';
import type { HoldStanding, SetAsideStanding } from './setAside.js';

/** What is held, by its number. */
export async function findHold(tx: Session, id: bigint): Promise<HoldStanding | undefined> {
  const [row] = await tx.run(
    'setAside.hold',
    ({ raw }) => raw<HoldStanding[]>`
    select records.transfer_hold_state(h.id) as state,
      exists (select from records.transfer_set_aside p where p.hold_id = h.id
        and not exists (select from records.transfer_set_aside_decision d where d.set_aside_id = p.id)) as "isProposed"
    from records.transfer_hold h where h.id = ${String(id)}::bigint`,
  );
  return row;
}

/** Writes a proposal that `assertMaySetAside` allowed. */
export async function insertSetAside(
  tx: Session,
  entry: {
    readonly holdId: bigint;
    readonly proposedBy: string;
    readonly proposedOn: IsoDate;
    readonly reason: string;
  },
  changeId: bigint,
): Promise<bigint> {
  const [row] = await tx.run('setAside.propose', ({ orm }) =>
    orm
      .insert(transferSetAsides)
      .values({ ...entry, changeId })
      .returning({ id: transferSetAsides.id }),
  );
  return row?.id ?? missing('setAside.propose');
}

/** A proposal for its decision. */
export interface FoundSetAside extends SetAsideStanding {
  readonly holdId: bigint;
}

/** A proposal by its number, with the person who made it. */
export async function findSetAside(tx: Session, id: bigint): Promise<FoundSetAside | undefined> {
  const [row] = await tx.run(
    'setAside.find',
    ({ raw }) => raw<(Omit<FoundSetAside, 'outcome'> & { outcome: 'approved' | 'rejected' | null })[]>`
    select p.hold_id as "holdId", records.transfer_hold_state(p.hold_id) as state, d.outcome,
      coalesce(s.person_id, p.proposed_by) as "proposerPerson"
    from records.transfer_set_aside p
    left join records.transfer_set_aside_decision d on d.set_aside_id = p.id
    left join access.staff s on s.staff_id = p.proposed_by
    where p.id = ${String(id)}::bigint`,
  );
  return row && { ...row, outcome: row.outcome ?? undefined };
}

/**
 * Writes the decision that `assertSetAsideDecidable` allowed.
 * @throws KuramoriError CONFLICT when another was faster
 */
export async function insertSetAsideDecision(
  tx: Session,
  entry: {
    readonly setAsideId: bigint;
    readonly outcome: 'approved' | 'rejected';
    readonly decidedBy: string;
    readonly decidedOn: IsoDate;
    readonly reason: string;
  },
  changeId: bigint,
): Promise<void> {
  const written = await tx.run('setAside.decide', ({ orm }) =>
    orm
      .insert(transferSetAsideDecisions)
      .values({ ...entry, changeId })
      .onConflictDoNothing()
      .returning({ id: transferSetAsideDecisions.setAsideId }),
  );
  if (written.length > 0) return;
  throw new KuramoriError('CONFLICT', 'It was decided by somebody else at this moment. Read it again.', {
    field: 'setAsideId',
  });
}
