import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../../../audit/record.js';
import { instantText, type Clock } from '../../../kernel/clock.js';
import type { PaymentFileLine, RebuiltLine } from '../../erasure/journal.line.js';

/** Who acts when the vault does so by itself. */
const VAULT = 'vault';

/** The entry that a restore has lost a file; to be looked at. */
export function lostRecord(clock: Clock, { fileNo, sha256, count }: PaymentFileLine): AuditRecord {
  return raisedRecord(clock, 'Vault.paymentFileLost', { reason: `lost:${fileNo} ${sha256}`, rows: count });
}

/** The entry that the journal was made anew; to be looked at. */
export function rebuiltRecord(clock: Clock, { rebuildId, rebuiltAt, decidedBy }: RebuiltLine): AuditRecord {
  const reason = `rebuilt:${rebuildId} at:${rebuiltAt} by:${decidedBy}`;
  return raisedRecord(clock, 'Vault.paymentJournalRebuilt', { reason, rows: 0 });
}

function raisedRecord(
  clock: Clock,
  coordinate: string,
  { reason, rows }: { readonly reason: string; readonly rows: number },
): AuditRecord {
  return {
    kind: 'configuration',
    at: instantText(clock),
    requestId: randomUUID(),
    actorId: VAULT,
    roles: [],
    department: '',
    terminal: VAULT,
    sessionId: '',
    strength: '',
    clientApp: VAULT,
    purpose: 'MAINTENANCE',
    entries: [{ coordinate, decision: 'allow', reason, rows, subjects: [], raised: true }],
  };
}
