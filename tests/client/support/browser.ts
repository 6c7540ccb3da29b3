import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The path of an installed Chromium, or nothing. */
export function findChromium(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((file) => existsSync(file));
}

/** Opens a page without a screen, with a profile of its own that is removed when it is closed. */
export function openPage(chromium: string, url: string): { close(): Promise<void> } {
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
  const browser = spawn(chromium, [...flags, url], { stdio: 'ignore', detached: true });
  const exited = new Promise<void>((done) => {
    browser.once('exit', () => done());
    browser.once('error', () => done());
  });
  return {
    close: async () => {
      if (browser.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, 'SIGKILL');
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
