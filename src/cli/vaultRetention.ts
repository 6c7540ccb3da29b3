import { Argument, type Command } from 'commander';
import { PERIOD_CLASSES, type RetentionRule } from '../vault/retention/rule.js';
import type { ToldRun } from '../vault/retention/administration.js';
import { tableOf } from './table.js';
import type { AskVault } from './vaultKeys.js';

/** `kuramori vault retention run | list | rules | add-rule`. @param out where the commands write */
export function registerRetentionCommands(
  vault: Command,
  ask: AskVault,
  out: Pick<NodeJS.WriteStream, 'write'> = process.stdout,
): void {
  const retention = vault
    .command('retention')
    .description('保存期間: lists of candidates for erasure, and the rules by which they are found');
  const write = (lines: readonly string[]): void => void out.write(`${lines.join('\n')}\n`);
  retention
    .command('run')
    .description('make the list of candidates now; by itself the vault makes it every night')
    .action(async () => write([runLine((await ask('retention.run')) as ToldRun)]));
  retention
    .command('list')
    .description('the lists that were made, the newest first; their references are shown on terminals')
    .action(async () => write(runRows((await ask('retention.list')) as readonly ToldRun[])));
  retention
    .command('rules')
    .description('the rules that are or were in force, with the days from which they hold')
    .action(async () => write(ruleRows((await ask('retention.rules')) as readonly RetentionRule[])));
  retention
    .command('add-rule')
    .description('register another period from a day on; rules are never changed')
    .addArgument(new Argument('<class>', '保存期間の種別').choices(PERIOD_CLASSES))
    .argument('<years>', 'whole years', Number)
    .argument('<validFrom>', 'first day, YYYY-MM-DD')
    .argument('<basis>', '根拠: law, order, ordinance or decision')
    .action(async (of: string, years: number, validFrom: string, basis: string) => {
      await ask('retention.addRule', { class: of, years, validFrom, basis });
      write([`From ${validFrom} on, ${of} is kept for ${years} years.`]);
    });
}

function runLine({ id, day, candidates, newlyDue, isWhole }: ToldRun): string {
  const rest = isWhole ? '' : '; there are more, for a later list';
  return `run ${id} of ${day}: ${candidates} candidates, ${newlyDue} of them new${rest}`;
}

function runRows(runs: readonly ToldRun[]): string[] {
  return tableOf([
    ['run', 'day', 'new from', 'candidates', 'new', 'started by', 'entry', 'digest'],
    ...runs.map((run) => [
      run.id,
      run.day,
      run.periodFrom ?? '',
      `${run.candidates}${run.isWhole ? '' : '+'}`,
      String(run.newlyDue),
      run.startedBy,
      run.intentEntry,
      run.refsDigest,
    ]),
  ]);
}

function ruleRows(rules: readonly RetentionRule[]): string[] {
  return tableOf([
    ['class', 'from', 'years', 'basis'],
    ...rules.map(({ class: of, validFrom, years, basis }) => [of, validFrom, String(years), basis]),
  ]);
}
