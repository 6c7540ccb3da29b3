import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import {
  assertSafeStart,
  closeToDebuggers,
  coreBlocksOf,
  processState,
  type ProcessState,
} from '../../src/vault/startup.js';

const SOUND: ProcessState = {
  host: '10.1.2.3',
  vaultUrl: 'postgres://kuramori_vault_login:x@10.1.2.9:5432/kuramori_vault',
  shredUrl: 'postgres://kuramori_vault_login:x@10.1.2.9:5432/kuramori_shred',
  recordsUrl: 'postgres://kuramori_gateway_login@10.1.3.9:5432/kuramori_records',
  nodeOptions: ['--max-old-space-size=512', ''],
  inspector: undefined,
  coreBlocks: 0,
};
const start = (change: Partial<ProcessState>) => () => assertSafeStart({ ...SOUND, ...change });

describe('the vault starts', () => {
  test.each<[string, Partial<ProcessState>]>([
    ['apart from the records', {}],
    ['where nothing is known of the records', { recordsUrl: undefined }],
    ['on the records’ host as another user', { recordsUrl: 'postgres://other@10.1.2.9/kuramori_records' }],
    [
      'as a user of the same name on another host',
      { recordsUrl: 'postgres://kuramori_vault_login@10.1.3.9/r' },
    ],
    ['on an IPv6 address', { host: 'fd00::1' }],
  ])('%s', (_, change) => {
    expect(start(change)).not.toThrow();
  });
});

describe('the vault does not start', () => {
  test.each(['0.0.0.0', '::', '0:0:0:0:0:0:0:0', '::0', '::ffff:0.0.0.0', '0', '0x0', '', '*'])(
    'listening on all interfaces, written %j',
    (host) => {
      expect(start({ host })).toThrow(/listen on all interfaces/);
    },
  );

  test.each([
    'postgres://kuramori_vault_login@10.1.2.9:5432/kuramori_records',
    'postgres://kuramori_vault_login:other@10.1.2.9:5433/kuramori_records',
  ])('on the server and as the user of the records', (recordsUrl) => {
    expect(start({ recordsUrl })).toThrow(
      /VAULT_DATABASE_URL has the host and user.*VAULT_SHRED_DATABASE_URL has the host and user/,
    );
  });

  test('on the server and as the user of the records under another name of this machine', () => {
    const change = {
      vaultUrl: 'postgres://u@localhost:5432/v',
      shredUrl: 'postgres://s@[::1]:5432/s',
      recordsUrl: 'postgres://u@127.0.0.1:5432/r',
    };
    expect(start(change)).toThrow(/VAULT_DATABASE_URL has the host and user/);
  });

  test('with the erasure keys in the vault’s own database', () => {
    expect(start({ shredUrl: SOUND.vaultUrl })).toThrow(/erasure keys need one of their own/);
  });

  test.each([
    '--inspect',
    '--inspect-brk=0.0.0.0:9229',
    '--inspect-port=1',
    '--heapsnapshot-signal=SIGUSR2',
    '--heapsnapshot-near-heap-limit=1',
    '--heap-prof',
    '--abort-on-uncaught-exception',
    '--report-on-signal',
    '--report-uncaught-exception',
    '--tls-keylog',
    '--trace-tls',
    '--experimental-default-config-file',
  ])('with %s', (option) => {
    expect(start({ nodeOptions: [option] })).toThrow(/debugger/);
  });

  test('with an inspector that is open already', () => {
    expect(start({ inspector: 'ws://127.0.0.1:9229/x' })).toThrow(/debugger/);
  });

  test.each([1, 'unlimited'])('where core dumps of %s would be written', (coreBlocks) => {
    expect(start({ coreBlocks })).toThrow(/ulimit -c 0/);
  });

  test('and says everything at once', () => {
    expect(start({ host: '::', coreBlocks: 'unlimited' })).toThrow(/all interfaces.*core dumps/);
  });
});

describe('this process', () => {
  const { host, vaultUrl, shredUrl, recordsUrl } = SOUND;
  const addresses = { host, vaultUrl, shredUrl, recordsUrl };

  test('is looked at with its options, its inspector and its limits', () => {
    const state = processState(addresses, '--inspect --x');
    expect(state).toMatchObject({ host, vaultUrl, shredUrl, recordsUrl, inspector: undefined });
    expect(state.nodeOptions.slice(-2)).toEqual(['--inspect', '--x']);
    expect(state.nodeOptions).toHaveLength(process.execArgv.length + 2);
    expect(['number', 'string']).toContain(typeof state.coreBlocks);
  });

  test.each([
    ['underscores', '--report_on_signal'],
    ['quotes', '"--report-on-signal"'],
    ['a value', '--tls_keylog=/tmp/keys'],
    ['quotes within', '--tls-"keylog"=/tmp/keys'],
  ])('does not start as a vault with an option written with %s', (_, option) => {
    const { nodeOptions } = processState(addresses, `--max-old-space-size=512 ${option}`);
    expect(start({ nodeOptions })).toThrow(/debugger/);
  });

  test.each([
    ['0', 0],
    ['7', 7],
  ])('sees a core limit of %s set by the shell', async (limit, expected) => {
    const script =
      'process.report.excludeNetwork=true;' +
      'process.stdout.write(String(process.report.getReport().userLimits.core_file_size_blocks.soft))';
    const child = spawn('/bin/sh', [
      '-c',
      `ulimit -S -c ${limit} && exec "$0" -e "$1"`,
      process.execPath,
      script,
    ]);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    // The shell counts in blocks of 512 bytes, the report in bytes or blocks: what matters is nought or not.
    expect(Number(text) === 0).toBe(expected === 0);
  });

  test.each([
    [{}, 0],
    [{ userLimits: {} }, 0],
    [{ userLimits: { core_file_size_blocks: { soft: 'unlimited', hard: 'unlimited' } } }, 'unlimited'],
  ])('is read from the report %j', (report, expected) => {
    expect(coreBlocksOf(report)).toBe(expected);
  });

  test('does not let a signal open the debugger', async () => {
    let told = 0;
    const before = process.listenerCount('SIGUSR1');
    const end = closeToDebuggers(() => (told += 1));
    process.kill(process.pid, 'SIGUSR1');
    await expect.poll(() => told).toBe(1);
    end();
    expect(process.listenerCount('SIGUSR1')).toBe(before);
    expect((await import('node:inspector')).url()).toBeUndefined();
  });
});
