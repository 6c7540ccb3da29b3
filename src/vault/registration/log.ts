import { randomUUID } from 'node:crypto';
import type { AuditEntry, AuditRecord } from '../../audit/record.js';
import { instantText } from '../../kernel/clock.js';
import type { VaultContext } from '../context.js';
import { isToBeRaised, reasonOf } from '../operation/trail.js';
import type { Person } from '../staff/person.js';
import type { ChunkOutcome } from './outcome.js';

/** Whose registration it is, for its records. */
export interface RegistrationActor {
  readonly jobId: string;
  readonly approvalId: string;
  readonly operator: string;
  readonly person: Person;
  readonly purpose: string;
  readonly fileDigest: string;
}

type LogContext = Pick<VaultContext, 'clock'>;

/** 着手: that a registration begins; durable before its first chunk. @param count lines with numbers */
export function intentRecord(context: LogContext, actor: RegistrationActor, count: number): AuditRecord {
  return record(context, actor, [entry(`intent:${count}`, 0, [])]);
}

/** One chunk: what is new, what was there, and how many lines each rule refused. Commits with the chunk. */
export function chunkRecord(
  context: LogContext,
  actor: RegistrationActor,
  { lines, counts }: ChunkOutcome,
): AuditRecord {
  const refs = (outcome: 'registered' | 'known') =>
    lines.flatMap((line) => (line.outcome === outcome ? [line.ref] : []));
  const refused = Object.entries(counts.refused).map(([rule, rows]): AuditEntry => ({
    coordinate: COORDINATE,
    decision: 'refuse',
    reason: rule,
    rows,
    subjects: [],
  }));
  const done = entry('done', counts.registered, refs('registered'));
  return record(context, actor, [
    done,
    ...(counts.known === 0 ? [] : [entry('known', counts.known, refs('known'))]),
    ...refused,
  ]);
}

/** 完了: that the registration has ended and its approval is used up. */
export function endRecord(context: LogContext, actor: RegistrationActor, registered: number): AuditRecord {
  return record(context, actor, [entry(`approval:${actor.approvalId}`, registered, [])]);
}

/**
 * 拒否: that a step was refused, with the rule. Who is named by the operator has not been looked at; the operator is.
 * @param operator as the command line names who typed it
 */
export function refusalRecord(context: LogContext, operator: string, error: unknown): AuditRecord {
  return {
    kind: 'refusal',
    at: instantText(context.clock),
    requestId: randomUUID(),
    actorId: `operator:${operator}`,
    roles: [],
    department: '',
    terminal: '',
    sessionId: '',
    strength: 'hostAccount',
    clientApp: 'kuramori',
    purpose: 'MAINTENANCE',
    operationName: 'registerMany',
    entries: [
      {
        coordinate: COORDINATE,
        decision: 'refuse',
        reason: reasonOf(error),
        rows: 0,
        subjects: [],
        ...(isToBeRaised(error) && { raised: true }),
      },
    ],
  };
}

const COORDINATE = 'Vault.register';

function entry(reason: string, rows: number, subjects: readonly string[]): AuditEntry {
  return { coordinate: COORDINATE, decision: 'allow', reason, rows, subjects };
}

/** The person answers for it; the operator at the host's console typed it, whom the operating system vouches for. */
function record(
  { clock }: LogContext,
  { jobId, approvalId, operator, person, purpose, fileDigest }: RegistrationActor,
  entries: readonly AuditEntry[],
): AuditRecord {
  return {
    kind: 'vaultOperation',
    at: instantText(clock),
    requestId: randomUUID(),
    actorId: person.personId,
    roles: [person.role],
    department: person.unit,
    terminal: `operator:${operator}`,
    sessionId: jobId,
    strength: 'hostAccount',
    clientApp: 'kuramori',
    purpose,
    caseRef: approvalId,
    operationName: 'registerMany',
    documentHash: fileDigest,
    entries,
  };
}
