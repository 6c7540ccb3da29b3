import { expect, it } from 'vitest';
import { createKeyRow } from '../../../src/vault/keys/creation.js';
import { loadKey } from '../../../src/vault/keys/loading.js';
import type { KeyRow } from '../../../src/vault/keys/store.js';

const wrapping = { rootKey: new Uint8Array(32).fill(6), municipality: '131016' };
const row: KeyRow = {
  ...createKeyRow(wrapping, 'subject', 3, '2026-11-22T00:00:00Z'),
  state: 'active',
  uses: 0n,
  activatedAt: null,
  deactivatedAt: null,
  destroyedAt: null,
};

it('opens a key where it lies, and nowhere else', () => {
  expect(loadKey(row, wrapping)).toMatchObject({ keyId: 'subject-3', keyClass: 'subject', version: 3 });
  const elsewhere: [Partial<KeyRow>, Partial<typeof wrapping>][] = [
    [{ version: 2 }, {}],
    [{ keyClass: 'index' }, {}],
    [{}, { municipality: '242039' }],
    [{}, { rootKey: new Uint8Array(32).fill(7) }],
    [{ wrapped: row.wrapped?.subarray(1) ?? null }, {}],
    [{ wrapNonce: null }, {}],
    [{ wrapped: null }, {}],
  ];
  for (const [change, other] of elsewhere) {
    expect(() => loadKey({ ...row, ...change }, { ...wrapping, ...other })).toThrow(
      expect.objectContaining({ code: 'INTEGRITY_FAILURE' }),
    );
  }
});
