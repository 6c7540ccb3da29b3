import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLedgerLines } from '../../collection/receipt/line.store.js';
import { postingRules } from '../../collection/receipt/posting.js';
import { compileLayout, type CodeLists } from '../../exchange/layout/compile.js';
import type { LayoutSource } from '../../exchange/layout/descriptor.js';
import { encodeWhole } from '../../exchange/layout/encoder.js';
import type { DecodedFields } from '../../exchange/layout/field.js';
import { LEVIES_CSV } from '../../exchange/layouts/levies.js';
import { RECEIPT_PLAIN, RECEIPT_PLAIN_CSV } from '../../exchange/layouts/receiptPlain.js';
import type { Session } from '../../kernel/database/database.js';
import type { PlainDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { sumYen } from '../../kernel/yen.js';
import type { Reference } from '../book.js';
import { dayNo, isoDay, type DayNo } from '../days.js';
import { fiscalYear } from '../levies.js';
import { Random } from '../random.js';
import { readReference } from '../reference.js';
import { BANKS, MUNICIPALITY } from '../words/places.js';
import { readCandidates } from './candidates.js';
import { expectRecords, type ExpectedClasses, type ExpectedRecord } from './expected.js';
import { levyRecords, type LevyCase } from './levyRecords.js';
import { LineStock, slipsOfDay, type FileSlip } from './slips.js';

/** What the files are made from; the same demonstration and options give the same bytes. */
export interface FilesOptions {
  readonly seed: number;
  readonly referenceDate: PlainDate;
  /** Slips without trouble in each bank-day file. */
  readonly ordinarySlips?: number;
}

/** A bank-day file: what each record should become when it is loaded into the demonstration. */
export interface ExpectedReceipts {
  readonly name: string;
  readonly layout: string;
  readonly bankDay: string;
  readonly count: number;
  readonly total: string;
  readonly classes: ExpectedClasses;
  readonly records: readonly ExpectedRecord[];
}

/** The assessment file: what its records are about, and the sum of the differences they make. */
export interface ExpectedLevies {
  readonly name: string;
  readonly layout: string;
  readonly count: number;
  readonly total: string;
  readonly cases: Readonly<Partial<Record<LevyCase, { readonly count: number; readonly delta: string }>>>;
}

/** `expected.json`. The files use different lines: they may be loaded in any order. */
export interface ExpectedFiles {
  readonly municipality: string;
  readonly referenceDate: string;
  readonly seed: number;
  readonly levies: ExpectedLevies;
  readonly receipts: readonly ExpectedReceipts[];
}

const ORDINARY_SLIPS = 60;

/**
 * Writes an assessment file and two bank-day files for the demonstration, the second bank day in CSV, and
 * `expected.json`.
 * @throws KuramoriError CONFLICT when the database holds no demonstration
 */
export async function writeDemonstrationFiles(
  session: Session,
  folder: string,
  options: FilesOptions,
): Promise<ExpectedFiles> {
  await refuseOthers(session);
  const reference = await readReference(session);
  const codes = new Map([...reference.taxItems.values()].map((code) => [code, code]));
  const today = dayNo(options.referenceDate.toString());
  const bankDays = nextOpenDays(reference, today);
  const year = fiscalYear(today);
  const random = new Random(options.seed, 'files');
  const stock = new LineStock(random, await readCandidates(session, isoDay(today - 10), year));
  const ordinary = options.ordinarySlips ?? ORDINARY_SLIPS;
  const levies = levyRecords(random, stock, today, year, reference.taxItems.get('residentTaxOrdinary') ?? '');
  const days = bankDays.map((bankDay) => ({
    bankDay,
    slips: slipsOfDay(random, stock, bankDay, ordinary, codes),
  }));
  await mkdir(folder, { recursive: true });
  const lists: CodeLists = { taxItem: codes };
  const levyFile = { name: `levies-${isoDay(today)}.csv`, layout: LEVIES_CSV, lists };
  await writeEncoded(
    folder,
    levyFile,
    levies.map(({ fields }) => fields),
  );
  const receipts: ExpectedReceipts[] = [];
  for (const [at, { bankDay, slips }] of days.entries()) {
    const layout = at === 0 ? RECEIPT_PLAIN : RECEIPT_PLAIN_CSV;
    const name = `receipts-${isoDay(bankDay)}.${at === 0 ? 'txt' : 'csv'}`;
    await writeEncoded(
      folder,
      { name, layout, lists },
      slips.map(({ fields }) => fields),
      header(bankDay, at + 1),
    );
    receipts.push({
      name,
      layout: layout.id,
      bankDay: isoDay(bankDay),
      ...(await expectDay(session, slips, reference)),
    });
  }
  const expected: ExpectedFiles = {
    municipality: MUNICIPALITY.code,
    referenceDate: isoDay(today),
    seed: options.seed,
    levies: {
      name: levyFile.name,
      layout: LEVIES_CSV.id,
      count: levies.length,
      total: String(sumYen(levies.map(({ fields }) => fields['taxAmount'] as bigint))),
      cases: casesOf(levies),
    },
    receipts,
  };
  await writeFile(join(folder, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);
  return expected;
}

async function expectDay(session: Session, slips: readonly FileSlip[], reference: Reference) {
  const ids = new Set(slips.flatMap(({ line }) => (line === undefined ? [] : [line.levyId])));
  const lines = await readLedgerLines(session, [...ids]);
  return {
    count: slips.length,
    total: String(sumYen(slips.map(({ taxAmount, lateCharge }) => taxAmount + lateCharge))),
    ...expectRecords(slips, lines, postingRules(reference.rates)),
  };
}

function casesOf(levies: ReturnType<typeof levyRecords>): ExpectedLevies['cases'] {
  const cases: Partial<Record<LevyCase, { count: number; delta: string }>> = {};
  for (const { case: name, delta } of levies) {
    const sum = cases[name] ?? { count: 0, delta: '0' };
    cases[name] = { count: sum.count + 1, delta: String(BigInt(sum.delta) + delta) };
  }
  return cases;
}

interface FileToWrite {
  readonly name: string;
  readonly layout: LayoutSource;
  readonly lists: CodeLists;
}

async function writeEncoded(
  folder: string,
  file: FileToWrite,
  data: readonly DecodedFields[],
  head?: DecodedFields,
): Promise<void> {
  const layout = compileLayout(file.layout, file.lists);
  await writeFile(
    join(folder, file.name),
    encodeWhole(layout, head === undefined ? { data } : { header: head, data }),
  );
}

function header(bankDay: DayNo, sequence: number): DecodedFields {
  const day = isoDay(bankDay);
  const [designatedBank = ''] = BANKS[0] ?? [];
  return {
    municipalityCode: MUNICIPALITY.code,
    creditDate: day,
    createdAt: `${day.replaceAll('-', '')}180000`,
    sequenceNo: String(sequence).padStart(4, '0'),
    designatedBank,
  };
}

function nextOpenDays(reference: Reference, today: DayNo): readonly DayNo[] {
  const first = reference.calendar.openDay(today + 1);
  return [first, reference.calendar.openDay(first + 1)];
}

async function refuseOthers(session: Session): Promise<void> {
  const [found] = await session.run(
    'demonstration.present',
    ({ raw }) => raw<{ present: boolean }[]>`
    select exists (select from records.municipality where code = ${MUNICIPALITY.code}) as present`,
  );
  if (found?.present !== true) {
    throw new KuramoriError(
      'CONFLICT',
      'The records database holds no demonstration municipality. Run kuramori demo first.',
    );
  }
}
