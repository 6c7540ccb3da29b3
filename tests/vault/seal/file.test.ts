import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createKeyFile, fileKeyService } from '../../../src/vault/seal/file.js';
import { temporaryFolder } from '../keys/support/vault.js';

const folder = temporaryFolder();
const ROOT_KEY = new Uint8Array(32).fill(5);
const file = join(folder, 'root.key');
await createKeyFile(file);

describe('the key in a file', () => {
  it('gives back the root key that it protected, and the envelope does not show it', async () => {
    const envelope = await fileKeyService(file).protect(ROOT_KEY);
    expect(Buffer.from(await fileKeyService(file).recover(envelope))).toEqual(Buffer.from(ROOT_KEY));
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(JSON.stringify(envelope)).not.toContain(Buffer.from(ROOT_KEY).toString(encoding));
      expect(JSON.stringify(envelope)).not.toContain(readFileSync(file).toString(encoding));
    }
  });

  it('is 32 bytes that only the owner may read, and is never replaced', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(file).size).toBe(32);
    const before = readFileSync(file);
    await expect(createKeyFile(file)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    expect(readFileSync(file)).toEqual(before);
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o601])('is refused with mode %o', async (mode) => {
    const loose = join(folder, `loose-${mode}`);
    await createKeyFile(loose);
    chmodSync(loose, mode);
    await expect(fileKeyService(loose).protect(ROOT_KEY)).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });

  it('is refused when it is missing, a link, a folder, or of another length', async () => {
    const link = join(folder, 'link');
    symlinkSync(file, link);
    const directory = join(folder, 'directory');
    mkdirSync(directory, { mode: 0o700 });
    const short = join(folder, 'short');
    writeFileSync(short, Buffer.alloc(31, 1), { mode: 0o600 });
    for (const path of [join(folder, 'missing'), link, directory, short]) {
      await expect(fileKeyService(path).protect(ROOT_KEY)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    }
  });

  it('opens nothing that was altered, of another key, or without a member', async () => {
    const envelope = await fileKeyService(file).protect(ROOT_KEY);
    const other = join(folder, 'other.key');
    await createKeyFile(other);
    const { ciphertext: _without, ...rest } = envelope;
    const bytes = Buffer.from(String(envelope['ciphertext']), 'base64url');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    const altered = [
      rest,
      { ...envelope, v: 2 },
      { ...envelope, v: '1' },
      { ...envelope, nonce: '***' },
      { ...envelope, ciphertext: bytes.toString('base64url') },
    ];
    for (const each of altered) {
      await expect(fileKeyService(file).recover(each)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    }
    await expect(fileKeyService(other).recover(envelope)).rejects.toMatchObject({
      code: 'INTEGRITY_FAILURE',
    });
  });
});
