import type { Session } from '../../kernel/database/database.js';
import type { Temporal } from '../../kernel/dates.js';
import { newKey, openRecord, sealRecord } from '../cipher/envelope.js';
import { integrityFailure } from '../cipher/integrity.js';
import { wipe } from '../cipher/wipe.js';
import type { VaultContext } from '../context.js';
import { shredKeyOf, shredKeysOf } from '../keys/recordRow.js';
import { newVaultRef, type VaultRef } from '../number/vaultRef.js';
import { placeOf, type SpoolKind } from './item.js';
import { insertItem, insertShredKey, readItem } from './spool.store.js';

/** What the spool needs of a running vault. */
export type SpoolContext = Pick<VaultContext, 'shred' | 'seal' | 'clock' | 'municipality'>;

export interface NewItem {
  readonly kind: SpoolKind;
  /** 1 byte to RECORD_VALUE_BYTES_MAX; wiping it stays with the caller. */
  readonly plaintext: Uint8Array;
  readonly eraseAfter: Temporal.Instant;
}

/**
 * Seals something for days, in the transaction of what needs it. Its shred key is written first and by itself: when
 * the transaction is given up, a key is left that opens nothing.
 * @returns the item's reference
 * @throws KuramoriError VAULT_SEALED, and what the databases say
 */
export async function storeItem(context: SpoolContext, tx: Session, item: NewItem): Promise<VaultRef> {
  const { seal, shred, municipality, clock } = context;
  const { kind, plaintext, eraseAfter } = item;
  const itemRef = newVaultRef();
  const kek = await seal.keyRing.activeIn(tx, 'spool');
  const shredKey = newKey();
  try {
    const envelope = sealRecord(plaintext, placeOf({ itemRef, kind }, municipality), kek, shredKey);
    await insertShredKey(shred, itemRef, shredKey);
    await insertItem(tx, { itemRef, kind, ...envelope }, { storedAt: clock.now(), eraseAfter });
    return itemRef;
  } finally {
    wipe(shredKey);
  }
}

/**
 * Opens an item. The caller wipes it.
 * @throws KuramoriError INTEGRITY_FAILURE when it is gone, of another kind, or was altered; VAULT_SEALED
 */
export async function openItem(
  { shred, seal, municipality }: SpoolContext,
  session: Session,
  itemRef: VaultRef,
  kind: SpoolKind,
): Promise<Uint8Array> {
  const row = await readItem(session, itemRef);
  if (row === undefined || row.kind !== kind) throw integrityFailure();
  const shredKey = shredKeyOf(await shredKeysOf(shred, [itemRef]), itemRef);
  try {
    const kek = seal.keyRing.of('spool', row.kekVersion);
    return openRecord(row, placeOf(row, municipality), kek, shredKey);
  } finally {
    wipe(shredKey);
  }
}
