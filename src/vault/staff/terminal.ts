import { TERMINAL_ZONES } from '../../../schema/vault/staff.js';
import type { Session } from '../../kernel/database/database.js';
import type { Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { TerminalZone } from './person.js';

/** What is said of a terminal. */
export interface TerminalEntry {
  readonly terminalId: string;
  readonly zone: TerminalZone;
  readonly unit: string;
}

const TERMINAL_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const UNIT = /^[!-~]{1,64}$/;

/**
 * Enters a terminal, or moves it to another zone or unit.
 * @throws KuramoriError BAD_INPUT; CONFLICT for a terminal that was withdrawn, which is final
 */
export async function registerTerminal(session: Session, entry: TerminalEntry): Promise<void> {
  if (!TERMINAL_ID.test(entry.terminalId)) throw badEntry('terminalId');
  if (!TERMINAL_ZONES.includes(entry.zone)) throw badEntry('zone');
  if (!UNIT.test(entry.unit)) throw badEntry('unit');
  const written = await session.run(
    'vault.terminal.write',
    ({ raw }) => raw`
    insert into vault.terminal (terminal_id, zone, unit) values (${entry.terminalId}, ${entry.zone}, ${entry.unit})
    on conflict (terminal_id) do update set zone = excluded.zone, unit = excluded.unit
    where vault.terminal.revoked_at is null returning terminal_id`,
  );
  if (written.length === 1) return;
  throw new KuramoriError(
    'CONFLICT',
    'The terminal was withdrawn, which is final. Register it under a new id.',
  );
}

/** Withdraws a terminal for good: nothing signed on it is accepted any more. @throws KuramoriError NOT_FOUND */
export async function revokeTerminal(
  session: Session,
  terminalId: string,
  now: Temporal.Instant,
): Promise<void> {
  const rows = await session.run(
    'vault.terminal.revoke',
    ({ raw }) => raw`
    update vault.terminal set revoked_at = coalesce(revoked_at, ${now.toString()})
    where terminal_id = ${terminalId} returning terminal_id`,
  );
  if (rows.length === 1) return;
  throw new KuramoriError(
    'NOT_FOUND',
    'There is no such terminal in the register of the vault. Check the id.',
  );
}

function badEntry(field: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', `The ${field} of the terminal does not have its form.`, { field });
}
