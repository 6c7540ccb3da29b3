import { dayInJapan, type Temporal } from '../../kernel/dates.js';
import type { Session } from '../../kernel/database/database.js';
import type { DoorContext } from '../context.js';
import type { Origin } from '../identity.types.js';
import { recordChange, recordStaffEvent, SYSTEM_ACTOR } from '../register/change.js';
import {
  endSessionsOf,
  findAccount,
  suspendOpenAccount,
  type StaffAccount,
} from '../register/staff.store.js';
import { CredentialRefusal, type RefusalRule } from '../../kernel/token/refusal.js';
import { endTry, latestTries, lockTries, startTry } from './attempts.store.js';
import { identityRecord } from './auditrecord.js';
import { lockoutAt, type Lockout } from './lockout.js';

/** A try of somebody to prove that he is the holder of an account. */
export interface ProofTry<T> {
  readonly staffId: string;
  /** `active` to sign in, `pending` to enrol. */
  readonly accountState: 'active' | 'pending';
  /**
   * Does the work of verifying. Without an account it does as much work for nothing, because an account that is
   * unknown, locked or withdrawn must not answer sooner.
   */
  readonly prove: (account: StaffAccount | undefined) => Promise<RefusalRule | undefined>;
  /** What a proven try is for; in the transaction that records its success. Appends its audit record last. */
  readonly accept: (tx: Session, account: StaffAccount) => Promise<T>;
}

type Admission =
  | { readonly account: StaffAccount; readonly tryId: bigint }
  | { readonly refusedBy: RefusalRule; readonly actorId: string | undefined };

const STAFF_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/**
 * One try, from admission to outcome. It counts as failed from before it is verified until it has succeeded.
 * @throws CredentialRefusal
 */
export async function decideTry<T>(context: DoorContext, from: Origin, tried: ProofTry<T>): Promise<T> {
  const admission = await admit(context, tried.staffId, tried.accountState);
  if ('refusedBy' in admission) {
    await tried.prove(undefined);
    throw new CredentialRefusal(
      admission.refusedBy,
      admission.actorId === undefined ? {} : { actorId: admission.actorId },
    );
  }
  const { account, tryId } = admission;
  const refusedBy = await tried.prove(account);
  if (refusedBy !== undefined) {
    await fail(context, from, account, tryId);
    throw new CredentialRefusal(refusedBy, { actorId: account.staffId });
  }
  return succeed(context, tried, account, tryId);
}

async function admit(
  context: DoorContext,
  staffId: string,
  wanted: 'active' | 'pending',
): Promise<Admission> {
  if (!STAFF_ID.test(staffId)) return { refusedBy: 'unknownAccount', actorId: undefined };
  return context.database.transaction('access.try.admit', async (tx) => {
    await lockTries(tx, staffId);
    const account = await findAccount(tx, staffId);
    if (account === undefined) return { refusedBy: 'unknownAccount', actorId: undefined };
    const now = context.clock.now();
    const lockout = lockoutAt(await latestTries(tx, staffId), now.epochMilliseconds);
    const refusedBy = ruleAgainst(account, lockout, wanted, now);
    if (refusedBy !== undefined) return { refusedBy, actorId: staffId };
    return { account, tryId: await startTry(tx, staffId, now.toString()) };
  });
}

/** The rule that keeps an account from trying at all, if any. Pure. */
export function ruleAgainst(
  account: Pick<StaffAccount, 'state' | 'employmentFrom' | 'employmentTo'>,
  lockout: Lockout,
  wanted: 'active' | 'pending',
  now: Temporal.Instant,
): RefusalRule | undefined {
  const day = dayInJapan(now).toString();
  if (account.state === 'revoked') return 'revoked';
  if (day < account.employmentFrom || (account.employmentTo !== undefined && account.employmentTo < day))
    return 'notEmployed';
  if (account.state === 'suspended' || lockout.state === 'suspended') return 'suspended';
  if (account.state !== wanted) return 'pending';
  // A stopped account has to set new credentials, which is done by enrolling.
  if (lockout.state === 'stopped') return wanted === 'pending' ? undefined : 'suspended';
  return lockout.state === 'locked' ? 'locked' : undefined;
}

async function fail(context: DoorContext, from: Origin, account: StaffAccount, tryId: bigint): Promise<void> {
  const now = context.clock.now();
  await context.database.transaction('access.try.fail', async (tx) => {
    await lockTries(tx, account.staffId);
    await endTry(tx, account.staffId, tryId, 'failed', now.toString());
    const lockout = lockoutAt(await latestTries(tx, account.staffId), now.epochMilliseconds);
    if (lockout.state === 'suspended' || lockout.state === 'stopped')
      await suspend(context, tx, from, account.staffId, now);
  });
}

/** Ten failures in 24 hours suspend until a person unlocks (handbook 15 §3). */
async function suspend(
  context: DoorContext,
  tx: Session,
  from: Origin,
  staffId: string,
  now: Temporal.Instant,
): Promise<void> {
  if (!(await suspendOpenAccount(tx, staffId))) return;
  const reason = 'tooManyFailures';
  const { requestId } = from;
  const change = {
    actorId: SYSTEM_ACTOR,
    at: now,
    purpose: 'ADMINISTRATION',
    caseRef: undefined,
    requestId,
    reason,
  };
  const changeId = await recordChange(tx, change, 'staff.suspend');
  await endSessionsOf(tx, staffId, now.toString(), 'suspended');
  await recordStaffEvent(tx, staffId, 'suspended', reason, changeId);
  await context.audit.appendIn(
    tx,
    identityRecord({
      kind: 'staffChange',
      coordinate: 'Staff.suspend',
      decision: 'allow',
      reason,
      raised: true,
      at: now,
      from,
      actorId: staffId,
    }),
  );
  context.states.forget({ actorId: staffId });
}

async function succeed<T>(
  context: DoorContext,
  tried: ProofTry<T>,
  account: StaffAccount,
  tryId: bigint,
): Promise<T> {
  const endedAt = context.clock.now().toString();
  try {
    return await context.database.transaction('access.try.succeed', async (tx) => {
      await endTry(tx, account.staffId, tryId, 'succeeded', endedAt);
      return tried.accept(tx, account);
    });
  } catch (error) {
    // The proof was good; that we could not record it is not the person's failure.
    await endTry(context.database, account.staffId, tryId, 'abandoned', endedAt);
    throw error;
  }
}
