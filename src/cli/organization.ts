import type { Command } from 'commander';
import { readOrganizationConfiguration } from '../config/organization.js';
import { runUntilStopped } from './untilStopped.js';

/** `kuramori organization`: the reference organization that stands in for a real one (滞納整理機構). */
export function registerOrganizationCommand(program: Command): void {
  program
    .command('organization')
    .description('run the reference collection organization, which stands in for a real one')
    .option('--test-control', 'open the paths with which tests set its senders, its answers and its results')
    .action((options: { testControl?: true }) => runOrganization(process.env, options.testControl === true));
}

/** Runs the organization until it is told to stop. */
async function runOrganization(environment: NodeJS.ProcessEnv, testControl: boolean): Promise<void> {
  // Whatever this process makes is for its own account.
  process.umask(0o077);
  const configuration = readOrganizationConfiguration(environment);
  const { startOrganization } = await import('../reference/organization/start.js');
  await runUntilStopped(await startOrganization({ ...configuration, testControl }));
}
