import { generateKeyPairSync, randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import type { Argon2Cost } from '../access/credential/argon2.js';
import { replaceCredential } from '../access/credential/credential.store.js';
import { passwordVerifier } from '../access/credential/password.js';
import { seal } from '../access/credential/sealing.js';
import { base32, newTotpSecret, totpUri } from '../kernel/token/totp.js';
import type { KeyRing } from '../access/identity.types.js';
import { dayOf, SYSTEM_ACTOR, type RegisterChange } from '../access/register/change.js';
import { requestApproval } from '../access/register/approval.js';
import { grantRole } from '../access/register/grants.js';
import { installBuiltInRoles, installDepartments } from '../access/register/roles.store.js';
import { createServiceAccount } from '../access/register/service.js';
import { createStaff } from '../access/register/staff.js';
import { setState } from '../access/register/staff.store.js';
import { BUILT_IN_ROLES } from '../access/roles.js';
import type { Clock } from '../kernel/clock.js';
import type { Database, Session } from '../kernel/database/database.js';
import { KuramoriError } from '../kernel/errors.js';
import { linkVaultPersons } from './vaultPersons.js';
import { DEPARTMENTS, STAFF, TRANSFER_JOB, type DemonstrationStaff } from './staffList.js';

/** The keys that credentials are kept under; the same as the gateway's identity settings. */
export interface StaffKeys {
  readonly pepper: KeyRing;
  readonly credentialKey: KeyRing;
  readonly argon2: Argon2Cost;
  readonly clock: Clock;
}

/** How one staff member signs in. Shown once; the database keeps verifiers only. */
export interface StaffCredentials {
  readonly staffId: string;
  readonly name: string;
  readonly role: string;
  readonly roleTitle: string;
  readonly department: string;
  readonly password: string;
  /** Base32, for an authenticator. */
  readonly totpSecret: string;
  readonly totpUri: string;
}

/** Everybody's credentials and the private key of the service account. */
export interface DemonstrationCredentials {
  readonly staff: readonly StaffCredentials[];
  readonly serviceAccount: { readonly clientId: string; readonly privateJwk: JWK };
}

/** Without letters and digits that look alike. */
const PASSWORD_ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const PASSWORD_GROUPS = 4;
const PASSWORD_GROUP_CHARS = 5;
const EMPLOYED_FROM = '2020-04-01';

/**
 * Registers the staff of the demonstration, one for every built-in role, and the service account of the transfer job.
 * Passwords, TOTP secrets and the key come from this machine's randomness, never from the seed.
 * @param database a session of the owner of the schema
 * @returns what has to be shown or kept in a file of mode 0600, for it cannot be read back
 * @throws KuramoriError CONFLICT when there is staff already
 */
export async function registerDemonstrationStaff(
  database: Database,
  keys: StaffKeys,
): Promise<DemonstrationCredentials> {
  const made = await Promise.all(STAFF.map((member) => makeCredentials(member, keys)));
  return database.transaction('demonstration.staff', async (tx) => {
    await refuseStaff(tx);
    await installBuiltInRoles(tx);
    await installDepartments(
      tx,
      DEPARTMENTS.map(({ code, name, branchCode }) => ({ code, name, branchCode: branchCode ?? undefined })),
    );
    for (const one of made) await register(tx, keys, one);
    await askForHelp(tx, keys);
    return { staff: made.map(({ shown }) => shown), serviceAccount: await registerTransferJob(tx, keys) };
  });
}

interface Made {
  readonly member: DemonstrationStaff;
  readonly shown: StaffCredentials;
  readonly secret: Uint8Array;
  readonly verifier: Awaited<ReturnType<typeof passwordVerifier>>;
}

async function makeCredentials(member: DemonstrationStaff, keys: StaffKeys): Promise<Made> {
  const password = newPassword();
  const secret = newTotpSecret();
  const shown: StaffCredentials = {
    staffId: member.staffId,
    name: member.name,
    role: member.role,
    roleTitle: BUILT_IN_ROLES[member.role].title,
    department: member.department,
    password,
    totpSecret: base32(secret),
    totpUri: totpUri(secret, member.staffId),
  };
  return { member, shown, secret, verifier: await passwordVerifier(password, keys.pepper, keys.argon2) };
}

/** About 99 bits. */
function newPassword(): string {
  const group = () =>
    Array.from({ length: PASSWORD_GROUP_CHARS }, () =>
      PASSWORD_ALPHABET.charAt(randomInt(PASSWORD_ALPHABET.length)),
    ).join('');
  return Array.from({ length: PASSWORD_GROUPS }, group).join('-');
}

async function register(tx: Session, keys: StaffKeys, { member, secret, verifier }: Made): Promise<void> {
  const change = bootstrap(keys);
  const { staffId, name, kana, department, role } = member;
  const employment = { employmentFrom: EMPLOYED_FROM, employmentTo: undefined };
  await createStaff(tx, change, {
    staffId,
    personId: `person-${staffId}`,
    name,
    kana,
    department,
    ...employment,
  });
  const at = change.at.toString();
  const { material, keyId } = seal(secret, staffId, keys.credentialKey);
  await replaceCredential(tx, staffId, 'password', 'active', verifier, at);
  await replaceCredential(tx, staffId, 'totp', 'active', { material, parameters: 'totp', keyId }, at);
  await tx.run(
    'demonstration.enrolment',
    ({ raw }) =>
      raw`update access.enrolment set ended_at = ${at} where staff_id = ${staffId} and ended_at is null`,
  );
  await setState(tx, staffId, 'active');
  await grantRole(tx, change, staffId, { role, validFrom: dayOf(change), validTo: undefined });
  // The vault's register is fed apart; whoever enters this person there enters the same id.
  if (BUILT_IN_ROLES[role].functions.some((each) => each === 'number:register'))
    await linkVaultPersons(tx, keys.clock, staffId, [staffId]);
}

/** 応援: a role that one administrator has asked for, and that waits for another. */
async function askForHelp(tx: Session, keys: StaffKeys): Promise<void> {
  const change = { ...bootstrap(keys), actorId: 'P1901', reason: '年末の窓口の応援' };
  const help = { kind: 'grantRole', staffId: 'W1501', role: 'collectionClerk' } as const;
  await requestApproval(tx, change, { ...help, validFrom: dayOf(change) });
}

async function registerTransferJob(
  tx: Session,
  keys: StaffKeys,
): Promise<DemonstrationCredentials['serviceAccount']> {
  const change = bootstrap(keys);
  const kid = `${TRANSFER_JOB.clientId}-${randomBytes(6).toString('hex')}`;
  const pair = generateKeyPairSync('ed25519');
  const { clientId, name, department, role } = TRANSFER_JOB;
  await createServiceAccount(tx, change, {
    clientId,
    name,
    department,
    validFrom: dayOf(change),
    validTo: undefined,
    roles: [role],
    publicJwk: { ...pair.publicKey.export({ format: 'jwk' }), kid },
  });
  return { clientId, privateJwk: { ...pair.privateKey.export({ format: 'jwk' }), kid } };
}

function bootstrap(keys: StaffKeys): RegisterChange {
  return {
    actorId: SYSTEM_ACTOR,
    at: keys.clock.now(),
    purpose: 'ADMINISTRATION',
    caseRef: undefined,
    requestId: randomUUID(),
    reason: '実証環境の初期登録',
  };
}

async function refuseStaff(tx: Session): Promise<void> {
  const found = await tx.run('demonstration.staffFound', ({ raw }) => raw`select from access.staff limit 1`);
  if (found.length > 0) {
    throw new KuramoriError(
      'CONFLICT',
      'There is staff already. The demonstration registers its own in an empty register only.',
    );
  }
}
