import type { AuditRecord } from '../../audit/record.js';
import { instantText, type Clock } from '../../kernel/clock.js';
import { currentRequestId } from './requestId.js';

/** What happened to a transfer, for the vault's log. */
export interface TransferEvent {
  /** Of its entry, such as `Transfer.seal`. */
  readonly coordinate: string;
  readonly packageId: string;
  /** A service, an operator, or the vault by itself. */
  readonly by: string;
  readonly reason: string;
  /** Cases or rows (件数). */
  readonly rows?: number;
  /** What is asked for in vain, or found wrong. */
  readonly refused?: true;
  /** Shown to the auditors without being asked for. */
  readonly raised?: true;
}

/** The record of an event that nobody signed for on a terminal. No personal data: ids, counts, words of ours. */
export function transferRecord(clock: Clock, event: TransferEvent): AuditRecord {
  const { coordinate, packageId, by, reason, rows = 0, refused, raised } = event;
  return {
    kind: 'push',
    at: instantText(clock),
    requestId: currentRequestId(),
    actorId: by,
    roles: [],
    department: '',
    terminal: '',
    sessionId: '',
    strength: by.startsWith('operator:') ? 'hostAccount' : 'certificate',
    clientApp: 'kuramori',
    purpose: 'TRANSFER',
    ...(packageId !== '' && { caseRef: packageId }),
    entries: [
      {
        coordinate,
        decision: refused ? 'refuse' : 'allow',
        reason,
        rows,
        subjects: [],
        ...(raised && { raised }),
      },
    ],
  };
}
