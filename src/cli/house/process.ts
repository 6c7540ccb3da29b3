import { fork, spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { KuramoriError } from '../../kernel/errors.js';
import type { ReadyMessage } from '../untilStopped.js';

const READY_MS_MAX = 30_000;
const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

/** A process of the house that has said where it listens. */
export interface HouseProcess {
  readonly address: string;
  /** Resolves when it ends by itself, or was stopped. */
  readonly ended: Promise<KuramoriError>;
  stop(): Promise<void>;
}

/** What is run, in the house's words and the command line's. */
export interface HouseCommand {
  /** As it stands in sentences, e.g. `gateway`. */
  readonly name: string;
  readonly argument: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The process holds keys: no core dump of it may be written. */
  readonly withoutCoreDumps?: boolean;
}

/**
 * Starts a process of the house and waits until it listens.
 * @throws KuramoriError TIMEOUT, CONFIGURATION_INVALID when it did not start
 */
export async function startProcess(command: HouseCommand): Promise<HouseProcess> {
  const child = run(command);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const address = await readyAddress(command.name, child, exited);
  return {
    address,
    ended: exited.then(
      (code) =>
        new KuramoriError('INTERNAL', `The ${command.name} ended by itself with code ${code ?? 'none'}.`),
    ),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function run({ argument, environment, withoutCoreDumps }: HouseCommand): ChildProcess {
  const options = {
    // A group of its own: Ctrl-C reaches us alone, and we stop the processes in their order.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: environment,
  } satisfies Parameters<typeof fork>[2];
  if (withoutCoreDumps !== true || process.platform === 'win32') return fork(MAIN, [argument], options);
  // Node cannot set the limit of a child; the shell can, and then becomes it.
  const script = 'ulimit -c 0 && exec "$0" "$@"';
  return spawn('/bin/sh', ['-c', script, process.execPath, MAIN, argument], options);
}

function readyAddress(name: string, child: ChildProcess, exited: Promise<number | null>): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new KuramoriError('TIMEOUT', `The ${name} was not ready in time.`));
    }, READY_MS_MAX);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve((message as ReadyMessage).ready);
    });
    void exited.then(() => {
      clearTimeout(timer);
      reject(
        new KuramoriError(
          'CONFIGURATION_INVALID',
          `The ${name} did not start; its own message stands above.`,
        ),
      );
    });
  });
}
