import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTokenKey, pkcs11Service } from '../../../src/vault/seal/pkcs11.js';
import { inSession, type TokenSettings } from '../../../src/vault/seal/token.js';
import { VaultSeal } from '../../../src/vault/seal/seal.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { MUNICIPALITY, StandingClock, temporaryFolder } from '../keys/support/vault.js';

/** Where Debian and others put it. */
const LIBRARIES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/local/lib/softhsm/libsofthsm2.so'];
const library = LIBRARIES.find((path) => existsSync(path));
/** The folder of the compiled package, when it is not beside the others. */
const binding = process.env['TEST_PKCS11JS'] ?? 'pkcs11js';
const missing = whatIsMissing();
if (missing !== undefined) process.stderr.write(`The token is not tested: ${missing}.\n`);

const ROOT_KEY = new Uint8Array(32).fill(5);
const PIN = Buffer.from('0417-invented');

function whatIsMissing(): string | undefined {
  if (library === undefined) return 'libsofthsm2.so is not installed (Debian: softhsm2)';
  if (spawnSync('softhsm2-util', ['--version']).status !== 0) return 'softhsm2-util is not installed';
  try {
    createRequire(import.meta.url)(binding);
    return undefined;
  } catch {
    return 'the package pkcs11js is not installed, or not compiled';
  }
}

describe('a package that is not there', () => {
  it('is told of, and nothing else breaks', async () => {
    const settings = { library: '/none', tokenLabel: 't', keyLabel: 'k', pin: PIN };
    for (const each of [settings, { ...settings, binding: 'no-such-package' }]) {
      await expect(pkcs11Service(each).protect(ROOT_KEY)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    }
  });
});

describe.skipIf(missing !== undefined)('a key in a token (SoftHSM)', () => {
  const settings: TokenSettings = {
    library: library ?? '',
    tokenLabel: 'kuramori test',
    keyLabel: 'vault root',
    pin: PIN,
    binding,
  };
  const service = pkcs11Service(settings);

  beforeAll(async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'tokens'));
    writeFileSync(
      join(folder, 'softhsm2.conf'),
      `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`,
    );
    process.env['SOFTHSM2_CONF'] = join(folder, 'softhsm2.conf');
    const made = spawnSync('softhsm2-util', [
      '--init-token',
      '--free',
      `--label=${settings.tokenLabel}`,
      '--so-pin=8642-invented',
      `--pin=${PIN.toString()}`,
    ]);
    expect(made.status, String(made.stderr)).toBe(0);
    await createTokenKey(settings);
  });

  it('gives back the root key, which is nowhere in the envelope', async () => {
    const envelope = await service.protect(ROOT_KEY);
    expect(Buffer.from(await service.recover(envelope))).toEqual(Buffer.from(ROOT_KEY));
    expect(JSON.stringify(envelope)).not.toContain(Buffer.from(ROOT_KEY).toString('base64url'));
  });

  it('opens a vault', async () => {
    const databases = await testVaultDatabases();
    const parts = { database: databases.vault, clock: new StandingClock(), municipality: MUNICIPALITY };
    const seal = await VaultSeal.load({ ...parts, pause: () => Promise.resolve() });
    await seal.initialise(service);
    await expect(
      seal.open(pkcs11Service({ ...settings, pin: Buffer.from('0000-wrong') })),
    ).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(seal.failures).toBe(1);
    await seal.open(service);
    expect(seal.state).toBe('open');
  });

  it('refuses a PIN, a token, a key and a library that are not there', async () => {
    const attempts: [Partial<TokenSettings>, string][] = [
      [{ pin: Buffer.from('0000-wrong') }, 'UNAUTHENTICATED'],
      [{ tokenLabel: 'another' }, 'CONFIGURATION_INVALID'],
      [{ keyLabel: 'another' }, 'CONFIGURATION_INVALID'],
      [{ library: '/none/libnone.so' }, 'CONFIGURATION_INVALID'],
    ];
    for (const [change, code] of attempts) {
      await expect(pkcs11Service({ ...settings, ...change }).protect(ROOT_KEY), code).rejects.toMatchObject({
        code,
      });
    }
    await service.protect(ROOT_KEY);
  });

  it('opens nothing that was altered', async () => {
    const envelope = await service.protect(ROOT_KEY);
    const bytes = Buffer.from(String(envelope['ciphertext']), 'base64url');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    const altered = [
      { ...envelope, v: 2 },
      { ...envelope, nonce: 'AAAA' },
      { ...envelope, ciphertext: 'AAAA' },
      { ...envelope, ciphertext: bytes.toString('base64url') },
    ];
    for (const each of altered) {
      await expect(service.recover(each)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    }
  });

  it('tells the code of what the library refused', () => {
    const nested = () =>
      inSession(settings, 'read', () => inSession(settings, 'read', () => 'entered twice'));
    const CKR_CRYPTOKI_ALREADY_INITIALIZED = 0x191;
    expect(nested).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_INVALID',
        facts: { ckr: CKR_CRYPTOKI_ALREADY_INITIALIZED },
      }) as Error,
    );
    expect(inSession(settings, 'read', () => 'entered once')).toBe('entered once');
  });

  it('never replaces its key', async () => {
    await expect(createTokenKey(settings)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is refused when its key could be taken out', async () => {
    const loose = { ...settings, keyLabel: 'loose' };
    inSession(loose, 'write', ({ pkcs11, api, session }) =>
      pkcs11.C_GenerateKey(session, { mechanism: api.CKM_AES_KEY_GEN }, [
        { type: api.CKA_CLASS, value: api.CKO_SECRET_KEY },
        { type: api.CKA_KEY_TYPE, value: api.CKK_AES },
        { type: api.CKA_VALUE_LEN, value: 32 },
        { type: api.CKA_LABEL, value: 'loose' },
        { type: api.CKA_TOKEN, value: true },
        { type: api.CKA_PRIVATE, value: true },
        { type: api.CKA_SENSITIVE, value: false },
        { type: api.CKA_EXTRACTABLE, value: true },
        { type: api.CKA_ENCRYPT, value: true },
      ]),
    );
    await expect(pkcs11Service(loose).protect(ROOT_KEY)).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });
});
