import { lstatSync } from 'node:fs';
import type { Command } from 'commander';
import { KuramoriError } from '../kernel/errors.js';
import type {
  HandedPaymentFile,
  ToldPaymentFile,
  ToldPaymentFiles,
} from '../vault/refund/paymentFile/administration.js';
import { readEntryFile } from './entryFile.js';
import { tableOf } from './table.js';
import type { AskVault } from './vaultKeys.js';
import { writeWhole } from './wholeFile.js';

interface FileFlags {
  readonly out: string;
  readonly payOn?: string;
  readonly person?: string;
  readonly approval?: string;
  readonly again?: string;
}

interface ByWhom {
  readonly person: string;
  readonly approval: string;
}

interface ComparedFlags extends ByWhom {
  readonly outcome: string;
}

/**
 * `kuramori vault payment-file | payment-files | payment-compared | payment-journal-compared | payment-consignor`.
 * @param out where the commands write
 */
export function registerPaymentCommands(
  vault: Command,
  ask: AskVault,
  out: Pick<NodeJS.WriteStream, 'write'> = process.stdout,
): void {
  const write = (lines: readonly string[]): void => void out.write(`${lines.join('\n')}\n`);
  vault
    .command('payment-file')
    .description(
      '総合振込データ: write the file for the bank of all payments that two people have approved; run it again when it ' +
        'was interrupted, and it is the same file',
    )
    .requiredOption('--out <file>', 'where it goes; what is there is not replaced')
    .option('--pay-on <day>', 'the day of the payment, YYYY-MM-DD')
    .option('--person <id>', 'who asked for the approval')
    .option('--approval <id>', 'the approval of a second person')
    .option('--again <number>', 'in their place: a file that was made, once more')
    .action(async (flags: FileFlags) => write([await writePaymentFile(ask, flags)]));
  vault
    .command('payment-files')
    .description('the files that were made, the newest first, and why none is made')
    .action(async () => write(listed((await ask('payment.list')) as ToldPaymentFiles)));
  vault
    .command('payment-compared')
    .description(
      '銀行との照合: enter what the bank says of a file that a restore has lost, as two people have confirmed it; no ' +
        'file is made before',
    )
    .argument('<number>', 'number of the lost file')
    .requiredOption('--outcome <outcome>', 'paid, or notPaid when the bank never had it')
    .requiredOption('--person <id>', 'who asked for the approval')
    .requiredOption('--approval <id>', 'the approval of a second person')
    .action(async (fileNo: string, { outcome, person, approval }: ComparedFlags) => {
      const said = { fileNo: Number(fileNo), outcome, personId: person, approvalId: approval };
      await ask('payment.compared', said);
      write([
        `File ${said.fileNo} is ${outcome === 'paid' ? 'paid' : 'not paid; its refunds wait for a file again'}.`,
      ]);
    });
  vault
    .command('payment-journal-compared')
    .description(
      '銀行との照合: enter that two officers have compared the transfers of the bank with the payment files, after the ' +
        'erasure journal was made anew; no file is made before',
    )
    .requiredOption('--person <id>', 'the officer who asked for the approval')
    .requiredOption('--approval <id>', 'the approval of a second officer')
    .action(async ({ person, approval }: ByWhom) => {
      await ask('payment.journalCompared', { personId: person, approvalId: approval });
      write(['Files are made again.']);
    });
  vault
    .command('payment-consignor')
    .description(
      '振込依頼人: enter the account of the municipality from a day on; JSON, or - for standard input',
    )
    .argument('<file>')
    .action(async (file: string) => {
      await ask('payment.consignor', readEntryFile(file));
      write(['The consignor is entered. Files that were made stay as they are.']);
    });
}

/** @returns a line as `sha256sum` prints it, with number, day, count and total */
async function writePaymentFile(ask: AskVault, flags: FileFlags): Promise<string> {
  if (lstatSync(flags.out, { throwIfNoEntry: false }) !== undefined)
    throw new KuramoriError('CONFLICT', 'The file named by --out is there already. Name another.');
  const { file, ...told } = (await askForFile(ask, flags)) as HandedPaymentFile;
  await writeWhole(flags.out, Buffer.from(file, 'base64'));
  const { sha256, fileNo, payOn, count, totalYen } = told;
  return `${sha256}  ${flags.out}  file ${fileNo}, ${payOn}, ${count} payments, ${totalYen} yen`;
}

function askForFile(ask: AskVault, { payOn, person, approval, again }: FileFlags): Promise<unknown> {
  const named = [payOn, person, approval].filter((each) => each !== undefined);
  if (again !== undefined && named.length === 0 && /^[1-9]\d{0,8}$/.test(again))
    return ask('payment.again', { fileNo: Number(again) });
  if (again === undefined && named.length === 3)
    return ask('payment.file', { payOn, personId: person, approvalId: approval });
  throw new KuramoriError(
    'BAD_INPUT',
    'Name --pay-on, --person and --approval for a new file, or --again and a number.',
  );
}

function listed({ files, rebuilds }: ToldPaymentFiles): readonly string[] {
  const stops = rebuilds.map(
    ({ rebuiltAt, decidedBy }) =>
      `The journal was made anew at ${rebuiltAt}, as ${decidedBy} decided: no file is made until two other officers ` +
      'have compared with the bank.',
  );
  return [...stops, ...fileRows(files)];
}

function fileRows(files: readonly ToldPaymentFile[]): readonly string[] {
  return tableOf([
    ['file', 'pay on', 'payments', 'yen', 'made by', 'made at', 'lost', 'digest'],
    ...files.map(({ fileNo, payOn, count, totalYen, madeBy, madeAt, lost, sha256 }) => [
      String(fileNo),
      payOn,
      String(count),
      totalYen,
      madeBy,
      madeAt,
      lost ?? '',
      sha256,
    ]),
  ]);
}
