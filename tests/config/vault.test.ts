import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { configurationReference } from '../../src/config/reference.js';
import { readVaultConfiguration, VAULT_SETTINGS } from '../../src/config/vault.js';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, mode = 0o600) => {
  const path = join(folder, name);
  writeFileSync(path, name, { mode });
  return path;
};

const SOUND = {
  VAULT_DATABASE_URL: 'postgres://v:x@db:5432/kuramori_vault',
  VAULT_SHRED_DATABASE_URL: 'postgres://v:x@db:5432/kuramori_shred',
  KURAMORI_VAULT_TLS_KEY_FILE: file('key'),
  KURAMORI_VAULT_TLS_CERTIFICATE_FILE: file('certificate', 0o644),
  KURAMORI_VAULT_TLS_CA_FILE: file('ca', 0o644),
  KURAMORI_VAULT_MUNICIPALITY: '992011',
  KURAMORI_VAULT_SOCKET: '/run/kuramori/vault.sock',
  KURAMORI_VAULT_ERASURE_JOURNAL_FILE: '/var/lib/kuramori/erasures.jsonl',
};
const read = (change: Record<string, string> = {}) => readVaultConfiguration({ ...SOUND, ...change });

describe('the vault’s configuration', () => {
  test('is read with its defaults', () => {
    const configuration = read();
    expect(configuration).toMatchObject({
      host: '127.0.0.1',
      port: 4100,
      tlsKey: { content: 'key' },
      tlsCertificate: { content: 'certificate' },
      tlsCa: { content: 'ca' },
      seal: 'passphrase',
      sealKeyFile: undefined,
      passphraseDescriptor: undefined,
      transferRoundSeconds: 30,
      recordsUrl: undefined,
      logLevel: 'info',
    });
    expect([...configuration.services]).toEqual(['gateway', 'worker']);
    expect(configuration.sources.check('127.0.0.1')).toBe(true);
    expect(configuration.sources.check('127.0.0.2')).toBe(false);
  });

  test('takes networks of both families', () => {
    const { sources } = read({ KURAMORI_VAULT_SOURCES: '10.1.2.0/24, 10.9.9.9,fd00::/64' });
    expect(sources.check('10.1.2.255')).toBe(true);
    expect(sources.check('10.1.3.0')).toBe(false);
    expect(sources.check('10.9.9.9')).toBe(true);
    expect(sources.check('fd00::7', 'ipv6')).toBe(true);
    expect(sources.check('fd01::7', 'ipv6')).toBe(false);
  });

  test.each([
    ['KURAMORI_VAULT_SOURCES', '0.0.0.0/0', /every address/],
    ['KURAMORI_VAULT_SOURCES', '::/0', /every address/],
    ['KURAMORI_VAULT_SOURCES', '10.1.2.0/33', /networks such as/],
    ['KURAMORI_VAULT_SOURCES', 'gateway', /networks such as/],
    ['KURAMORI_VAULT_SOURCES', '', /networks such as/],
    ['KURAMORI_VAULT_SOURCES', Array<string>(300).fill('10.1.2.3').join(','), /at most 256/],
    ['KURAMORI_VAULT_SERVICES', 'Gateway', /small letters/],
    ['KURAMORI_VAULT_SERVICES', Array<string>(33).fill('a').join(','), /small letters/],
    ['KURAMORI_VAULT_MUNICIPALITY', '13', /6 digits/],
    ['KURAMORI_VAULT_HOST', 'vault.example', /one IP address/],
    ['KURAMORI_VAULT_SOCKET', `/${'x'.repeat(120)}`, /at most 100 bytes/],
    ['KURAMORI_VAULT_TLS_CA_FILE', join(folder, 'absent'), /cannot be read/],
    ['KURAMORI_VAULT_TLS_KEY_FILE', file('loose', 0o644), /mode to 600/],
    ['KURAMORI_VAULT_PASSPHRASE_FD', '0', /from 3/],
    ['KURAMORI_VAULT_TRANSFER_ROUND_SECONDS', '9', /from 10 to 3600/],
    ['KURAMORI_VAULT_TRANSFER_ROUND_SECONDS', '3601', /from 10 to 3600/],
    ['KURAMORI_VAULT_PROT', '1', /KURAMORI_VAULT_PROT is not a setting/],
    ['KURAMORI_VAULT_SEAL', 'none', /one of passphrase, file, pkcs11/],
  ])('refuses %s=%s', (name, value, sentence) => {
    expect(() => read({ [name]: value })).toThrow(sentence);
  });

  test.each(['KURAMORI_VAULT_PASSPHRASE', 'VAULT_PASSPHRASE', 'VAULT_ROOT_KEY', 'KURAMORI_VAULT_PKCS11_PIN'])(
    'refuses to be given a secret in %s, and does not repeat it',
    (name) => {
      expect(() => read({ [name]: 'correct horse' })).toThrow(/never stands in the environment/);
      expect(() => read({ [name]: 'correct horse' })).toThrow(expect.not.stringContaining('correct horse'));
    },
  );

  test('asks for the parts of its way to open', () => {
    expect(() => read({ KURAMORI_VAULT_SEAL: 'file' })).toThrow(/KURAMORI_VAULT_SEAL_KEY_FILE/);
    expect(() => read({ KURAMORI_VAULT_SEAL: 'pkcs11', KURAMORI_VAULT_PKCS11_TOKEN: 't' })).toThrow(
      /KURAMORI_VAULT_PKCS11_MODULE, KURAMORI_VAULT_PKCS11_KEY, KURAMORI_VAULT_PKCS11_PIN_FILE/,
    );
    expect(read({ KURAMORI_VAULT_SEAL: 'file', KURAMORI_VAULT_SEAL_KEY_FILE: '/k' }).sealKeyFile).toBe('/k');
  });

  test('stands in the reference, every setting of it', () => {
    const reference = configurationReference();
    for (const { name } of Object.values(VAULT_SETTINGS)) expect(reference).toContain(`| \`${name}\` |`);
  });
});
