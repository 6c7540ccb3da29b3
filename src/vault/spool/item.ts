import type { RecordContext } from '../cipher/context.js';
import type { RecordEnvelope } from '../cipher/envelope.js';
import type { VaultRef } from '../number/vaultRef.js';

/** What lies in the spool (一時保管). */
export type SpoolKind = 'request' | 'envelope' | 'receipt' | 'account' | 'payment';

/** A row of vault.spool_item as it is sealed. Its reference names its shred key, too. */
export interface SpoolRow extends RecordEnvelope {
  readonly itemRef: VaultRef;
  readonly kind: SpoolKind;
}

/** An item is written once. */
const RECORD_VERSION = 1;

/** The place to which an item is bound: as another kind it does not open. */
export function placeOf(
  { itemRef, kind }: Pick<SpoolRow, 'itemRef' | 'kind'>,
  municipality: string,
): RecordContext {
  return { municipality, vaultRef: itemRef, field: `spool${kind}`, recordVersion: RECORD_VERSION };
}
