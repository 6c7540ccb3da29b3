import { today } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { assertMayUse, contentDigest, dualControlRequired } from '../../kernel/dualControl.js';
import { findApproval, shareApproval } from '../approval/approval.store.js';
import { consumeApproval } from '../approval/consume.js';
import { registrationContent, type RegistrationFile } from '../approval/content.js';
import type { Approval } from '../approval/approval.js';
import type { VaultContext } from '../context.js';
import { grantFor } from '../grant/decide.js';
import { assertBasis } from '../operation/basis.store.js';
import { assertEmployed, type Person } from '../staff/person.js';
import { requirePerson } from '../staff/staff.store.js';

type PermitContext = Pick<VaultContext, 'database' | 'clock' | 'clockGuard'>;

/** Who registers, by which approval. */
export interface Registrant {
  readonly personId: string;
  readonly approvalId: string;
}

/** What was looked at. */
export interface RegistrationPermit {
  readonly person: Person;
  readonly approval: Approval;
}

const KIND = 'severalSubjects';

/**
 * The person is employed, holds a grant for `register`, and has the approval of a second person for the very file; all
 * as the register is now (handbook 15 §6.3).
 * @param file none before the vault has read it: then only its content is not looked at
 * @throws KuramoriError CLOCK_UNTRUSTED, NOT_FOUND, ACCOUNT_REVOKED, FORBIDDEN_PURPOSE, DUAL_CONTROL_REQUIRED
 */
export async function permitRegistration(
  { database, clock, clockGuard }: PermitContext,
  { personId, approvalId }: Registrant,
  file: RegistrationFile | undefined,
): Promise<RegistrationPermit> {
  clockGuard.assertTrusted();
  const [person, day] = [await requirePerson(database, personId), today(clock)];
  assertEmployed(person, day);
  const approval = await findApproval(database, approvalId);
  if (approval === undefined) throw dualControlRequired('missing');
  await grantFor(database, person, approval.summary.purpose, 'register', day);
  await assertBasis(database, approval.summary, day);
  const digest = file === undefined ? approval.contentDigest : contentDigest(contentOf(approval, file));
  assertMayUse(approval, { kind: KIND, contentDigest: digest, by: personId, at: clock.now() });
  return { person, approval };
}

/**
 * The approval still stands, and stays until the transaction ends: a withdrawal comes before a chunk or after it.
 * @throws KuramoriError DUAL_CONTROL_REQUIRED
 */
export async function holdRegistration(
  tx: Session,
  { clock }: Pick<VaultContext, 'clock'>,
  { personId, approvalId }: Registrant,
  file: RegistrationFile,
): Promise<void> {
  const approval = await shareApproval(tx, approvalId);
  if (approval === undefined) throw dualControlRequired('missing');
  const digest = contentDigest(contentOf(approval, file));
  assertMayUse(approval, { kind: KIND, contentDigest: digest, by: personId, at: clock.now() });
}

/** Uses the approval up, at the end: until then whoever was killed may go on with the same file. */
export async function useRegistration(
  tx: Session,
  { clock }: Pick<VaultContext, 'clock'>,
  { personId, approvalId }: Registrant,
  { approval, file }: { readonly approval: Approval; readonly file: RegistrationFile },
): Promise<void> {
  const content = contentOf(approval, file);
  await consumeApproval(tx, { approvalId, kind: KIND, content }, { by: personId, at: clock.now() });
}

/** Purpose and basis are those that were approved: they are in the digest. */
function contentOf({ summary }: Approval, file: RegistrationFile) {
  return registrationContent(summary, file);
}
