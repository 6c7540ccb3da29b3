import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { LedgerLine } from './posting.js';

interface LineRow {
  levy_id: bigint;
  addressee_no: string;
  due_on: IsoDate;
  tax_levied: bigint;
  late_charge_levied: bigint;
  tax: bigint;
  reminder_fee: bigint;
  late_charge: bigint;
  penalty: bigint;
  disposition_cost: bigint;
  history: string | null;
  stays: string | null;
}

/**
 * What posting must know of levy lines. Lock them first (`records.lock_levies`) when something will be written.
 * @returns lines by levy id; an id that does not exist is left out
 */
export async function readLedgerLines(
  session: Session,
  levyIds: readonly bigint[],
): Promise<Map<bigint, LedgerLine>> {
  const rows = await session.run(
    'receipt.lines',
    ({ raw }) => raw<LineRow[]>`
    select b.levy_id, b.addressee_no, l.due_on,
      l.tax_amount + coalesce((select sum(a.tax_delta) from records.levy_adjustment a where a.levy_id = l.id),
        0)::bigint
        as tax_levied,
      coalesce((select sum(c.amount) from records.levy_charge c where c.levy_id = l.id
        and c.component = 'lateCharge'), 0)::bigint
        as late_charge_levied,
      b.tax_outstanding as tax, b.reminder_fee_outstanding as reminder_fee, b.late_charge_outstanding as late_charge,
      b.penalty_outstanding as penalty, b.disposition_cost_outstanding as disposition_cost,
      (select string_agg(a.effective_on || '=' || a.amount, ',' order by a.id) from records.allocation a
        where a.levy_id = l.id and a.component = 'tax') as history,
      (select string_agg(s.decided_on || '=' || coalesce((c.cancelled_on - 1)::text, ''), ',' order by s.id)
        from records.execution_stay s left join records.stay_cancellation c on c.stay_id = s.id
        where s.levy_id = l.id) as stays
    from unnest(${arrayText(levyIds)}::text::bigint[]) as wanted (id)
    join records.levy_line l on l.id = wanted.id
    join records.levy_balance b on b.levy_id = wanted.id`,
  );
  return new Map(rows.map((row) => [row.levy_id, ledgerLine(row)]));
}

/** Numbers as PostgreSQL writes an array; one text is much cheaper to send than an array of parameters. */
export function arrayText(values: readonly (bigint | number)[]): string {
  return `{${values.join(',')}}`;
}

function ledgerLine(row: LineRow): LedgerLine {
  return {
    levyId: row.levy_id,
    addresseeNo: row.addressee_no,
    dueOn: row.due_on,
    taxLevied: row.tax_levied,
    lateChargeLevied: row.late_charge_levied,
    outstanding: {
      tax: row.tax,
      reminderFee: row.reminder_fee,
      lateCharge: row.late_charge,
      penalty: row.penalty,
      dispositionCost: row.disposition_cost,
    },
    taxHistory: pairs(row.history).map(([on, amount]) => ({ on, amount: BigInt(amount) })),
    stays: pairs(row.stays).map(([from, to]) => ({ from, to: to === '' ? null : to })),
  };
}

function pairs(text: string | null): [string, string][] {
  if (text === null) return [];
  return text.split(',').map((pair) => {
    const [left = '', right = ''] = pair.split('=');
    return [left, right];
  });
}
