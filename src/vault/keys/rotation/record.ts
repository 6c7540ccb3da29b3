import { KuramoriError } from '../../../kernel/errors.js';
import type { Session } from '../../../kernel/database/database.js';
import type { ROTATION_STATES } from '../../../../schema/vault/key.js';
import type { KeyClass } from '../key.js';

export type RotationState = (typeof ROTATION_STATES)[number];

/** A row of vault.rotation. */
export interface RotationRow {
  readonly id: bigint;
  readonly keyClass: KeyClass;
  readonly toVersion: number;
  readonly state: RotationState;
  readonly cursor: string;
  readonly done: bigint;
  readonly total: bigint;
}

/** Only when the last one of the class has ended; the database has an index that says so too. */
export async function insertRotation(tx: Session, row: Omit<RotationRow, 'id'>, at: string): Promise<void> {
  const endedAt = row.state === 'done' ? at : null;
  await tx.run(
    'rotation.insert',
    ({ raw }) => raw`
      insert into vault.rotation (class, to_version, state, cursor, done, total, started_at, ended_at)
      values (${row.keyClass}, ${row.toVersion}, ${row.state}, ${row.cursor}, ${String(row.done)}::bigint,
        ${String(row.total)}::bigint, ${at}::timestamptz, ${endedAt}::timestamptz)`,
  );
}

/** The last rotation of a class; undefined when there was none. */
export async function lastRotation(session: Session, keyClass: KeyClass): Promise<RotationRow | undefined> {
  const [row] = await session.run(
    'rotation.last',
    ({ raw }) => raw<RotationRow[]>`
      select id, class as "keyClass", to_version as "toVersion", state, cursor, done, total
      from vault.rotation where class = ${keyClass} order by id desc limit 1`,
  );
  return row;
}

/** As `lastRotation`, kept from everybody else until the transaction ends. */
export async function lockRotation(tx: Session, keyClass: KeyClass): Promise<RotationRow | undefined> {
  await tx.run(
    'rotation.lock',
    ({ raw }) => raw`select from vault.rotation where class = ${keyClass} and state <> 'done' for update`,
  );
  return lastRotation(tx, keyClass);
}

/** @param at ISO instant */
export async function updateRotation(tx: Session, row: RotationRow, at: string): Promise<void> {
  const endedAt = row.state === 'done' ? at : null;
  await tx.run(
    'rotation.update',
    ({ raw }) => raw`
      update vault.rotation set state = ${row.state}, cursor = ${row.cursor}, done = ${String(row.done)}::bigint,
        ended_at = ${endedAt}::timestamptz
      where id = ${String(row.id)}::bigint`,
  );
}

export function rotationUnderWay(): KuramoriError {
  return new KuramoriError('CONFLICT', 'A rotation of this class of keys has not ended. Continue it first.');
}
