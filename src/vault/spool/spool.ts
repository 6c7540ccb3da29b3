import type { Session } from '../../kernel/database/database.js';
import type { Temporal } from '../../kernel/dates.js';
import { newKey, openRecord, sealRecord } from '../cipher/envelope.js';
import { integrityFailure } from '../cipher/integrity.js';
import { wipe } from '../cipher/wipe.js';
import type { VaultContext } from '../context.js';
import { shredKeyOf, shredKeysOf } from '../keys/recordRow.js';
import { newVaultRef, type VaultRef } from '../number/vaultRef.js';
import { placeOf, type SpoolKind } from './item.js';
import { insertItem, insertShredKey, readItems } from './spool.store.js';

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
  context: SpoolContext,
  session: Session,
  itemRef: VaultRef,
  kind: SpoolKind,
): Promise<Uint8Array> {
  const [opened] = (await openItems(context, session, [itemRef], kind)) as [Uint8Array];
  return opened;
}

/**
 * Opens items of one kind, in the order in which they are named. The caller wipes them.
 * @throws KuramoriError as `openItem`; then none of them is left open
 */
export async function openItems(
  { shred, seal, municipality }: SpoolContext,
  session: Session,
  itemRefs: readonly VaultRef[],
  kind: SpoolKind,
): Promise<readonly Uint8Array[]> {
  const rows = await readItems(session, itemRefs);
  const shredKeys = await shredKeysOf(shred, itemRefs);
  const opened: Uint8Array[] = [];
  try {
    for (const itemRef of itemRefs) {
      const row = rows.get(itemRef);
      if (row === undefined || row.kind !== kind) throw integrityFailure();
      const kek = seal.keyRing.of('spool', row.kekVersion);
      opened.push(openRecord(row, placeOf(row, municipality), kek, shredKeyOf(shredKeys, itemRef)));
    }
    return opened;
  } catch (error) {
    wipe(...opened);
    throw error;
  } finally {
    wipe(...shredKeys.values());
  }
}
