import { z } from 'zod';
import type { AuditEntry, AuditRecord } from '../../../audit/record.js';
import { Temporal, type IsoDate } from '../../../kernel/dates.js';
import { readEntry } from '../../entered.js';
import type { AdminHandler } from '../../http/admin.js';
import { sealRecord } from '../../opening.js';
import { loggedCommand } from '../../operatorLog.js';
import { comparePaymentFile } from './compare.js';
import { comparePaymentJournal } from './compareJournal.js';
import { consignorForm, enterConsignor } from './consignor.js';
import { LOST_FILE_OUTCOMES, lostFiles, type LostFileOutcome } from './lost.store.js';
import { makePaymentFile, paymentFileAgain, type MadeFile, type PaymentFileContext } from './make.js';
import { listFiles, type PaymentFile } from './paymentFile.store.js';
import { openRebuilds, type Rebuild } from './rebuilt.store.js';

/** A payment file as JSON has it. */
export interface ToldPaymentFile {
  readonly fileNo: number;
  readonly payOn: IsoDate;
  readonly count: number;
  /** Whole yen, decimal. */
  readonly totalYen: string;
  readonly sha256: string;
  readonly madeBy: string;
  /** ISO instant. */
  readonly madeAt: string;
  /** Of one that a restore has lost: what two people found at the bank, or that it is open. */
  readonly lost?: LostFileOutcome | 'open';
}

/** The payment files, as they are listed. */
export interface ToldPaymentFiles {
  /** Those that a restore has lost, then the newest. */
  readonly files: readonly ToldPaymentFile[];
  /** Rebuildings of the journal without a comparison with the bank since: while there are any, no file is made. */
  readonly rebuilds: readonly Rebuild[];
}

/** A payment file that is handed out. */
export interface HandedPaymentFile extends ToldPaymentFile {
  /** Base64. */
  readonly file: string;
}

const nothing = z.strictObject({});
const id = z.string().min(1).max(64);
const makeForm = z.strictObject({ payOn: z.iso.date(), personId: id, approvalId: id });
const againForm = z.strictObject({ fileNo: z.int32().min(1) });
const comparedForm = z.strictObject({
  fileNo: z.int32().min(1),
  outcome: z.enum(LOST_FILE_OUTCOMES),
  personId: id,
  approvalId: id,
});
const journalComparedForm = z.strictObject({ personId: id, approvalId: id });
const COORDINATE = 'Vault.paymentFile';

/**
 * 振込データ at the vault's host. `payment.file` {payOn, personId, approvalId} makes a file, or gives the one that the
 * approval has made; `payment.again` {fileNo} gives a file once more; `payment.list` shows those that a restore has
 * lost and the newest; `payment.compared` {fileNo, outcome, personId, approvalId} says what became of a lost one;
 * `payment.journalCompared` {personId, approvalId} that the bank was asked after the journal was made anew; and
 * `payment.consignor` enters the municipality's account. No file is answered before its entry in the log, which names
 * whom it pays, how many, how much, the digest of its bytes; never an account.
 * @param assertInService whether operations may be done
 */
export function paymentAdministration(
  context: PaymentFileContext,
  assertInService: () => void,
): Readonly<Record<string, AdminHandler>> {
  const { database, audit } = context;
  const entryOf = (operator: string, made: MadeFile) => handedOutRecord(context, operator, made);
  return {
    'payment.file': (input, operator) =>
      loggedCommand(context, COORDINATE, operator, async () => {
        assertInService();
        const order = readEntry(makeForm, input);
        const made = await makePaymentFile(context, order, (tx, each) =>
          audit.appendIn(tx, entryOf(operator, each)),
        );
        return handOut(context, made);
      }),
    'payment.again': (input, operator) =>
      loggedCommand(context, COORDINATE, operator, async () => {
        assertInService();
        const made = await paymentFileAgain(context, readEntry(againForm, input).fileNo);
        await audit.append(entryOf(operator, made));
        return handOut(context, made);
      }),
    'payment.list': (input, operator) =>
      loggedCommand(context, 'Vault.paymentFiles', operator, async (log) => {
        readEntry(nothing, input);
        await log.alone('listed');
        const lost = (await lostFiles(database)).map((file): ToldPaymentFile => ({
          ...told(file),
          lost: file.outcome ?? 'open',
        }));
        const files = [...lost, ...(await listFiles(database)).map(told)];
        return { files, rebuilds: await openRebuilds(database) } satisfies ToldPaymentFiles;
      }),
    ...comparisons(context, assertInService),
    'payment.consignor': (input, operator) =>
      loggedCommand(context, 'Vault.paymentConsignor', operator, async (log) => {
        context.clockGuard.assertTrusted();
        const entry = readEntry(consignorForm, input);
        await database.transaction('vault.payment.consignor', async (tx) => {
          await enterConsignor(tx, context, entry);
          await log.with(tx, `from:${entry.validFrom}:by:${entry.by}`);
        });
      }),
  };
}

/** What two people found at the bank. */
function comparisons(
  context: PaymentFileContext,
  assertInService: () => void,
): Readonly<Record<string, AdminHandler>> {
  const byWhom = ({ personId, approvalId }: { readonly personId: string; readonly approvalId: string }) =>
    `by:${personId} approval:${approvalId}`;
  return {
    'payment.compared': (input, operator) =>
      loggedCommand(context, 'Vault.paymentCompared', operator, async (log) => {
        assertInService();
        const said = readEntry(comparedForm, input);
        await comparePaymentFile(context, said, async (tx, { sha256 }) => {
          await log.with(tx, `${said.outcome}:${said.fileNo} ${sha256} ${byWhom(said)}`);
        });
      }),
    'payment.journalCompared': (input, operator) =>
      loggedCommand(context, 'Vault.paymentJournalCompared', operator, async (log) => {
        assertInService();
        const said = readEntry(journalComparedForm, input);
        await comparePaymentJournal(context, said, (tx, rebuildIds) =>
          log.with(tx, `rebuilt:${rebuildIds.length} ${byWhom(said)}`),
        );
      }),
  };
}

function told(file: Omit<PaymentFile, 'consignorId' | 'approvalId'>): ToldPaymentFile {
  const { fileNo, payOn, count, totalYen, sha256, madeBy, madeAt } = file;
  const at = Temporal.Instant.from(madeAt).toString();
  return { fileNo, payOn, count, totalYen: String(totalYen), sha256, madeBy, madeAt: at };
}

/** Nothing leaves before the journal on the disk has it: a database that is restored later knows it from there. */
async function handOut(
  { erasureJournal }: PaymentFileContext,
  { file, bytes, refundIds }: MadeFile,
): Promise<HandedPaymentFile> {
  const { fileNo, payOn, count, totalYen, sha256, madeBy, madeAt } = told(file);
  const line = {
    kind: 'paymentFile',
    fileNo,
    payOn,
    count,
    totalYen,
    sha256,
    refundIds,
    madeBy,
    madeAt,
  } as const;
  await erasureJournal.journal.append(line);
  return { ...told(file), file: bytes.toString('base64') };
}

function handedOutRecord(
  context: PaymentFileContext,
  operator: string,
  { file, subjects, isNew }: MadeFile,
): AuditRecord {
  const { fileNo, payOn, count, totalYen, sha256, madeBy, approvalId } = file;
  const reason = [
    `${isNew ? 'made' : 'again'}:${fileNo} payOn:${payOn} totalYen:${totalYen} ${sha256}`,
    `by:${madeBy} approval:${approvalId}`,
  ].join(' ');
  const record = sealRecord(context, COORDINATE, operator, 'allow', reason);
  const [entry] = record.entries as [AuditEntry];
  return { ...record, kind: 'export', entries: [{ ...entry, rows: count, subjects }] };
}
