import { readRates } from '../../../collection/charge/rates.store.js';
import { readLedgerLines } from '../../../collection/receipt/line.store.js';
import {
  chargeOf,
  postingRules,
  type LedgerLine,
  type PostingRules,
} from '../../../collection/receipt/posting.js';
import { sumYen } from '../../../kernel/yen.js';
import { plainArray } from '../arrays.js';
import type { LoadJob } from '../job.js';
import type { CountAndYen } from '../outcome.js';
import { counted } from './post.js';

const PAGE_LEVIES = 5_000;
/** Why a fixed late charge is lowered; shown in the ledger. */
const CHARGE_RECOMPUTED = '減額更正による延滞金の再計算';

/**
 * 過納: what decreases left paid too much: first tax, then late charges, which are computed anew on the lower tax
 * (handbook 02 §8 no. 2; 04 §1). A decrease never raises a charge.
 */
export async function releaseOverassessed(job: LoadJob): Promise<CountAndYen> {
  const tax = await releaseComponent(job, 'tax');
  await lowerLateCharges(job);
  const charges = await releaseComponent(job, 'lateCharge');
  return {
    count: tax.count + charges.count,
    yen: String(sumYen([tax, charges].map(({ yen }) => BigInt(yen)))),
  };
}

/**
 * Takes what is too much from the latest receipts of the line and sets it apart for refund, as of the day of the
 * decision. Parts that offsets paid stay on the line as they are. What was written off was never paid: a decrease takes
 * that first.
 */
async function releaseComponent(job: LoadJob, component: 'tax' | 'lateCharge'): Promise<CountAndYen> {
  const change = String(job.changeId);
  const [row] = await job.tx.run(
    'load.release',
    ({ raw }) => raw<{ count: number; yen: bigint }[]>`
    with excess as (
      select d.levy_id, d.addressee_no, d.decided_on,
        -case when ${component} = 'tax' then b.tax_outstanding else b.late_charge_outstanding end
        - coalesce((select sum(w.amount) from records.write_off w
          where w.levy_id = d.levy_id and w.component = ${component}), 0) as yen
      from levy_adjusted d join records.levy_balance b using (levy_id)
    ), paid as (
      select e.levy_id, e.addressee_no, e.decided_on, e.yen, a.receipt_id, a.effective_on, sum(a.amount) as net,
        coalesce(sum(sum(a.amount)) over (partition by e.levy_id order by a.receipt_id desc, a.effective_on
          rows between unbounded preceding and 1 preceding), 0) as newer
      from excess e
      join records.allocation a on a.levy_id = e.levy_id and a.component = ${component} and a.receipt_id is not null
      join records.receipt r on r.id = a.receipt_id and r.reverses_id is null
        and not exists (select from records.receipt v where v.reverses_id = r.id)
      where e.yen > 0
      group by e.levy_id, e.addressee_no, e.decided_on, e.yen, a.receipt_id, a.effective_on
      having sum(a.amount) > 0
    ), released as materialized (
      select *, least(net, yen - newer)::bigint as part from paid where newer < yen
    ), taken as (
      insert into records.allocation (levy_id, component, amount, receipt_id, effective_on, change_id)
      select levy_id, ${component}, -part, receipt_id, effective_on, ${change}::bigint from released
    ), set_apart as (
      insert into records.overpayment (addressee_no, levy_id, receipt_id, cause, amount, arose_on, change_id)
      select addressee_no, levy_id, receipt_id, 'overassessed', part, decided_on, ${change}::bigint from released
      returning amount
    )
    select count(*)::integer as count, coalesce(sum(amount), 0)::bigint as yen from set_apart`,
  );
  return counted(row);
}

/** Lines whose tax is paid and whose late charge was fixed on a tax that is lower now. */
async function lowerLateCharges(job: LoadJob): Promise<void> {
  const rules = postingRules(await readRates(job.tx));
  const levied = await job.tx.run(
    'load.charged',
    ({ raw }) => raw<{ levy_id: bigint }[]>`
    select d.levy_id from levy_adjusted d join records.levy_balance b using (levy_id)
    where b.tax_outstanding <= 0 and exists (
      select from records.levy_charge c where c.levy_id = d.levy_id and c.component = 'lateCharge')
    order by d.levy_id`,
  );
  for (let from = 0; from < levied.length; from += PAGE_LEVIES) {
    const ids = levied.slice(from, from + PAGE_LEVIES).map(({ levy_id }) => levy_id);
    await writeLowered(job, lowered(await readLedgerLines(job.tx, ids), rules));
  }
}

interface LoweredCharge {
  readonly levyId: bigint;
  readonly delta: bigint;
}

function lowered(lines: ReadonlyMap<bigint, LedgerLine>, rules: PostingRules): LoweredCharge[] {
  return [...lines.values()]
    .map((line) => ({ levyId: line.levyId, delta: chargeOf(line, rules) - line.lateChargeLevied }))
    .filter(({ delta }) => delta < 0n);
}

async function writeLowered(job: LoadJob, charges: readonly LoweredCharge[]): Promise<void> {
  if (charges.length === 0) return;
  await job.tx.run(
    'load.lowerCharges',
    ({ raw }) => raw`
    insert into records.levy_charge (levy_id, component, amount, decided_on, reason, change_id)
    select c.levy_id, 'lateCharge', c.delta, d.decided_on, ${CHARGE_RECOMPUTED}, ${String(job.changeId)}::bigint
    from unnest(${plainArray(charges.map(({ levyId }) => levyId))}::text::bigint[],
      ${plainArray(charges.map(({ delta }) => delta))}::text::bigint[]) as c (levy_id, delta)
    join levy_adjusted d using (levy_id) order by c.levy_id`,
  );
}
