import { createHash } from 'node:crypto';
import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import { onlyRow } from '../row.js';

/** A session to be opened. */
export interface NewSession {
  readonly id: string;
  readonly holder: { readonly staffId: string } | { readonly clientId: string };
  readonly terminal: string;
  readonly clientApp: string;
  readonly strength: string;
  readonly openedAt: Temporal.Instant;
  readonly absoluteUntil: Temporal.Instant;
}

export async function insertSession(tx: Session, session: NewSession): Promise<void> {
  const { holder } = session;
  const staffId = 'staffId' in holder ? holder.staffId : null;
  const clientId = 'clientId' in holder ? holder.clientId : null;
  const openedAt = session.openedAt.toString();
  await tx.run(
    'access.session.insert',
    ({ raw }) => raw`
    insert into access.session
      (id, staff_id, client_id, terminal, client_app, strength, opened_at, absolute_until, last_seen_at)
    values (${session.id}, ${staffId}, ${clientId}, ${session.terminal}, ${session.clientApp}, ${session.strength},
      ${openedAt}, ${session.absoluteUntil.toString()}, ${openedAt})`,
  );
}

/**
 * Notes that a session is in use. Never goes back, when two processes note at once. Does not wait for the disk: what a
 * crash of the server takes away lets a session that was in use seem idle for a few seconds longer.
 */
export async function touchSession(session: Session, sessionId: string, at: Temporal.Instant): Promise<void> {
  await session.run(
    'access.session.touch',
    ({ raw }) => raw`
    update access.session set last_seen_at = ${at.toString()}
    where id = ${sessionId} and last_seen_at < ${at.toString()}
      and (select set_config('synchronous_commit', 'off', true)) = 'off'`,
  );
}

/** Ends a session with all its tokens and step-ups. @returns whether it was still open */
export async function endSession(
  tx: Session,
  sessionId: string,
  at: Temporal.Instant,
  reason: string,
): Promise<boolean> {
  const ended = await tx.run(
    'access.session.end',
    ({ raw }) => raw`
    update access.session set ended_at = ${at.toString()}, ended_reason = ${reason}
    where id = ${sessionId} and ended_at is null returning 1`,
  );
  return ended.length > 0;
}

/** A refresh token as it is kept. */
export interface StoredRefreshToken {
  readonly sessionId: string;
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly usedAt: number | undefined;
}

/** SHA-256 of an opaque token of 256 random bits: such a token needs no salt and no slow hash. */
export function opaqueDigest(token: string): Uint8Array {
  return createHash('sha256').update(token, 'utf8').digest();
}

export async function findRefreshToken(
  session: Session,
  digest: Uint8Array,
): Promise<StoredRefreshToken | undefined> {
  const [row] = await session.run(
    'access.refreshToken.find',
    ({ raw }) =>
      raw<{ session_id: string; generation: number; used_at: string | null }[]>`
      select session_id, generation, used_at from access.refresh_token where sha256 = ${digest}`,
  );
  return (
    row && {
      sessionId: row.session_id,
      generation: row.generation,
      usedAt: row.used_at === null ? undefined : Temporal.Instant.from(row.used_at).epochMilliseconds,
    }
  );
}

/** The generation of the newest token of a session's family. */
export async function newestGeneration(tx: Session, sessionId: string): Promise<number> {
  const rows = await tx.run(
    'access.refreshToken.newest',
    ({ raw }) =>
      raw<{ generation: number }[]>`
      select max(generation) as generation from access.refresh_token where session_id = ${sessionId}`,
  );
  return onlyRow(rows).generation;
}

/** Uses a token up. @returns false when somebody else did: of two at once only one gets it */
export async function useRefreshToken(
  tx: Session,
  digest: Uint8Array,
  at: Temporal.Instant,
): Promise<boolean> {
  const used = await tx.run(
    'access.refreshToken.use',
    ({ raw }) => raw`
    update access.refresh_token set used_at = ${at.toString()}
    where sha256 = ${digest} and used_at is null returning 1`,
  );
  return used.length > 0;
}

export async function insertRefreshToken(
  tx: Session,
  digest: Uint8Array,
  sessionId: string,
  generation: number,
  at: Temporal.Instant,
): Promise<void> {
  await tx.run(
    'access.refreshToken.insert',
    ({ raw }) => raw`
    insert into access.refresh_token (sha256, session_id, generation, issued_at)
    values (${digest}, ${sessionId}, ${generation}, ${at.toString()})`,
  );
}

export async function insertStepUp(
  tx: Session,
  sessionId: string,
  purpose: string,
  until: Temporal.Instant,
): Promise<void> {
  await tx.run(
    'access.stepUp.insert',
    ({ raw }) => raw`
    insert into access.step_up (session_id, purpose, until) values (${sessionId}, ${purpose}, ${until.toString()})`,
  );
}
