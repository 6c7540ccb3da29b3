import type { Session } from '../../kernel/database/database.js';
import { arrayText } from '../receipt/line.store.js';

/** A state of a package. */
export interface LearnedState {
  readonly state: string;
  readonly packageId: string | undefined;
  /** ISO instant. */
  readonly learnedAt: string;
  readonly changeId: bigint;
}

/** Notes a state of the package, once. @returns whether it was new */
export async function notePackageState(
  tx: Session,
  roundId: bigint,
  { state, packageId, learnedAt, changeId }: LearnedState,
): Promise<boolean> {
  const rows = await tx.run(
    'transfer.packageState',
    ({ raw }) => raw`
    insert into records.transfer_package_state (round_id, state, package_id, learned_at, change_id)
    values (${String(roundId)}::bigint, ${state}, ${packageId ?? null}::uuid, ${learnedAt}::timestamptz,
      ${String(changeId)}::bigint)
    on conflict (round_id, state) do nothing returning round_id`,
  );
  return rows.length > 0;
}

/** A case that was delivered. */
export interface DeliveredCase {
  readonly transferId: bigint;
  /** The organization has answered for it before. */
  readonly answered: boolean;
}

/** The delivered cases of a round by their case numbers. */
export async function readDelivered(
  tx: Session,
  roundId: bigint,
): Promise<ReadonlyMap<string, DeliveredCase>> {
  const rows = await tx.run(
    'transfer.delivered',
    ({ raw }) => raw<{ case_no: string; transfer_id: bigint; answered: boolean }[]>`
    select c.case_no, s.transfer_id, a.transfer_id is not null as answered
    from records.transfer_standing s join records.delinquency_case c on c.id = s.case_id
    left join records.transfer_acceptance a on a.transfer_id = s.transfer_id
    where s.round_id = ${String(roundId)}::bigint and (s.state = 'delivered' or a.transfer_id is not null)`,
  );
  return new Map(rows.map((row) => [row.case_no, { transferId: row.transfer_id, answered: row.answered }]));
}

/** An answer of the organization. */
export interface Answer {
  readonly transferId: bigint;
  readonly outcome: 'ACCEPTED' | 'REJECTED';
  readonly reason?: string | undefined;
}

/** Writes answers that were not known. */
export async function insertAcceptances(
  tx: Session,
  packageId: string,
  answers: readonly Answer[],
  changeId: bigint,
): Promise<void> {
  await tx.run(
    'transfer.accept',
    ({ raw }) => raw`
    insert into records.transfer_acceptance (transfer_id, package_id, outcome, reason, change_id)
    select id, ${packageId}::uuid, outcome, nullif(reason, ''), ${String(changeId)}::bigint
    from unnest(${arrayText(answers.map(({ transferId }) => transferId))}::text::bigint[],
      ${answers.map(({ outcome }) => outcome.toLowerCase())}::text[],
      ${answers.map(({ reason }) => reason ?? '')}::text[]) as t (id, outcome, reason)`,
  );
}
