import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { findPrograms, reachableFolder } from '../../src/cli/embedded/binaries.js';
import { freePort } from '../../src/cli/embedded/cluster.js';
import { fastestFolder } from '../support/folder.js';

const home = mkdtempSync(join(fastestFolder(), 'kuramori-house-'));
// Else the account that PostgreSQL runs as could not reach its data here.
chmodSync(home, 0o711);
const MAIN = 'dist/src/cli/main.js';
/** The first start fills 2,000 people; a machine may be busy with other tests. */
const READY_MS_MAX = 60_000;
const WAIT = { timeout: 30_000 };
/** Processes that end by themselves when the house is gone. */
const PARTS = ['gateway', 'vault', 'worker', 'intermediary', 'organization'];
/** What a newcomer reads, from the person's number to the masked account. */
const FIRST_PUSH = new RegExp(
  [
    'registered .* vr_.*',
    'went +WAITING → HANDED_OVER → ACCEPTED → SENDING → DONE',
    'ended +DONE, OK, receipt sha256:.*',
    'account +9991-101 \\*{3}0001 ｼﾞ….*',
    'holder +is the taxpayer',
    '.* worker  PushRequest.state  ALLOW  DONE:OK',
    '.* N1711 +Vault.viewRefundAccount +allow .*',
  ].join('\n(?:.*\n)*'),
);

let house: House | undefined;
afterEach(async () => {
  house?.child.kill('SIGKILL');
  await house?.ended;
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

interface House {
  readonly child: ChildProcess;
  readonly address: string;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

/** Starts `kuramori up` as its own process, as `npm start` does after the build. */
async function start(): Promise<House> {
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN, 'up'], {
    env: { ...process.env, KURAMORI_HOME: home, KURAMORI_PORT: String(port), KURAMORI_LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready: ${text}`)), READY_MS_MAX);
    const hear = (chunk: Buffer) => {
      text += chunk.toString();
      if (!text.includes('Ctrl-C stops everything')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    void ended.then(() => reject(new Error(`ended: ${text}`)));
  });
  house = { child, address: `http://127.0.0.1:${port}`, said: () => text, ended };
  return house;
}

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

function command(...args: string[]): Promise<Ended> {
  return commandIn({}, ...args);
}

function commandIn(environment: Record<string, string>, ...args: string[]): Promise<Ended> {
  return nodeIn(environment, MAIN, ...args);
}

/** One of the scripts that the documentation has a newcomer run beside the house. */
function script(name: string): Promise<Ended> {
  return nodeIn({}, `scripts/${name}.mjs`);
}

function nodeIn(environment: Record<string, string>, ...args: string[]): Promise<Ended> {
  const env = { ...process.env, KURAMORI_HOME: home, ...environment };
  const child = spawn(process.execPath, args, { env });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, text })));
}

/** Processes that still use the house's folder. */
async function left(): Promise<string> {
  const ps = spawn('sh', ['-c', `ps -eo args | grep -F '${home}' | grep -v grep || true`]);
  let text = '';
  ps.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => ps.once('exit', resolve));
  return text;
}

/** The process of the house that runs a command. */
function processOf({ child }: House, argument: string): number {
  const [pid] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((each) => readFileSync(`/proc/${each}/cmdline`, 'utf8').includes(`main.js\0${argument}\0`));
  return Number(pid);
}

/** Not where nobody has asked yet how an orphan ended: such a process has no command line any more. */
function isRunning(pid: number): boolean {
  const file = `/proc/${pid}/cmdline`;
  return existsSync(file) && readFileSync(file, 'utf8') !== '';
}

async function ask(address: string, token: string): Promise<Response> {
  return fetch(`${address}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'kuramori-purpose': 'COLLECTION',
    },
    body: JSON.stringify({
      query: '{ viewer { actorId } addressees(filter: { kana: "ア" }, first: 1) { nodes { name } } }',
    }),
  });
}

describe('the whole house on one machine', () => {
  test('starts, answers a signed-in question, stops at Ctrl-C and leaves nothing running', async () => {
    const running = await start();
    const { address, child, ended } = running;
    const pids = ['gateway', 'vault', 'intermediary'].map((argument) => processOf(running, argument));
    const token = await command('token', 'C1101');
    expect(token.code).toBe(0);
    const answer = await ask(address, token.text.trim());
    expect(await answer.json()).toMatchObject({
      data: { viewer: { actorId: 'C1101' }, addressees: { nodes: [{ name: expect.any(String) }] } },
    });
    expect((await command('vault', 'status')).text).toMatch(/state +open\n.*file\n.*992011\nready +yes/);
    const push = await script('first-push');
    expect(push).toMatchObject({ code: 0, text: expect.stringMatching(FIRST_PUSH) });
    const reveal = await script('first-reveal');
    expect(reveal).toMatchObject({ code: 0, text: expect.stringMatching(/\nopened +1234\d+18\n$/) });
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(await left()).toBe('');
    expect(pids.map((pid) => existsSync(`/proc/${pid}`))).toEqual([false, false, false]);
    expect(existsSync(join(home, 'running.json'))).toBe(false);
  }, 180_000);

  test('keeps its secrets in files of their owner alone', () => {
    for (const file of [
      'keys/signing.jwk.json',
      'keys/pepper.json',
      'keys/credential.json',
      'keys/gateway.password',
      'keys/vault.password',
      'keys/worker.password',
      'keys/vault-root.key',
      'keys/tls/authority.key.pem',
      'keys/tls/vault.key.pem',
      'keys/tls/intermediary.key.pem',
      'intermediary/data/network/journal.jsonl',
      'demonstration/credentials.json',
    ]) {
      expect([file, (statSync(join(home, file)).mode & 0o777).toString(8)]).toEqual([file, '600']);
    }
  });

  test('uses its data again after kill -9 of everything at once, and refuses to start twice', async () => {
    const credentials = readFileSync(join(home, 'demonstration/credentials.json'), 'utf8');
    const first = await start();
    const parts = PARTS.map((argument) => processOf(first, argument));
    expect(parts.every((pid) => pid > 0)).toBe(true);
    first.child.kill('SIGKILL');
    await first.ended;
    // What still stops by itself keeps the vault's socket for as long as that takes.
    await expect.poll(() => parts.filter(isRunning), WAIT).toEqual([]);
    const { address, said, child, ended } = await start();
    expect(said()).not.toContain('Filling');
    expect(readFileSync(join(home, 'demonstration/credentials.json'), 'utf8')).toBe(credentials);
    const second = await command('up');
    expect(second).toMatchObject({ code: 1, text: expect.stringContaining('running already') });
    const token = await command('token', 'C1102');
    expect((await ask(address, token.text.trim())).status).toBe(200);
    expect((await command('ledger', 'verify')).code).toBe(0);
    expect((await command('audit', 'check')).code).toBe(0);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await left()).toBe('');
  }, 180_000);

  // Each start after the death of a part is the start of the next.
  test('ends with what to do next when a part of it dies, and starts again', async () => {
    const withoutDatabase = await start();
    const folder = reachableFolder(join(home, 'records'), await findPrograms());
    const [pid] = readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGKILL');
    expect(await withoutDatabase.ended).toBe(1);
    expect(withoutDatabase.said()).toMatch(/DATABASE_UNAVAILABLE: The database ended by itself.*start again/);
    expect(existsSync(join(home, 'running.json'))).toBe(false);
    expect(await left()).toBe('');

    const withoutVault = await start();
    expect(processOf(withoutVault, 'worker')).toBeGreaterThan(0);
    process.kill(processOf(withoutVault, 'vault'), 'SIGKILL');
    expect(await withoutVault.ended).toBe(1);
    expect(withoutVault.said()).toContain('The vault ended by itself, so the house stopped.');
    expect(await left()).toBe('');

    const withoutServer = await start();
    expect((await command('vault', 'status')).text).toMatch(/state +open/);
    process.kill(processOf(withoutServer, 'intermediary'), 'SIGKILL');
    expect(await withoutServer.ended).toBe(1);
    expect(withoutServer.said()).toContain('The intermediary server ended by itself, so the house stopped.');
    expect(await left()).toBe('');
  }, 240_000);

  test('unlocks nobody from the console who is not locked, without a running house', async () => {
    expect(await command('staff', 'unlock', 'C1101')).toMatchObject({
      code: 1,
      text: expect.stringContaining('CONFLICT: The account is neither suspended nor locked'),
    });
  }, 60_000);

  test('tries its port before it fills anything', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const fresh = mkdtempSync(join(tmpdir(), 'kuramori-port-'));
    const { code, text } = await commandIn({ KURAMORI_HOME: fresh, KURAMORI_PORT: String(port) }, 'up');
    await new Promise((resolve) => other.close(resolve));
    expect({ code, text }).toMatchObject({ code: 1, text: expect.stringMatching(/port is in use/) });
    expect(readdirSync(fresh)).toEqual([]);
    rmSync(fresh, { recursive: true });
  });

  test('says in a sentence that Node is too old, before it loads anything', async () => {
    const old = "Object.defineProperty(process,'versions',{value:{...process.versions,node:'22.9.0'}})";
    const { code, text } = await commandIn({ NODE_OPTIONS: `--import "data:text/javascript,${old}"` }, 'up');
    expect(code).toBe(1);
    expect(text).toMatch(/^kuramori: Node 24 or later is needed\..*\n$/);
  });

  test('says in a sentence which setting is wrong', async () => {
    const child = spawn(process.execPath, [MAIN, 'gateway'], {
      env: { PATH: process.env['PATH'], KURAMORI_PROT: '1' },
    });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(1);
    expect(text).toMatch(
      /CONFIGURATION_INVALID.*KURAMORI_PROT is not a setting.*RECORDS_DATABASE_URL is missing/,
    );
  });
});
