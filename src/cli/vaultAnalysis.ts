import { Argument, InvalidArgumentError, type Command } from 'commander';
import type { AnalysisRun } from '../vault/analysis/run.js';
import type { AnalysisReview } from '../vault/analysis/run.store.js';
import type { WatchEntry } from '../vault/analysis/watchList.js';
import { readEntryFile } from './entryFile.js';
import { tableOf } from './table.js';
import type { AskVault } from './vaultKeys.js';

/** A run as the vault tells it. */
type ToldRun = Omit<AnalysisRun, 'hits'> & { readonly review?: AnalysisReview | null };

interface RunFlags {
  readonly month?: string;
  readonly unit?: string;
  readonly from?: string;
  readonly to?: string;
}

/** What each kind of run must be told; what it may not be told, the vault refuses. */
const NEEDED = {
  monthly: ['month', 'unit'],
  quarterly: ['month'],
  occasional: ['from', 'to'],
} as const satisfies Record<string, readonly (keyof RunFlags)[]>;

/** `kuramori vault analysis …`: ログの分析. @param out where the commands write */
export function registerAnalysisCommands(
  vault: Command,
  ask: AskVault,
  out: Pick<NodeJS.WriteStream, 'write'> = process.stdout,
): void {
  const analysis = vault
    .command('analysis')
    .description('ログの分析: runs over the vault’s log, which officers review on their terminals');
  const write = (lines: readonly string[]): void => void out.write(`${lines.join('\n')}\n`);
  const writeJson = (value: unknown): void => write([JSON.stringify(value, null, 2)]);
  analysis
    .command('run')
    .description('make a run; its hits are shown to the officer who reviews it, and in the evidence')
    .addArgument(new Argument('<kind>').choices(Object.keys(NEEDED)))
    .option('--month <month>', 'the month, or the first one of the quarter, YYYY-MM')
    .option('--unit <unit>', 'the unit that is looked at')
    .option('--from <day>', 'first day of an occasional run, YYYY-MM-DD')
    .option('--to <day>', 'last day')
    .action(async (kind: keyof typeof NEEDED, flags: RunFlags) => {
      for (const flag of NEEDED[kind])
        if (flags[flag] === undefined) throw new InvalidArgumentError(`A ${kind} run needs --${flag}.`);
      write(runLines((await ask('analysis.run', { kind, ...flags })) as ToldRun));
    });
  analysis
    .command('list')
    .description('the newest runs, by when each is to be reviewed, and what was concluded')
    .action(async () => write(runRows((await ask('analysis.list')) as readonly ToldRun[])));
  analysis
    .command('thresholds')
    .description('the thresholds (基準値) that hold today, as JSON')
    .action(async () => writeJson(await ask('analysis.thresholds')));
  analysis
    .command('enter')
    .description('enter thresholds, or who is watched (注視対象), or the end of that: JSON, or - for input')
    .addArgument(new Argument('<what>').choices(['thresholds', 'watch', 'endWatch']))
    .argument('<file>')
    .action(async (what: string, file: string) => {
      const command = what === 'thresholds' ? 'enterThresholds' : what;
      writeJson((await ask(`analysis.${command}`, readEntryFile(file))) ?? null);
    });
  analysis
    .command('watchlist')
    .description('who is watched today, by reference')
    .action(async () => write(watchRows((await ask('analysis.watchList')) as readonly WatchEntry[])));
}

function runLines({ runId, unit, from, to, rules, digest, reviewBy }: ToldRun): string[] {
  return [
    `${runId}  ${unit ?? 'the whole vault'}  ${from} to ${to}, to be reviewed by ${reviewBy}`,
    ...tableOf([
      ['rule', 'version', 'hits', 'kept'],
      ...rules.map(({ rule, version, hits, kept }) => [rule, String(version), String(hits), String(kept)]),
    ]),
    digest,
  ];
}

function runRows(runs: readonly ToldRun[]): string[] {
  return tableOf([
    ['run', 'kind', 'unit', 'from', 'to', 'hits', 'review by', 'reviewed', 'outcome'],
    ...runs.map(({ runId, kind, unit, from, to, rules, reviewBy, review }) => [
      runId,
      kind,
      unit ?? '',
      from,
      to,
      String(rules.reduce((all, { hits }) => all + hits, 0)),
      reviewBy,
      review?.reviewedBy ?? '',
      review?.outcome ?? '',
    ]),
  ]);
}

function watchRows(entries: readonly WatchEntry[]): string[] {
  return tableOf([
    ['entry', 'reference', 'category', 'person', 'from', 'to'],
    ...entries.map(({ watchId, ref, category, personId, validFrom, validTo }) => [
      watchId,
      ref,
      category,
      personId ?? '',
      validFrom,
      validTo ?? '',
    ]),
  ]);
}
