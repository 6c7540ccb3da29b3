import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readIntermediaryConfiguration } from '../../src/config/intermediary.js';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-intermediary-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string, mode = 0o600) => {
  const path = join(folder, name);
  writeFileSync(path, content, { mode });
  return path;
};
const environment = {
  KURAMORI_INTERMEDIARY_DATA: join(folder, 'data'),
  KURAMORI_INTERMEDIARY_TLS_KEY_FILE: file('key', 'key'),
  KURAMORI_INTERMEDIARY_TLS_CERTIFICATE_FILE: file('certificate', 'certificate', 0o644),
  KURAMORI_INTERMEDIARY_TLS_CA_FILE: file('ca', 'ca', 0o644),
};
const read = (changes: Record<string, string> = {}) =>
  readIntermediaryConfiguration({ ...environment, ...changes });
const invalid = expect.objectContaining({ code: 'CONFIGURATION_INVALID' }) as unknown;

describe('settings of the reference intermediary server', () => {
  test('need a folder and its certificates alone', () => {
    expect(read()).toMatchObject({
      host: '127.0.0.1',
      port: 4200,
      tlsKey: 'key',
      linkages: new Map([['vault', '0220000000992011']]),
      staff: [],
    });
  });

  test('name linkage servers with the bodies they speak for', () => {
    const { linkages } = read({ KURAMORI_INTERMEDIARY_LINKAGES: 'a=0220000000992011, b=0220000000992020' });
    expect([...linkages.keys()]).toEqual(['a', 'b']);
  });

  test.each(['', 'vault', 'vault=1', 'a=0220000000992011,a=0220000000992020', 'A=0220000000992011'])(
    'refuse linkages written %j',
    (text) => {
      expect(() => read({ KURAMORI_INTERMEDIARY_LINKAGES: text })).toThrow(invalid);
    },
  );

  test('name folders of exchanges by files', () => {
    const { drops } = read({ KURAMORI_INTERMEDIARY_DROPS: 'vault=/var/lib/exchange, b=/var/lib/b' });
    expect([...drops]).toEqual([
      ['vault', '/var/lib/exchange'],
      ['b', '/var/lib/b'],
    ]);
    expect(read().drops.size).toBe(0);
  });

  test.each(['vault', 'vault=exchange', 'a=/x,a=/y', 'A=/x', '=/x'])('refuse folders written %j', (text) => {
    expect(() => read({ KURAMORI_INTERMEDIARY_DROPS: text })).toThrow(invalid);
  });

  test('take a key of X25519 for them, and no other', () => {
    const pemOf = ({ privateKey }: { privateKey: KeyObject }) =>
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const pem = pemOf(generateKeyPairSync('x25519'));
    const withKey = (path: string) => read({ KURAMORI_INTERMEDIARY_DROP_KEY_FILE: path });
    expect(withKey(file('drop', pem)).dropKey).toBe(pem);
    expect(() => withKey(file('open-drop', pem, 0o644))).toThrow(invalid);
    expect(() => withKey(file('ed', pemOf(generateKeyPairSync('ed25519'))))).toThrow(invalid);
    expect(() => withKey(file('none', 'no key'))).toThrow(invalid);
  });

  test('take a staff table from a file', () => {
    expect(read({ KURAMORI_INTERMEDIARY_STAFF_FILE: file('staff', '[{"a":1}]') }).staff).toEqual([{ a: 1 }]);
    expect(() => read({ KURAMORI_INTERMEDIARY_STAFF_FILE: file('bad', '[') })).toThrow(invalid);
  });

  test('refuse every address at once, and a key that others may read', () => {
    expect(() => read({ KURAMORI_INTERMEDIARY_HOST: 'localhost' })).toThrow(invalid);
    expect(() => read({ KURAMORI_INTERMEDIARY_TLS_KEY_FILE: file('open', 'key', 0o644) })).toThrow(invalid);
  });
});
