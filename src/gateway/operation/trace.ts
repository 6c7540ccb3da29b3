import type { Caller, RequestFacts } from '../../access/caller.js';
import type { AuditEntry, AuditKind, AuditRecord } from '../../audit/record.js';
import { instantText, type Clock } from '../../kernel/clock.js';

/** What a record says of an operation beside its entries. */
export interface Trace {
  readonly caller: Caller;
  readonly facts: Pick<RequestFacts, 'requestId' | 'caseRef'> & { readonly purpose: string };
  readonly operationName: string | undefined;
  readonly documentHash: string | undefined;
}

/**
 * The audit record of one operation. Variables and values never enter it.
 * @param counterpart number of the vault's entry for the same request
 */
export function auditRecord(
  kind: AuditKind,
  trace: Trace,
  entries: readonly AuditEntry[],
  clock: Clock,
  counterpart?: string,
): AuditRecord {
  const { caller, facts } = trace;
  return {
    kind,
    at: instantText(clock),
    requestId: facts.requestId,
    actorId: caller.actorId,
    roles: caller.roles,
    department: caller.department,
    terminal: caller.terminal,
    sessionId: caller.sessionId,
    strength: caller.strength,
    clientApp: caller.clientApp,
    purpose: facts.purpose,
    ...(facts.caseRef === undefined ? {} : { caseRef: facts.caseRef }),
    ...(trace.operationName === undefined ? {} : { operationName: trace.operationName }),
    ...(trace.documentHash === undefined ? {} : { documentHash: trace.documentHash }),
    ...(counterpart === undefined ? {} : { counterpart }),
    entries,
  };
}
