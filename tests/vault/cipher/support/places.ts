import type { RecordContext } from '../../../../src/vault/cipher/context.js';
import type { KeyEncryptionKey } from '../../../../src/vault/cipher/envelope.js';

/** Ise City, and invented references. */
export const PLACE: RecordContext = {
  municipality: '242039',
  vaultRef: `vr_${'A'.repeat(26)}`,
  field: 'number',
  recordVersion: 1,
};

/** The same place but for one member. */
export const OTHER_PLACES: readonly RecordContext[] = [
  { ...PLACE, municipality: '131016' },
  { ...PLACE, vaultRef: `vr_${'B'.repeat(26)}` },
  { ...PLACE, field: 'account' },
  { ...PLACE, recordVersion: 2 },
];

/** What is no place at all. */
export const BAD_PLACES: readonly RecordContext[] = [
  { ...PLACE, municipality: '242038' },
  { ...PLACE, municipality: '' },
  { ...PLACE, vaultRef: 'vr_short' },
  { ...PLACE, field: '' },
  { ...PLACE, field: 'a'.repeat(41) },
  { ...PLACE, field: 'number","v":2,"x":"' },
  { ...PLACE, recordVersion: 0 },
  { ...PLACE, recordVersion: 1.5 },
  { ...PLACE, recordVersion: Number.NaN },
  { ...PLACE, recordVersion: 2 ** 53 },
];

export function subjectKey(kekVersion: number, fill = kekVersion): KeyEncryptionKey {
  return { keyId: `subject-${kekVersion}`, kekVersion, key: new Uint8Array(32).fill(fill) };
}

export const SHRED_KEY = new Uint8Array(32).fill(0xab);
