import type { Command } from 'commander';
import { readIntermediaryConfiguration } from '../config/intermediary.js';
import { runUntilStopped } from './untilStopped.js';

/** `kuramori intermediary`: the reference server that stands in for the national intermediary server (中間サーバー). */
export function registerIntermediaryCommand(program: Command): void {
  program
    .command('intermediary')
    .description(
      'run the reference intermediary server, which stands in for the national one, over HTTP/2 and by files',
    )
    .option('--test-control', 'open the paths with which tests set its clock and its faults')
    .action((options: { testControl?: true }) => runIntermediary(process.env, options.testControl === true));
}

/** Runs the server until it is told to stop. */
async function runIntermediary(environment: NodeJS.ProcessEnv, testControl: boolean): Promise<void> {
  // Whatever this process makes is for its own account.
  process.umask(0o077);
  const configuration = readIntermediaryConfiguration(environment);
  const { startIntermediary } = await import('../reference/intermediary/start.js');
  await runUntilStopped(await startIntermediary({ ...configuration, testControl }));
}
