import { GraphQLError, type FormattedExecutionResult } from 'graphql';
import type { Appended, AuditEntry } from '../../audit/record.js';
import { FUNCTIONS } from '../../access/functions.js';
import type { KuramoriError } from '../../kernel/errors.js';
import type { Answer } from '../plan/answer.js';
import { refusalReason } from '../plan/plannedEntries.js';

/** A warning that goes out beside the data. */
export interface Warning {
  readonly code: 'PROTECTED_PERSON';
  readonly addresseeNo: string;
  readonly message: string;
}

/** What an operation answers. */
export interface OperationResult {
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly GraphQLError[];
  readonly warnings: readonly Warning[];
}

/**
 * Turns a built answer, now recorded, into the operation's result.
 * @param under response keys above the answer's own
 */
export function resultOf(
  answer: Answer,
  entries: readonly AuditEntry[],
  appended: Appended,
  requestId: string,
  under: readonly string[] = [],
): OperationResult {
  const errors = answer.refusals.map(({ field, path }) => {
    const index = entries.findIndex(
      ({ coordinate, decision, reason }) =>
        coordinate === field.coordinate && decision === 'refuse' && reason === refusalReason(field),
    );
    const stepUp = field.reason === 'stepUp';
    return new GraphQLError(
      stepUp
        ? 'A fresh second factor for the stated purpose is needed. Step up and ask again.'
        : `Not shown: the function ${field.missing} (${FUNCTIONS[field.missing]}) is needed.`,
      {
        path: [...under, ...path],
        extensions: {
          code: stepUp ? 'STEP_UP_REQUIRED' : 'FORBIDDEN_FIELD',
          function: field.missing,
          auditEntry: String(appended.firstSequence + BigInt(Math.max(index, 0))),
          requestId,
        },
      },
    );
  });
  const warnings = answer.observation.warnedSubjects().map((addresseeNo) => ({
    code: 'PROTECTED_PERSON' as const,
    addresseeNo,
    message: '支援措置対象者です。住所・連絡先の取扱いに注意してください。',
  }));
  return { data: answer.data, errors, warnings };
}

/** The answer as it goes out: errors first, and only what there is (GraphQL specification §7.1). */
export function answerBody({ data, errors, warnings }: Partial<OperationResult>): FormattedExecutionResult {
  return {
    ...(errors?.length ? { errors: errors.map((error) => error.toJSON()) } : {}),
    ...(data === undefined ? {} : { data }),
    ...(warnings?.length ? { extensions: { warnings } } : {}),
  };
}

/** The error of an operation that was refused as a whole. */
export function refusal(error: KuramoriError, requestId: string, appended?: Appended): GraphQLError {
  const { http: _http, ...facts } = error.facts;
  return new GraphQLError(error.message, {
    extensions: {
      code: error.code,
      ...facts,
      requestId,
      ...(appended ? { auditEntry: String(appended.firstSequence) } : {}),
    },
    originalError: error,
  });
}
