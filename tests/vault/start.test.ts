import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readVaultConfiguration } from '../../src/config/vault.js';
import { verifyPublishedKeys, type Anchor } from '../../src/client/index.js';
import type { Clock } from '../../src/kernel/clock.js';
import { systemClock } from '../../src/kernel/clock.js';
import { KuramoriError } from '../../src/kernel/errors.js';
import { openVaultClient, type VaultClient } from '../../src/vault/client/client.js';
import { callAdministration } from '../../src/vault/http/adminClient.js';
import { startVault, type RunningVault, type VaultParts } from '../../src/vault/start.js';
import type { ProcessState } from '../../src/vault/startup.js';
import { testVaultDatabases } from '../support/vaultDatabase.js';
import { authority, folder, OPERATION } from './http/support.js';

// The seal of a database is made once: each way to open has databases of its own.
const db = await testVaultDatabases();
const house = folder();
const certificates = await authority(house);
const PASSPHRASE = 'correct horse battery staple';
const passphrase = (text: string) => ({ passphrase: Buffer.from(text).toString('base64url') });

let running: RunningVault | undefined;
let client: VaultClient | undefined;
afterEach(async () => {
  client?.close();
  await running?.stop();
  running = client = undefined;
  vi.restoreAllMocks();
});

const socket = join(folder(), 'run', 'vault.sock');
const secret = (content: string | Buffer, mode = 0o600) => {
  const path = join(folder(), 'secret');
  writeFileSync(path, content, { mode });
  return path;
};

function configuration(change: Record<string, string> = {}, urls = db.urls) {
  const tls = join(house, 'keys', 'tls');
  return readVaultConfiguration({
    VAULT_DATABASE_URL: urls.vault,
    VAULT_SHRED_DATABASE_URL: urls.shred,
    KURAMORI_VAULT_PORT: '0',
    KURAMORI_VAULT_TLS_KEY_FILE: join(tls, 'vault.key.pem'),
    KURAMORI_VAULT_TLS_CERTIFICATE_FILE: join(tls, 'vault.crt.pem'),
    KURAMORI_VAULT_TLS_CA_FILE: join(tls, 'authority.crt.pem'),
    KURAMORI_VAULT_MUNICIPALITY: '992011',
    KURAMORI_VAULT_SOCKET: socket,
    KURAMORI_VAULT_ERASURE_JOURNAL_FILE: join(house, 'erasures.jsonl'),
    KURAMORI_VAULT_LOG_LEVEL: 'silent',
    ...change,
  });
}

async function start(
  change: Record<string, string> = {},
  parts: VaultParts = {},
  urls = db.urls,
): Promise<RunningVault> {
  const settings = configuration(change, urls);
  const state: ProcessState = { ...settings, nodeOptions: [], inspector: undefined, coreBlocks: 0 };
  running = await startVault(settings, state, parts);
  const { key, cert } = certificates.gateway;
  client = openVaultClient({ url: running.address, ca: certificates.ca, key, certificate: cert });
  return running;
}

const call = (command: string, input: Record<string, unknown> = {}) =>
  callAdministration(socket, command, input, 'hanako');

async function lastEntries(count: number) {
  const rows = await db.owner.vault.run(
    'tests.entries',
    ({ raw }) => raw`
      select coordinate, decision, reason, actor_id as "actorId" from audit.entry
      where kind = 'configuration' order by sequence desc limit ${count}`,
  );
  return rows.toReversed();
}

describe('a vault that is opened by a passphrase', () => {
  test('starts without keys, gets them once, is opened, works, is sealed: each step in the log', async () => {
    await start({}, { operations: () => () => Promise.reject(new KuramoriError('NOT_FOUND', 'None.')) });
    expect(await call('status')).toEqual({
      state: 'uninitialised',
      method: 'passphrase',
      municipality: '992011',
      failures: 0,
      ready: false,
      code: 'VAULT_SEALED',
      personnelFeed: { state: 'never' },
    });
    await expect(client!.assertReady()).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    await expect(call('anchor')).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    await call('init', passphrase(PASSPHRASE));
    await expect(call('init', passphrase(PASSPHRASE))).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(client!.operate(OPERATION)).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    await call('open', passphrase(PASSPHRASE));
    expect(await call('status')).toMatchObject({ state: 'open', ready: true });
    await client!.assertReady();
    const { keys, signed } = await client!.publishedKeys();
    expect(keys).toMatchObject([{ kty: 'EC', crv: 'P-256', use: 'enc', alg: 'ECDH-ES' }]);
    const anchor = (await call('anchor')) as Anchor;
    expect(anchor.keys).toMatchObject([{ kid: 'certificate-1', kty: 'OKP', crv: 'Ed25519', use: 'sig' }]);
    const verified = await verifyPublishedKeys(signed, anchor, { municipality: '992011' });
    expect(verified.jwks).toEqual(keys);
    await expect(client!.operate(OPERATION)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(call('open', passphrase(PASSPHRASE))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await call('status')).toMatchObject({ state: 'open', ready: true });
    await call('seal');
    await expect(client!.operate(OPERATION)).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    expect(await lastEntries(4)).toEqual(
      [
        ['Vault.initialise', 'allow', 'passphrase'],
        ['Vault.open', 'allow', 'passphrase'],
        ['Vault.open', 'refuse', 'CONFLICT'],
        ['Vault.seal', 'allow', 'asked'],
      ].map(([coordinate, decision, reason]) => ({
        coordinate,
        decision,
        reason,
        actorId: 'operator:hanako',
      })),
    );
  });

  test('starts sealed, and a wrong passphrase is refused and counted', async () => {
    await start();
    expect(await call('status')).toMatchObject({ state: 'sealed' });
    await expect(call('open', passphrase('wrong horse battery staple'))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(await call('status')).toMatchObject({ state: 'sealed', failures: 1 });
    expect(await lastEntries(1)).toMatchObject([
      { coordinate: 'Vault.open', decision: 'refuse', reason: 'UNAUTHENTICATED' },
    ]);
    for (const input of [{}, { passphrase: 7 }, { passphrase: 'not base64url!' }])
      await expect(call('open', input)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('is opened at start by a credential file', async () => {
    const vault = await start({ KURAMORI_VAULT_PASSPHRASE_FILE: secret(`${PASSPHRASE}\n`, 0o400) });
    expect(vault.context.seal.state).toBe('open');
    expect(await lastEntries(1)).toMatchObject([
      { coordinate: 'Vault.open', decision: 'allow', actorId: 'operator:start' },
    ]);
  });

  test('stays sealed at start when the credential is wrong', async () => {
    const vault = await start({ KURAMORI_VAULT_PASSPHRASE_FILE: secret('wrong horse battery staple') });
    expect(vault.context.seal.state).toBe('sealed');
  });

  test.each([
    ['others may read', PASSPHRASE, 0o644],
    ['is empty', '\n', 0o600],
    ['is over its limit', 'x'.repeat(2_000), 0o600],
  ])('does not start with a credential file that %s', async (_, content, mode) => {
    await expect(start({ KURAMORI_VAULT_PASSPHRASE_FILE: secret(content, mode) })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('KURAMORI_VAULT_PASSPHRASE_FILE') as string,
    });
    expect(existsSync(socket)).toBe(false);
  });

  test('lets nobody in when the opening could not be written into the log', async () => {
    const vault = await start();
    vi.spyOn(vault.context.audit, 'append').mockRejectedValueOnce(
      Object.assign(
        new (await import('../../src/kernel/errors.js')).KuramoriError('AUDIT_UNAVAILABLE', 'Away.'),
      ),
    );
    await expect(call('open', passphrase(PASSPHRASE))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(vault.context.seal.state).toBe('sealed');
    await expect(client!.operate(OPERATION)).rejects.toMatchObject({ code: 'VAULT_SEALED' });
  });
});

describe('a vault that is opened by a key in a file', async () => {
  const own = await testVaultDatabases();
  const key = join(folder(), 'root.key');
  const change = { KURAMORI_VAULT_SEAL: 'file', KURAMORI_VAULT_SEAL_KEY_FILE: key };

  test('gets the file when asked to, keeps one that is there, and is opened by it at start', async () => {
    const first = await start(change, {}, own.urls);
    await expect(call('init')).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    await call('init', { makeKey: true });
    await call('open');
    await first.stop();
    const again = await start(change, {}, own.urls);
    expect(again.context.seal.state).toBe('open');
    await expect(call('init', { makeKey: true })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('stays sealed when others may read the file, and another way to open is refused', async () => {
    chmodSync(key, 0o644);
    const vault = await start(change, {}, own.urls);
    expect(vault.context.seal.state).toBe('sealed');
    await vault.stop();
    chmodSync(key, 0o600);
    await start({}, {}, own.urls);
    await expect(call('open', passphrase(PASSPHRASE))).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });

  test('asks the token for its key where it is sealed by one', async () => {
    const pin = secret('1234');
    const token = {
      KURAMORI_VAULT_SEAL: 'pkcs11',
      KURAMORI_VAULT_PKCS11_MODULE: '/nowhere/lib.so',
      KURAMORI_VAULT_PKCS11_TOKEN: 't',
      KURAMORI_VAULT_PKCS11_KEY: 'k',
      KURAMORI_VAULT_PKCS11_PIN_FILE: pin,
    };
    await start(token, {}, own.urls);
    for (const [command, input] of [
      ['init', { makeKey: true }],
      ['open', {}],
    ] as const)
      await expect(call(command, input)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  });
});

describe('a vault whose seal is changed', async () => {
  const own = await testVaultDatabases();
  const key = join(folder(), 'next.key');
  const journal = { KURAMORI_VAULT_ERASURE_JOURNAL_FILE: join(folder(), 'erasures.jsonl') };
  const NEXT = 'another horse another battery';
  const base64 = (text: string) => Buffer.from(text).toString('base64url');
  const lastEntry = async () => {
    const [row] = await own.owner.vault.run(
      'tests.entry',
      ({ raw }) => raw<{ text: string }[]>`
        select coordinate || ' ' || decision || ' ' || reason as text from audit.entry
        where kind = 'configuration' order by sequence desc limit 1`,
    );
    return row?.text;
  };

  test('is opened by the new passphrase alone, and the keys are the same', async () => {
    await start(journal, {}, own.urls);
    await call('init', passphrase(PASSPHRASE));
    await call('open', passphrase(PASSPHRASE));
    const anchor = await call('anchor');
    const change = (present: string, next: string) =>
      call('reprotect', { method: 'passphrase', passphrase: base64(present), nextPassphrase: base64(next) });
    await expect(change(NEXT, NEXT)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await lastEntry()).toBe('Vault.reprotect refuse UNAUTHENTICATED');
    await expect(change(PASSPHRASE, 'short')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(call('reprotect', { method: 'passphrase' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(call('reprotect', { method: 'paper' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(
      call('reprotect', { method: 'passphrase', passphrase: base64(PASSPHRASE) }),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await change(PASSPHRASE, NEXT);
    expect(await lastEntry()).toBe('Vault.reprotect allow passphrase:passphrase');
    expect(await call('status')).toMatchObject({ state: 'open' });
    await call('seal');
    await expect(call('open', passphrase(PASSPHRASE))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await call('open', passphrase(NEXT));
    expect(await call('anchor')).toEqual(anchor);
  });

  test('keeps its seal when the log cannot have the change', async () => {
    const vault = await start(journal, {}, own.urls);
    vi.spyOn(vault.context.audit, 'appendIn').mockRejectedValueOnce(
      new KuramoriError('AUDIT_UNAVAILABLE', 'Away.'),
    );
    const input = { method: 'passphrase', passphrase: base64(NEXT), nextPassphrase: base64(PASSPHRASE) };
    await expect(call('reprotect', input)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await call('open', passphrase(NEXT));
  });

  test('goes from a passphrase to a key in a file, when the settings name one, and not to the same again', async () => {
    const first = await start(journal, {}, own.urls);
    const toFile = { method: 'file', passphrase: base64(NEXT), makeKey: true };
    await expect(call('reprotect', toFile)).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('KURAMORI_VAULT_SEAL_KEY_FILE') as string,
    });
    await first.stop();
    const named = { ...journal, KURAMORI_VAULT_SEAL_KEY_FILE: key };
    const second = await start(named, {}, own.urls);
    await call('reprotect', toFile);
    expect(await lastEntry()).toBe('Vault.reprotect allow passphrase:file');
    await expect(call('open', passphrase(NEXT))).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    await second.stop();
    const third = await start({ ...named, KURAMORI_VAULT_SEAL: 'file' }, {}, own.urls);
    expect(third.context.seal.state).toBe('open');
    await expect(call('reprotect', { method: 'file' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});

describe('the clock of the vault', () => {
  test('that was wrong stops it until an officer states the cause', async () => {
    let shift = 0;
    const clock: Clock = { now: () => systemClock.now().add({ milliseconds: shift }) };
    await start({ KURAMORI_VAULT_PASSPHRASE_FILE: secret(PASSPHRASE) }, { clock });
    await client!.assertReady();
    shift = 3_600_000;
    await expect(client!.assertReady()).rejects.toMatchObject({ code: 'CLOCK_UNTRUSTED' });
    expect(await call('status')).toMatchObject({
      ready: false,
      code: 'CLOCK_UNTRUSTED',
      clockFault: 'divergence',
    });
    shift = 0;
    await expect(call('clock')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await call('clock', { cause: '時刻同期の設定誤り' });
    await client!.assertReady();
    expect(await lastEntries(1)).toMatchObject([
      { coordinate: 'Vault.acceptClock', reason: '時刻同期の設定誤り' },
    ]);
  });
});

test('a vault whose database is away tells its state, and not what only the database knows', async () => {
  const { context } = await start({ KURAMORI_VAULT_PASSPHRASE_FILE: secret(PASSPHRASE) });
  const away = new KuramoriError('DATABASE_UNAVAILABLE', 'Away.');
  const run = vi.spyOn(context.database, 'run').mockRejectedValue(away);
  const told = (await call('status')) as Record<string, unknown>;
  run.mockRestore();
  expect(told).toMatchObject({ state: 'open', ready: false, code: 'DATABASE_UNAVAILABLE' });
  expect(told).not.toHaveProperty('personnelFeed');
});

describe('a vault does not start', () => {
  const refused = (code: string, sentence: RegExp) => ({
    code,
    message: expect.stringMatching(sentence) as string,
  });

  test('for a municipality code whose check digit does not fit', async () => {
    await expect(start({ KURAMORI_VAULT_MUNICIPALITY: '992012' })).rejects.toMatchObject(
      refused('CONFIGURATION_INVALID', /check digit/),
    );
  });

  test('as a user that may rewrite the log, or empty the erasure keys', async () => {
    const owner = new URL(db.urls.vault);
    const admin = new URL((await import('vitest')).inject('adminUrl'));
    [owner.username, owner.password] = [admin.username, admin.password];
    const shred = new URL(db.urls.shred);
    [shred.username, shred.password] = [admin.username, admin.password];
    await expect(start({ VAULT_DATABASE_URL: owner.toString() })).rejects.toMatchObject(
      refused('CONFIGURATION_INVALID', /may UPDATE audit.block/),
    );
    await expect(start({ VAULT_SHRED_DATABASE_URL: shred.toString() })).rejects.toMatchObject(
      refused('CONFIGURATION_INVALID', /may TRUNCATE shred.key/),
    );
  });

  test('on a database of another kind', async () => {
    await expect(
      start({ VAULT_DATABASE_URL: db.urls.shred, VAULT_SHRED_DATABASE_URL: db.urls.vault }),
    ).rejects.toMatchObject(refused('MIGRATION_REFUSED', /does not ship/));
  });

  test('on a port that is taken, and leaves no socket behind', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start({ KURAMORI_VAULT_PORT: String(port) })).rejects.toMatchObject(
      refused('CONFIGURATION_INVALID', /EADDRINUSE/),
    );
    expect(existsSync(socket)).toBe(false);
    other.close();
  });

  test('twice on one socket', async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject(refused('CONFLICT', /running already/));
    running = first;
  });
});

test('an address of IPv6 is written so that it can be asked', async () => {
  const vault = await start({
    KURAMORI_VAULT_HOST: '::1',
    KURAMORI_VAULT_PASSPHRASE_FILE: secret(PASSPHRASE),
  });
  expect(vault.address).toMatch(/^https:\/\/\[::1\]:\d+$/);
  await client!.assertReady();
});
