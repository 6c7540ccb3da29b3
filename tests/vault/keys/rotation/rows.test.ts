import { expect, it } from 'vitest';
import { integrityFailure } from '../../../../src/vault/cipher/integrity.js';
import { isSound } from '../../../../src/vault/keys/rotation/rows.js';
import { vaultSealed } from '../../../../src/vault/seal/refusal.js';

it('takes for a fault of a row only that its protection fails', () => {
  expect(isSound(() => undefined)).toBe(true);
  const failing = (error: Error) => () => {
    throw error;
  };
  expect(isSound(failing(integrityFailure()))).toBe(false);
  expect(() => isSound(failing(vaultSealed()))).toThrow(expect.objectContaining({ code: 'VAULT_SEALED' }));
});
