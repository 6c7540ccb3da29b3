import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The path of an installed Chromium, or nothing. */
export function findChromium(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((file) => existsSync(file));
}

/** A browser of its own, for one test. */
interface OpenBrowser {
  readonly browser: ChildProcess;
  /** Ends it with every helper it started, and removes its profile. */
  close(): Promise<void>;
}

/** Opens a page without a screen, with a profile of its own that is removed when it is closed. */
export function openPage(chromium: string, url: string): { close(): Promise<void> } {
  return launch(chromium, [url], 'ignore');
}

/** Opens a page in a browser that has an authenticator which is touched, and knows its person, whenever it is asked. */
export async function openPageWithAuthenticator(
  chromium: string,
  url: string,
): Promise<{ close(): Promise<void> }> {
  const opened = launch(
    chromium,
    ['--remote-debugging-pipe', 'about:blank'],
    ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  );
  const control = new Control(opened.browser);
  const { targetId } = await control.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await control.send('Target.attachToTarget', { targetId, flatten: true });
  await control.send('WebAuthn.enable', {}, sessionId);
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  await control.send('WebAuthn.addVirtualAuthenticator', { options }, sessionId);
  await control.send('Page.navigate', { url }, sessionId);
  return { close: () => opened.close() };
}

function launch(chromium: string, more: readonly string[], stdio: StdioOptions): OpenBrowser {
  const profile = mkdtempSync(join(tmpdir(), 'kuramori-chromium-'));
  const flags = [
    '--headless',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--no-proxy-server',
    `--user-data-dir=${profile}`,
    // Its sandbox refuses to start as root, where tests in containers run.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
  // A process group of its own, so that every helper it starts ends with it.
  const browser = spawn(chromium, [...flags, ...more], { stdio, detached: true });
  const exited = new Promise<void>((done) => {
    browser.once('exit', () => done());
    browser.once('error', () => done());
  });
  return {
    browser,
    close: async () => {
      if (browser.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, 'SIGKILL');
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** What the browser answers, of what is looked at here. */
interface Told {
  readonly targetId: string;
  readonly sessionId: string;
}

interface Message {
  readonly id?: number;
  readonly result?: Told;
  readonly error?: { readonly message: string };
}

/** Commands to a browser over its pipe (Chrome DevTools Protocol): JSON texts, a NUL behind each. */
class Control {
  readonly #to: Writable;
  readonly #waiting = new Map<number, PromiseWithResolvers<Told>>();
  #read = '';
  #sent = 0;

  constructor({ stdio }: ChildProcess) {
    this.#to = stdio[3] as Writable;
    // A browser that is closed while it is told something ends its pipe.
    this.#to.on('error', () => undefined);
    (stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.#take(text));
  }

  send(method: string, params: object, sessionId?: string): Promise<Told> {
    const id = (this.#sent += 1);
    const answered = Promise.withResolvers<Told>();
    this.#waiting.set(id, answered);
    this.#to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return answered.promise;
  }

  #take(text: string): void {
    const messages = (this.#read + text).split('\0');
    this.#read = messages.pop() ?? '';
    for (const message of messages) this.#answered(JSON.parse(message) as Message);
  }

  #answered({ id = 0, result, error }: Message): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result as Told);
  }
}
