import type { AuditEntry, AuditRecord } from '../../audit/record.js';
import { instantText, type Clock } from '../../kernel/clock.js';
import type { PushFacts } from './outbox.store.js';

/** The name by which the worker stands in the log; it is nobody's account. */
const ACTOR = 'worker';

/** What the worker does to a push, as the log names it. */
export type PushCoordinate = 'PushRequest.handOver' | 'PushRequest.state';

/** An entry of the worker about one push. */
export interface PushEntry {
  readonly coordinate: PushCoordinate;
  readonly decision: 'allow' | 'refuse';
  /** `intent`, a state, or the code of a refusal. */
  readonly reason: string;
  readonly rows: number;
  readonly raised?: boolean;
}

/** A record about one push, under the id of the request that signed it. @param counterpart entry of the vault's log */
export function pushRecord(
  about: PushFacts,
  entries: readonly PushEntry[],
  clock: Clock,
  counterpart?: string,
): AuditRecord {
  const subjects = [about.addresseeNo];
  return {
    kind: 'push',
    at: instantText(clock),
    requestId: about.requestId,
    actorId: ACTOR,
    roles: [],
    department: '',
    terminal: '',
    sessionId: '',
    strength: 'mtls',
    clientApp: ACTOR,
    purpose: about.purpose,
    ...(about.caseRef === undefined ? {} : { caseRef: about.caseRef }),
    ...(counterpart === undefined ? {} : { counterpart }),
    entries: entries.map((entry): AuditEntry => ({ ...entry, subjects })),
  };
}

/** A record that concerns no push of ours. */
export function raisedRecord(reason: string, rows: number, requestId: string, clock: Clock): AuditRecord {
  const entry = { coordinate: 'PushRequest.state', decision: 'refuse', reason, rows, raised: true } as const;
  const about = { addresseeNo: '', requestId, purpose: 'MAINTENANCE', caseRef: undefined };
  const record = pushRecord(about, [entry], clock);
  return { ...record, entries: [{ ...entry, subjects: [] }] };
}
