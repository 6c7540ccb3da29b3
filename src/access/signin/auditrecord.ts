import type { AuditDecision, AuditKind, AuditRecord } from '../../audit/record.js';
import type { Temporal } from '../../kernel/dates.js';
import type { Origin } from '../identity.types.js';

/** Something that happened at the door, as the audit log takes it. */
export interface IdentityEvent {
  readonly kind: AuditKind;
  /** `Session.open`, `Session.renew`, … */
  readonly coordinate: string;
  readonly decision: AuditDecision;
  /** The rule that decided; never a value that was handed in. */
  readonly reason?: string;
  readonly raised?: boolean;
  /** The credential was genuine in part, so that the entry is written whatever the address's count. */
  readonly genuine?: boolean;
  readonly at: Temporal.Instant;
  readonly from: Origin;
  /** Known only once it is proven; an unknown name typed in may be a password. */
  readonly actorId?: string;
  readonly sessionId?: string;
  readonly roles?: readonly string[];
  readonly department?: string;
  readonly strength?: string;
  readonly purpose?: string;
  readonly rows?: number;
}

/** Who is not known yet. */
const UNKNOWN_ACTOR = 'unknown';

/** The record of an event; the peer's address stands with the reason. */
export function identityRecord(event: IdentityEvent): AuditRecord {
  const { from } = event;
  const reason = [event.reason, `from ${from.address}`].filter((part) => part !== undefined).join(' ');
  return {
    kind: event.kind,
    at: event.at.toString({ fractionalSecondDigits: 3 }),
    requestId: from.requestId,
    actorId: event.actorId ?? UNKNOWN_ACTOR,
    roles: event.roles ?? [],
    department: event.department ?? '',
    terminal: from.terminal,
    sessionId: event.sessionId ?? '',
    strength: event.strength ?? '',
    clientApp: from.clientApp,
    purpose: event.purpose ?? '',
    entries: [
      {
        coordinate: event.coordinate,
        decision: event.decision,
        reason,
        rows: event.rows ?? 0,
        subjects: [],
        ...(event.raised === true ? { raised: true } : {}),
      },
    ],
  };
}
