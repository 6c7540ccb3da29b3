import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Option, type Command } from 'commander';
import { monthsOf, type EvidencePeriod } from '../audit/evidence/period.js';
import { plainDate } from '../kernel/dates.js';
import type { ToldIncident, ToldSigner } from '../vault/evidence/administration.js';
import type { HandedOut } from '../vault/evidence/handOut.js';
import type { EvidenceKindName } from '../vault/evidence/kinds.js';
import { readEntryFile } from './entryFile.js';
import { registerWitnessCommand } from './evidenceWitness.js';
import type { AskVault } from './vaultKeys.js';
import { writeWhole } from './wholeFile.js';

/** What each kind shows, for the help; the vault has the kinds themselves. */
const KINDS: Readonly<Record<EvidenceKindName, string>> = {
  use: '利用・出力',
  carry: '持ち運び',
  deletion: '削除・廃棄',
  signIn: 'ログイン実績',
  access: 'アクセスログ',
  processor: '委託先台帳',
  incident: '漏えい等の事案',
  analysis: 'ログの分析・確認',
  breakGlass: '緊急時利用',
  authority: '利用できる者',
};
const ENTRIES = ['processor', 'audit', 'incident', 'step', 'holidays'] as const;

interface ExportFlags extends EvidencePeriod {
  readonly format: 'csv' | 'pdf';
  readonly out: string;
}

/** `kuramori evidence …`: 証跡 of the vault that runs here. */
export function registerEvidenceCommand(program: Command, ask: AskVault): void {
  const evidence = program
    .command('evidence')
    .description('証跡: records of the vault for the audit officer');
  const kinds = Object.entries(KINDS).map(([name, shows]) => `${name} (${shows})`);
  evidence
    .command('export')
    .description(
      'write an evidence into files, one or more for each month; every part is an entry of the log',
    )
    .addArgument(new Argument('<kind>', kinds.join(', ')).choices(Object.keys(KINDS)))
    .requiredOption('--from <day>', 'first day in Japan, YYYY-MM-DD')
    .requiredOption('--to <day>', 'last day in Japan')
    .addOption(new Option('--format <format>', 'form of the files').choices(['csv', 'pdf']).default('csv'))
    .option('--out <folder>', 'where the files go', '.')
    .action((kind: EvidenceKindName, flags: ExportFlags) => exportEvidence(ask, kind, flags));
  registerWitnessCommand(evidence, ask);
  evidence
    .command('enter')
    .description(
      'enter a processor, its audit, an incident, a step of one, or holidays: JSON, or - for standard input',
    )
    .addArgument(new Argument('<what>').choices(ENTRIES))
    .argument('<file>')
    .action(async (what: string, file: string) => {
      const result = await ask(`evidence.${what}`, readEntryFile(file));
      process.stdout.write(`${JSON.stringify(result ?? null, null, 2)}\n`);
    });
  evidence
    .command('incidents')
    .description('open incidents with their deadlines, and what is due')
    .action(async () => listIncidents((await ask('evidence.incidents')) as readonly ToldIncident[]));
  evidence
    .command('report')
    .description('the text of a report to the commission, from what was entered')
    .argument('<incident>', '事案番号, IN-…')
    .addArgument(new Argument('<step>', '速報 or 確報').choices(['quick', 'final']))
    .action(async (incidentId: string, step: 'quick' | 'final') => {
      const { text } = (await ask('evidence.report', { incidentId, step: `${step}Report` })) as {
        text: string;
      };
      process.stdout.write(text);
    });
  evidence
    .command('certificate')
    .description('a certificate of erasure (消去証明書) as it was signed')
    .argument('<certificate>', '証明書番号, EC-…')
    .action(async (certificateId: string) => {
      const { signed } = (await ask('evidence.certificate', { certificateId })) as { signed: string };
      process.stdout.write(`${signed}\n`);
    });
  evidence
    .command('signer')
    .description('the certificate with which documents verify (PEM), and the fingerprint to be published')
    .action(async () => {
      const { keyId, fingerprint, pem } = (await ask('evidence.signer')) as ToldSigner;
      process.stderr.write(`key          ${keyId}\nfingerprint  ${fingerprint}\n`);
      process.stdout.write(pem.endsWith('\n') ? pem : `${pem}\n`);
    });
}

/** Part by part, month by month: no more than one part is in memory. */
async function exportEvidence(
  ask: AskVault,
  kind: EvidenceKindName,
  { from, to, format, out }: ExportFlags,
): Promise<void> {
  mkdirSync(out, { recursive: true });
  for (const month of monthsOf({ from: plainDate(from).toString(), to: plainDate(to).toString() })) {
    let after: string | undefined;
    let part = 0;
    do {
      part += 1;
      const asked = { kind, form: format, ...month, ...(after === undefined ? {} : { after }) };
      const handedOut = (await ask('evidence.part', asked)) as HandedOut;
      const name = `${kind}_${month.from}_${month.to}_${String(part).padStart(3, '0')}.${format}`;
      await writeWhole(join(out, name), bytesOf(handedOut));
      const { rows, digest, pdfDigest } = handedOut;
      process.stdout.write(`${pdfDigest ?? digest}  ${name}  ${rows}\n`);
      after = handedOut.next;
    } while (after !== undefined);
  }
}

function bytesOf({ csv, pdf }: HandedOut): Buffer {
  return pdf === undefined ? Buffer.from(csv ?? '', 'utf8') : Buffer.from(pdf, 'base64');
}

function listIncidents(incidents: readonly ToldIncident[]): void {
  const lines = incidents.map(({ incidentId, state, learnedOn, quickBy, finalBy, alarm = '' }) =>
    [incidentId, state, `知った日 ${learnedOn}`, `速報 ${quickBy}`, `確報 ${finalBy}`, alarm]
      .join('  ')
      .trimEnd(),
  );
  process.stdout.write(lines.length === 0 ? 'No incident is open.\n' : `${lines.join('\n')}\n`);
}
