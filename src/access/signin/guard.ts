import { setTimeout as delay } from 'node:timers/promises';
import type { AuditKind } from '../../audit/record.js';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { SIGN_IN_REFUSAL_MS } from '../../kernel/limits.js';
import type { DoorContext } from '../context.js';
import type { Origin } from '../identity.types.js';
import { CredentialRefusal, isRaised, type RefusalRule } from '../../kernel/token/refusal.js';

/** What is tried at the door, as the log names it. */
export interface DoorAction {
  readonly kind: Extract<AuditKind, 'signInFailure' | 'tokenRefused'>;
  readonly coordinate: string;
}

/** Rules that end a family of tokens, so that they cannot come twice: always written singly. */
const ONCE: ReadonlySet<RefusalRule> = new Set<RefusalRule>(['refreshReused']);

/**
 * Runs one try at the door: the address's bucket first, every refusal recorded before it is answered, and answered no
 * earlier than the floor, so that time tells as little as the sentence (handbook 15 §3).
 */
export async function guarded<T>(
  context: DoorContext,
  action: DoorAction,
  from: Origin,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  if (!context.throttle.take(from.address)) {
    await record(context, action, from, 'addressThrottled');
    throw new KuramoriError(
      'TOO_MANY_REQUESTS',
      'Too many tries from this address. Wait a minute and try again.',
    );
  }
  try {
    const answer = await work();
    context.throttle.giveBack(from.address);
    return answer;
  } catch (error) {
    await recordRefusal(context, action, from, error);
    if (error instanceof CredentialRefusal) {
      await delay(
        Math.max((context.settings.refusalMs ?? SIGN_IN_REFUSAL_MS) - (performance.now() - startedAt), 0),
      );
    }
    throw error;
  }
}

/** Records a refusal, if it is one. @throws KuramoriError AUDIT_UNAVAILABLE, which is then what the caller learns */
export async function recordRefusal(
  context: DoorContext,
  action: DoorAction,
  from: Origin,
  error: unknown,
): Promise<void> {
  const rule = ruleOf(error);
  if (rule === undefined) return;
  const known = error instanceof CredentialRefusal ? error : undefined;
  await record(context, action, from, rule, known?.actorId, known?.sessionId);
}

async function record(
  context: DoorContext,
  action: DoorAction,
  from: Origin,
  rule: RefusalRule,
  actorId?: string,
  sessionId?: string,
): Promise<void> {
  await context.refusals.append({
    ...action,
    decision: 'refuse',
    reason: rule,
    raised: isRaised(rule),
    genuine: ONCE.has(rule),
    at: context.clock.now(),
    from,
    ...(actorId === undefined ? {} : { actorId }),
    ...(sessionId === undefined ? {} : { sessionId }),
  });
}

function ruleOf(error: unknown): RefusalRule | undefined {
  if (error instanceof CredentialRefusal) return error.rule;
  if (isKuramoriError(error, 'ACCOUNT_REVOKED')) return 'accountRevoked';
  if (isKuramoriError(error, 'TOO_MANY_REQUESTS')) return 'queueFull';
  if (isKuramoriError(error, 'FORBIDDEN_PURPOSE')) return 'purpose';
  if (isKuramoriError(error, 'CONFLICT')) return 'refreshRace';
  return undefined;
}
