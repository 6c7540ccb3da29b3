import { KuramoriError } from '../../kernel/errors.js';
import { blindIndex } from '../cipher/blindIndex.js';
import { openRecord } from '../cipher/envelope.js';
import { wipe } from '../cipher/wipe.js';
import type { VaultContext } from '../context.js';
import { contextOf, shredKeyOf, shredKeysOf } from '../keys/recordRow.js';
import type { IndividualNumber } from '../number/individualNumber.js';
import { storedNumber } from '../number/stored.js';
import type { VaultRef } from '../number/vaultRef.js';
import { findRecord, type IndexValue } from './record.store.js';

type OpeningContext = Pick<VaultContext, 'database' | 'shred' | 'seal' | 'municipality'>;

/**
 * Opens the number behind a reference. The caller disposes of it after use.
 * @throws KuramoriError NOT_FOUND; CONFLICT for a number that was replaced by another; INTEGRITY_FAILURE; VAULT_SEALED
 */
export async function openNumber(context: OpeningContext, ref: VaultRef): Promise<IndividualNumber> {
  const { database, shred, seal, municipality } = context;
  const row = await findRecord(database, ref);
  if (row === undefined)
    throw new KuramoriError('NOT_FOUND', 'The reference names no number of this vault. Check the reference.');
  if (row.state === 'superseded')
    throw new KuramoriError(
      'CONFLICT',
      'The number was replaced by another (番号変更). Ask for the person again.',
    );
  const shredKey = shredKeyOf(await shredKeysOf(shred, [ref]), ref);
  try {
    const kek = seal.keyRing.of('subject', row.kekVersion);
    return storedNumber(openRecord(row, contextOf(row, municipality), kek, shredKey));
  } finally {
    wipe(shredKey);
  }
}

/** A number's index values under every index key that is in use: two while the index key is rotated. */
export function indexValues(
  { seal, municipality }: Pick<VaultContext, 'seal' | 'municipality'>,
  number: IndividualNumber,
): readonly IndexValue[] {
  return seal.keyRing.all('index').map((key) => ({ key, value: blindIndex(number, municipality, key.key) }));
}
