import { KuramoriError } from '../../kernel/errors.js';
import { NUMBERS_READ_AT_ONCE_MAX } from '../../kernel/limits.js';
import { blindIndex } from '../cipher/blindIndex.js';
import { openRecord } from '../cipher/envelope.js';
import { wipe } from '../cipher/wipe.js';
import type { VaultContext } from '../context.js';
import { contextOf, shredKeyOf, shredKeysOf } from '../keys/recordRow.js';
import type { IndividualNumber } from '../number/individualNumber.js';
import { storedNumber } from '../number/stored.js';
import type { VaultRef } from '../number/vaultRef.js';
import { findRecord, findRecords, type IndexValue, type StoredNumber } from './record.store.js';

type OpeningContext = Pick<VaultContext, 'database' | 'shred' | 'seal' | 'municipality'>;

/**
 * Opens the number behind a reference. The caller disposes of it after use.
 * @throws KuramoriError NOT_FOUND; CONFLICT for a number that was replaced by another; INTEGRITY_FAILURE; VAULT_SEALED
 */
export async function openNumber(context: OpeningContext, ref: VaultRef): Promise<IndividualNumber> {
  const row = currentRow(await findRecord(context.database, ref));
  const keys = await shredKeysOf(context.shred, [ref]);
  try {
    return openRow(context, row, keys);
  } finally {
    wipeAll(keys);
  }
}

/**
 * Opens the numbers behind many references, one after the other in their order. Their rows and shred keys are read
 * NUMBERS_READ_AT_ONCE_MAX at a time; of the numbers themselves one is open at a time, for as long as it is used.
 * @param use digits, and the place of their reference among all
 * @throws KuramoriError as `openNumber`
 */
export async function eachNumber(
  context: OpeningContext,
  refs: readonly VaultRef[],
  use: (digits: Uint8Array, at: number) => void,
): Promise<void> {
  for (let start = 0; start < refs.length; start += NUMBERS_READ_AT_ONCE_MAX) {
    const some = refs.slice(start, start + NUMBERS_READ_AT_ONCE_MAX);
    const rows = await findRecords(context.database, some);
    const current = some.map((ref) => currentRow(rows.get(ref)));
    const keys = await shredKeysOf(context.shred, some);
    try {
      for (const [at, row] of current.entries()) {
        const number = openRow(context, row, keys);
        number.withPlaintext((digits) => use(digits, start + at));
        number.dispose();
      }
    } finally {
      wipeAll(keys);
    }
  }
}

function currentRow(row: StoredNumber | undefined): StoredNumber {
  if (row === undefined)
    throw new KuramoriError('NOT_FOUND', 'The reference names no number of this vault. Check the reference.');
  if (row.state === 'superseded')
    throw new KuramoriError(
      'CONFLICT',
      'The number was replaced by another (番号変更). Ask for the person again.',
    );
  return row;
}

function openRow(
  { seal, municipality }: OpeningContext,
  row: StoredNumber,
  keys: ReadonlyMap<string, Uint8Array>,
): IndividualNumber {
  const shredKey = shredKeyOf(keys, row.vaultRef);
  const kek = seal.keyRing.of('subject', row.kekVersion);
  return storedNumber(openRecord(row, contextOf(row, municipality), kek, shredKey));
}

function wipeAll(keys: ReadonlyMap<string, Uint8Array>): void {
  for (const key of keys.values()) wipe(key);
}

/** A number's index values under every index key that is in use: two while the index key is rotated. */
export function indexValues(
  { seal, municipality }: Pick<VaultContext, 'seal' | 'municipality'>,
  number: IndividualNumber,
): readonly IndexValue[] {
  return seal.keyRing.all('index').map((key) => ({ key, value: blindIndex(number, municipality, key.key) }));
}
