import { RESULT_CLASSES, type ResultClass } from '../../../collection/receipt/posting.js';
import type { Session } from '../../../kernel/database/database.js';
import { sumYen } from '../../../kernel/yen.js';
import { fileRejected } from '../../layout/faults.js';
import type { IdentifiedFile } from '../decode.js';
import type { LoadJob } from '../job.js';
import type { CountAndYen, ReceiptItemOutcome, ReceiptsOutcome } from '../outcome.js';

interface GroupRow {
  tax_item: string;
  class: ResultClass;
  slips: number;
  yen: bigint;
  allocated: bigint;
  overpaid: bigint;
  charges: number;
  charged: bigint;
}

/**
 * Sums the plan by class and tax item and balances it to the trailer, to the yen.
 * @throws KuramoriError FILE_REJECTED when good records and set-aside records do not add up to the trailer
 */
export async function summarise(job: LoadJob, decoded: IdentifiedFile): Promise<ReceiptsOutcome> {
  const groups = await readGroups(job.tx);
  const good = sumYen(groups.map(({ yen }) => yen));
  const total = BigInt(decoded.trailer['total'] ?? 0);
  const setAside = job.bad.summary();
  // The amount of a record that cannot be read is what the trailer has left for it.
  const asideYen = decoded.totalsCompared ? BigInt(setAside.yen) : total - good;
  if (good + asideYen !== total || asideYen < 0n) throw fileRejected([{ code: 'E_TOTAL', field: 'total' }]);
  return {
    kind: 'receipts',
    identity: decoded.identity,
    layout: { id: job.layout.descriptor.id, version: job.layout.descriptor.version },
    trailer: { count: Number(decoded.trailer['count'] ?? 0), yen: String(total) },
    setAside: { ...setAside, yen: String(asideYen) },
    classes: Object.fromEntries(
      RESULT_CLASSES.map((name) => [name, countAndYen(groups.filter((group) => group.class === name))]),
    ) as Record<ResultClass, CountAndYen>,
    items: [...Map.groupBy(groups, ({ tax_item }) => tax_item)].map(([taxItem, rows]) => item(taxItem, rows)),
    lateChargesFixed: {
      count: groups.reduce((sum, { charges }) => sum + charges, 0),
      yen: String(sumYen(groups.map(({ charged }) => charged))),
    },
  };
}

async function readGroups(tx: Session): Promise<GroupRow[]> {
  return tx.run(
    'load.groups',
    ({ raw }) => raw<GroupRow[]>`
    select p.tax_item, p.class, count(*)::integer as slips, sum(p.tax_amount + p.late_charge)::bigint as yen,
      sum(case when not p.fast then coalesce(e.applied, 0)
        when p.class in ('settled', 'partial') then p.tax_amount + p.late_charge else 0 end)::bigint as allocated,
      sum(case when not p.fast then coalesce(e.overpaid, 0)
        when p.class = 'doublePayment' then p.tax_amount + p.late_charge else 0 end)::bigint as overpaid,
      count(e.charged)::integer as charges, coalesce(sum(e.charged), 0)::bigint as charged
    from slip_plan p
    left join (
      select record_no, sum(amount) filter (where kind = 'applied') as applied,
        sum(amount) filter (where kind = 'overpaid') as overpaid,
          sum(amount) filter (where kind = 'charge') as charged
      from slip_entry group by record_no
    ) as e using (record_no)
    group by p.tax_item, p.class order by p.tax_item, p.class`,
  );
}

function item(taxItem: string, rows: readonly GroupRow[]): ReceiptItemOutcome {
  return {
    taxItem,
    ...countAndYen(rows),
    allocated: String(sumYen(rows.map(({ allocated }) => allocated))),
    overpaid: String(sumYen(rows.map(({ overpaid }) => overpaid))),
    unidentified: String(sumYen(rows.filter((row) => row.class === 'unidentified').map(({ yen }) => yen))),
  };
}

function countAndYen(rows: readonly GroupRow[]): CountAndYen {
  return {
    count: rows.reduce((sum, { slips }) => sum + slips, 0),
    yen: String(sumYen(rows.map(({ yen }) => yen))),
  };
}
