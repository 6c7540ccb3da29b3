import type { AuditLog } from '../../audit/log.js';
import type { AuditEntry, AuditRecord } from '../../audit/record.js';
import type { Clock } from '../../kernel/clock.js';
import type { Database } from '../../kernel/database/database.js';
import { isKuramoriError } from '../../kernel/errors.js';
import type { LoadKind } from '../layouts/registry.js';
import type { LoadActor } from './job.js';

/** What can be loaded: files with a layout, and the references of a bulk registration. */
export type LoadedKind = LoadKind | 'numbers';

const COORDINATES: Readonly<Record<LoadedKind, string>> = {
  receipts: 'Load.receipts',
  levies: 'Load.levies',
  numbers: 'Load.numbers',
};

/** Of a load, what its audit record says beside the outcome. */
export interface LoadAttempt {
  readonly audit: Pick<AuditLog, 'appendIn'>;
  readonly clock: Clock;
  readonly requestId: string;
  readonly actor: LoadActor;
}

/** Counts only: whose levies and receipts they are stays in the ledger. */
export function loadRecord(
  kind: LoadedKind,
  { clock, requestId, actor }: LoadAttempt,
  entry: Pick<AuditEntry, 'decision' | 'reason' | 'rows'>,
): AuditRecord {
  const coordinate = COORDINATES[kind];
  return {
    kind: 'load',
    at: clock.now().toString(),
    requestId,
    ...actor,
    operationName: coordinate,
    entries: [{ coordinate, ...entry, subjects: [] }],
  };
}

/** The record of a load that changed nothing because the same bytes were loaded before. */
export async function auditRepeated(
  kind: LoadedKind,
  attempt: LoadAttempt,
  database: Database,
): Promise<void> {
  await appendAlone(
    database,
    attempt,
    loadRecord(kind, attempt, { decision: 'allow', reason: 'repeated', rows: 0 }),
  );
}

/** The record of a load that was refused or failed: the code, never what was handed in. */
export async function auditRefused(
  kind: LoadedKind,
  attempt: LoadAttempt,
  database: Database,
  error: unknown,
): Promise<void> {
  const reason = isKuramoriError(error) ? error.code : 'INTERNAL';
  await appendAlone(database, attempt, loadRecord(kind, attempt, { decision: 'refuse', reason, rows: 0 }));
}

/** In a transaction of its own: that of the load was rolled back, or never begun. */
async function appendAlone(database: Database, { audit }: LoadAttempt, record: AuditRecord): Promise<void> {
  await database.transaction('load.audit', (tx) => audit.appendIn(tx, record));
}
