import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { Option, type Command } from 'commander';
import type { EvidencePeriod } from '../audit/evidence/period.js';
import { KuramoriError } from '../kernel/errors.js';
import { EVIDENCE_PART_BYTES_MAX } from '../kernel/limits.js';
import type { Witnessed } from '../vault/evidence/witness.js';
import type { AskVault } from './vaultKeys.js';
import { writeWhole } from './wholeFile.js';

interface WitnessFlags extends EvidencePeriod {
  readonly kind: string;
  readonly first: string;
  readonly last: string;
  readonly out: string;
}

/** `kuramori evidence witness`: a signed paper about a CSV of the gateway's log. */
export function registerWitnessCommand(evidence: Command, ask: AskVault): void {
  evidence
    .command('witness')
    .description(
      'have the vault sign that this CSV of the gateway’s log was presented to it now; it is told the digest alone',
    )
    .argument('<csv>', 'a part as the query evidence answered it')
    .addOption(
      new Option('--kind <kind>', 'of the query').choices(['USE', 'SIGN_IN', 'ACCESS']).makeOptionMandatory(),
    )
    .requiredOption('--from <day>', 'first day in Japan, YYYY-MM-DD')
    .requiredOption('--to <day>', 'last day in Japan')
    .requiredOption('--first <number>', 'firstSequence of the part')
    .requiredOption('--last <number>', 'lastSequence of the part')
    .requiredOption('--out <file>', 'where the PDF goes')
    .action((csv: string, { out, ...said }: WitnessFlags) => witnessFile(ask, csv, said, out));
}

/** The vault gets what is said of the CSV and its digest; never the CSV. */
async function witnessFile(
  ask: AskVault,
  csv: string,
  said: Omit<WitnessFlags, 'out'>,
  out: string,
): Promise<void> {
  const content = partOf(csv);
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const presented = { ...said, bytes: content.length, digest };
  const { pdf, pdfDigest } = (await ask('evidence.witness', presented)) as Witnessed;
  await writeWhole(out, Buffer.from(pdf, 'base64'));
  process.stdout.write(`${digest}  ${csv}\n${pdfDigest}  ${out}\n`);
}

function partOf(csv: string): Buffer {
  const { size } = statSync(csv, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size > 0 && size <= EVIDENCE_PART_BYTES_MAX) return readFileSync(csv);
  throw new KuramoriError(
    'BAD_INPUT',
    `The CSV must be a part of evidence, of 1 to ${EVIDENCE_PART_BYTES_MAX} bytes. Name its file.`,
    { field: 'csv' },
  );
}
