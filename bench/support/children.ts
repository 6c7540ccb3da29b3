import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { KuramoriError } from '../../src/kernel/errors.js';

/** How a process of the measurement is started. */
export interface ChildOptions {
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Flags of Node itself, such as `--cpu-prof`. */
  readonly flags?: readonly string[];
  /** The process holds keys and refuses to start where a core dump of it would be written. */
  readonly withoutCoreDumps?: boolean;
}

/** A process that answers messages one at a time. */
export interface Child {
  /** Waits for the next message the process sends. */
  message(): Promise<unknown>;
  /** Sends a message and waits for its answer. */
  ask(question: object): Promise<unknown>;
  /** Tells it to end and waits until it has. */
  stop(): Promise<void>;
}

const STOP_MS_MAX = 15_000;
/** Node cannot set the limit of a child; the shell can, and then becomes it. */
const WITHOUT_CORE_DUMPS = ['-c', 'ulimit -c 0 && exec "$0" "$@"', process.execPath];

/** The processes of one measurement: none outlives it. */
export class Children {
  readonly #running = new Set<ChildProcess>();

  start(module: URL, options: ChildOptions = {}): Child {
    const child = fork(fileURLToPath(module), [...(options.arguments ?? [])], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', ...options.environment },
      ...(options.withoutCoreDumps === true ? { execPath: '/bin/sh' } : {}),
      execArgv: [...(options.withoutCoreDumps === true ? WITHOUT_CORE_DUMPS : []), ...(options.flags ?? [])],
    });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return {
      message: () => nextMessage(child),
      ask: (question) => {
        const answer = nextMessage(child);
        child.send(question);
        return answer;
      },
      stop: () => ended(child),
    };
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map(ended));
  }
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const exited = () =>
      reject(new KuramoriError('INTERNAL', 'A process of the measurement ended by itself.'));
    child.once('exit', exited);
    child.once('message', (message) => {
      child.removeListener('exit', exited);
      resolve(message);
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  child.kill('SIGTERM');
  await exit;
  clearTimeout(timer);
}
