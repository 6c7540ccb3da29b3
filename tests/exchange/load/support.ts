import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBody } from '../../../src/audit/body.js';
import { openAuditLog, type AuditLog } from '../../../src/audit/log.js';
import type { AuditRecord } from '../../../src/audit/record.js';
import type { LoadActor, LoadOptions } from '../../../src/exchange/load/job.js';
import { compileLayout, type Layout } from '../../../src/exchange/layout/compile.js';
import { encodeFile } from '../../../src/exchange/layout/encoder.js';
import type { DecodedFields } from '../../../src/exchange/layout/field.js';
import { encodeLine } from '../../../src/exchange/layout/ocrLine.js';
import { OCR_LINE } from '../../../src/exchange/layouts/ocrLine.js';
import { RECEIPT_PLAIN } from '../../../src/exchange/layouts/receiptPlain.js';
import { Temporal } from '../../../src/kernel/dates.js';
import type { Database } from '../../../src/kernel/database/database.js';
import type { TestDatabase } from '../../support/database.js';

export const MUNICIPALITY = '139999';
export const TAX_ITEMS = new Map(['001', '002', '010', '020', '040', '050'].map((code) => [code, code]));
export const CODE_LISTS = { taxItem: TAX_ITEMS };
export const PLAIN = compileLayout(RECEIPT_PLAIN, CODE_LISTS);
export const OCR = compileLayout(OCR_LINE, CODE_LISTS);
export const HEADER = {
  municipalityCode: MUNICIPALITY,
  creditDate: '2026-07-03',
  createdAt: '20260703180000',
  sequenceNo: '1',
  designatedBank: '0001',
};

/** A levy line to be put into a test ledger. */
export interface SeedLevy {
  readonly noticeNo: string;
  readonly instalmentNo: number;
  readonly taxAmount: bigint;
  readonly dueOn: string;
  readonly taxItem?: string;
  readonly year?: number;
  readonly returnNo?: number;
  readonly paymentNo?: string;
  readonly confirmationNo?: string;
}

export const ACTOR: LoadActor = {
  actorId: 'S0001',
  roles: ['collectionClerk'],
  department: '110',
  terminal: 'T-1',
  sessionId: 'command',
  strength: 'console',
  clientApp: 'command',
  purpose: 'COLLECTION',
};

const CLOCK = { now: () => Temporal.Instant.from('2026-07-04T03:00:00Z') };
const folder = mkdtempSync(join(tmpdir(), 'kuramori-loads-'));

/** Options of a load as the loader's role, at a fixed day. */
export function loadOptions(database: Database, audit: AuditLog, path: string): LoadOptions {
  return { database, audit, clock: CLOCK, path, actor: ACTOR, requestId: randomUUID() };
}

export function auditOf(db: TestDatabase): AuditLog {
  return openAuditLog(db.loader);
}

/** Writes a file into the test's own folder. */
export function fileOf(name: string, content: Iterable<Buffer> | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.isBuffer(content) ? content : Buffer.concat([...content]));
  return path;
}

let sequence = 0;

/** A header that no other file of the test process has. */
export function nextHeader(): typeof HEADER {
  return { ...HEADER, sequenceNo: String(++sequence) };
}

/** A receipt file in the reference layout, under a sequence number of its own. */
export function plainFile(name: string, slips: Iterable<DecodedFields>, layout: Layout = PLAIN): string {
  return fileOf(name, encodeFile(layout, { header: nextHeader(), data: slips }));
}

/** A slip as it was printed for a levy line and read by the machine, paid as given. */
export function slipFor(
  levy: SeedLevy,
  paid: { tax?: bigint; late?: bigint; on?: string } = {},
): DecodedFields {
  const year = levy.year ?? 2026;
  const claim = {
    taxItemCode: levy.taxItem ?? '001',
    levyFiscalYear: year,
    instalmentNo: levy.instalmentNo,
    noticeNo: levy.noticeNo,
    billedAmount: levy.taxAmount,
  };
  return {
    ...claim,
    taxAmount: paid.tax ?? levy.taxAmount,
    lateCharge: paid.late ?? 0n,
    collectingBank: '0001',
    paidOn: paid.on ?? '2026-06-30',
    channel: 'ocr',
    ocrLine: encodeLine(OCR, {
      ...claim,
      municipalityCode: MUNICIPALITY,
      assessmentYear: year,
      returnNo: levy.returnNo ?? 0,
    }),
  };
}

/** The municipality, one change and some addressees `1000001`…; answers the change's id. */
export async function seedMunicipality(db: TestDatabase, addressees = 3): Promise<bigint> {
  await db.owner.run(
    'seed.municipality',
    ({ raw }) => raw`
    insert into records.municipality (code, name) values (${MUNICIPALITY}, '蔵守市') on conflict do nothing`,
  );
  const [change] = await db.owner.run(
    'seed.change',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into records.change (actor_id, purpose, request_id, action)
    values ('S0001', 'COLLECTION', ${randomUUID()}::uuid, 'seed') returning id`,
  );
  await db.owner.run(
    'seed.addressees',
    ({ raw }) => raw`
    insert into records.addressee (addressee_no, kind, branch_code, name, kana, residence, address, name_folded,
      kana_folded,
      address_folded)
    select (1000000 + n)::text, 'person', '00', '蔵守 太郎', 'クラモリ タロウ', 'resident', '蔵守市中央一丁目', '', '', ''
    from generate_series(1, ${addressees}::integer) as n on conflict do nothing`,
  );
  return change?.id ?? 0n;
}

/** Puts levy lines into the ledger of addressee `1000001`; answers their ids in order. */
export async function seedLevies(
  db: TestDatabase,
  changeId: bigint,
  levies: readonly SeedLevy[],
): Promise<bigint[]> {
  const ids: bigint[] = [];
  for (const levy of levies) {
    const year = levy.year ?? 2026;
    const [row] = await db.owner.run(
      'seed.levy',
      ({ raw }) => raw<{ id: bigint }[]>`
      insert into records.levy_line (municipality_code, assessment_year, tax_year, levy_fiscal_year, notice_no,
        tax_item,
        instalment_no, return_no, addressee_no, tax_amount, nominal_due_on, due_on, statutory_due_on,
          priority_on, decided_on,
        notified_on, payment_no, confirmation_no, change_id)
      values (${MUNICIPALITY}, ${year}, ${year}, ${year}, ${levy.noticeNo}, ${levy.taxItem ?? '001'},
        ${levy.instalmentNo},
        ${levy.returnNo ?? 0}, '1000001', ${String(levy.taxAmount)}::bigint, ${levy.dueOn}, ${levy.dueOn},
          ${levy.dueOn}, ${levy.dueOn},
        '2026-06-01', '2026-06-10', ${levy.paymentNo ?? ''}, ${levy.confirmationNo ?? ''},
          ${String(changeId)}::bigint)
      returning id`,
    );
    ids.push(row?.id ?? 0n);
  }
  return ids;
}

/** Many levy lines of 12,000 yen due 2026-06-30 at once, notice numbers counted up from `first`. */
export async function seedManyLevies(
  db: TestDatabase,
  changeId: bigint,
  count: number,
  first: number,
): Promise<void> {
  await db.owner.transaction('seed.many', async (tx) => {
    await tx.run('seed.patience', ({ raw }) => raw`select set_config('statement_timeout', '0', true)`);
    await tx.run(
      'seed.levies',
      ({ raw }) => raw`
      insert into records.levy_line (municipality_code, assessment_year, tax_year, levy_fiscal_year, notice_no,
        tax_item,
        instalment_no, addressee_no, tax_amount, nominal_due_on, due_on, statutory_due_on, priority_on,
          decided_on, notified_on,
        change_id)
      select ${MUNICIPALITY}, 2026, 2026, 2026, lpad((${first}::bigint + n)::text, 10, '0'), '001', 1, '1000001',
        12000,
        '2026-06-30', '2026-06-30', '2026-06-30', '2026-06-30', '2026-06-01', '2026-06-10',
          ${String(changeId)}::bigint
      from generate_series(0, ${count}::integer - 1) as n`,
    );
  });
}

/** What the audit log says of loads, oldest first: who, coordinate, decision, rows, reason. */
export async function loadRecords(
  db: TestDatabase,
): Promise<{ requestId: string; said: string; body: string }[]> {
  const rows = await db.owner.run(
    'test.loadRecords',
    ({ raw }) => raw<{ body: Uint8Array }[]>`
    select body from audit.written where kind = 'load' order by record_no`,
  );
  return rows.map((row) => {
    const body = Buffer.from(row.body).toString('utf8');
    const { requestId, actorId, entries } = decodeBody(body) as AuditRecord;
    const said = entries.map((entry) =>
      [actorId, entry.coordinate, entry.decision, entry.rows, entry.reason ?? ''].join(' ').trimEnd(),
    );
    return { requestId, said: said.join(', '), body };
  });
}

/** The records of one load. */
export async function loadEntries(db: TestDatabase, requestId: string): Promise<string[]> {
  return (await loadRecords(db)).filter((one) => one.requestId === requestId).map(({ said }) => said);
}
