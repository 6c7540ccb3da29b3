import { sql } from './pool.js';

export interface AddresseeRow {
  readonly addresseeNo: string;
  readonly name: string;
  readonly kana: string;
}

export interface LevyLineRow {
  readonly id: string;
  readonly addresseeNo: string;
  readonly noticeNo: string;
  readonly taxItemCode: string;
  readonly instalmentNo: number;
  readonly dueOn: string;
  readonly levied: number;
  readonly received: number;
  readonly taxOutstanding: number;
  readonly lateChargeOutstanding: number;
  readonly outstanding: number;
  readonly settled: boolean;
}

export interface AllocationRow {
  readonly levyId: string;
  readonly receiptId: string | null;
  readonly amount: number;
  readonly effectiveOn: string;
}

export interface ReceiptRow {
  readonly id: string;
  readonly channel: string;
  readonly paidOn: string;
  readonly bookedOn: string;
  readonly amount: number;
}

export interface TaxItemRow {
  readonly code: string;
  readonly name: string;
}

export function findAddressees(addresseeNos: readonly string[]): Promise<AddresseeRow[]> {
  return sql<AddresseeRow[]>`
    select addressee_no as "addresseeNo", name, kana from records.addressee
    where addressee_no = any(${addresseeNos as string[]}::text[])`;
}

/** The first people whose reading begins with some characters, in the byte order of the index. */
export function findAddresseesByKana(kana: string, first: number): Promise<AddresseeRow[]> {
  return sql<AddresseeRow[]>`
    select addressee_no as "addresseeNo", name, kana from records.addressee
    where kana_folded collate "C" >= ${kana}::text and kana_folded collate "C" < (${kana}::text || chr(1114109))
    order by kana_folded collate "C", addressee_no limit ${first}::integer`;
}

/** The levy lines of people with their balances, at most `first` of each. */
export function findLevyLines(
  addresseeNos: readonly string[],
  fiscalYear: number,
  first: number,
): Promise<LevyLineRow[]> {
  return sql<LevyLineRow[]>`
    select l.id::text as id, l.addressee_no as "addresseeNo", l.notice_no as "noticeNo",
      l.tax_item as "taxItemCode", l.instalment_no as "instalmentNo", l.due_on as "dueOn", b.levied, b.received,
      b.tax_outstanding as "taxOutstanding", b.late_charge_outstanding as "lateChargeOutstanding", b.settled,
      greatest(b.tax_outstanding, 0) + greatest(b.reminder_fee_outstanding, 0)
        + greatest(b.late_charge_outstanding, 0) + greatest(b.penalty_outstanding, 0)
        + greatest(b.disposition_cost_outstanding, 0) as outstanding
    from unnest(${addresseeNos as string[]}::text[]) as a (addressee_no)
    cross join lateral (
      select * from records.levy_line l
      where l.addressee_no = a.addressee_no and l.levy_fiscal_year = ${fiscalYear}::smallint
      order by l.levy_fiscal_year, l.tax_item, l.instalment_no, l.id limit ${first}::integer
    ) as l
    join records.levy_balance b on b.levy_id = l.id
    order by l.addressee_no, l.tax_item, l.instalment_no, l.id`;
}

export function findTaxItems(codes: readonly string[]): Promise<TaxItemRow[]> {
  return sql<TaxItemRow[]>`
    select code, name from records.tax_item where code = any(${codes as string[]}::text[])`;
}

/** What was applied to levy lines, at most `first` of each. */
export function findAllocations(levyIds: readonly string[], first: number): Promise<AllocationRow[]> {
  return sql<AllocationRow[]>`
    select c."levyId", c."receiptId", c.amount, c."effectiveOn"
    from unnest(${levyIds as string[]}::bigint[]) as l (id)
    cross join lateral (
      select levy_id::text as "levyId", receipt_id::text as "receiptId", amount, effective_on as "effectiveOn", c.id
      from records.allocation c where c.levy_id = l.id order by c.effective_on, c.id limit ${first}::integer
    ) as c
    order by l.id, c."effectiveOn", c.id`;
}

export function findReceipts(ids: readonly string[]): Promise<ReceiptRow[]> {
  return sql<ReceiptRow[]>`
    select id::text as id, channel, paid_on as "paidOn", booked_on as "bookedOn", amount from records.receipt
    where id = any(${ids as string[]}::bigint[])`;
}
