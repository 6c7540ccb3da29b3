import { readRates } from '../../../collection/charge/rates.store.js';
import { readLedgerLines } from '../../../collection/receipt/line.store.js';
import {
  postingRules,
  postSlip,
  type LedgerLine,
  type Posting,
  type PostingRules,
} from '../../../collection/receipt/posting.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { plainArray } from '../arrays.js';

const PAGE_SLIPS = 5_000;

interface HardSlip {
  record_no: number;
  levy_id: bigint;
  wrong_instalment: boolean;
  tax_amount: bigint;
  late_charge: bigint;
  paid_on: string;
}

interface Entry {
  readonly recordNo: number;
  readonly levyId: bigint;
  readonly kind: 'charge' | 'applied' | 'overpaid';
  /** Component or cause. */
  readonly word: string;
  readonly amount: bigint;
}

/**
 * Decides by the pure rule what SQL left open: several slips for one line (in file order), late payments, other
 * components, too much money. Results go to the temporary table `slip_entry` and the class of the plan.
 */
export async function postHardSlips(tx: Session, onPage: (slips: number) => void): Promise<void> {
  await tx.run(
    'load.entryTable',
    ({ raw }) => raw`
    create temporary table slip_entry (record_no integer, levy_id bigint, kind text, word text,
      amount bigint) on commit drop`,
  );
  const rules = postingRules(await readRates(tx));
  let carried: LedgerLine | undefined;
  let after: HardSlip | undefined;
  for (;;) {
    const page = await readPage(tx, after);
    if (page.length === 0) break;
    carried = await postPage(tx, page, carried, rules);
    after = page.at(-1);
    onPage(page.length);
  }
  await tx.run('load.entryIndex', ({ raw }) => raw`create index on slip_entry (record_no)`);
  await tx.run('load.analyzeEntries', ({ raw }) => raw`analyze slip_entry`);
}

async function readPage(tx: Session, after: HardSlip | undefined): Promise<HardSlip[]> {
  return tx.run(
    'load.hardPage',
    ({ raw }) => raw<HardSlip[]>`
    select record_no, levy_id, wrong_instalment, tax_amount, late_charge, paid_on::text from slip_plan
    where class is null and (levy_id, record_no) > (${String(after?.levy_id ?? -1n)}::bigint,
      ${after?.record_no ?? 0}::integer)
    order by levy_id, record_no limit ${PAGE_SLIPS}::integer`,
  );
}

/** @returns the last line as it stands after its slips, because the next page may begin with more slips for it */
async function postPage(
  tx: Session,
  page: readonly HardSlip[],
  carried: LedgerLine | undefined,
  rules: PostingRules,
): Promise<LedgerLine | undefined> {
  const wanted = [...new Set(page.map(({ levy_id }) => levy_id))].filter(
    (levyId) => levyId !== carried?.levyId,
  );
  const lines = await readLedgerLines(tx, wanted);
  if (carried !== undefined) lines.set(carried.levyId, carried);
  const entries: Entry[] = [];
  const classes: string[] = [];
  for (const slip of page) {
    const line = lines.get(slip.levy_id);
    if (line === undefined) throw new KuramoriError('INTERNAL', 'A matched levy line has no balance.');
    const posted = postSlip(
      line,
      {
        taxAmount: slip.tax_amount,
        lateCharge: slip.late_charge,
        paidOn: slip.paid_on,
        wrongInstalment: slip.wrong_instalment,
      },
      rules,
    );
    lines.set(slip.levy_id, posted.line);
    entries.push(...entriesOf(slip, posted.posting));
    classes.push(posted.posting.resultClass);
  }
  await writePage(tx, page, classes, entries);
  const last = page.at(-1);
  return last === undefined ? undefined : lines.get(last.levy_id);
}

function entriesOf(slip: HardSlip, posting: Posting): Entry[] {
  const common = { recordNo: slip.record_no, levyId: slip.levy_id };
  const entries: Entry[] = posting.applied.map(({ component, amount }) => ({
    ...common,
    kind: 'applied',
    word: component,
    amount,
  }));
  if (posting.lateChargeFixed > 0n) {
    entries.push({ ...common, kind: 'charge', word: 'lateCharge', amount: posting.lateChargeFixed });
  }
  if (posting.overpayment !== undefined) {
    entries.push({
      ...common,
      kind: 'overpaid',
      word: posting.overpayment.cause,
      amount: posting.overpayment.amount,
    });
  }
  return entries;
}

async function writePage(
  tx: Session,
  page: readonly HardSlip[],
  classes: readonly string[],
  entries: readonly Entry[],
): Promise<void> {
  await tx.run(
    'load.hardClasses',
    ({ raw }) => raw`
    update slip_plan p set class = d.class
    from unnest(${plainArray(page.map(({ record_no }) => record_no))}::text::integer[],
      ${plainArray(classes)}::text::text[])
      as d (record_no, class)
    where p.record_no = d.record_no`,
  );
  await tx.run(
    'load.entries',
    ({ raw }) => raw`
    insert into slip_entry select * from unnest(
      ${plainArray(entries.map(({ recordNo }) => recordNo))}::text::integer[],
      ${plainArray(entries.map(({ levyId }) => levyId))}::text::bigint[],
      ${plainArray(entries.map(({ kind }) => kind))}::text::text[],
        ${plainArray(entries.map(({ word }) => word))}::text::text[],
      ${plainArray(entries.map(({ amount }) => amount))}::text::bigint[])`,
  );
}
