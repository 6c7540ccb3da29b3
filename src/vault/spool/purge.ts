import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../../audit/record.js';
import { instantText, type Clock } from '../../kernel/clock.js';
import type { Temporal } from '../../kernel/dates.js';
import { AUDIT_ENTRIES_MAX, VAULT_PURGED_ROWS_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import { deleteShredKeys } from '../erasure/erasure.store.js';
import { forgetMessageItems } from '../provision/message.store.js';
import { forgetItems } from '../refund/account.store.js';
import { deleteItems, dueItems } from './spool.store.js';

/**
 * Takes away what is over: the shred keys first, then the items with what names them and the entry of the
 * log. Killed in between, the rest is done in the next round.
 * @returns how many; call again while it is VAULT_PURGED_ROWS_MAX, or more
 */
export async function purgeSpool(
  { database, shred, audit, clock }: Pick<VaultContext, 'database' | 'shred' | 'audit' | 'clock'>,
  now: Temporal.Instant,
): Promise<number> {
  let purged = 0;
  // As many at a time as one record of the log can name.
  while (purged < VAULT_PURGED_ROWS_MAX) {
    const refs = await dueItems(database, now, AUDIT_ENTRIES_MAX);
    if (refs.length === 0) break;
    await deleteShredKeys(shred, refs);
    await database.transaction('vault.spool.purge', async (tx) => {
      await deleteItems(tx, refs);
      await forgetMessageItems(tx, refs);
      const accounts = await forgetItems(tx, refs, now);
      if (accounts.length > 0) await audit.appendIn(tx, erasedRecord(clock, accounts));
    });
    purged += refs.length;
  }
  return purged;
}

const VAULT = 'vault';

/** 消去: which refund’s account is gone, and whose it was. */
function erasedRecord(
  clock: Clock,
  accounts: readonly { readonly refundId: string; readonly vaultRef: string }[],
): AuditRecord {
  return {
    kind: 'erasure',
    at: instantText(clock),
    requestId: randomUUID(),
    actorId: VAULT,
    roles: [],
    department: '',
    terminal: VAULT,
    sessionId: '',
    strength: '',
    clientApp: VAULT,
    purpose: 'ERASURE',
    entries: accounts.map(({ refundId, vaultRef }) => ({
      coordinate: 'RefundAccount.erased',
      decision: 'allow',
      reason: `refund:${refundId}`,
      rows: 1,
      subjects: [vaultRef],
    })),
  };
}
