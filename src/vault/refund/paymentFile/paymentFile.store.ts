import type { Session } from '../../../kernel/database/database.js';
import type { IsoDate, Temporal } from '../../../kernel/dates.js';
import { PAYMENT_FILE_RECORDS_MAX, PAYMENT_FILES_LISTED_MAX } from '../../../kernel/limits.js';
import type { Yen } from '../../../kernel/yen.js';
import type { VaultRef } from '../../number/vaultRef.js';
import type { Consignor } from './compose.js';

/** A consignor with the number of its entry. */
export interface StoredConsignor extends Consignor {
  readonly id: bigint;
}

/** 振込データ as the journal has it. */
export interface PaymentFile {
  readonly fileNo: number;
  readonly payOn: IsoDate;
  readonly consignorId: bigint;
  readonly count: number;
  readonly totalYen: Yen;
  /** Of the bytes, `sha256:` and hexadecimal. */
  readonly sha256: string;
  readonly approvalId: string;
  readonly madeBy: string;
  /** ISO instant. */
  readonly madeAt: string;
}

/** A payment that was taken: its transfer record lies in the spool. */
export interface TakenPayment {
  readonly refundId: string;
  readonly vaultRef: VaultRef;
  /** Spool item; none once its time is over. */
  readonly paymentRef: VaultRef | null;
}

export type PendingPayment = TakenPayment & { readonly paymentRef: VaultRef };

export async function insertConsignor(
  tx: Session,
  consignor: Consignor,
  entered: { readonly validFrom: IsoDate; readonly by: string; readonly at: string },
): Promise<void> {
  const { code, nameKana, bankCode, bankNameKana, branchCode, branchNameKana } = consignor;
  const { accountType, accountNumber, layout } = consignor;
  await tx.run(
    'vault.payment.consignor',
    ({ raw }) => raw`
    insert into vault.payment_consignor (valid_from, code, name_kana, bank_code, bank_name_kana, branch_code,
      branch_name_kana, account_type, account_number, layout, entered_by, entered_at)
    values (${entered.validFrom}, ${code}, ${nameKana}, ${bankCode}, ${bankNameKana}, ${branchCode},
      ${branchNameKana}, ${accountType}, ${accountNumber}, ${layout}, ${entered.by}, ${entered.at})`,
  );
}

/** The consignor of an entry, or the one on a day; or nothing. */
export async function findConsignor(
  session: Session,
  which: IsoDate | bigint,
): Promise<StoredConsignor | undefined> {
  const [id, day] = typeof which === 'bigint' ? [String(which), null] : [null, which];
  const [row] = await session.run(
    'vault.payment.consignorOn',
    ({ raw }) => raw<StoredConsignor[]>`
    select id, code, name_kana as "nameKana", bank_code as "bankCode", bank_name_kana as "bankNameKana",
      branch_code as "branchCode", branch_name_kana as "branchNameKana", account_type as "accountType",
      account_number as "accountNumber", layout
    from vault.payment_consignor
    where id = ${id}::bigint or valid_from <= ${day}::date
    order by valid_from desc, payment_consignor.id desc limit 1`,
  );
  return row;
}

/** Makes files that are made wait for each other until the transaction's end. */
export async function serializeFiles(tx: Session): Promise<void> {
  await tx.run(
    'vault.payment.serialize',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended('vault.payment_file', 0))`,
  );
}

/**
 * Payments that were taken until an instant, are not confirmed and in no file (also none that a restore has lost and
 * the bank has paid), and whose consent stands, in the order
 * in which they were taken; at most PAYMENT_FILE_RECORDS_MAX. Nobody confirms or erases them, and no withdrawal reaches
 * them, before the transaction's end.
 */
export async function lockPending(
  tx: Session,
  takenUntil: Temporal.Instant,
  now: Temporal.Instant,
): Promise<readonly PendingPayment[]> {
  const rows = await tx.run(
    'vault.payment.pending',
    ({ raw }) => raw<PendingPayment[]>`
    select a.refund_id as "refundId", a.vault_ref as "vaultRef", a.payment_ref as "paymentRef"
    from vault.refund_account a
    join vault.spool_item i on i.item_ref = a.payment_ref and i.erase_after > ${now.toString()}
    where a.taken_at <= ${takenUntil.toString()} and a.confirmed_at is null and a.consent_withdrawn_at is null
      and not exists (select from vault.payment_file_record r where r.refund_id = a.refund_id)
      and not exists (
        select from vault.payment_file_lost l join vault.payment_file_compared c using (file_no, sha256)
        where c.outcome = 'paid' and a.refund_id = any (l.refund_ids))
    order by a.taken_at, a.refund_id limit ${PAYMENT_FILE_RECORDS_MAX} for update of a`,
  );
  return [...rows];
}

/** Writes a file and what is in it. @returns its number */
export async function insertFile(
  tx: Session,
  file: Omit<PaymentFile, 'fileNo'>,
  refundIds: readonly string[],
): Promise<number> {
  const { payOn, consignorId, count, totalYen, sha256, approvalId, madeBy, madeAt } = file;
  const [row] = await tx.run(
    'vault.payment.insert',
    ({ raw }) => raw<{ fileNo: number }[]>`
    insert into vault.payment_file (file_no, pay_on, consignor_id, count, total_yen, sha256, approval_id, made_by,
      made_at)
    select greatest(max(file_no), (select max(file_no) from vault.payment_file_lost), 0) + 1, ${payOn}::date,
      ${String(consignorId)}::bigint, ${count}::int, ${String(totalYen)}::bigint, ${sha256}, ${approvalId},
      ${madeBy}, ${madeAt}::timestamptz
    from vault.payment_file returning file_no as "fileNo"`,
  );
  const { fileNo } = row as { fileNo: number };
  await tx.run(
    'vault.payment.records',
    ({ raw }) => raw`
    insert into vault.payment_file_record (refund_id, file_no, record_no)
    select refund_id, ${fileNo}::int, at from unnest(${[...refundIds]}::text[]) with ordinality as r (refund_id, at)`,
  );
  return fileNo;
}

/** A file by its number or by the approval that made it, or nothing. */
export async function findFile(session: Session, which: number | string): Promise<PaymentFile | undefined> {
  const [fileNo, approvalId] = typeof which === 'number' ? [which, null] : [null, which];
  const [row] = await readFiles(session, { fileNo, approvalId });
  return row;
}

/** The newest files, the last first. */
export function listFiles(session: Session): Promise<readonly PaymentFile[]> {
  return readFiles(session, { fileNo: null, approvalId: null });
}

async function readFiles(
  session: Session,
  { fileNo, approvalId }: { readonly fileNo: number | null; readonly approvalId: string | null },
): Promise<readonly PaymentFile[]> {
  const rows = await session.run(
    'vault.payment.files',
    ({ raw }) => raw<PaymentFile[]>`
    select file_no as "fileNo", pay_on::text as "payOn", consignor_id as "consignorId", count,
      total_yen as "totalYen", sha256, approval_id as "approvalId", made_by as "madeBy", made_at as "madeAt"
    from vault.payment_file
    where (${fileNo}::int is null or file_no = ${fileNo}::int)
      and (${approvalId}::text is null or approval_id = ${approvalId}::text)
    order by file_no desc limit ${PAYMENT_FILES_LISTED_MAX}`,
  );
  return [...rows];
}

/** Where a refund stands in a payment file. */
export interface PaymentPlace {
  readonly fileNo: number;
  /** From 1, among the data records. */
  readonly recordNo: number;
  readonly payOn: IsoDate;
}

/**
 * The place of a refund in a payment file, also in one that a restore has lost, or nothing. Lock its account first, so
 * that it is not put into one now.
 */
export async function placeOf(tx: Session, refundId: string): Promise<PaymentPlace | undefined> {
  const [row] = await tx.run(
    'vault.payment.place',
    ({ raw }) => raw<PaymentPlace[]>`
    select file_no as "fileNo", record_no as "recordNo", pay_on::text as "payOn"
    from vault.payment_file_record join vault.payment_file using (file_no) where refund_id = ${refundId}
    union all
    select file_no, array_position(l.refund_ids, ${refundId}), l.pay_on::text
    from vault.payment_file_lost l left join vault.payment_file_compared c using (file_no, sha256)
    where ${refundId} = any (l.refund_ids) and c.outcome is distinct from 'notPaid'
    order by 1 desc limit 1`,
  );
  return row;
}

/** What is in a file, in the order of its records. */
export async function paymentsOf(
  session: Session,
  fileNo: number,
  now: Temporal.Instant,
): Promise<readonly TakenPayment[]> {
  const rows = await session.run(
    'vault.payment.of',
    ({ raw }) => raw<TakenPayment[]>`
    select a.refund_id as "refundId", a.vault_ref as "vaultRef", i.item_ref as "paymentRef"
    from vault.payment_file_record r join vault.refund_account a on a.refund_id = r.refund_id
    left join vault.spool_item i on i.item_ref = a.payment_ref and i.erase_after > ${now.toString()}
    where r.file_no = ${fileNo} order by r.record_no`,
  );
  return [...rows];
}
