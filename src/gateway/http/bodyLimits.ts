import { KuramoriError } from '../../kernel/errors.js';
import { CARRYING_BODY_BYTES_MAX, DOCUMENT_BYTES_MAX, VARIABLES_BYTES_MAX } from '../../kernel/limits.js';

/**
 * Refuses a document or variables over their limits (handbook 15 §7), before the document is parsed.
 * @param isLong of a request whose variables hold what is carried: its parts have limits of their own
 * @throws KuramoriError QUERY_TOO_COMPLEX
 */
export function assertBodyWithinLimits(body: unknown, isLong: boolean): void {
  const { query, variables } = (typeof body === 'object' && body !== null ? body : {}) as {
    query?: unknown;
    variables?: unknown;
  };
  refuseOver('documentBytes', typeof query === 'string' ? Buffer.byteLength(query) : 0, DOCUMENT_BYTES_MAX);
  refuseOver(
    'variablesBytes',
    variables === undefined ? 0 : bytesOf(variables),
    isLong ? CARRYING_BODY_BYTES_MAX : VARIABLES_BYTES_MAX,
  );
}

/** @throws KuramoriError QUERY_TOO_COMPLEX for lists in lists by the thousand, which no stack holds */
function bytesOf(variables: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(variables));
  } catch (cause) {
    const sentence =
      'The variables hold lists or objects in one another, deeper than any input. Send them flat.';
    throw new KuramoriError('QUERY_TOO_COMPLEX', sentence, { limit: 'variablesDepth' }, { cause });
  }
}

function refuseOver(limit: string, bytes: number, max: number): void {
  if (bytes <= max) return;
  throw new KuramoriError(
    'QUERY_TOO_COMPLEX',
    `The request exceeds the limit for ${limit}, which is ${max}. Send less at once.`,
    { limit, max },
  );
}
