import { describe, expect, it } from 'vitest';
import { passphraseService } from '../../../src/vault/seal/passphrase.js';

const ROOT_KEY = new Uint8Array(32).fill(5);
const service = passphraseService(Buffer.from('invented words for a test'));

describe('the passphrase', () => {
  it('gives back the root key, from an envelope that went through JSON', async () => {
    const envelope = await service.protect(ROOT_KEY);
    const stored = JSON.parse(JSON.stringify(envelope)) as typeof envelope;
    expect(Buffer.from(await service.recover(stored))).toEqual(Buffer.from(ROOT_KEY));
    expect(envelope).toMatchObject({ v: 1, memoryKib: 65_536, passes: 3, lanes: 4 });
  });

  it('can cost more later, and what cost less still opens', async () => {
    const dearer = passphraseService(Buffer.from('invented words for a test'), {
      memoryKib: 65_536,
      passes: 4,
      lanes: 4,
    });
    const [before, after] = [await service.protect(ROOT_KEY), await dearer.protect(ROOT_KEY)];
    expect(after['passes']).toBe(4);
    expect(Buffer.from(await dearer.recover(before))).toEqual(Buffer.from(ROOT_KEY));
    expect(Buffer.from(await service.recover(after))).toEqual(Buffer.from(ROOT_KEY));
  });

  it('does not open with another one, or when a member was altered', async () => {
    const envelope = await service.protect(ROOT_KEY);
    const other = passphraseService(Buffer.from('other invented words'));
    await expect(other.recover(envelope)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    for (const change of [{ passes: 2 }, { salt: 'AAAA' }, { memoryKib: '65536' }, { nonce: 7 }]) {
      await expect(service.recover({ ...envelope, ...change })).rejects.toMatchObject({
        code: 'INTEGRITY_FAILURE',
      });
    }
  });
});
