import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { TransferJob, TransferStep } from '../collection/transfer/job.js';
import type { TransferVault } from '../collection/transfer/vault.js';
import { systemClock } from '../kernel/clock.js';
import { isKuramoriError } from '../kernel/errors.js';
import type { LoadTerminal } from './loads.js';
import { startProgress, writeLines } from './progress.js';
import { consoleTransferHouse } from './transferHouse.js';
import { TRANSFER_STEPS, type StepOutcome } from './transferSteps.js';

/** Exit codes of the transfer commands; 1 is any other failure. */
export const TRANSFER_EXIT = { done: 0, refused: 2, open: 3 } as const;

/** One step that somebody asks for at the console. */
export interface TransferRequest {
  readonly step: TransferStep;
  /** Empty while it is not known. */
  readonly roundNo: string;
  /** As it was typed. */
  readonly staffId: string;
  readonly requestId: string;
  readonly clock: TransferJob['clock'];
}

/** What one step needs of the house it runs in. */
export interface TransferEnvironment {
  readonly job: TransferJob;
  /** Opens the vault's client, which the house closes. */
  readonly vault: () => TransferVault;
}

/**
 * Opens the house for one step by one person, and closes it.
 * @throws KuramoriError NOT_FOUND or FORBIDDEN_FIELD when the person may not
 */
export type TransferHouse = <T>(
  request: TransferRequest,
  work: (environment: TransferEnvironment) => Promise<T>,
) => Promise<T>;

/**
 * Registers `kuramori transfer …`: each step of a hand-over to the collection organization (移管) is a command that may
 * be run again, by a person or by cron.
 * @param house where the records and the vault are, and who works
 */
export function registerTransferCommands(
  program: Command,
  house: TransferHouse = consoleTransferHouse(process.env),
  terminal: LoadTerminal = { out: process.stdout, setExitCode: (code) => (process.exitCode = code) },
): void {
  const transfer = program
    .command('transfer')
    .description('滞納整理機構への移管 (hand delinquency cases over to the collection organization)');
  for (const [name, step] of Object.entries(TRANSFER_STEPS)) {
    transfer
      .command(name)
      .description(step.description)
      .argument(
        `<${step.takes}>`,
        step.takes === 'file' ? '設定ファイル (JSON)' : '移管ラウンド番号 (2026-01)',
      )
      .requiredOption('--as <staff>', '職員番号 (staff id of the person who works)')
      .action((argument: string, { as }: { readonly as: string }) => {
        const roundNo = step.takes === 'file' ? '' : argument;
        const request = {
          step: name as TransferStep,
          roundNo,
          staffId: as,
          requestId: randomUUID(),
          clock: systemClock,
        };
        return house(request, (environment) => runStep(step.run, argument, environment, terminal));
      });
  }
}

async function runStep(
  run: (environment: TransferEnvironment, argument: string) => Promise<StepOutcome>,
  argument: string,
  { job, vault }: TransferEnvironment,
  { out, setExitCode }: LoadTerminal,
): Promise<void> {
  const progress = startProgress(out, (phase) => PHASES[phase] ?? phase);
  try {
    const { lines, isOpen } = await run({ job: { ...job, onProgress: progress.report }, vault }, argument);
    progress.stop();
    writeLines(out, lines);
    setExitCode(isOpen ? TRANSFER_EXIT.open : TRANSFER_EXIT.done);
  } catch (error) {
    progress.stop();
    if (!isKuramoriError(error) || !REFUSALS.has(error.code)) throw error;
    const fields = error.facts['fields'];
    writeLines(out, [
      '処理不可 refused',
      error.message,
      ...(Array.isArray(fields) ? fields.map(String) : []),
    ]);
    setExitCode(TRANSFER_EXIT.refused);
  }
}

/** What a person must settle; anything else is a failure. */
const REFUSALS: ReadonlySet<string> = new Set([
  'BAD_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'DUAL_CONTROL_REQUIRED',
  'FILE_REJECTED',
  'INTEGRITY_FAILURE',
]);

const PHASES: Readonly<Record<string, string>> = {
  freezing: '基準時点の確定 freezing',
  complete: '引渡し完了 complete',
  sending: '入金連絡 sending',
  results: '実績受領 results',
};
