import { hostname } from 'node:os';
import { openAuditLog } from '../audit/log.js';
import { auditRefused, type LoadedKind } from '../exchange/load/audit.js';
import type { LoadActor } from '../exchange/load/job.js';
import type { FunctionName } from '../access/functions.js';
import type { PurposeName } from '../access/purposes.js';
import { today, type Clock } from '../kernel/clock.js';
import type { Database, Session } from '../kernel/database/database.js';
import type { IsoDate } from '../kernel/dates.js';
import { KuramoriError } from '../kernel/errors.js';
import { HEADER_CHARS_MAX } from '../kernel/limits.js';

interface ActorRow {
  state: string;
  department: string | null;
  roles: string[];
  may_load: boolean;
  purposes: string[];
}

/** One load that somebody asks for at the console. */
export interface LoadRequest {
  readonly kind: LoadedKind;
  /** As it was typed. */
  readonly staffId: string;
  readonly requestId: string;
  readonly clock: Clock;
}

/**
 * Who loads, like `consoleActor`. A refusal stands in the audit log, under nobody's name: what was typed may be
 * anything.
 * @param owner reads the register of staff, which is not the loader's to read
 */
export async function admitActor(owner: Database, request: LoadRequest): Promise<LoadActor> {
  const { kind, staffId, requestId, clock } = request;
  try {
    return await consoleActor(owner, staffId, today(clock));
  } catch (error) {
    const audit = openAuditLog(owner);
    try {
      await auditRefused(kind, { audit, clock, requestId, actor: nobody() }, owner, error);
    } finally {
      await audit.close();
    }
    throw error;
  }
}

/**
 * Who works from the console, from the register as it stands today: the audit record names the person, not the
 * account of the machine.
 * @param needed the function that the work asks for
 * @param purposes of which the first that the person holds is named in the record
 * @throws KuramoriError NOT_FOUND when there is no such account; FORBIDDEN_FIELD when it is not active or holds no
 *   role with the function
 */
export async function consoleActor(
  session: Session,
  staffId: string,
  day: IsoDate,
  needed: FunctionName = 'load:run',
  purposes: readonly PurposeName[] = ['COLLECTION'],
): Promise<LoadActor> {
  const [row] = await session.run(
    'load.actor',
    ({ raw }) => raw<ActorRow[]>`
    with held as (select distinct g.role from access.grants_in_force(${staffId}::text, null, ${day}::date) g)
    select s.state, (select u.department from access.units_in_force(s.staff_id, ${day}::date) u
      where u.is_current) as department,
      array(select role from held order by role) as roles,
      s.employment_from <= ${day}::date and (s.employment_to is null or s.employment_to >= ${day}::date) and exists (
        select from held join access.role_function f using (role) where f.function = ${needed}
          and f.valid_from <= ${day}::date and (f.valid_to is null or f.valid_to >= ${day}::date)) as may_load,
      array(select distinct p.purpose from held join access.role_purpose p using (role)
        where p.valid_from <= ${day}::date
          and (p.valid_to is null or p.valid_to >= ${day}::date) order by p.purpose) as purposes
    from access.staff s where s.staff_id = ${staffId}::text`,
  );
  if (row === undefined)
    throw new KuramoriError('NOT_FOUND', 'There is no such staff account. Check the staff id.');
  if (row.state !== 'active' || !row.may_load) {
    throw new KuramoriError(
      'FORBIDDEN_FIELD',
      `This person may not do this: an active account with ${needed} is needed.`,
      {
        function: needed,
      },
    );
  }
  return {
    ...nobody(),
    actorId: staffId,
    roles: row.roles,
    department: row.department ?? '',
    purpose: purposes.find((purpose) => row.purposes.includes(purpose)) ?? row.purposes[0] ?? 'COLLECTION',
  };
}

/** Whoever sits at the console, before the register has said who it is. */
export function nobody(): LoadActor {
  return {
    actorId: 'console',
    roles: [],
    department: '',
    terminal: hostname().slice(0, HEADER_CHARS_MAX),
    sessionId: 'console',
    strength: 'console',
    clientApp: 'kuramori',
    purpose: 'COLLECTION',
  };
}
