import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { environmentOf } from '../../src/cli/house/environment.js';
import { configurationReference } from '../../src/config/reference.js';
import { readWorkerConfiguration, WORKER_SETTINGS } from '../../src/config/worker.js';
import { WORKER_HAND_OVERS, WORKER_HAND_OVERS_MAX } from '../../src/kernel/limits.js';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, mode = 0o600) => {
  const path = join(folder, name);
  writeFileSync(path, name, { mode });
  return path;
};

const SOUND = {
  RECORDS_WORKER_DATABASE_URL: 'postgres://w:x@db:5432/kuramori_records',
  KURAMORI_WORKER_VAULT_URL: 'https://10.1.2.3:4100',
  KURAMORI_WORKER_VAULT_CA_FILE: file('ca', 0o644),
  KURAMORI_WORKER_VAULT_KEY_FILE: file('key'),
  KURAMORI_WORKER_VAULT_CERTIFICATE_FILE: file('certificate', 0o644),
};
const read = (change: Record<string, string> = {}) => readWorkerConfiguration({ ...SOUND, ...change });

test('the worker’s configuration is read with its defaults', () => {
  const { vaultCa, vaultKey, vaultCertificate, ...plain } = read();
  expect([vaultCa, vaultKey, vaultCertificate].map(({ content }) => content)).toEqual([
    'ca',
    'key',
    'certificate',
  ]);
  expect(plain).toEqual({
    recordsUrl: SOUND.RECORDS_WORKER_DATABASE_URL,
    vaultUrl: SOUND.KURAMORI_WORKER_VAULT_URL,
    host: '127.0.0.1',
    port: 4010,
    handOvers: WORKER_HAND_OVERS,
    prepare: true,
    logLevel: 'info',
  });
});

test.each([
  ['RECORDS_WORKER_DATABASE_URL', 'mysql://x'],
  ['KURAMORI_WORKER_VAULT_URL', 'http://10.1.2.3:4100'],
  ['KURAMORI_WORKER_VAULT_KEY_FILE', file('open', 0o644)],
  ['KURAMORI_WORKER_VAULT_CA_FILE', join(folder, 'nowhere')],
  ['KURAMORI_WORKER_HOST', '0.0.0.0'],
  ['KURAMORI_WORKER_HAND_OVERS', String(WORKER_HAND_OVERS_MAX + 1)],
  ['KURAMORI_WORKER_HAND_OVERS', '0'],
  ['KURAMORI_WORKER_PREPARE', 'yes'],
  ['KURAMORI_WORKER_HAND_OUTS', '1'],
])('%s of no use refuses to start, without quoting it', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(new RegExp(`CONFIGURATION|${name}`));
  expect(() => read({ [name]: value })).not.toThrow(value.length > 3 ? value : 'never');
});

test('every setting is in the reference', () => {
  for (const { name } of Object.values(WORKER_SETTINGS))
    expect(configurationReference()).toContain(`\`${name}\``);
});

test('each process of the house is given its own settings alone', () => {
  const all = { PATH: '/bin', KURAMORI_PORT: '1', KURAMORI_VAULT_PORT: '2', KURAMORI_WORKER_PORT: '3' };
  expect(environmentOf('gateway', all)).toEqual({ PATH: '/bin', KURAMORI_PORT: '1' });
  expect(environmentOf('vault', all)).toEqual({ PATH: '/bin', KURAMORI_VAULT_PORT: '2' });
  expect(environmentOf('worker', all)).toEqual({ PATH: '/bin', KURAMORI_WORKER_PORT: '3' });
});
