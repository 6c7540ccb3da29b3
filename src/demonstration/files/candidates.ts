import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import type { Yen } from '../../kernel/yen.js';

/** A levy line as its payment slip shows it, and what is open on it. */
export interface SlipLine {
  readonly levyId: bigint;
  readonly taxItem: string;
  readonly levyFiscalYear: number;
  readonly assessmentYear: number;
  readonly taxYear: number;
  readonly instalmentNo: number;
  readonly noticeNo: string;
  readonly addresseeNo: string;
  readonly dueOn: IsoDate;
  readonly statutoryDueOn: IsoDate;
  readonly priorityOn: IsoDate;
  readonly nominalDueOn: IsoDate;
  readonly decidedOn: IsoDate;
  readonly notifiedOn: IsoDate;
  readonly paymentNo: string;
  readonly confirmationNo: string;
  readonly levied: Yen;
  readonly outstanding: Yen;
}

/** Lines by what can be made of them; each list in the order of the ledger, no line in two. */
export interface Candidates {
  /** The next instalment of its notice, untouched, due soon. */
  readonly due: readonly SlipLine[];
  /** As `due`, with the instalment after it, of the same amount and untouched as well. */
  readonly dueWithNext: readonly (readonly [SlipLine, SlipLine])[];
  /** Past due, reminded or not, nothing paid. */
  readonly overdue: readonly SlipLine[];
  /** Wholly paid, nothing else owed. */
  readonly settled: readonly SlipLine[];
}

const LINES_MAX = 4_000;

/**
 * Reads lines that slips of the last fiscal year can be written for.
 * @param day the first day on which such a slip is paid
 */
export async function readCandidates(session: Session, day: IsoDate, year: number): Promise<Candidates> {
  const lines = await session.run(
    'demonstration.candidates',
    ({ raw }) => raw<(SlipLine & { entries: number; settled: boolean })[]>`
    select l.id as "levyId", l.tax_item as "taxItem", l.levy_fiscal_year as "levyFiscalYear",
      l.assessment_year as "assessmentYear", l.tax_year as "taxYear", l.instalment_no as "instalmentNo",
      l.notice_no as "noticeNo", l.addressee_no as "addresseeNo",
      l.due_on::text as "dueOn", l.statutory_due_on::text as "statutoryDueOn", l.priority_on::text as "priorityOn",
      l.nominal_due_on::text as "nominalDueOn", l.decided_on::text as "decidedOn", l.notified_on::text as "notifiedOn",
      l.payment_no as "paymentNo", l.confirmation_no as "confirmationNo", b.levied,
      b.tax_outstanding as outstanding, b.entries, b.settled
    from records.levy_line l join records.levy_balance b on b.levy_id = l.id
    where l.levy_fiscal_year = ${year}::smallint and l.payment_no <> '' and b.levied >= 3000 and l.return_no = 0
      and l.business_year_no = 0
    order by l.id limit ${LINES_MAX}::integer`,
  );
  const next = new Map(lines.map((line) => [`${line.noticeNo} ${line.instalmentNo}`, line]));
  const untouched = lines.filter(({ entries }) => entries === 1);
  const isNext = (line: SlipLine) =>
    line.dueOn >= day && (next.get(`${line.noticeNo} ${line.instalmentNo - 1}`)?.dueOn ?? '') < day;
  const pairs: (readonly [SlipLine, SlipLine])[] = [];
  const due: SlipLine[] = [];
  for (const line of untouched.filter(isNext)) {
    const after = next.get(`${line.noticeNo} ${line.instalmentNo + 1}`);
    if (
      line.instalmentNo > 1 &&
      after?.entries === 1 &&
      after.levied === line.levied &&
      pairs.length * 3 < due.length
    ) {
      pairs.push([line, after]);
    } else {
      due.push(line);
    }
  }
  return {
    due,
    dueWithNext: pairs,
    overdue: lines.filter(
      (line) => line.dueOn < day && line.outstanding === line.levied && line.entries <= 2,
    ),
    settled: lines.filter(({ settled, levied, entries }) => settled && levied > 0n && entries === 2),
  };
}
