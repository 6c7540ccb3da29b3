import type { AuditEntry, AuditRecord } from '../../src/audit/record.js';

/** An entry as a query for levies leaves it, with what a test wants otherwise. */
export function entryOf(changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    coordinate: 'Addressee.levies',
    decision: 'allow',
    rows: 3,
    subjects: ['000000012345'],
    ...changes,
  };
}

/** A record of an invented clerk, with what a test wants otherwise. */
export function recordOf(changes: Partial<AuditRecord> = {}): AuditRecord {
  return {
    kind: 'query',
    at: '2026-11-22T03:41:50.123Z',
    requestId: '0199b2c4-7c1e-7d30-8a55-1f0e6a9d4c01',
    actorId: 'S000123',
    roles: ['collectionClerk'],
    department: '収納課',
    terminal: 'T-0042',
    sessionId: 'd2f5a8b0c3e14f67',
    strength: 'password+totp',
    clientApp: 'counter',
    purpose: 'COLLECTION',
    operationName: 'LevyList',
    documentHash: '6f1ed002ab5595859014ebf0951522d9a3c6a7a2f0a1cbd90f0c4f4d2b5f0a11',
    entries: [entryOf()],
    ...changes,
  };
}
