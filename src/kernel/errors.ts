/**
 * Every failure the system names, with the HTTP status it answers and whether software may retry unchanged.
 * The list is closed: a new failure is a new line here, and the error table in the documentation follows.
 * Codes of handbook 15 §10 keep their meaning.
 */
export const ERROR_CODES = {
  UNAUTHENTICATED: {
    status: 401,
    retry: false,
    meaning: 'The credential is missing, defective, expired or not ours.',
  },
  ACCOUNT_REVOKED: { status: 401, retry: false, meaning: 'The account has ended or was withdrawn.' },
  STEP_UP_REQUIRED: {
    status: 200,
    retry: false,
    meaning: 'A fresh second factor for this purpose is needed.',
  },
  FORBIDDEN_PURPOSE: { status: 200, retry: false, meaning: 'The purpose is missing, unknown or not held.' },
  FORBIDDEN_FIELD: { status: 200, retry: false, meaning: 'A function needed for the field is not held.' },
  QUERY_TOO_COMPLEX: { status: 400, retry: false, meaning: 'The operation exceeds a limit.' },
  INTROSPECTION_DISABLED: { status: 400, retry: false, meaning: 'The schema is not disclosed here.' },
  DOCUMENT_NOT_TRUSTED: { status: 400, retry: false, meaning: 'Only registered documents are accepted.' },
  DUAL_CONTROL_REQUIRED: { status: 200, retry: false, meaning: 'A second person must decide.' },
  AUDIT_UNAVAILABLE: { status: 503, retry: true, meaning: 'The audit entry could not be made durable.' },
  DATABASE_UNAVAILABLE: { status: 503, retry: true, meaning: 'The records database did not answer.' },
  VAULT_UNAVAILABLE: { status: 503, retry: true, meaning: 'The vault did not answer, or not in time.' },
  TOO_MANY_REQUESTS: { status: 429, retry: true, meaning: 'A rate or queue limit is reached.' },
  PAYLOAD_TOO_LARGE: { status: 413, retry: false, meaning: 'The request body is over its limit.' },
  BAD_INPUT: { status: 200, retry: false, meaning: 'A value does not have the form its field asks for.' },
  NOT_FOUND: { status: 200, retry: false, meaning: 'There is no such record for this caller.' },
  CONFLICT: { status: 200, retry: false, meaning: 'The record has changed or is in another state.' },
  STORAGE_FULL: { status: 503, retry: true, meaning: 'A disk has no room for what was to be written.' },
  TIMEOUT: { status: 503, retry: true, meaning: 'The operation took longer than its limit.' },
  INTEGRITY_FAILURE: {
    status: 200,
    retry: false,
    meaning: 'A tag, associated data, a digest or a version does not match.',
  },
  CONFIGURATION_INVALID: {
    status: 500,
    retry: false,
    meaning: 'A setting is missing, unknown or malformed.',
  },
  MIGRATION_REFUSED: {
    status: 500,
    retry: false,
    meaning: 'The applied migrations differ from the shipped ones.',
  },
  DATABASE_ERROR: { status: 500, retry: false, meaning: 'The database refused a statement.' },
  FILE_REJECTED: { status: 200, retry: false, meaning: 'The file has errors that forbid loading any of it.' },
  PACKAGE_REJECTED: {
    status: 200,
    retry: false,
    meaning: 'A transfer package did not pass a check of its receiver; the fact `step` names it.',
  },
  LAYOUT_INVALID: { status: 500, retry: false, meaning: 'A layout descriptor is not sound.' },
  RATE_MISSING: { status: 500, retry: false, meaning: 'No rate is registered for a day of the calculation.' },
  REPLAY_DETECTED: { status: 200, retry: false, meaning: 'The assertion has been used before.' },
  BUDGET_EXCEEDED: {
    status: 200,
    retry: true,
    meaning: 'The budget of subjects or lookups is spent for the moment.',
  },
  ERASED: { status: 200, retry: false, meaning: 'The subject has been erased, for good.' },
  CONSENT_REQUIRED: {
    status: 200,
    retry: false,
    meaning: 'No consent of the person stands for this.',
  },
  RETENTION_HOLD: { status: 200, retry: false, meaning: 'A hold forbids the erasure.' },
  CLOCK_UNTRUSTED: { status: 503, retry: false, meaning: 'The clocks of the hosts differ too much.' },
  VAULT_SEALED: { status: 503, retry: true, meaning: 'The vault is sealed; an operator must open it.' },
  MEDIA_NOT_ALLOWED: {
    status: 200,
    retry: false,
    meaning: 'A medium of this kind may not carry what is to leave.',
  },
  INTERNAL: { status: 500, retry: false, meaning: 'A defect of the system.' },
} as const satisfies Record<string, { status: number; retry: boolean; meaning: string }>;

/** One of the closed set of failure codes. */
export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * Machine-readable facts that go out with an error: identifiers and limits of ours, never a value that came from
 * outside.
 */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/**
 * The one base of all errors. `message` is a sentence: what was wrong, where, what to do.
 * It never holds a value that came from outside (lessons 33); `cause` keeps the original for the debugger only.
 */
export class KuramoriError extends Error {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'KuramoriError';
    this.code = code;
    this.facts = facts;
  }

  /** HTTP status that belongs to the code. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** Narrows an unknown thrown value to ours, optionally to one code. */
export function isKuramoriError(error: unknown, code?: ErrorCode): error is KuramoriError {
  return error instanceof KuramoriError && (code === undefined || error.code === code);
}
