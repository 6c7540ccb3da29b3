import type { Session } from '../../kernel/database/database.js';
import { RECORD_VALUE_BYTES_MAX } from '../../kernel/limits.js';
import { wipe } from '../cipher/wipe.js';
import type { VaultRef } from '../number/vaultRef.js';
import type { SpoolKind } from './item.js';
import { openItems, storeItem, type NewItem, type SpoolContext } from './spool.js';

/**
 * Seals what may be larger than one item, in items of at most RECORD_VALUE_BYTES_MAX.
 * @returns the items in the order of their parts: who names them in another order gets other bytes
 * @throws KuramoriError as `storeItem`
 */
export async function storeParts(
  context: SpoolContext,
  tx: Session,
  { plaintext, ...item }: NewItem,
): Promise<readonly VaultRef[]> {
  const refs: VaultRef[] = [];
  for (let from = 0; from < plaintext.length; from += RECORD_VALUE_BYTES_MAX) {
    const part = plaintext.subarray(from, from + RECORD_VALUE_BYTES_MAX);
    refs.push(await storeItem(context, tx, { ...item, plaintext: part }));
  }
  return refs;
}

/** Opens what {@link storeParts} has sealed. The caller wipes it. @throws KuramoriError as `openItem` */
export async function openParts(
  context: SpoolContext,
  session: Session,
  refs: readonly VaultRef[],
  kind: SpoolKind,
): Promise<Buffer> {
  const parts = await openItems(context, session, refs, kind);
  try {
    return Buffer.concat(parts);
  } finally {
    wipe(...parts);
  }
}
