import { randomUUID } from 'node:crypto';
import { installCredentials } from '../../../src/access/credential/install.js';
import { totpCode, totpStep } from '../../../src/kernel/token/totp.js';
import {
  openIdentity,
  type Identity,
  type IdentitySettings,
  type Origin,
} from '../../../src/access/identity.js';
import type { RegisterChange } from '../../../src/access/register/change.js';
import { grantRole } from '../../../src/access/register/grants.js';
import { installBuiltInRoles, installDepartments } from '../../../src/access/register/roles.store.js';
import { createStaff } from '../../../src/access/register/staff.js';
import { decodeBody } from '../../../src/audit/body.js';
import { openAuditLog, type AuditLog } from '../../../src/audit/log.js';
import type { Clock } from '../../../src/kernel/clock.js';
import { dayInJapan } from '../../../src/kernel/dates.js';
import type { TestDatabase } from '../../support/database.js';
import { settings as soundSettings } from './settings.js';

export const PASSWORD = 'midori-no-kaze-42';
export const TOTP_SECRET = Buffer.from('12345678901234567890', 'ascii');

/** A small municipality with a door, on a real database, as the gateway runs. */
export interface House {
  readonly db: TestDatabase;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly identity: Identity;
  readonly settings: IdentitySettings;
  change(reason?: string, actorId?: string): RegisterChange;
  /** An active account with password, authenticator and roles; employed since 2020. */
  staff(staffId: string, roles?: readonly string[], department?: string): Promise<void>;
  code(): string;
}

/** Opens the house. One per test file. */
export async function house(
  db: TestDatabase,
  clock: Clock,
  changed: Partial<IdentitySettings> = {},
): Promise<House> {
  const settings = soundSettings(changed);
  const audit = openAuditLog(db.gateway);
  const identity = openIdentity({ database: db.gateway, audit, clock, settings });
  await installBuiltInRoles(db.owner);
  await installDepartments(db.owner, [
    { code: 'SHUNO', name: '収納課', branchCode: undefined },
    { code: 'KANSA', name: '監査室', branchCode: undefined },
    { code: 'KITA', name: '北支所', branchCode: '01' },
  ]);
  const change = (reason = '試験', actorId = 'installer'): RegisterChange => ({
    actorId,
    at: clock.now(),
    purpose: 'ADMINISTRATION',
    caseRef: undefined,
    requestId: randomUUID(),
    reason,
  });
  return {
    db,
    clock,
    audit,
    identity,
    settings,
    change,
    code: () => totpCode(TOTP_SECRET, totpStep(clock.now().epochMilliseconds)),
    staff: async (staffId, roles = [], department = 'SHUNO') => {
      await db.gateway.transaction('test.staff', async (tx) => {
        await createStaff(tx, change(), {
          staffId,
          personId: `P-${staffId}`,
          name: '試験 花子',
          kana: 'シケン ハナコ',
          department,
          employmentFrom: '2020-04-01',
          employmentTo: undefined,
        });
        await installCredentials(
          tx,
          settings,
          staffId,
          { password: PASSWORD, totpSecret: TOTP_SECRET },
          clock.now(),
        );
        for (const role of roles) {
          await grantRole(tx, change(), staffId, {
            role,
            validFrom: dayInJapan(clock.now()).toString(),
            validTo: undefined,
          });
        }
      });
    },
  };
}

/** An origin of its own for each use, so that one test's refusals do not throttle another's. */
export function origin(changed: Partial<Origin> = {}): Origin {
  return {
    address: '10.1.2.3',
    requestId: randomUUID(),
    terminal: 'T-0417',
    clientApp: 'shuno-front',
    ...changed,
  };
}

/** Audit entries of a coordinate, oldest first, as the log has them. */
export async function auditEntries(db: TestDatabase, coordinate: string): Promise<AuditLine[]> {
  const rows = await db.owner.run(
    'test.audit',
    ({ raw }) => raw<{ body: Uint8Array }[]>`
    select body from audit.written order by record_no`,
  );
  return rows
    .map(({ body }) => decodeBody(Buffer.from(body).toString('utf8')) as AuditLine)
    .filter(({ entries }) => entries.some((entry) => entry.coordinate === coordinate));
}

export interface AuditLine {
  readonly kind: string;
  readonly actorId: string;
  readonly sessionId: string;
  readonly terminal: string;
  readonly purpose: string;
  readonly roles: readonly string[];
  readonly entries: readonly {
    coordinate: string;
    decision: string;
    reason: string;
    raised?: boolean;
    rows: number;
  }[];
}

/**
 * Lets somebody else's change be under way, not yet committed, while `work` reads; it commits once `work` waits for it.
 */
export async function overtaken(db: TestDatabase, change: string, work: () => Promise<void>): Promise<void> {
  let working: Promise<void> | undefined;
  await db.owner.transaction('test.overtaken', async (tx) => {
    await tx.run('test.overtaken', ({ raw }) => raw.unsafe(change));
    working = work();
    const isWaiting = () =>
      db.owner.run(
        'test.waiting',
        async ({ raw }) =>
          (await raw`select from pg_stat_activity where datname = ${db.name} and wait_event_type = 'Lock'`)
            .length > 0,
      );
    while (!(await isWaiting())) await new Promise((resolve) => setTimeout(resolve, 5));
  });
  await working;
}
