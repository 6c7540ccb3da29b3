import { createHmac } from 'node:crypto';
import type { IndividualNumber } from '../number/individualNumber.js';
import { isMunicipalityCode, type MunicipalityCode } from '../number/municipalityCode.js';
import { assertKey } from './gcm.js';
import { integrityFailure } from './integrity.js';

/** Part of every index value, and never changes. */
const INDEX_DOMAIN = 'kuramori/vault/index/v1';
const SEPARATOR = Buffer.of(0);
export const BLIND_INDEX_BYTES = 16;

/**
 * The value by which a number is found again (索引値; handbook 14 §4): HMAC-SHA-256 under the index key, the first 128
 * bits. It is by law the number itself and never leaves the vault. A hit is confirmed by opening the record.
 * @param indexKey 32 bytes
 * @throws KuramoriError INTEGRITY_FAILURE when the key or the municipality has not the form it must have
 */
export function blindIndex(
  number: IndividualNumber,
  municipality: MunicipalityCode,
  indexKey: Uint8Array,
): Uint8Array {
  assertKey(indexKey);
  if (!isMunicipalityCode(municipality)) throw integrityFailure();
  const hmac = createHmac('sha256', indexKey)
    .update(INDEX_DOMAIN, 'ascii')
    .update(SEPARATOR)
    .update(municipality, 'ascii')
    .update(SEPARATOR);
  const digest = number.withPlaintext((digits) => hmac.update(digits).digest());
  return Uint8Array.from(digest.subarray(0, BLIND_INDEX_BYTES));
}
