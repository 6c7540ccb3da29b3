import { createHash } from 'node:crypto';
import { canonicalText, type CanonicalFault } from './canonical.js';
import type { Temporal } from './dates.js';
import { KuramoriError } from './errors.js';
import { APPROVAL_MS_MAX, APPROVAL_RING_MS, APPROVAL_WAIT_MS_MAX } from './limits.js';

/**
 * 二人承認・相互牽制 (handbook 15 §6.3): the rules alone, for whoever keeps requests and approvals. A person is a
 * `personId`, never an account.
 */

/** What is approved: a value that JSON carries unchanged. */
export type ApprovalContent =
  | string
  | number
  | boolean
  | null
  | readonly ApprovalContent[]
  | { readonly [member: string]: ApprovalContent };

/** `sha256:` and the base64url SHA-256 of the RFC 8785 text: the form of digests in assertions (handbook 15 §5). */
export type ContentDigest = `sha256:${string}`;

export type ApprovalState = 'requested' | 'approved' | 'refused' | 'consumed' | 'void';

/** Somebody at an instant. */
export interface ByAt {
  readonly by: string;
  readonly at: Temporal.Instant;
}

/** A request and what became of it. */
export interface DualControlRequest {
  readonly kind: string;
  readonly contentDigest: string;
  readonly state: ApprovalState;
  readonly requested: ByAt;
  readonly decided: ByAt | undefined;
}

/** A request before somebody who approves it. */
export interface RequestBeforeApprover extends DualControlRequest {
  /** When this one opened the summary last, whoever opened it beside him. */
  readonly opened: ByAt | undefined;
}

/** One approval of a kind, as the ring rule sees it. */
export interface ApprovalEdge {
  readonly requestedBy: string;
  readonly approvedBy: string;
  readonly at: Temporal.Instant;
}

/** What is really being done, by whom, when. */
export interface ApprovedUse extends ByAt {
  readonly kind: string;
  readonly contentDigest: string;
}

const RULES = {
  missing: 'No approval stands for this. Ask a second person.',
  samePerson: 'Nobody approves his own request. Ask a second person.',
  involved: 'Who had a part in what is to be confirmed does not confirm it. Ask somebody else.',
  notOpened: 'The summary of the request must be opened by the one who approves it. Open it, then decide.',
  beforeRequest: 'An approval cannot be dated before its request. Check the clock and ask again.',
  waited: 'The request has waited too long. Make a new one.',
  ring: 'The approval would close a ring of people who approve each other today. Ask somebody else.',
  refused: 'The second person has refused. Settle it with him before asking again.',
  withdrawn: 'The approval is void because somebody in it was withdrawn. Make a new request.',
  used: 'The approval has been used. Make a new request.',
  otherPerson: 'An approval is used by the one who asked for it and cannot be passed on.',
  otherContent: 'What is being done is not what was approved. Make a new request for it.',
  stale: 'The approval is too old. Make a new request.',
} as const satisfies Record<string, string>;

/** Which rule refused; goes out as `facts.rule`. */
export type DualControlRule = keyof typeof RULES;

/** The refusal of a rule. */
export function dualControlRequired(rule: DualControlRule): KuramoriError {
  return new KuramoriError('DUAL_CONTROL_REQUIRED', RULES[rule], { rule });
}

/**
 * Digest of what is approved: one changed byte is another approval.
 * @throws KuramoriError BAD_INPUT for what JSON cannot carry unchanged, or over OPERATION_BODY_BYTES_MAX bytes or
 *   OPERATION_BODY_DEPTH_MAX levels: it could be read in two ways
 */
export function contentDigest(content: ApprovalContent): ContentDigest {
  const text = canonicalText(content, { refuse: refuseContent });
  return `sha256:${createHash('sha256').update(text, 'utf8').digest('base64url')}`;
}

/**
 * A second person refuses. He need not have opened the summary.
 * @throws KuramoriError CONFLICT when it is decided already, DUAL_CONTROL_REQUIRED samePerson, beforeRequest
 */
export function assertMayRefuse(request: DualControlRequest, { by, at }: ByAt): void {
  if (request.state !== 'requested') {
    throw new KuramoriError('CONFLICT', 'The request has been decided or withdrawn already.');
  }
  if (by === request.requested.by) throw dualControlRequired('samePerson');
  if (msBetween(request.requested.at, at) < 0) throw dualControlRequired('beforeRequest');
}

/**
 * A second person approves.
 * @param edges approvals of the same kind, of the last 24 hours at least
 * @throws KuramoriError CONFLICT, DUAL_CONTROL_REQUIRED samePerson, beforeRequest, waited, notOpened, ring
 */
export function assertMayApprove(
  request: RequestBeforeApprover,
  decision: ByAt,
  edges: readonly ApprovalEdge[],
): void {
  assertMayRefuse(request, decision);
  const { requested, opened } = request;
  if (msBetween(requested.at, decision.at) >= APPROVAL_WAIT_MS_MAX) throw dualControlRequired('waited');
  if (opened === undefined || opened.by !== decision.by) throw dualControlRequired('notOpened');
  if (msBetween(requested.at, opened.at) < 0) throw dualControlRequired('beforeRequest');
  if (msBetween(opened.at, decision.at) < 0) throw dualControlRequired('notOpened');
  if (closesRing(edges, requested.by, decision)) throw dualControlRequired('ring');
}

/**
 * An approval is used: once, by the one who asked, for exactly what was approved, within APPROVAL_MS_MAX.
 * @returns the request, known to be there and decided
 * @throws KuramoriError DUAL_CONTROL_REQUIRED
 */
export function assertMayUse<Request extends DualControlRequest>(
  request: Request | undefined,
  use: ApprovedUse,
): Request & { readonly decided: ByAt } {
  const usable = assertOpenTo(request, use.by);
  if (use.kind !== usable.kind || use.contentDigest !== usable.contentDigest) {
    throw dualControlRequired('otherContent');
  }
  assertFresh(usable.decided, use.at);
  return usable;
}

/**
 * What can be said of an approval before it is known what for: given, not used yet, to this person, not too long ago.
 * @throws KuramoriError DUAL_CONTROL_REQUIRED
 */
export function assertUsableBy(request: DualControlRequest | undefined, { by, at }: ByAt): void {
  assertFresh(assertOpenTo(request, by).decided, at);
}

function assertOpenTo<Request extends DualControlRequest>(
  request: Request | undefined,
  by: string,
): Request & { readonly decided: ByAt } {
  if (request === undefined || request.state === 'requested') throw dualControlRequired('missing');
  if (request.state === 'refused') throw dualControlRequired('refused');
  if (request.state === 'void') throw dualControlRequired('withdrawn');
  if (request.state === 'consumed') throw dualControlRequired('used');
  const { decided, requested } = request;
  if (decided === undefined) throw dualControlRequired('missing');
  if (decided.by === requested.by) throw dualControlRequired('samePerson');
  if (by !== requested.by) throw dualControlRequired('otherPerson');
  return { ...request, decided };
}

function assertFresh(decided: ByAt, at: Temporal.Instant): void {
  const age = msBetween(decided.at, at);
  if (age < 0) throw dualControlRequired('beforeRequest');
  if (age >= APPROVAL_MS_MAX) throw dualControlRequired('stale');
}

/**
 * The ring rule: whether a path leads from the new approver to the new requester over the approvals of
 * `(at − APPROVAL_RING_MS, at]`. The window of 24 hours holds the whole day before the decision, so that neither
 * reading of the rule is missed.
 * @example A→B (A asks, B approves), B→C; C asks: A may not approve, D may.
 */
export function closesRing(edges: readonly ApprovalEdge[], requestedBy: string, approval: ByAt): boolean {
  const approversOf = new Map<string, string[]>();
  for (const edge of edges) {
    if (msBetween(edge.at, approval.at) >= APPROVAL_RING_MS) continue;
    approversOf.set(edge.requestedBy, [...(approversOf.get(edge.requestedBy) ?? []), edge.approvedBy]);
  }
  // A set is walked in the order of its growth, and what is added on the way is walked too.
  const reached = new Set([approval.by]);
  for (const person of reached) {
    if (person === requestedBy) return true;
    for (const approver of approversOf.get(person) ?? []) reached.add(approver);
  }
  return false;
}

function msBetween(earlier: Temporal.Instant, later: Temporal.Instant): number {
  return later.epochMilliseconds - earlier.epochMilliseconds;
}

const CONTENT_FAULTS: Readonly<Record<CanonicalFault, string>> = {
  value: 'holds a value that JSON cannot carry unchanged',
  depth: 'is nested too deeply',
  size: 'is too large',
};

function refuseContent(fault: CanonicalFault): never {
  throw new KuramoriError('BAD_INPUT', `What is to be approved ${CONTENT_FAULTS[fault]}. Correct it.`, {
    field: 'content',
  });
}
