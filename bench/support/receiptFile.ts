import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LineStock, slipsOfDay, type FileSlip } from '../../src/demonstration/files/slips.js';
import type { Candidates, SlipLine } from '../../src/demonstration/files/candidates.js';
import { dayNo } from '../../src/demonstration/days.js';
import { Random } from '../../src/demonstration/random.js';
import { BANKS, MUNICIPALITY } from '../../src/demonstration/words/places.js';
import { compileLayout } from '../../src/exchange/layout/compile.js';
import { encodeFile } from '../../src/exchange/layout/encoder.js';
import { RECEIPT_PLAIN } from '../../src/exchange/layouts/receiptPlain.js';
import type { Session } from '../../src/kernel/database/database.js';
import { sumYen, type Yen } from '../../src/kernel/yen.js';

/** The bank day of the file, an open one after the demonstration's reference date. */
export const BANK_DAY = '2026-11-04';
const FISCAL_YEAR = 2026;
/** Slips are made in lots of this many, each with its share of every trouble. */
const LOT_ORDINARY = 950;

/** A bank-day file as it lies on the disk, and the same slips for whoever does without the file. */
export interface ReceiptFile {
  readonly path: string;
  readonly slips: readonly FileSlip[];
  readonly yen: Yen;
}

/**
 * Writes a receipt file in the reference layout for lines of the demonstration: about one slip in twenty is troubled.
 * @param records how many at most; fewer where the demonstration has not enough lines
 */
export async function writeReceiptFile(
  session: Session,
  folder: string,
  records: number,
): Promise<ReceiptFile> {
  const codes = await taxItemCodes(session);
  const random = new Random(1, 'bench');
  const stock = new LineStock(random, await readLines(session, records));
  const slips: FileSlip[] = [];
  while (slips.length < records) {
    const lot = slipsOfDay(random, stock, dayNo(BANK_DAY), LOT_ORDINARY, codes);
    if (lot.length < LOT_ORDINARY) break;
    slips.push(...lot);
  }
  slips.length = Math.min(slips.length, records);
  const layout = compileLayout(RECEIPT_PLAIN, { taxItem: codes });
  const header = {
    municipalityCode: MUNICIPALITY.code,
    creditDate: BANK_DAY,
    createdAt: `${BANK_DAY.replaceAll('-', '')}180000`,
    sequenceNo: '0001',
    designatedBank: BANKS[0]?.[0] ?? '',
  };
  const path = join(folder, 'receipts.txt');
  writeFileSync(
    path,
    Buffer.concat([...encodeFile(layout, { header, data: slips.map(({ fields }) => fields) })]),
  );
  return { path, slips, yen: sumYen(slips.map(({ taxAmount, lateCharge }) => taxAmount + lateCharge)) };
}

async function taxItemCodes(session: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await session.run(
    'bench.taxItems',
    ({ raw }) => raw<{ code: string }[]>`
    select code from records.tax_item`,
  );
  return new Map(rows.map(({ code }) => [code, code]));
}

type ClassedLine = SlipLine & { readonly class: 'due' | 'overdue' | 'settled' };

/** Lines of the year by what slips can be made of them; a year paid at once brings its later instalments too. */
async function readLines(session: Session, records: number): Promise<Candidates> {
  const lines = await session.run(
    'bench.lines',
    ({ raw }) => raw<ClassedLine[]>`
    select * from (
      select *, row_number() over (partition by class order by "instalmentNo", "levyId") as place from (
      select l.id as "levyId", l.tax_item as "taxItem", l.levy_fiscal_year as "levyFiscalYear",
        l.assessment_year as "assessmentYear", l.tax_year as "taxYear", l.instalment_no as "instalmentNo",
        l.notice_no as "noticeNo", l.addressee_no as "addresseeNo", l.due_on as "dueOn",
        l.statutory_due_on as "statutoryDueOn", l.priority_on as "priorityOn", l.nominal_due_on as "nominalDueOn",
        l.decided_on as "decidedOn", l.notified_on as "notifiedOn", l.payment_no as "paymentNo",
        l.confirmation_no as "confirmationNo", b.levied, b.tax_outstanding as outstanding,
        case when b.entries = 1 and l.due_on >= ${BANK_DAY}::date then 'due'
          when l.due_on < ${BANK_DAY}::date and b.tax_outstanding = b.levied and b.entries <= 2 then 'overdue'
          when b.settled and b.entries = 2 then 'settled' end as class
      from records.levy_line l join records.levy_balance b on b.levy_id = l.id
      where l.levy_fiscal_year = ${FISCAL_YEAR}::smallint and l.payment_no <> '' and b.levied >= 3000
        and l.return_no = 0 and l.business_year_no = 0
      ) as classed where class is not null
    ) as placed
    where place <= ${records}::integer order by place`,
  );
  const of = (name: ClassedLine['class']) => lines.filter((line) => line.class === name);
  return { due: of('due'), dueWithNext: [], overdue: of('overdue'), settled: of('settled') };
}
