import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPILED } from '../../support/compiled.js';
import { afterFile } from '../../support/afterwards.js';

const MAIN = 'dist/src/cli/main.js';
const READY_MS_MAX = 20_000;

/** A process of the product, as its command line runs it. */
export interface Running {
  readonly pid: number;
  /** Where it listens. */
  readonly address: string;
  /** Everything it wrote, standard output and error each by itself. */
  readonly said: { readonly output: readonly Buffer[]; readonly error: readonly Buffer[] };
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  /** With which it ended by itself. */
  code(): number | null;
  /** Ends it at once, and waits until it is gone. */
  kill(): Promise<void>;
}

export interface Command {
  /** `gateway` or `vault`. */
  readonly argument: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Flags of Node itself. */
  readonly flags?: readonly string[];
}

/** A folder of the file's tests, gone with them. */
export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'kuramori-whole-'));
  afterFile(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** Starts a process and waits until it listens. It ends with the tests of the file: the next one may go on with it. */
export async function startProcess({ argument, environment, flags = [] }: Command): Promise<Running> {
  // The vault refuses to start where core dumps would be written.
  const script = 'ulimit -S -c 0 && exec "$0" "$@"';
  const child = spawn('/bin/sh', ['-c', script, process.execPath, ...flags, MAIN, argument], {
    env: { ...COMPILED, PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said = { output: [] as Buffer[], error: [] as Buffer[] };
  child.stdout?.on('data', (chunk: Buffer) => said.output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => said.error.push(chunk));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  afterFile(kill);
  const address = await readyAddress(child, ended, () =>
    Buffer.concat([...said.output, ...said.error]).toString(),
  );
  const signal = (name: NodeJS.Signals) => void child.kill(name);
  return { pid: child.pid!, address, said, signal, ended, code: () => child.exitCode, kill };
}

function readyAddress(child: ChildProcess, ended: Promise<void>, said: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`not ready: ${said()}`));
    const timer = setTimeout(fail, READY_MS_MAX);
    timer.unref();
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve((message as { ready: string }).ready);
    });
    void ended.then(fail);
  });
}
