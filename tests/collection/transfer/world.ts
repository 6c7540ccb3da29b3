import { randomUUID } from 'node:crypto';
import * as tables from '../../../schema/records/index.js';
import { openAuditLog, type AuditLog } from '../../../src/audit/log.js';
import type { TransferJob } from '../../../src/collection/transfer/job.js';
import { Temporal } from '../../../src/kernel/dates.js';
import type { TestDatabase } from '../../support/database.js';
import type { Records } from '../../support/records.js';

/** What a round of the tests is configured with. */
export const ROUND = {
  fiscalYear: 2026,
  serialNo: 1,
  month: 10,
  windowMonths: [4, 6, 10],
  quota: 10,
  criteria: {
    unpaidMin: 30_000,
    overdueDaysMin: 60,
    taxItems: ['001', '010', '020'],
    includesProtected: false,
    order: 'unpaid',
  },
  noticeDays: 14,
  recipient: '990001',
  profile: 'standard',
  purpose: '滞納整理機構への移管',
  basis: ['滞納整理機構規約第3条'],
} as const;

/** Runs the steps of a transfer on days that the test names. */
export class Jobs {
  readonly #db: TestDatabase;
  readonly #audit: AuditLog;
  day = '2026-11-02';

  constructor(db: TestDatabase) {
    this.#db = db;
    this.#audit = openAuditLog(db.loader);
  }

  /** A job of today. */
  get job(): TransferJob {
    const { day } = this;
    return {
      database: this.#db.loader,
      audit: this.#audit,
      clock: { now: () => Temporal.Instant.from(`${day}T10:00:00+09:00`) },
      requestId: randomUUID(),
      actor: {
        actorId: 'S0001',
        roles: ['transferOfficer'],
        department: '0100',
        terminal: 'T-01',
        sessionId: 'console',
        strength: 'console',
        clientApp: 'tests',
        purpose: 'TRANSFER',
      },
    };
  }

  close(): Promise<void> {
    return this.#audit.close();
  }
}

/** Somebody with overdue, reminded lines of the given taxes, and a case. */
export async function debtor(
  records: Records,
  taxes: readonly bigint[],
  change: Parameters<Records['addressee']>[0] = {},
) {
  const addresseeNo = await records.addressee(change);
  const levies: bigint[] = [];
  for (const [at, taxAmount] of taxes.entries()) {
    const levyId = await records.levy(addresseeNo, { taxAmount, dueOn: `2026-0${at + 5}-01` });
    await records.row(tables.reminders, { levyId, sentOn: `2026-0${at + 5}-20` });
    levies.push(levyId);
  }
  return { addresseeNo, levies, ...(await records.case(addresseeNo)) };
}

/** The second person approves the round, as the gateway's mutation does. */
export async function approve(db: TestDatabase, records: Records, roundNo: string): Promise<void> {
  const changeId = await records.newChange('transfer.approve', 'S0002');
  await db.gateway.run(
    'test.approve',
    ({ raw }) => raw`
    insert into records.transfer_round_approval (round_id, digest, approved_by, approved_on, change_id)
    select id, digest, 'S0002', '2026-11-02', ${String(changeId)}::bigint from records.transfer_round
    where round_no = ${roundNo}`,
  );
}

/** Money from the organization for a result. */
export async function remit(
  db: TestDatabase,
  records: Records,
  resultId: string,
  amount: bigint,
): Promise<void> {
  const changeId = await records.newChange('transfer.remit', 'S0001');
  await db.gateway.run(
    'test.remit',
    ({ raw }) => raw`
    insert into records.transfer_remittance (result_id, received_on, amount, reference, change_id)
    select id, '2026-12-08', ${String(amount)}::bigint, '払込', ${String(changeId)}::bigint
    from records.transfer_result where result_id = ${resultId}::uuid`,
  );
}

/** Two people set aside what is held, as the gateway's mutations do. */
export async function setAside(db: TestDatabase, records: Records, holdId: bigint): Promise<void> {
  const changeId = String(await records.newChange('transfer.setAside', 'S0001'));
  await db.gateway.run(
    'test.setAside',
    ({ raw }) => raw`
    with proposed as (
      insert into records.transfer_set_aside (hold_id, proposed_by, proposed_on, reason, change_id)
      values (${String(holdId)}::bigint, 'S0001', '2026-11-02', '機構の誤り', ${changeId}::bigint) returning id
    ) insert into records.transfer_set_aside_decision (set_aside_id, outcome, decided_by, decided_on, reason, change_id)
    select id, 'approved', 'S0002', '2026-11-02', '確認した', ${changeId}::bigint from proposed`,
  );
}
