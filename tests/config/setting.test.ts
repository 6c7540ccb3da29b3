import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readGatewayConfiguration } from '../../src/config/gateway.js';
import { oneOf, readSettings, secretFile, url, wholeNumber } from '../../src/config/setting.js';

const SETTINGS = {
  address: { name: 'KURAMORI_ADDRESS', description: 'where', read: url('https') },
  count: { name: 'KURAMORI_COUNT', description: 'how many', fallback: '3', read: wholeNumber(1, 5) },
  word: { name: 'KURAMORI_WORD', description: 'which', fallback: 'on', read: oneOf('on', 'off') },
};

describe('settings', () => {
  test('are read, with defaults for what is not given', () => {
    expect(readSettings(SETTINGS, { KURAMORI_ADDRESS: 'https://a.example' })).toEqual({
      address: 'https://a.example',
      count: 3,
      word: 'on',
    });
  });

  test('a missing one is named with its meaning', () => {
    expect(() => readSettings(SETTINGS, {})).toThrow('KURAMORI_ADDRESS is missing: where');
  });

  test('an unknown one is named', () => {
    expect(() =>
      readSettings(SETTINGS, { KURAMORI_ADDRESS: 'https://a.example', KURAMORI_ADRESS: '1' }),
    ).toThrow('KURAMORI_ADRESS is not a setting of this release');
  });

  test('all faults are told at once, and no value is told', () => {
    const read = () =>
      readSettings(SETTINGS, {
        KURAMORI_ADDRESS: 'secret-text',
        KURAMORI_COUNT: '77',
        KURAMORI_WORD: 'maybe',
      });
    expect(read).toThrow(
      /ADDRESS must be an address.*COUNT must be a whole number from 1 to 5.*WORD must be one of on, off/,
    );
    expect(read).not.toThrow(/secret-text|77|maybe/);
  });
});

describe('files with secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-config-'));
  const file = join(folder, 'secret');

  test('are read when only the owner may', () => {
    writeFileSync(file, 'content', { mode: 0o600 });
    expect(secretFile(file)).toBe('content');
  });

  test('are refused when others may read them', () => {
    chmodSync(file, 0o644);
    expect(() => secretFile(file)).toThrow('others may read');
  });

  test('are refused when they are not there', () => {
    expect(() => secretFile(join(folder, 'missing'))).toThrow('cannot be read');
  });

  test('their content is in no message', () => {
    const ring = join(folder, 'ring');
    writeFileSync(ring, '{"current": "tell-tale"', { mode: 0o600 });
    const environment = {
      RECORDS_DATABASE_URL: 'postgres://u:hidden@h/d',
      KURAMORI_ISSUER: 'https://a.example',
      KURAMORI_SIGNING_KEY_FILE: ring,
      KURAMORI_PEPPER_FILE: ring,
      KURAMORI_CREDENTIAL_KEY_FILE: ring,
    };
    expect(() => readGatewayConfiguration(environment)).toThrow(
      /SIGNING_KEY_FILE must name.*PEPPER_FILE must name.*CREDENTIAL_KEY_FILE must name/,
    );
    expect(() => readGatewayConfiguration(environment)).not.toThrow(/tell-tale|hidden/);
  });
});

describe('the gateway', () => {
  test('has no default for any secret', () => {
    const missing = [
      'RECORDS_DATABASE_URL',
      'KURAMORI_ISSUER',
      'SIGNING_KEY_FILE',
      'PEPPER_FILE',
      'CREDENTIAL_KEY_FILE',
    ];
    expect(() => readGatewayConfiguration({})).toThrow(
      new RegExp(missing.map((name) => `${name} is missing`).join('.*')),
    );
  });

  test('does not listen on all interfaces', () => {
    expect(() => readGatewayConfiguration({ KURAMORI_HOST: '0.0.0.0' })).toThrow(
      'KURAMORI_HOST must be one address, not all of them',
    );
  });
});
