import { contentDigest, type ApprovalContent } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { OPERATION_ASSERTION_SECONDS_MAX, TOKEN_BYTES_MAX } from '../../kernel/limits.js';
import type { JsonObject } from '../../kernel/token/json.js';
import { parseOperation } from '../../kernel/token/operation.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import { pushBodyForm, type PushBody } from '../../protocol/push.js';

/**
 * A push as a terminal signed it, read as far as a clerk can mend it. That it is signed, by whom, and whether that
 * person may, the vault alone decides (handbook 15 §5).
 */
export interface SignedPush {
  readonly body: PushBody;
  /** Digest of the body, which the assertion holds. */
  readonly bodyDigest: string;
  /** 保管庫参照 of the person it is about. */
  readonly ref: string;
  /** Epoch milliseconds; from then on the vault refuses it. */
  readonly validUntil: number;
}

const MS_PER_SECOND = 1_000;

/**
 * Reads a push that was signed.
 * @param assertion in either of its forms
 * @param body JSON text that its digest covers
 * @param now epoch milliseconds
 * @throws KuramoriError BAD_INPUT, field `assertion` or `body`
 */
export function readSignedPush(assertion: string, body: string, now: number): SignedPush {
  const parsed = parsedBody(body);
  // What is handed on is the text as it came: reading it trims a name, and the digest covers what was signed.
  const form = pushBodyForm.safeParse(parsed);
  if (!form.success) throw badBody('does not have the form of a push');
  const bodyDigest = contentDigest(parsed);
  const { ref, exp } = claimsFor('push', assertion, bodyDigest);
  const validUntil = Number(exp) * MS_PER_SECOND;
  if (!Number.isSafeInteger(exp) || validUntil <= now) throw badAssertion('has ended');
  // The vault would refuse it; until then it would lie in the outbox. Clocks of terminals may be ahead.
  if (validUntil > now + 2 * OPERATION_ASSERTION_SECONDS_MAX * MS_PER_SECOND)
    throw badAssertion('is valid for too long');
  return { body: form.data, bodyDigest, ref, validUntil };
}

/**
 * Whom the cancellation of a push names, as a terminal signed it.
 * @param body what its digest covers
 * @returns 保管庫参照
 * @throws KuramoriError BAD_INPUT, field `assertion`
 */
export function readSignedCancellation(
  assertion: string,
  body: Readonly<Record<'pushRequestId' | 'reason', string>>,
): string {
  return claimsFor('cancelPush', assertion, contentDigest(body)).ref;
}

function claimsFor(
  operation: 'push' | 'cancelPush',
  assertion: string,
  digest: string,
): { readonly ref: string; readonly exp: unknown } {
  const { op, ref, exp, bodyDigest } = claimsOf(assertion);
  if (op !== operation) throw badAssertion(`is for another operation than ${operation}`);
  if (typeof ref !== 'string') throw badAssertion('names nobody');
  if (bodyDigest !== digest) throw badAssertion('was signed for another body');
  return { ref, exp };
}

function claimsOf(assertion: string): JsonObject {
  if (assertion.length > TOKEN_BYTES_MAX) throw badAssertion('is over its limit');
  try {
    return parseOperation(assertion).claims;
  } catch (error) {
    if (error instanceof CredentialRefusal) throw badAssertion('is none');
    throw error;
  }
}

function parsedBody(body: string): ApprovalContent {
  try {
    return JSON.parse(body) as ApprovalContent;
  } catch {
    throw badBody('is not JSON');
  }
}

function badAssertion(fault: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', `The assertion ${fault}. Sign it anew on the terminal.`, {
    field: 'assertion',
  });
}

function badBody(fault: string): KuramoriError {
  return new KuramoriError('BAD_INPUT', `The body ${fault}. Make it with the client package.`, {
    field: 'body',
  });
}
