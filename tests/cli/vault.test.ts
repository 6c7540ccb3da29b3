import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { houseCertificates } from '../../src/cli/house/certificates.js';
import { freePort } from '../../src/cli/embedded/cluster.js';
import { verifyPublishedKeys, type Anchor } from '../../src/client/index.js';
import { systemClock } from '../../src/kernel/clock.js';
import { openVaultClient, type VaultClient } from '../../src/vault/client/client.js';
import { COMPILED } from '../support/compiled.js';
import { testVaultDatabases } from '../support/vaultDatabase.js';

const MAIN = 'dist/src/cli/main.js';
const READY_MS_MAX = 20_000;
const PASSPHRASE = '正しい馬の電池の留め金 2026';

const db = await testVaultDatabases();
const home = mkdtempSync(join(tmpdir(), 'kuramori-vault-'));
const certificates = await houseCertificates(home, systemClock);
const port = await freePort();
const socket = join(home, 'run', 'vault.sock');
const { gateway, vault, caFile } = certificates;
const client: VaultClient = openVaultClient({
  url: `https://127.0.0.1:${port}`,
  ca: readFileSync(caFile, 'utf8'),
  key: readFileSync(gateway.keyFile, 'utf8'),
  certificate: readFileSync(gateway.certificateFile, 'utf8'),
});
const SETTINGS = {
  ...COMPILED,
  PATH: process.env['PATH'],
  VAULT_DATABASE_URL: db.urls.vault,
  VAULT_SHRED_DATABASE_URL: db.urls.shred,
  KURAMORI_VAULT_PORT: String(port),
  KURAMORI_VAULT_TLS_KEY_FILE: vault.keyFile,
  KURAMORI_VAULT_TLS_CERTIFICATE_FILE: vault.certificateFile,
  KURAMORI_VAULT_TLS_CA_FILE: caFile,
  KURAMORI_VAULT_MUNICIPALITY: '992011',
  KURAMORI_VAULT_SOCKET: socket,
  KURAMORI_VAULT_ERASURE_JOURNAL_FILE: join(home, 'erasures.jsonl'),
};

const children: ChildProcess[] = [];
afterEach(async () => {
  await Promise.all(
    children.splice(0).map(
      (child) =>
        new Promise<void>((resolve) => {
          if (child.exitCode !== null || child.signalCode !== null) return resolve();
          child.once('exit', () => resolve());
          child.kill('SIGKILL');
        }),
    ),
  );
});
afterAll(() => {
  client.close();
  rmSync(home, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

/** Starts `kuramori vault` without core dumps, as its unit does. */
function launch(change: Record<string, string> = {}, fd?: number, limit = '0'): Started {
  const script = `ulimit -S -c ${limit} && exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', script, process.execPath, MAIN, 'vault'], {
    env: { ...SETTINGS, ...change },
    stdio: ['ignore', 'pipe', 'pipe', ...(fd === undefined ? [] : [fd])],
  });
  children.push(child);
  let text = '';
  const hear = (chunk: Buffer) => (text += chunk.toString());
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  return {
    child,
    said: () => text,
    ended: new Promise((resolve) => child.once('close', (code) => resolve(code))),
  };
}

async function start(change: Record<string, string> = {}, fd?: number): Promise<Started> {
  const started = launch(change, fd);
  await expect.poll(started.said, { timeout: READY_MS_MAX }).toContain('"msg":"ready"');
  return started;
}

/** Types a command beside the vault. */
async function type(args: readonly string[], input = ''): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [MAIN, 'vault', ...args], {
    env: { ...COMPILED, PATH: process.env['PATH'], KURAMORI_VAULT_SOCKET: socket, KURAMORI_HOME: home },
  });
  let text = '';
  const hear = (chunk: Buffer) => (text += chunk.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, text };
}

const operation = { assertion: 'a.b.c', body: {}, requestId: 'r-1' };

describe('kuramori vault', () => {
  test('gets its keys, is opened, sealed and stopped by an operator, with a passphrase that is not shown', async () => {
    const { child, said, ended } = await start();
    expect((await type(['status'])).text).toMatch(
      /state +uninitialised\n.*passphrase\n.*992011\n.*no, VAULT_SEALED\nstaff feed +none has arrived yet\n/,
    );
    expect(await type(['init'], 'too short\n')).toMatchObject({
      code: 1,
      text: expect.stringContaining('15 to'),
    });
    expect(await type(['init'], '')).toMatchObject({
      code: 1,
      text: expect.stringContaining('No passphrase'),
    });
    const made = await type(['init'], `${PASSPHRASE}\n`);
    expect(made).toMatchObject({ code: 0, text: expect.stringContaining('is sealed') });
    expect(await type(['open'], 'wrong horse battery staple\n')).toMatchObject({
      code: 1,
      text: expect.stringContaining('UNAUTHENTICATED'),
    });
    expect((await type(['status'])).text).toContain('1 since it was opened last');
    const opened = await type(['open'], `${PASSPHRASE}\n`);
    expect(opened).toMatchObject({ code: 0, text: expect.stringContaining('The vault is open') });
    expect(made.text + opened.text + said()).not.toContain(PASSPHRASE);
    await client.assertReady();
    const anchor = JSON.parse((await type(['anchor'])).text) as Anchor;
    const { signed } = await client.publishedKeys();
    await expect(verifyPublishedKeys(signed, anchor, { municipality: '992011' })).resolves.toBeDefined();
    await expect(client.operate(operation)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await type(['clock', '時刻同期の確認'])).text).toContain('taken as it is');
    expect((await type(['seal'])).text).toContain('The vault is sealed');
    await expect(client.operate(operation)).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await type(['status'])).toMatchObject({
      code: 1,
      text: expect.stringContaining('No vault runs here'),
    });
  }, 60_000);

  test('killed: its callers hear it at once; started again it is sealed, and works when it was opened', async () => {
    const first = await start();
    await type(['open'], `${PASSPHRASE}\n`);
    await client.assertReady();
    first.child.kill('SIGKILL');
    await first.ended;
    const before = performance.now();
    await expect(client.operate(operation)).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(await type(['status'])).toMatchObject({
      code: 1,
      text: expect.stringContaining('VAULT_UNAVAILABLE'),
    });
    await start();
    await expect(client.operate(operation)).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    await type(['open'], `${PASSPHRASE}\n`);
    await expect(client.operate(operation)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  }, 60_000);

  test('takes the passphrase from a file descriptor', async () => {
    const file = join(home, 'passphrase');
    writeFileSync(file, PASSPHRASE, { mode: 0o600 });
    await start({ KURAMORI_VAULT_PASSPHRASE_FD: '3' }, openSync(file, 'r'));
    await client.assertReady();
    expect((statSync(socket).mode & 0o777).toString(8)).toBe('600');
  }, 60_000);

  test('does not open a debugger for a signal', async () => {
    const { child, said } = await start();
    child.kill('SIGUSR1');
    await expect.poll(said).toContain('somebody sent the signal');
    expect(said()).not.toContain('Debugger listening');
  }, 60_000);

  test.each<[string, Record<string, string>, string, RegExp]>([
    ['with a debugger', { NODE_OPTIONS: '--inspect=127.0.0.1:0' }, '0', /debugger/],
    ['where core dumps would be written', {}, '100', /ulimit -c 0/],
    ['on all interfaces', { KURAMORI_VAULT_HOST: '::' }, '0', /all interfaces/],
    [
      'as the records’ database user',
      { RECORDS_DATABASE_URL: db.urls.vault },
      '0',
      /host and user of RECORDS/,
    ],
    [
      'with a passphrase in its environment',
      { VAULT_PASSPHRASE: PASSPHRASE },
      '0',
      /never stands in the environment/,
    ],
  ])(
    'does not start %s',
    async (_, change, limit, sentence) => {
      const { ended, said } = launch(change, undefined, limit);
      expect(await ended).toBe(1);
      expect(said()).toMatch(sentence);
      expect(said()).not.toContain(PASSPHRASE);
    },
    60_000,
  );
});
