import { randomBytes } from 'node:crypto';
import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import { STEP_UP_SECONDS } from '../../kernel/limits.js';
import { CredentialRefusal, type RefusalRule } from '../../kernel/token/refusal.js';
import { matchingStep, TOTP_SECRET_BYTES } from '../../kernel/token/totp.js';
import { wipe } from '../cipher/wipe.js';
import type { VaultContext } from '../context.js';
import { openFactor } from '../keys/factorSecret.js';
import { VaultRefusal } from '../refusal.js';
import { lockFactor, writeTry, type Factor } from './factor.store.js';
import { afterFailure, afterSuccess, isLocked } from './lockout.js';
import { findStepUp, insertStepUp, type StepUp } from './stepUp.store.js';

export type StepUpContext = Pick<VaultContext, 'database' | 'clock' | 'seal' | 'municipality'>;

/** For whom a step-up is. */
export interface StepUpFor {
  readonly personId: string;
  readonly terminalId: string;
  readonly purpose: string;
}

/** 128 random bits. */
const STEP_UP_ID_BYTES = 16;

/** Stands in for the secret of somebody who has none, so that the answer takes as long. */
const NO_SECRET = new Uint8Array(TOTP_SECRET_BYTES).fill(1);

/**
 * 再認証: takes a code of the person's authenticator (RFC 6238), each step once, and gives a step-up of five minutes for
 * this person, terminal and purpose (handbook 15 §3). Failures count and lock, for the vault alone; they are written
 * before the refusal.
 * @param code as it was opened from the sealed input
 * @throws KuramoriError UNAUTHENTICATED (CredentialRefusal), the same whatever was wrong; VAULT_SEALED
 */
export async function beginStepUp(context: StepUpContext, wanted: StepUpFor, code: string): Promise<StepUp> {
  const now = context.clock.now();
  const tried = await context.database.transaction('vault.stepUp', async (tx) => {
    const refused = await tryCode(tx, context, wanted.personId, code, now);
    if (refused !== undefined) return refused;
    const stepUp = newStepUp(wanted, now);
    await insertStepUp(tx, stepUp);
    return stepUp;
  });
  if (typeof tried === 'string') throw new CredentialRefusal(tried, { actorId: wanted.personId });
  return tried;
}

/**
 * The step-up that an assertion names is this person's, on this terminal, for this purpose, and not over.
 * @throws KuramoriError STEP_UP_REQUIRED
 * @example
 * await freshStepUp(database, assertion.stepUp, { personId, terminalId, purpose }, clock.now());
 */
export async function freshStepUp(
  session: Session,
  stepUpId: string | undefined,
  wanted: StepUpFor,
  now: Temporal.Instant,
): Promise<StepUp> {
  if (stepUpId === undefined) throw new VaultRefusal('step-up-missing');
  const stepUp = await findStepUp(session, stepUpId);
  if (stepUp === undefined) throw new VaultRefusal('step-up-unknown');
  if (stepUp.personId !== wanted.personId || stepUp.terminalId !== wanted.terminalId)
    throw new VaultRefusal('step-up-binding');
  if (stepUp.purpose !== wanted.purpose) throw new VaultRefusal('step-up-purpose');
  // One that is dated later than now comes from a clock that was set back since.
  const begun = Temporal.Instant.compare(stepUp.at, now) <= 0;
  if (!begun || Temporal.Instant.compare(now, stepUp.until) >= 0) throw new VaultRefusal('step-up-expired');
  return stepUp;
}

/** @returns the rule of the refusal, or nothing when the code was taken */
async function tryCode(
  tx: Session,
  context: StepUpContext,
  personId: string,
  code: string,
  now: Temporal.Instant,
): Promise<RefusalRule | undefined> {
  const nowMs = now.epochMilliseconds;
  const factor = await lockFactor(tx, personId);
  const step = stepOf(factor, context, personId, code, nowMs);
  if (factor === undefined) return 'noCredential';
  if (isLocked(factor.failures, nowMs)) return 'locked';
  const { lastStep, failures } = factor;
  if (step !== undefined && (lastStep === undefined || step > lastStep)) {
    await writeTry(tx, personId, { lastStep: step, failures: afterSuccess(failures) });
    return undefined;
  }
  await writeTry(tx, personId, { lastStep, failures: afterFailure(failures, nowMs) });
  return step === undefined ? 'badSecondFactor' : 'replayedSecondFactor';
}

function stepOf(
  factor: Factor | undefined,
  { seal, municipality }: StepUpContext,
  personId: string,
  code: string,
  nowMs: number,
): number | undefined {
  if (factor === undefined) return matchingStep(NO_SECRET, code, nowMs);
  const key = seal.keyRing.named('factor', factor.sealed.keyId);
  const secret = openFactor(factor.sealed, { municipality, personId }, key);
  try {
    return matchingStep(secret, code, nowMs);
  } finally {
    wipe(secret);
  }
}

function newStepUp(wanted: StepUpFor, at: Temporal.Instant): StepUp {
  const stepUpId = `SU-${randomBytes(STEP_UP_ID_BYTES).toString('base64url')}`;
  return { stepUpId, ...wanted, at, until: at.add({ seconds: STEP_UP_SECONDS }) };
}
