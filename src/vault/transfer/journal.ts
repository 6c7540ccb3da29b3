import { instantText, type Clock } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { TransferStateName } from '../client/transferWire.js';
import { assertMayFollow } from './states.js';

/** One line of the journal of states (移管状態). */
export interface StateLine {
  readonly step: number;
  readonly state: TransferStateName;
  /** Instant in UTC. */
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

/** By whom a state changes, and why: a word of ours or the text of a person. */
export interface StateChange {
  readonly by: string;
  readonly reason: string;
}

interface StateRow {
  readonly step: number;
  readonly state: TransferStateName;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

/** Every state a transfer was in, oldest first; empty when there is no such transfer. */
export async function statesOf(session: Session, packageId: string): Promise<readonly StateLine[]> {
  const rows = await session.run(
    'vault.transfer.states',
    ({ raw }) => raw<StateRow[]>`
    select step, state, at, by, reason from vault.transfer_state where package_id = ${packageId} order by step`,
  );
  return rows.map((row) => ({ ...row, at: Temporal.Instant.from(row.at).toString() }));
}

/** The state that a transfer is in. @throws KuramoriError NOT_FOUND */
export async function currentState(session: Session, packageId: string): Promise<StateLine> {
  const last = (await statesOf(session, packageId)).at(-1);
  if (last !== undefined) return last;
  throw new KuramoriError('NOT_FOUND', 'The vault knows no such transfer. Check its id.');
}

/**
 * Keeps a transfer from whoever else would change it, until the transaction's end.
 * @returns the state that it is in
 * @throws KuramoriError NOT_FOUND
 */
export async function lockTransfer(tx: Session, packageId: string): Promise<StateLine> {
  await lockNamed(tx, `transfer:${packageId}`);
  return currentState(tx, packageId);
}

/** Keeps the series of a recipient from others, until the transaction's end: numbers have no gap. */
export function lockSeries(tx: Session, recipient: string): Promise<void> {
  return lockNamed(tx, `series:${recipient}`);
}

async function lockNamed(tx: Session, name: string): Promise<void> {
  await tx.run(
    'vault.transfer.lock',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended(${`vault.${name}`}, 0))`,
  );
}

/** Begins the journal of a transfer. */
export async function beginStates(
  tx: Session,
  clock: Clock,
  packageId: string,
  change: StateChange,
): Promise<void> {
  await insertState(tx, clock, packageId, 1, 'FROZEN', change);
}

/**
 * Takes a transfer that is locked to its next state.
 * @throws KuramoriError CONFLICT when it may not follow
 */
export async function moveState(
  tx: Session,
  clock: Clock,
  packageId: string,
  to: TransferStateName,
  change: StateChange,
): Promise<void> {
  const { step, state } = await currentState(tx, packageId);
  assertMayFollow(state, to);
  await insertState(tx, clock, packageId, step + 1, to, change);
}

async function insertState(
  tx: Session,
  clock: Clock,
  packageId: string,
  step: number,
  state: TransferStateName,
  { by, reason }: StateChange,
): Promise<void> {
  await tx.run(
    'vault.transfer.move',
    ({ raw }) => raw`
    insert into vault.transfer_state (package_id, step, state, at, by, reason)
    values (${packageId}, ${step}, ${state}, ${instantText(clock)}, ${by}, ${reason})`,
  );
}
