import type { Session } from '../../kernel/database/database.js';
import type { CredentialKind } from './factor.js';

/** A credential as it is kept: a verifier or a sealed secret. */
export interface StoredCredential {
  readonly id: bigint;
  readonly material: Uint8Array;
  readonly parameters: string;
  readonly keyId: string;
}

/** The credential of a kind in a state, of which there is at most one. */
export async function findCredential(
  session: Session,
  staffId: string,
  kind: CredentialKind,
  state: 'active' | 'enrolling' = 'active',
): Promise<StoredCredential | undefined> {
  const [row] = await session.run(
    'access.credential.find',
    ({ raw }) =>
      raw<{ id: bigint; material: Uint8Array; parameters: string; key_id: string }[]>`
      select id, material, parameters, key_id from access.credential
      where staff_id = ${staffId} and kind = ${kind} and state = ${state}`,
  );
  return row && { id: row.id, material: row.material, parameters: row.parameters, keyId: row.key_id };
}

/** Ends the credential of this kind and state, if any, and puts another in its place. */
export async function replaceCredential(
  tx: Session,
  staffId: string,
  kind: CredentialKind,
  state: 'active' | 'enrolling',
  made: Omit<StoredCredential, 'id'>,
  at: string,
): Promise<void> {
  await tx.run(
    'access.credential.end',
    ({ raw }) => raw`
    update access.credential set state = 'ended', ended_at = ${at}
    where staff_id = ${staffId} and kind = ${kind} and state = ${state}`,
  );
  await tx.run(
    'access.credential.insert',
    ({ raw }) => raw`
    insert into access.credential (staff_id, kind, state, material, parameters, key_id, created_at)
    values (${staffId}, ${kind}, ${state}, ${made.material}, ${made.parameters}, ${made.keyId}, ${at})`,
  );
}

/** Makes an enrolling credential the active one. */
export async function activateCredential(tx: Session, id: bigint): Promise<void> {
  await tx.run(
    'access.credential.activate',
    ({ raw }) =>
      raw`update access.credential set state = 'active' where id = ${String(id)} and state = 'enrolling'`,
  );
}

/** Takes a time step. @returns false when it or a later one was taken before: each step counts once (RFC 6238 §5.2) */
export async function consumeStep(session: Session, id: bigint, step: number): Promise<boolean> {
  const taken = await session.run(
    'access.credential.consumeStep',
    ({ raw }) => raw`
    update access.credential set last_step = ${step}
    where id = ${String(id)} and state <> 'ended' and (last_step is null or last_step < ${step}) returning 1`,
  );
  return taken.length > 0;
}
