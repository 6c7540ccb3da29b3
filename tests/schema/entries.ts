import type { Session } from '../../src/kernel/database/database.js';

/**
 * What the people and levy lines of a test hang on: one change, `addressees` people A1, A2, …; answers the
 * change's id.
 */
export async function prepareLedger(session: Session, addressees = 1): Promise<bigint> {
  await session.run(
    'test.people',
    ({ raw }) => raw`
    insert into records.addressee (addressee_no, kind, branch_code, name, kana, residence, address,
      name_folded, kana_folded, address_folded)
    select 'A' || n, 'person', '01', '蔵守 太郎', 'クラモリ タロウ', 'resident', '蔵守市本町1', '蔵守太郎', 'クラモリタロウ', '本町1'
    from generate_series(1, ${addressees}::int) as n on conflict do nothing`,
  );
  return newChange(session);
}

/** A change by an actor. */
export async function newChange(session: Session, actor = 'S0001'): Promise<bigint> {
  const [row] = await session.run(
    'test.change',
    ({ raw }) => raw<[{ id: bigint }]>`
    insert into records.change (actor_id, purpose, request_id, action)
    values (${actor}, 'COLLECTION', gen_random_uuid(), 'test') returning id`,
  );
  return row.id;
}

let noticeNo = 0;

/** Levy lines of the given taxes for one person, in one statement; answers their ids in order. */
export async function levyLines(
  session: Session,
  change: bigint,
  taxes: readonly bigint[],
  addressee = 'A1',
): Promise<bigint[]> {
  noticeNo += 1;
  const rows = await session.run(
    'test.levies',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into records.levy_line (municipality_code, assessment_year, tax_year, levy_fiscal_year, notice_no, tax_item,
      instalment_no, addressee_no, tax_amount, nominal_due_on, due_on, statutory_due_on, priority_on, decided_on,
      notified_on, change_id)
    select '139999', 2026, 2026, 2026, ${String(noticeNo).padStart(10, '0')}, '010', n, ${addressee}, tax,
      '2026-04-30', '2026-04-30', '2026-04-30', '2026-04-30', '2026-04-10', '2026-04-10', ${String(change)}
    from unnest(${taxes.map(String)}::bigint[]) with ordinality as t (tax, n) order by n returning id`,
  );
  return rows.map(({ id }) => id).toSorted((a, b) => (a < b ? -1 : 1));
}

/** A receipt of one amount. */
export async function receipt(
  session: Session,
  change: bigint,
  amount: bigint,
  reverses: bigint | null = null,
): Promise<bigint> {
  const [row] = await session.run(
    'test.receipt',
    ({ raw }) => raw<[{ id: bigint }]>`
    insert into records.receipt (source, tax_amount, channel, paid_on, received_on, booked_on, match_rule,
      reverses_id, change_id)
    values ('counter', ${String(amount)}, 'counter', '2026-05-01', '2026-05-01', '2026-05-01', 'none',
      ${reverses?.toString() ?? null}, ${String(change)})
    returning id`,
  );
  return row.id;
}

/** One part of a receipt or offset put to a component of a line. */
export interface Part {
  readonly levyId: bigint;
  readonly amount: bigint;
  readonly component?: string;
  readonly receiptId?: bigint;
  readonly offsetId?: bigint;
  readonly on?: string;
}

/** Allocations, all in one statement. */
export async function allocate(session: Session, change: bigint, parts: readonly Part[]): Promise<void> {
  const texts = (pick: (part: Part) => bigint | string | undefined) =>
    parts.map((part) => String(pick(part) ?? ''));
  await session.run(
    'test.allocations',
    ({ raw }) => raw`
    insert into records.allocation (levy_id, component, amount, receipt_id, offset_id, effective_on, change_id)
    select levy::bigint, component, yen::bigint, nullif(receipt, '')::bigint, nullif(origin, '')::bigint, on_day::date,
      ${String(change)}
    from unnest(${texts((p) => p.levyId)}::text[], ${texts((p) => p.component ?? 'tax')}::text[],
      ${texts((p) => p.amount)}::text[], ${texts((p) => p.receiptId)}::text[], ${texts((p) => p.offsetId)}::text[],
      ${texts((p) => p.on ?? '2026-05-01')}::text[]) as t (levy, component, yen, receipt, origin, on_day)`,
  );
}

/** An overpayment of a receipt. */
export async function overpayment(
  session: Session,
  change: bigint,
  receiptId: bigint,
  amount: bigint,
): Promise<bigint> {
  const [row] = await session.run(
    'test.overpayment',
    ({ raw }) => raw<[{ id: bigint }]>`
    insert into records.overpayment (addressee_no, receipt_id, cause, amount, arose_on, change_id)
    values ('A1', ${String(receiptId)}, 'excess', ${String(amount)}, '2026-05-01', ${String(change)}) returning id`,
  );
  return row.id;
}

/** What of a receipt no levy explains. */
export async function unidentified(
  session: Session,
  change: bigint,
  receiptId: bigint,
  amount: bigint,
): Promise<void> {
  await session.run(
    'test.unidentified',
    ({ raw }) => raw`
    insert into records.unidentified_entry (receipt_id, amount, reason, change_id)
    values (${String(receiptId)}, ${String(amount)}, 'noMatch', ${String(change)})`,
  );
}

/** A proposal to pay an overpayment back. */
export async function refund(
  session: Session,
  change: bigint,
  overpaymentId: bigint,
  amount: bigint,
  by = 'S0001',
): Promise<bigint> {
  const [row] = await session.run(
    'test.refund',
    ({ raw }) => raw<[{ id: bigint }]>`
    insert into records.refund (overpayment_id, addressee_no, amount, proposed_by, proposed_on, reason, change_id)
    values (${String(overpaymentId)}, 'A1', ${String(amount)}, ${by}, '2026-05-02', '過納',
      ${String(change)}) returning id`,
  );
  return row.id;
}

/** The second person's decision. */
export async function decide(
  session: Session,
  change: bigint,
  refundId: bigint,
  outcome: string,
  by = 'S0002',
): Promise<void> {
  await session.run(
    'test.decision',
    ({ raw }) => raw`
    insert into records.refund_decision (refund_id, outcome, decided_by, decided_on, reason, change_id)
    values (${String(refundId)}, ${outcome}, ${by}, '2026-05-03', '確認済', ${String(change)})`,
  );
}

/** An overpayment applied to another line. */
export async function offset(
  session: Session,
  change: bigint,
  overpaymentId: bigint,
  levyId: bigint,
  amount: bigint,
): Promise<bigint> {
  const [row] = await session.run(
    'test.offset',
    ({ raw }) => raw<[{ id: bigint }]>`
    insert into records.offset_entry (overpayment_id, levy_id, amount, offset_ready_on, booked_on, change_id)
    values (${String(overpaymentId)}, ${String(levyId)}, ${String(amount)}, '2026-05-01', '2026-05-02',
      ${String(change)}) returning id`,
  );
  return row.id;
}

/** Switches every trigger of a table off for a piece of work of the owner: how a broken ledger is made. */
export async function withoutTriggers(
  tx: Session,
  table: string,
  work: () => Promise<unknown>,
): Promise<void> {
  await tx.run(
    'test.triggersOff',
    ({ raw }) => raw`alter table ${raw(`records.${table}`)} disable trigger all`,
  );
  await work();
  await tx.run(
    'test.triggersOn',
    ({ raw }) => raw`alter table ${raw(`records.${table}`)} enable trigger all`,
  );
}
