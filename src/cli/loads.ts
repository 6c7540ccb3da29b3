import { randomUUID } from 'node:crypto';
import { Option, type Command } from 'commander';
import { openAuditLog, type AuditLog } from '../audit/log.js';
import type { LoadActor, LoadOptions, LoadProgress } from '../exchange/load/job.js';
import { loadLevies } from '../exchange/load/loadLevies.js';
import { loadReceipts } from '../exchange/load/loadReceipts.js';
import type { LoadResult } from '../exchange/load/outcome.js';
import type { LoadKind } from '../exchange/layouts/registry.js';
import { reportLines } from '../exchange/load/report.js';
import { systemClock } from '../kernel/clock.js';
import type { Database } from '../kernel/database/database.js';
import { isKuramoriError } from '../kernel/errors.js';
import { withRecords } from './house/records.js';
import { admitActor, type LoadRequest } from './loadActor.js';
import { startProgress, writeLines, type ProgressView } from './progress.js';

/** Exit codes of the load commands; 1 is any other failure. */
export const LOAD_EXIT = { loaded: 0, refused: 2, setAside: 3 } as const;

/** What one load needs of the house it runs in. */
export interface LoadEnvironment {
  /** As `kuramori_loader`. */
  readonly database: Database;
  readonly audit: AuditLog;
  readonly actor: LoadActor;
}

/**
 * Opens the house for one load by one person, and closes it.
 * @throws KuramoriError NOT_FOUND or FORBIDDEN_FIELD when the person may not load
 */
export type LoadHouse = <T>(
  request: LoadRequest,
  work: (environment: LoadEnvironment) => Promise<T>,
) => Promise<T>;

/** The house that this machine's environment names. The register of staff is not the loader's to read. */
export function consoleHouse(environment: NodeJS.ProcessEnv): LoadHouse {
  return async (request, work) => {
    const actor = await withRecords(environment, 'owner', (owner) => admitActor(owner, request));
    return withRecords(environment, 'loader', async (database) => {
      const audit = openAuditLog(database);
      try {
        return await work({ database, audit, actor });
      } finally {
        await audit.close();
      }
    });
  };
}

/** Where the commands write. */
export interface LoadTerminal {
  readonly out: NodeJS.WriteStream;
  readonly setExitCode: (code: number) => void;
}

interface LoadFlags {
  readonly onBadLine: 'reject' | 'set-aside';
  readonly as: string;
  readonly bookedOn?: string;
}

const LOADS = {
  levies: { load: loadLevies, description: '調定データを取り込む (load an assessment file)' },
  receipts: {
    load: loadReceipts,
    description: '収入済データを取り込み消し込む (load and apply a receipt file)',
  },
} as const satisfies Record<
  LoadKind,
  { load: (options: LoadOptions) => Promise<LoadResult>; description: string }
>;

const LOAD_KINDS = ['levies', 'receipts'] as const satisfies readonly LoadKind[];

/**
 * Registers `levies load FILE` and `receipts load FILE`.
 * @param house where the records are and who loads
 */
export function registerLoadCommands(
  program: Command,
  house: LoadHouse = consoleHouse(process.env),
  terminal: LoadTerminal = { out: process.stdout, setExitCode: (code) => (process.exitCode = code) },
): void {
  for (const kind of LOAD_KINDS) {
    const { load, description } = LOADS[kind];
    program
      .command(kind)
      .description(description)
      .command('load')
      .description(description)
      .argument('<file>', 'ファイル (path of the file)')
      .requiredOption('--as <staff>', '職員番号 (staff id of the person who loads)')
      .addOption(
        new Option(
          '--on-bad-line <policy>',
          '不良レコード: 全件拒否 / 保留 (refuse the file, or set bad records aside)',
        )
          .choices(['reject', 'set-aside'])
          .default('reject'),
      )
      .option('--booked-on <day>', '収入日 YYYY-MM-DD (when the file does not say it)')
      .action((path: string, flags: LoadFlags) => {
        const request = { kind, staffId: flags.as, requestId: randomUUID(), clock: systemClock };
        return house(request, (environment) =>
          runLoad(load, { path, flags, request }, environment, terminal),
        );
      });
  }
}

async function runLoad(
  load: (options: LoadOptions) => Promise<LoadResult>,
  { path, flags, request }: { path: string; flags: LoadFlags; request: LoadRequest },
  environment: LoadEnvironment,
  terminal: LoadTerminal,
): Promise<void> {
  const progress = startLoadProgress(terminal.out);
  try {
    const result = await load({
      ...environment,
      clock: request.clock,
      path,
      requestId: request.requestId,
      onBadLine: flags.onBadLine === 'reject' ? 'reject' : 'setAside',
      ...(flags.bookedOn === undefined ? {} : { bookedOn: flags.bookedOn }),
      onProgress: progress.report,
    });
    progress.stop();
    writeLines(terminal.out, reportLines(result));
    terminal.setExitCode(result.outcome.setAside.count > 0 ? LOAD_EXIT.setAside : LOAD_EXIT.loaded);
  } catch (error) {
    progress.stop();
    if (!isKuramoriError(error, 'FILE_REJECTED')) throw error;
    const faults = error.facts['faults'];
    writeLines(terminal.out, [
      '取込拒否 refused',
      error.message,
      ...(Array.isArray(faults) ? faults.map(String) : []),
    ]);
    terminal.setExitCode(LOAD_EXIT.refused);
  }
}

const PHASES: Record<LoadProgress['phase'], string> = {
  reading: '読込 reading',
  matching: '照合 matching',
  posting: '消込 posting',
};

/** Shows how far a load is. */
export function startLoadProgress(out: NodeJS.WriteStream): ProgressView {
  return startProgress(out, (phase) => PHASES[phase as LoadProgress['phase']]);
}
