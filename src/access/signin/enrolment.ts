import { activateCredential, findCredential, replaceCredential } from '../credential/credential.store.js';
import { assertGoodPassword, passwordVerifier, type PasswordVerifier } from '../credential/password.js';
import { seal } from '../credential/sealing.js';
import { base32, newTotpSecret, totpUri } from '../../kernel/token/totp.js';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { DoorContext } from '../context.js';
import type { Enrolment, Origin } from '../identity.types.js';
import type { RefusalRule } from '../../kernel/token/refusal.js';
import { recordChange, recordStaffEvent } from '../register/change.js';
import { enrolmentDigest } from '../register/staff.js';
import { setState, type StaffAccount } from '../register/staff.store.js';
import { identityRecord } from './auditrecord.js';
import { guarded } from './guard.js';
import { decideTry } from './try.js';

/** Who enrols, with the code that the administrator handed out on paper. */
export interface EnrolmentProof {
  readonly staffId: string;
  readonly code: string;
}

const ACTION = { kind: 'signInFailure', coordinate: 'Enrolment.open' } as const;

/** First half of 初期登録: the code is good, a fresh secret for the authenticator is handed out. Repeatable. */
export async function beginEnrolment(
  context: DoorContext,
  input: EnrolmentProof,
  from: Origin,
): Promise<Enrolment> {
  return guarded(context, ACTION, from, () =>
    decideTry(context, from, {
      staffId: input.staffId,
      accountState: 'pending',
      prove: (account) => ruleAgainstCode(context, account, input.code),
      accept: async (tx, { staffId }) => {
        const secret = newTotpSecret();
        const now = context.clock.now();
        const sealed = seal(secret, staffId, context.settings.credentialKey);
        await replaceCredential(
          tx,
          staffId,
          'totp',
          'enrolling',
          { ...sealed, parameters: 'rfc6238' },
          now.toString(),
        );
        await context.audit.appendIn(tx, enrolmentRecord(context, 'Enrolment.begin', staffId, from));
        return { totpSecret: base32(secret), totpUri: totpUri(secret, staffId) };
      },
    }),
  );
}

/** Second half: password chosen, authenticator proven; the code is used up and the account is active. */
export async function finishEnrolment(
  context: DoorContext,
  input: EnrolmentProof & { readonly password: string; readonly totp: string },
  from: Origin,
): Promise<void> {
  assertGoodPassword(input.password, input.staffId);
  await guarded(context, ACTION, from, () => context.queue.run(() => finish(context, input, from)));
}

async function finish(
  context: DoorContext,
  input: EnrolmentProof & { readonly password: string; readonly totp: string },
  from: Origin,
): Promise<void> {
  const { settings, clock, database, totp } = context;
  let verifier: PasswordVerifier | undefined;
  await decideTry(context, from, {
    staffId: input.staffId,
    accountState: 'pending',
    prove: async (account) => {
      verifier = await passwordVerifier(input.password, settings.pepper, settings.argon2);
      const refusedBy = await ruleAgainstCode(context, account, input.code);
      if (refusedBy !== undefined || account === undefined) return refusedBy ?? 'badEnrolmentCode';
      return totp.verifyEnrolling(database, account.staffId, input.totp, clock.now().epochMilliseconds);
    },
    accept: (tx, account) => activate(context, tx, account, input.code, verifier, from),
  });
  context.states.forget({ actorId: input.staffId });
}

async function activate(
  context: DoorContext,
  tx: Session,
  { staffId }: StaffAccount,
  code: string,
  verifier: PasswordVerifier | undefined,
  from: Origin,
): Promise<void> {
  const at = context.clock.now();
  const used = await tx.run(
    'access.enrolment.use',
    ({ raw }) => raw`
    update access.enrolment set ended_at = ${at.toString()}
    where staff_id = ${staffId} and code_sha256 = ${enrolmentDigest(code)} and ended_at is null returning 1`,
  );
  const authenticator = await findCredential(tx, staffId, 'totp', 'enrolling');
  if (used.length === 0 || authenticator === undefined || verifier === undefined) {
    throw new KuramoriError('CONFLICT', 'The enrolment was finished elsewhere in the meantime. Sign in.');
  }
  await replaceCredential(tx, staffId, 'password', 'active', verifier, at.toString());
  await activateCredential(tx, authenticator.id);
  await setState(tx, staffId, 'active');
  const { requestId } = from;
  const change = {
    actorId: staffId,
    at,
    purpose: 'ADMINISTRATION',
    caseRef: undefined,
    requestId,
    reason: 'enrolment',
  };
  await recordStaffEvent(
    tx,
    staffId,
    'activated',
    change.reason,
    await recordChange(tx, change, 'staff.activate'),
  );
  await context.audit.appendIn(tx, enrolmentRecord(context, 'Enrolment.finish', staffId, from));
}

async function ruleAgainstCode(
  { database, clock }: DoorContext,
  account: StaffAccount | undefined,
  code: string,
): Promise<RefusalRule | undefined> {
  const found = await database.run(
    'access.enrolment.find',
    ({ raw }) => raw`
    select from access.enrolment where staff_id = ${account?.staffId ?? ''} and code_sha256 = ${enrolmentDigest(code)}
      and ended_at is null and expires_at > ${clock.now().toString()}`,
  );
  return found.length > 0 ? undefined : 'badEnrolmentCode';
}

function enrolmentRecord(
  { clock }: DoorContext,
  coordinate: string,
  actorId: string,
  from: Origin,
): ReturnType<typeof identityRecord> {
  return identityRecord({
    kind: 'staffChange',
    coordinate,
    decision: 'allow',
    at: clock.now(),
    from,
    actorId,
    rows: 1,
  });
}
