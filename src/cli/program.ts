import 'reflect-metadata';
import { Command } from 'commander';
import { isKuramoriError } from '../kernel/errors.js';
import { registerCommands } from './commands.js';

const program = new Command('kuramori').description(
  '蔵守 — system of record and GraphQL API of a municipality’s tax collection',
);

program
  .command('up', { isDefault: true })
  .description('run the whole house on this machine, with everything embedded')
  .action(async () => (await import('./up.js')).runHouse(process.env));
program
  .command('gateway')
  .description('run the GraphQL gateway')
  .action(async () => (await import('./gateway.js')).runGateway(process.env));
program
  .command('worker')
  .description('run the worker that hands pushes to the vault and reads what becomes of them')
  .action(async () => (await import('./worker.js')).runWorker(process.env));

try {
  await registerCommands(program, process.argv[2]);
  await program.parseAsync();
} catch (error) {
  const sentence = isKuramoriError(error)
    ? `${error.code}: ${error.message}`
    : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`kuramori: ${sentence}\n`);
  process.exitCode = 1;
}
