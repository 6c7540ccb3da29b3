import { randomUUID } from 'node:crypto';
import type { AuditEntry, AuditRecord } from '../../audit/record.js';
import { instantText, type Clock } from '../../kernel/clock.js';
import type { Erasure } from './order.js';

/** Who acts when the vault does so by itself. */
const VAULT_ACTOR = 'vault';
const ERASURE_PURPOSE = 'ERASURE';

/** The entry that an erasure is done. Found by the number of its certificate, which stands for its case. */
export function erasureRecord(clock: Clock, { certificateId, refs, particulars }: Erasure): AuditRecord {
  const entry = { coordinate: 'Vault.erased', decision: 'allow', rows: refs.length, subjects: refs } as const;
  const { executedBy, purpose } = particulars;
  return { ...record(clock, entry), actorId: executedBy, purpose, caseRef: certificateId };
}

/** The entry that a restore had brought back what was erased, and that it was erased again. To be looked at. */
export function replayRecord(clock: Clock, rows: number): AuditRecord {
  return record(clock, {
    coordinate: 'Vault.erasedAgain',
    decision: 'allow',
    rows,
    subjects: [],
    raised: true,
  });
}

function record(clock: Clock, entry: AuditEntry): AuditRecord {
  return {
    kind: 'erasure',
    at: instantText(clock),
    requestId: randomUUID(),
    actorId: VAULT_ACTOR,
    roles: [],
    department: '',
    terminal: VAULT_ACTOR,
    sessionId: '',
    strength: '',
    clientApp: VAULT_ACTOR,
    purpose: ERASURE_PURPOSE,
    entries: [entry],
  };
}
