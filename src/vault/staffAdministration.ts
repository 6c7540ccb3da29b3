import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { TERMINAL_ZONES, VAULT_ROLES } from '../../schema/vault/staff.js';
import type { AuditEntry, AuditRecord } from '../audit/record.js';
import { today } from '../kernel/clock.js';
import type { Session } from '../kernel/database/database.js';
import { PERSONNEL_FEED_PEOPLE_MAX } from '../kernel/limits.js';
import type { JsonObject } from '../kernel/token/json.js';
import { base32, newTotpSecret, totpUri } from '../kernel/token/totp.js';
import { isVaultOperation } from './assertion/operation.js';
import { wipe } from './cipher/wipe.js';
import type { VaultContext } from './context.js';
import { readEntry } from './entered.js';
import { approveGrant, confirmGrant, requestGrant, withdrawGrant } from './grant/change.js';
import type { AdminHandler } from './http/admin.js';
import { enrolCredential, revokeCredential, type CredentialEntry } from './staff/credential.js';
import { takeFeed, type FeedEntry } from './staff/feed.js';
import { readNewAuthenticator } from './staff/newAuthenticator.js';
import { registerPerson, type PersonEntry } from './staff/register.js';
import { revokeNow } from './staff/revokeNow.js';
import { registerTerminal, revokeTerminal } from './staff/terminal.js';
import { setFactor, unlockFactor } from './stepup/factor.js';

type StaffContext = Pick<
  VaultContext,
  'database' | 'audit' | 'clock' | 'seal' | 'municipality' | 'relyingParty'
>;

/** One entry into the vault's register of staff: what it is about, and what is done. */
interface StaffCommand<T> {
  /** Coordinate of its entry. */
  readonly coordinate: string;
  readonly form: z.ZodType<T>;
  /** Person or terminal, for the entry. */
  readonly subject: (entry: T) => string;
  /** People who are entered with it, for an entry each. */
  readonly people?: (entry: T) => readonly string[];
  readonly work: (tx: Session, entry: T, context: StaffContext, operator: string) => Promise<unknown>;
}

const id = z.string().min(1).max(64);
const day = z.iso.date();
const person = z.strictObject({
  personId: id,
  unit: id,
  unitUntil: day.optional(),
  role: z.enum(VAULT_ROLES),
  employmentFrom: day,
  employmentTo: day.optional(),
  trainedOn: day.optional(),
  secrecyAcceptedOn: day.optional(),
});
const feed = z.strictObject({ asOf: day, people: z.array(person).max(PERSONNEL_FEED_PEOPLE_MAX) });
const terminal = z.strictObject({ terminalId: id, zone: z.enum(TERMINAL_ZONES), unit: id });
const credential = z
  .strictObject({
    personId: id,
    terminalId: id,
    publicJwk: z.looseObject({ kty: z.string() }).optional(),
    authenticatorData: z.string().optional(),
  })
  .refine(
    ({ publicJwk, authenticatorData }) => (publicJwk === undefined) !== (authenticatorData === undefined),
  );
const onePerson = z.strictObject({ personId: id });
const grant = z.strictObject({
  personId: id,
  purpose: id,
  operations: z.array(z.string().refine(isVaultOperation)).min(1),
  validFrom: day,
  validTo: day,
  requestedBy: id,
});
const decision = z.strictObject({
  grantId: z
    .string()
    .regex(/^\d{1,18}$/)
    .transform(BigInt),
  by: id,
});

const COMMANDS = {
  person: command(
    'person',
    person,
    ({ personId }) => personId,
    (tx, entry, { clock }) => registerPerson(tx, entry as PersonEntry, clock.now()),
  ),
  feed: {
    ...command<z.infer<typeof feed>>(
      'feed',
      feed,
      ({ asOf, people }) => `${asOf}:people:${people.length}`,
      (tx, entry, { clock }, operator) =>
        takeFeed(tx, entry as FeedEntry, clock.now(), `operator:${operator}`),
    ),
    people: ({ people }: z.infer<typeof feed>) => people.map(({ personId }) => personId),
  },
  terminal: command('terminal', terminal, ({ terminalId }) => terminalId, registerTerminal),
  credential: command(
    'credential',
    credential,
    ({ personId }) => personId,
    (tx, entry, context) => enrolCredential(tx, credentialEntry(entry, context), context.clock.now()),
  ),
  factor: command('factor', onePerson, ({ personId }) => personId, newFactor),
  revokeCredential: command(
    'revokeCredential',
    z.strictObject({ credentialId: id }),
    ({ credentialId }) => credentialId,
    (tx, { credentialId }, { clock }) => revokeCredential(tx, credentialId, clock.now()),
  ),
  unlock: command(
    'unlock',
    onePerson,
    ({ personId }) => personId,
    (tx, { personId }) => unlockFactor(tx, personId),
  ),
  revoke: command(
    'revoke',
    onePerson,
    ({ personId }) => personId,
    (tx, { personId }, { clock }) => revokeNow(tx, personId, clock.now()),
  ),
  revokeTerminal: command(
    'revokeTerminal',
    z.strictObject({ terminalId: id }),
    ({ terminalId }) => terminalId,
    (tx, { terminalId }, { clock }) => revokeTerminal(tx, terminalId, clock.now()),
  ),
  grant: command(
    'requestGrant',
    grant,
    ({ personId }) => personId,
    async (tx, entry, { clock }) => ({
      grantId: await requestGrant(tx, entry as Parameters<typeof requestGrant>[1], today(clock)),
    }),
  ),
  approve: command(
    'approveGrant',
    decision,
    ({ by }) => by,
    (tx, entry, { clock }) => approveGrant(tx, { ...entry, day: today(clock) }),
  ),
  confirm: command(
    'confirmGrant',
    decision,
    ({ by }) => by,
    (tx, entry, { clock }) => confirmGrant(tx, { ...entry, day: today(clock) }),
  ),
  withdraw: command(
    'withdrawGrant',
    decision,
    ({ by }) => by,
    (tx, entry, { clock }) => withdrawGrant(tx, { ...entry, day: today(clock) }),
  ),
} as const;

/**
 * The vault's own register of staff, terminals, keys, factors and grants, fed apart from the gateway's (design §7);
 * each entry in one transaction with its record in the log. Commands are named `staff.<command>`.
 */
export function staffAdministration(context: StaffContext): Readonly<Record<string, AdminHandler>> {
  return Object.fromEntries(
    Object.entries(COMMANDS).map(([name, each]) => [
      `staff.${name}`,
      (input, operator) => enter(context, each as StaffCommand<unknown>, input, operator),
    ]),
  );
}

async function enter<T>(
  context: StaffContext,
  { coordinate, form, subject, people = () => [], work }: StaffCommand<T>,
  input: JsonObject,
  operator: string,
): Promise<unknown> {
  const entry = readEntry(form, input);
  return context.database.transaction(coordinate, async (tx) => {
    const result = await work(tx, entry, context, operator);
    const named = people(entry).map((personId) => staffEntry(COMMANDS.person.coordinate, personId));
    const entries = [staffEntry(coordinate, subject(entry)), ...named];
    await context.audit.appendIn(tx, staffRecord(context, entries, operator));
    return plain(result);
  });
}

function command<T>(
  name: string,
  form: z.ZodType<T>,
  subject: (entry: T) => string,
  work: StaffCommand<T>['work'],
): StaffCommand<T> {
  return { coordinate: `Vault.staff.${name}`, form, subject, work };
}

/** A terminal's own key is entered by its public half, one of an authenticator by what the authenticator says of it. */
function credentialEntry(
  { personId, terminalId, publicJwk: own, authenticatorData }: z.infer<typeof credential>,
  { relyingParty }: StaffContext,
): CredentialEntry {
  if (own !== undefined) return { personId, terminalId, publicJwk: own };
  const { publicJwk, ...authenticator } = readNewAuthenticator(String(authenticatorData), relyingParty);
  return { personId, terminalId, publicJwk, authenticator };
}

/** A new secret of codes, shown once: the vault keeps it sealed. */
async function newFactor(
  tx: Session,
  { personId }: { personId: string },
  context: StaffContext,
): Promise<unknown> {
  const secret = newTotpSecret();
  try {
    await setFactor(tx, context, personId, secret);
    return { secret: base32(secret), uri: totpUri(secret, personId) };
  } finally {
    wipe(secret);
  }
}

/** As JSON has it. */
function plain(result: unknown): unknown {
  if (result === undefined) return null;
  return JSON.parse(
    JSON.stringify(result, (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  );
}

function staffEntry(coordinate: string, subject: string): AuditEntry {
  return { coordinate, decision: 'allow', reason: `of:${subject}`, rows: 1, subjects: [], raised: true };
}

function staffRecord({ clock }: StaffContext, entries: readonly AuditEntry[], operator: string): AuditRecord {
  return {
    kind: 'staffChange',
    at: clock.now().toString({ fractionalSecondDigits: 3 }),
    requestId: randomUUID(),
    actorId: `operator:${operator}`,
    roles: [],
    department: '',
    terminal: '',
    sessionId: '',
    strength: 'hostAccount',
    clientApp: 'kuramori',
    purpose: 'MAINTENANCE',
    entries,
  };
}
