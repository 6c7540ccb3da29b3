import { integrityFailure } from '../cipher/integrity.js';
import { wipe } from '../cipher/wipe.js';
import { IndividualNumber } from './individualNumber.js';

/**
 * The number of a record that was opened. What was checked before it was sealed is checked again after it was opened;
 * the plaintext given is filled with zeros.
 * @param plaintext twelve ASCII digits as they came out of the envelope
 * @throws KuramoriError INTEGRITY_FAILURE when they are no valid number
 */
export function storedNumber(plaintext: Uint8Array): IndividualNumber {
  try {
    return IndividualNumber.ofDigits(plaintext);
  } catch {
    throw integrityFailure();
  } finally {
    wipe(plaintext);
  }
}
