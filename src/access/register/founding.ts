import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { municipalities } from '../../../schema/records/index.js';
import { staff } from '../../../schema/records/access.js';
import type { AuditLog } from '../../audit/log.js';
import type { Clock } from '../../kernel/clock.js';
import type { AuditRecord } from '../../audit/record.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { Database, Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import { dayOf, SYSTEM_ACTOR, type RegisterChange } from './change.js';
import { grantRole } from './grants.js';
import { installBuiltInRoles, installDepartments, type Department } from './roles.store.js';
import { createStaff } from './staff.js';

/** What a municipality starts with: itself, its units, and the people who will take everybody else in. */
export interface Founding {
  readonly municipality: { readonly code: string; readonly name: string };
  readonly departments: readonly Department[];
  readonly administrators: readonly {
    readonly staffId: string;
    readonly personId: string;
    readonly name: string;
    readonly kana: string;
    readonly department: string;
    readonly employmentFrom: IsoDate;
  }[];
}

/** The enrolment code of one administrator, to be handed over on paper; only its digest is kept. */
export interface FoundingCode {
  readonly staffId: string;
  readonly enrolmentCode: string;
}

/**
 * Founds the register of an empty records database, all or nothing: the built-in roles, the units, the first access
 * administrators. Two at least, because nobody may grant himself a role (handbook 15 §6.3).
 * @param database a session of the owner of the schema
 * @throws KuramoriError CONFLICT when there is staff or a municipality already, BAD_INPUT
 */
export async function foundRegister(
  database: Database,
  audit: Pick<AuditLog, 'appendIn'>,
  clock: Clock,
  founding: Founding,
): Promise<FoundingCode[]> {
  if (new Set(founding.administrators.map(({ personId }) => personId)).size < 2) {
    throw new KuramoriError(
      'BAD_INPUT',
      'At least two administrators are needed: nobody may grant himself a role.',
    );
  }
  return database.transaction('founding', async (tx) => {
    await refuseFounded(tx);
    await tx.run('founding.municipality', ({ orm }) =>
      orm.insert(municipalities).values(founding.municipality),
    );
    await installBuiltInRoles(tx);
    await installDepartments(tx, founding.departments);
    const codes: FoundingCode[] = [];
    for (const administrator of founding.administrators) {
      const change = foundingChange(clock);
      const { enrolmentCode } = await createStaff(tx, change, { ...administrator, employmentTo: undefined });
      const role = { role: 'accessAdministrator', validFrom: dayOf(change), validTo: undefined };
      await grantRole(tx, change, administrator.staffId, role);
      codes.push({ staffId: administrator.staffId, enrolmentCode });
    }
    await audit.appendIn(tx, foundingRecord(clock, codes.length));
    return codes;
  });
}

function foundingRecord(clock: Clock, accounts: number): AuditRecord {
  return {
    kind: 'staffChange',
    at: clock.now().toString({ fractionalSecondDigits: 3 }),
    requestId: randomUUID(),
    actorId: SYSTEM_ACTOR,
    roles: [],
    department: '',
    terminal: 'console',
    sessionId: 'console',
    strength: 'console',
    clientApp: 'kuramori',
    purpose: 'ADMINISTRATION',
    entries: [{ coordinate: 'Register.found', decision: 'allow', rows: accounts, subjects: [] }],
  };
}

function foundingChange(clock: Clock): RegisterChange {
  return {
    actorId: SYSTEM_ACTOR,
    at: clock.now(),
    purpose: 'ADMINISTRATION',
    caseRef: undefined,
    requestId: randomUUID(),
    reason: '初期設定',
  };
}

async function refuseFounded(tx: Session): Promise<void> {
  const [found] = await tx.run('founding.found', ({ orm }) =>
    orm
      .select({ any: sql<boolean>`exists (select from ${staff}) or exists (select from ${municipalities})` })
      .from(sql`(values (1)) as one`),
  );
  if (found?.any !== false) {
    throw new KuramoriError(
      'CONFLICT',
      'The records database is founded already. Staff is taken in by its administrators.',
    );
  }
}
