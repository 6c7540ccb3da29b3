import type { Session } from '../../kernel/database/database.js';
import { Temporal, type IsoDate } from '../../kernel/dates.js';
import { isPurpose, type PurposeName } from '../purposes.js';
import { FUNCTIONS, type FunctionName } from '../functions.js';

/** What the register says about a session at one moment, read by one statement. Instants in ms since the epoch. */
export interface SessionState {
  readonly sessionId: string;
  readonly actorId: string;
  readonly kind: 'staff' | 'service';
  readonly name: string;
  readonly terminal: string;
  readonly clientApp: string;
  readonly strength: string;
  readonly absoluteUntil: number;
  readonly lastSeenAt: number;
  readonly endedAt: number | undefined;
  readonly accountState: 'pending' | 'active' | 'suspended' | 'revoked';
  /** First and last day of the account, inclusive. */
  readonly accountFrom: IsoDate;
  readonly accountTo: IsoDate | undefined;
  /** The day in Japan for which unit, roles, functions and purposes hold. */
  readonly day: IsoDate;
  readonly department: string;
  readonly branchCode: string | undefined;
  readonly roles: readonly string[];
  /** A branch role is held, and no role of the whole municipality that itself opens people (`addressee:read`). */
  readonly isBranchScoped: boolean;
  readonly functions: ReadonlySet<FunctionName>;
  readonly purposes: ReadonlySet<PurposeName>;
  readonly stepUps: readonly { readonly purpose: PurposeName; readonly until: number }[];
}

interface StateRow {
  readonly id: string;
  readonly staff_id: string | null;
  readonly actor_id: string;
  readonly name: string;
  readonly terminal: string;
  readonly client_app: string;
  readonly strength: string;
  readonly absolute_until: string;
  readonly last_seen_at: string;
  readonly ended_at: string | null;
  readonly state: SessionState['accountState'];
  readonly account_from: string;
  readonly account_to: string | null;
  readonly department: string | null;
  readonly branch_code: string | null;
  readonly roles: string[];
  readonly branch_scoped: boolean | null;
  readonly functions: string[];
  readonly purposes: string[];
  readonly step_ups: { purpose: string; until: string }[];
}

/** A role of the whole municipality lifts the limit to a branch only when it holds this itself. */
const OPENS_PEOPLE: FunctionName = 'addressee:read';

/** The state of a session with the rights of a day, or none when there is no such session. */
export async function readSessionState(
  session: Session,
  sessionId: string,
  day: IsoDate,
): Promise<SessionState | undefined> {
  const [row] = await session.run(
    'access.session.state',
    ({ raw }) => raw<StateRow[]>`
    with held as (
      select g.role from access.session s
      cross join lateral access.grants_in_force(s.staff_id, s.client_id, ${day}) g where s.id = ${sessionId}
    )
    select s.id, s.staff_id, coalesce(s.staff_id, s.client_id) as actor_id,
      coalesce(st.name, sa.name) as name, s.terminal, s.client_app, s.strength,
      s.absolute_until, s.last_seen_at, s.ended_at, coalesce(st.state, sa.state) as state,
      coalesce(st.employment_from, sa.valid_from) as account_from,
      case when s.staff_id is null then sa.valid_to else st.employment_to end as account_to,
      unit.code as department, unit.branch_code,
      array(select distinct role from held order by 1) as roles,
      (select bool_or(r.scope = 'branch') and not bool_or(r.scope <> 'branch' and exists (
          select from access.role_function f where f.role = r.name and f.function = ${OPENS_PEOPLE}
            and f.valid_from <= ${day} and (f.valid_to is null or f.valid_to >= ${day})))
        from access.role r where r.name in (select role from held)) as branch_scoped,
      array(select distinct f.function from access.role_function f where f.role in (select role from held)
        and f.valid_from <= ${day} and (f.valid_to is null or f.valid_to >= ${day})) as functions,
      array(select distinct p.purpose from access.role_purpose p where p.role in (select role from held)
        and p.valid_from <= ${day} and (p.valid_to is null or p.valid_to >= ${day})) as purposes,
      coalesce((select jsonb_agg(jsonb_build_object('purpose', u.purpose, 'until', u.until))
        from access.step_up u where u.session_id = s.id), '[]') as step_ups
    from access.session s
    left join access.staff st on st.staff_id = s.staff_id
    left join access.service_account sa on sa.client_id = s.client_id
    left join lateral (
      select d.code, d.branch_code from access.department d
      where d.code = case when s.staff_id is null then sa.department
        else (select u.department from access.units_in_force(s.staff_id, ${day}) u where u.is_current) end
    ) unit on true
    where s.id = ${sessionId}`,
  );
  return row && stateOf(row, day);
}

function stateOf(row: StateRow, day: IsoDate): SessionState {
  return {
    sessionId: row.id,
    actorId: row.actor_id,
    kind: row.staff_id === null ? 'service' : 'staff',
    name: row.name,
    terminal: row.terminal,
    clientApp: row.client_app,
    strength: row.strength,
    absoluteUntil: epochMs(row.absolute_until),
    lastSeenAt: epochMs(row.last_seen_at),
    endedAt: row.ended_at === null ? undefined : epochMs(row.ended_at),
    accountState: row.state,
    accountFrom: row.account_from,
    accountTo: row.account_to ?? undefined,
    day,
    department: row.department ?? '',
    branchCode: row.branch_code ?? undefined,
    roles: row.roles,
    isBranchScoped: row.branch_scoped === true,
    functions: new Set(row.functions.filter(isFunction)),
    purposes: new Set(row.purposes.filter(isPurpose)),
    stepUps: row.step_ups.flatMap(({ purpose, until }) =>
      isPurpose(purpose) ? [{ purpose, until: epochMs(until) }] : [],
    ),
  };
}

/** A function this release does not know is not held. */
function isFunction(text: string): text is FunctionName {
  return Object.hasOwn(FUNCTIONS, text);
}

function epochMs(text: string): number {
  return Temporal.Instant.from(text).epochMilliseconds;
}
