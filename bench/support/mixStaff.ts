import { randomBytes, randomUUID } from 'node:crypto';
import { fromBase32, totpCode, totpStep } from '../../src/kernel/token/totp.js';
import { dayOf, SYSTEM_ACTOR, type RegisterChange } from '../../src/access/register/change.js';
import { grantRole } from '../../src/access/register/grants.js';
import { createStaff } from '../../src/access/register/staff.js';
import { systemClock } from '../../src/kernel/clock.js';
import type { Database } from '../../src/kernel/database/database.js';
import { postJson, signIn, type Tokens } from './gateway.js';
import type { MixRole } from './mixOperations.js';
import { assertMeasured } from './rounds.js';

/** Somebody who works during the measurement, signed in at a terminal of their own. */
export interface MixUser {
  readonly staffId: string;
  readonly role: MixRole;
  readonly terminal: string;
  readonly tokens: Tokens;
  /** Milliseconds since the epoch. */
  readonly signedInAt: number;
}

interface NewAccount {
  readonly staffId: string;
  readonly enrolmentCode: string;
  readonly role: MixRole;
}

/**
 * How many hold each role, 100 in all: people are few, 50 to 99 use such a file (handbook 15 §1); most of them work at
 * counters and in collection.
 */
const HEADCOUNT: readonly { role: MixRole; people: number; department: string }[] = [
  { role: 'counterClerk', people: 30, department: '2110' },
  { role: 'branchClerk', people: 10, department: '4110' },
  { role: 'collectionClerk', people: 20, department: '1110' },
  { role: 'delinquencyOfficer', people: 20, department: '1120' },
  { role: 'refundOfficer', people: 8, department: '1130' },
  { role: 'assessmentClerk', people: 6, department: '1210' },
  { role: 'sectionChief', people: 3, department: '1110' },
  { role: 'auditor', people: 3, department: '8110' },
];
/** Verifying a password takes memory and time on purpose; more at once would be refused. */
const SIGNING_IN_AT_ONCE = 8;

/** Registers 100 people and lets each enrol and sign in: with a paper code, a password and an authenticator. */
export async function signedInUsers(owner: Database, address: string): Promise<readonly MixUser[]> {
  const accounts = await owner.transaction('bench.mix.staff', async (tx) => {
    const made: NewAccount[] = [];
    for (const { role, people, department } of HEADCOUNT) {
      for (let number = 1; number <= people; number += 1) {
        const staffId = `mix-${role}-${number}`;
        const account = {
          staffId,
          personId: `person-${staffId}`,
          name: `負荷　${number}`,
          kana: 'フカ',
          department,
          employmentFrom: '2020-04-01',
          employmentTo: undefined,
        };
        const { enrolmentCode } = await createStaff(tx, change(), account);
        await grantRole(tx, change(), staffId, { role, validFrom: dayOf(change()), validTo: undefined });
        made.push({ staffId, enrolmentCode, role });
      }
    }
    return made;
  });
  const users: MixUser[] = [];
  const waiting = accounts.map((account, index) => ({ account, terminal: `T-${index + 1}` }));
  const takeTurns = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      users.push(await enrolled(address, next.account, next.terminal));
  };
  await Promise.all(Array.from({ length: SIGNING_IN_AT_ONCE }, takeTurns));
  return users;
}

async function enrolled(address: string, account: NewAccount, terminal: string): Promise<MixUser> {
  const { staffId, enrolmentCode: code, role } = account;
  const password = randomBytes(18).toString('base64url');
  const begun = await postJson(address, '/enrolment', { staffId, code }, terminal);
  assertMeasured(begun.ok, `An enrolment was refused with status ${begun.status}.`);
  const { totpSecret } = (await begun.json()) as { totpSecret: string };
  const totp = totpCode(fromBase32(totpSecret), totpStep(Date.now()));
  const proof = { staffId, code, password, totp };
  const finished = await postJson(address, '/enrolment/finish', proof, terminal);
  assertMeasured(finished.ok, `The end of an enrolment was refused with status ${finished.status}.`);
  const tokens = await signIn(address, { staffId, password, totpSecret }, terminal, 1);
  return { staffId, role, terminal, tokens, signedInAt: Date.now() };
}

function change(): RegisterChange {
  return {
    actorId: SYSTEM_ACTOR,
    at: systemClock.now(),
    purpose: 'ADMINISTRATION',
    caseRef: undefined,
    requestId: randomUUID(),
    reason: '負荷測定の登録',
  };
}
