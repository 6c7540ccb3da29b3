import { isKuramoriError, KuramoriError } from '../kernel/errors.js';

/** What is known about a record whose append was rejected. */
export type AuditOutcome = 'notWritten' | 'unknown';

/** Why an append was rejected, in a word for operators. */
export type AuditHindrance = 'deadline' | 'queueFull' | 'closed' | 'database';

const RUNBOOK = 'docs/runbooks/audit-unavailable.md';

const SENTENCES: Readonly<Record<AuditHindrance, string>> = {
  deadline: 'The audit log did not become durable in time, so the answer is withheld. Try again in a moment.',
  queueFull: 'Too many operations wait for the audit log, so the answer is withheld. Try again in a moment.',
  closed:
    'The audit log is closed because the process ends, so the answer is withheld. Try again in a moment.',
  database:
    'The audit log cannot be written, so the answer is withheld. An operator must look at the database.',
};

/** The refusal that goes out when a record could not be made durable (handbook 11 §4.2, lessons 15 and 18). */
export function auditUnavailable(
  hindrance: AuditHindrance,
  outcome: AuditOutcome,
  cause?: unknown,
): KuramoriError {
  const facts = { hindrance, outcome, runbook: RUNBOOK };
  return new KuramoriError('AUDIT_UNAVAILABLE', SENTENCES[hindrance], facts, { cause });
}

/** Whether the database said that it rolled the statement back; a lost connection says nothing. */
export function outcomeOf(failure: unknown): AuditOutcome {
  return isKuramoriError(failure, 'DATABASE_ERROR') || isKuramoriError(failure, 'TIMEOUT')
    ? 'notWritten'
    : 'unknown';
}
