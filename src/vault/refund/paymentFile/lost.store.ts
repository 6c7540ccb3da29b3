import type { Session } from '../../../kernel/database/database.js';
import type { IsoDate } from '../../../kernel/dates.js';
import type { Yen } from '../../../kernel/yen.js';
import type { PaymentFileLine } from '../../erasure/journal.line.js';

/** What two people found at the bank of a file that a restore had lost. */
export const LOST_FILE_OUTCOMES = ['paid', 'notPaid'] as const;
export type LostFileOutcome = (typeof LOST_FILE_OUTCOMES)[number];

/** A payment file that a restored database did not know. */
export interface LostFile {
  readonly fileNo: number;
  readonly payOn: IsoDate;
  readonly count: number;
  readonly totalYen: Yen;
  readonly sha256: string;
  readonly madeBy: string;
  readonly madeAt: string;
  /** None until two people have compared it. */
  readonly outcome: LostFileOutcome | null;
}

/** Writes a file of the journal down that the database does not know. @returns false when it knows it */
export async function insertLost(
  session: Session,
  line: Omit<PaymentFileLine, 'v' | 'kind'>,
  foundAt: string,
): Promise<boolean> {
  const { count } = await session.run(
    'vault.payment.lost',
    ({ raw }) => raw`
    insert into vault.payment_file_lost (sha256, file_no, pay_on, count, total_yen, refund_ids, made_by, made_at,
      found_at)
    select ${line.sha256}, ${line.fileNo}::int, ${line.payOn}::date, ${line.count}::int, ${line.totalYen}::bigint,
      ${[...line.refundIds]}::text[], ${line.madeBy}, ${line.madeAt}::timestamptz, ${foundAt}::timestamptz
    where not exists (select from vault.payment_file f where f.sha256 = ${line.sha256} and f.file_no = ${line.fileNo})
    on conflict (file_no, sha256) do nothing`,
  );
  return count === 1;
}

/** Files that restores have lost, the newest first. */
export async function lostFiles(session: Session): Promise<readonly LostFile[]> {
  const rows = await session.run(
    'vault.payment.lostFiles',
    ({ raw }) => raw<LostFile[]>`
    select file_no as "fileNo", l.pay_on::text as "payOn", l.count, l.total_yen as "totalYen", sha256,
      l.made_by as "madeBy", l.made_at as "madeAt", c.outcome
    from vault.payment_file_lost l left join vault.payment_file_compared c using (file_no, sha256)
    order by file_no desc, l.made_at desc`,
  );
  return [...rows];
}

export async function insertCompared(
  tx: Session,
  { fileNo, sha256 }: Pick<LostFile, 'fileNo' | 'sha256'>,
  compared: {
    readonly outcome: LostFileOutcome;
    readonly approvalId: string;
    readonly by: string;
    readonly at: string;
  },
): Promise<void> {
  await tx.run(
    'vault.payment.compared',
    ({ raw }) => raw`
    insert into vault.payment_file_compared (file_no, sha256, outcome, approval_id, compared_by, compared_at)
    values (${fileNo}, ${sha256}, ${compared.outcome}, ${compared.approvalId}, ${compared.by}, ${compared.at})`,
  );
}

/** Every payment file of the database as the journal has it, in the order of their numbers. */
export async function filesForJournal(
  session: Session,
): Promise<readonly Omit<PaymentFileLine, 'v' | 'kind'>[]> {
  const rows = await session.run(
    'vault.payment.journal',
    ({ raw }) => raw<(Omit<PaymentFileLine, 'v' | 'kind' | 'madeAt'> & { madeMs: bigint })[]>`
    select f.file_no as "fileNo", f.pay_on::text as "payOn", f.count, f.total_yen::text as "totalYen", f.sha256,
      f.made_by as "madeBy", (extract(epoch from f.made_at) * 1000)::int8 as "madeMs",
      array(select r.refund_id from vault.payment_file_record r where r.file_no = f.file_no order by r.record_no)
        as "refundIds"
    from vault.payment_file f order by f.file_no`,
  );
  return rows.map(({ madeMs, ...file }) => ({ ...file, madeAt: new Date(Number(madeMs)).toISOString() }));
}
