import { KuramoriError } from '../../kernel/errors.js';
import { Temporal } from '../../kernel/dates.js';
import type { Session } from '../../kernel/database/database.js';
import { PUSH_BATCH_WAIT_MS, PUSH_DEADLINE_MS, PUSH_DEADLINE_MS_MAX } from '../../kernel/limits.js';
import { newUuidV7 } from '../../kernel/uuid.js';
import { pushBodyForm, type PushAnswer, type PushBody } from '../../protocol/push.js';
import { assertNotErased, lockNumbers } from '../erasure/erased.js';
import type { VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRef } from '../operation/subjects.js';
import { assertLinked } from '../record/linkage.js';
import { assertConsent } from '../refund/consent.js';
import { writeAccepted } from './change.js';
import { insertPush, isInquired, lockPushName, readPush } from './push.store.js';
import { store } from './request.js';

/**
 * 送信依頼の受付 (handbook 12 §4): takes a push to the intermediary server, which is then carried out without anybody
 * waiting. The same name with the same content is the same push, however often it is signed for: nothing is sent twice.
 * Answers `{pushRequestId, state, replayed?}`.
 * @throws KuramoriError CONFIGURATION_INVALID where no intermediary server is configured; BAD_INPUT for a deadline out
 *   of its bounds; CONFLICT when the name is another push's, the reference and the unified addressee number are not
 *   linked, or the refund was asked for before; CONSENT_REQUIRED; NOT_FOUND, ERASED
 */
export async function acceptPush(call: EffectCall): Promise<Effect> {
  const { context } = call;
  const body = readBody(pushBodyForm, call.body);
  const ref = subjectRef(call.assertion);
  const effect = await context.database.transaction('vault.push.accept', async (tx) => {
    await lockPushName(tx, body.pushRequestId);
    return (await replayed(call, tx, ref, body)) ?? (await accepted(call, tx, ref, body));
  });
  context.pushes.wake();
  return effect;
}

async function replayed(
  { assertion, trail }: EffectCall,
  tx: Session,
  ref: VaultRef,
  { pushRequestId }: PushBody,
): Promise<Effect | undefined> {
  const known = await readPush(tx, pushRequestId);
  if (known === undefined) return undefined;
  if (known.vaultRef !== ref || known.bodyDigest !== assertion.bodyDigest) {
    throw new KuramoriError(
      'CONFLICT',
      'A push of this name asks for something else. Give each push a name of its own.',
      { rule: 'pushRequestId' },
    );
  }
  const completed = { rows: 0, subjects: [ref], reason: `known:${pushRequestId}` };
  const result: PushAnswer = { pushRequestId, state: known.state, replayed: true };
  return { ...completed, result, entry: await trail.completesIn(tx, completed) };
}

async function accepted(call: EffectCall, tx: Session, ref: VaultRef, body: PushBody): Promise<Effect> {
  const { context, assertion, trail } = call;
  context.pushes.configured();
  const acceptedAt = context.clock.now();
  const deadline = deadlineOf(body, acceptedAt);
  const batched = body.procedure === 'inquireRefundAccount' && body.batch === true;
  const firstAttemptAt = batched ? gatheredAt(acceptedAt, deadline) : acceptedAt;
  await lockNumbers(tx, [ref]);
  await assertNotErased(tx, [ref]);
  await assertLinked(tx, ref, body.unifiedAddresseeNo);
  if (body.procedure === 'inquireRefundAccount') {
    await assertConsent(tx, body.consentId, { vaultRef: ref, refundId: body.refundId }, assertion);
    if (await isInquired(tx, body.refundId)) throw inquiredBefore();
  }
  const { pushRequestId } = body;
  await insertPush(tx, {
    ...askedBy(call),
    pushRequestId,
    procedure: body.procedure,
    vaultRef: ref,
    refundId: body.procedure === 'inquireRefundAccount' ? body.refundId : null,
    consentId: body.procedure === 'inquireRefundAccount' ? body.consentId : null,
    messageId: newUuidV7(acceptedAt.epochMilliseconds),
    acceptedAt: acceptedAt.toString(),
    deadline: deadline.toString(),
    batched,
    firstAttemptAt: firstAttemptAt.toString(),
    requestRef: await store(context, tx, 'request', Buffer.from(JSON.stringify(body), 'utf8')),
  });
  await writeAccepted(tx, pushRequestId, acceptedAt, firstAttemptAt);
  const completed = { rows: 1, subjects: [ref], reason: `accepted:${pushRequestId}` };
  const result: PushAnswer = { pushRequestId, state: 'ACCEPTED' };
  return { ...completed, result, entry: await trail.completesIn(tx, completed) };
}

function askedBy({ assertion, actor }: EffectCall) {
  const { bodyDigest, purpose, basis, caseId, issuedAt } = assertion;
  const { person } = actor;
  return {
    bodyDigest,
    personId: person.personId,
    unit: person.unit,
    assertedAt: Temporal.Instant.fromEpochMilliseconds(issuedAt * 1_000).toString(),
    purpose,
    basis,
    caseId,
  };
}

function deadlineOf({ deadline }: PushBody, now: Temporal.Instant): Temporal.Instant {
  if (deadline === undefined) return now.add({ milliseconds: PUSH_DEADLINE_MS });
  const asked = Temporal.Instant.from(deadline);
  const ahead = asked.epochMilliseconds - now.epochMilliseconds;
  if (ahead > 0 && ahead <= PUSH_DEADLINE_MS_MAX) return asked;
  throw new KuramoriError(
    'BAD_INPUT',
    `The deadline of a push must be ahead, by at most ${PUSH_DEADLINE_MS_MAX / 3_600_000} hours. Correct it.`,
    { field: 'deadline' },
  );
}

/** A push of a batch waits for others, unless it would end before. */
function gatheredAt(acceptedAt: Temporal.Instant, deadline: Temporal.Instant): Temporal.Instant {
  const waited = acceptedAt.add({ milliseconds: PUSH_BATCH_WAIT_MS });
  return waited.epochMilliseconds < deadline.epochMilliseconds ? waited : acceptedAt;
}

function inquiredBefore(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'The account for this refund was asked for already, which is done once. Look at that push.',
    { rule: 'refund' },
  );
}
