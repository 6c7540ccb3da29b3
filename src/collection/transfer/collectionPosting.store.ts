import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { Yen } from '../../kernel/yen.js';
import { readRates } from '../charge/rates.store.js';
import { readLedgerLines } from '../receipt/line.store.js';
import { lockLevies, missing } from '../receipt/lock.store.js';
import { postingRules, type PostingRules } from '../receipt/posting.js';
import { writePosting } from '../receipt/posting.store.js';
import { postCollection } from './collectionPosting.js';

/** Why the ledger levies costs of disposition that arose at the organization; shown in the ledger. */
const COSTS_OF_ORGANIZATION = '滞納整理機構の滞納処分費';

interface UnpostedRow {
  readonly id: bigint;
  readonly levyId: bigint;
  readonly collectedOn: IsoDate;
  readonly tax: Yen;
  readonly lateCharge: Yen;
  readonly fees: Yen;
  readonly dispositionCost: Yen;
  /** The day on which the money for the whole result was there. */
  readonly receivedOn: IsoDate;
}

/**
 * 徴収実績の消込: enters into the ledger, once, every collection of a result whose money has come to the yen. 領収日 is the
 * day on which the organization collected, which relieves the debtor; 収入日 is the day of the money.
 * @returns how many collections
 */
export async function postPaidResults(tx: Session, roundId: bigint, changeId: bigint): Promise<number> {
  const unposted = await readUnposted(tx, roundId);
  if (unposted.length === 0) return 0;
  const rules = postingRules(await readRates(tx));
  await lockLevies(
    tx,
    unposted.map(({ levyId }) => levyId),
  );
  for (const collection of unposted) await post(tx, collection, rules, changeId);
  return unposted.length;
}

function readUnposted(tx: Session, roundId: bigint): Promise<UnpostedRow[]> {
  return tx.run(
    'transfer.unposted',
    ({ raw }) => raw<UnpostedRow[]>`
    select k.id, l.levy_id as "levyId", k.collected_on as "collectedOn", k.tax, k.late_charge as "lateCharge",
      k.reminder_fee as fees, k.disposition_cost as "dispositionCost", money.received_on as "receivedOn"
    from records.transfer_result r
    cross join lateral (
      select sum(m.amount) as amount, max(m.received_on) as received_on
      from records.transfer_remittance m where m.result_id = r.id
    ) as money
    join records.transfer_collection k on k.result_id = r.id
    join records.transfer_line l on l.id = k.line_id
    where r.round_id = ${String(roundId)}::bigint and money.amount = records.result_collected(r.id)
      and k.tax + k.late_charge + k.reminder_fee + k.disposition_cost > 0
      and not exists (select from records.transfer_posting p where p.collection_id = k.id)
    order by k.collected_on, k.id`,
  );
}

async function post(tx: Session, row: UnpostedRow, rules: PostingRules, changeId: bigint): Promise<void> {
  const line = (await readLedgerLines(tx, [row.levyId])).get(row.levyId) ?? missing('transfer.ledgerLine');
  const { posting, dispositionCostLevied } = postCollection(line, row, rules);
  const change = String(changeId);
  const [receipt] = await tx.run(
    'transfer.post',
    ({ raw }) => raw<{ id: bigint }[]>`
    with levied as (
      insert into records.levy_charge (levy_id, component, amount, decided_on, reason, change_id)
      select ${String(row.levyId)}::bigint, 'dispositionCost', ${String(dispositionCostLevied)}::bigint,
        ${row.collectedOn}::date, ${COSTS_OF_ORGANIZATION}, ${change}::bigint
      where ${String(dispositionCostLevied)}::bigint > 0
    ), received as (
      insert into records.receipt (source, tax_item, levy_fiscal_year, instalment_no, notice_no, tax_amount,
        late_charge_amount, channel, paid_on, received_on, booked_on, addressee_no, levy_id, match_rule, change_id)
      select 'organization', l.tax_item, l.levy_fiscal_year, l.instalment_no, l.notice_no,
        ${String(row.tax + row.fees + row.dispositionCost)}::bigint, ${String(row.lateCharge)}::bigint,
        'organization', ${row.collectedOn}::date, ${row.receivedOn}::date, ${row.receivedOn}::date, l.addressee_no,
        l.id, 'person', ${change}::bigint
      from records.levy_line l where l.id = ${String(row.levyId)}::bigint
      returning id
    ), noted as (
      insert into records.transfer_posting (collection_id, receipt_id, change_id)
      select ${String(row.id)}::bigint, id, ${change}::bigint from received
    )
    select id from received`,
  );
  const receiptId = receipt?.id ?? missing('transfer.post');
  await writePosting(tx, line, posting, { receiptId, paidOn: row.collectedOn, changeId });
}
