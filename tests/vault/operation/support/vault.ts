import { dirname, join } from 'node:path';
import { afterwards } from '../../../support/afterwards.js';
import { openAuditLog } from '../../../../src/audit/log.js';
import {
  newTerminalKey,
  stepUpRequest,
  verifyPublishedKeys,
  type Anchor,
  type TerminalKey,
  type VaultKeys,
} from '../../../../src/client/index.js';
import type { OperationContext } from '../../../../src/client/details.js';
import { Temporal } from '../../../../src/kernel/dates.js';
import { newTotpSecret, totpCode, totpStep } from '../../../../src/kernel/token/totp.js';
import type { RelyingParty } from '../../../../src/vault/assertion/relyingParty.js';
import type { Answer } from '../../../../src/vault/client/wire.js';
import { openClockGuard } from '../../../../src/vault/clock.js';
import type { VaultContext } from '../../../../src/vault/context.js';
import { HeldJournal } from '../../../../src/vault/erasure/heldJournal.js';
import { beforeService } from '../../../../src/vault/operation/beforeService.js';
import type { Intermediary } from '../../../../src/vault/intermediary/intermediary.js';
import { PushDesk } from '../../../../src/vault/push/desk.js';
import { vaultOperations } from '../../../../src/vault/operation/index.js';
import { createKeyFile, fileKeyService } from '../../../../src/vault/seal/file.js';
import { VaultSeal } from '../../../../src/vault/seal/seal.js';
import { signedInputKeys } from '../../../../src/vault/signing/inputKeys.js';
import { enrolCredential } from '../../../../src/vault/staff/credential.js';
import type { PersonEntry } from '../../../../src/vault/staff/register.js';
import { registerTerminal } from '../../../../src/vault/staff/terminal.js';
import { setFactor } from '../../../../src/vault/stepup/factor.js';
import { testVaultDatabases, type TestVaultDatabases } from '../../../support/vaultDatabase.js';
import { MUNICIPALITY, temporaryFolder } from '../../keys/support/vault.js';
import { enter, enterOfficers, entry, grant } from '../../staff/support/register.js';

export const BASIS = 'NUMBER-ACT-9-1-24';
export const PURPOSE = 'REFUND';
const START = '2026-11-22T03:41:50.123Z';

/** A clock that goes on in step with a monotonic one, as hosts' clocks do. */
export class MovingClock {
  #ms = Date.parse(START);

  now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(this.#ms);
  }

  readonly ms = () => this.#ms;

  move(ms: number): void {
    this.#ms += ms;
  }
}

/** What a front end of the municipality has. */
export interface ClientsSide {
  readonly anchor: Anchor;
  readonly vaultKeys: VaultKeys;
}

/** Somebody with a key on a terminal and an authenticator. */
export interface TestPerson {
  readonly personId: string;
  readonly key: TerminalKey;
  /** With what every request takes besides: keys that were verified, and the anchor that verified them. */
  readonly context: OperationContext & ClientsSide;
  readonly secret: Uint8Array;
}

/** A vault in service, without its network. */
export interface TestService {
  readonly databases: TestVaultDatabases;
  readonly context: VaultContext;
  readonly keyFile: string;
  readonly journalFile: string;
  readonly clock: MovingClock;
  readonly clients: ClientsSide;
  run(signed: { assertion: string; body: unknown }, requestId?: string): Promise<Answer>;
  person(personId: string, operations?: readonly string[], terminalId?: string): Promise<TestPerson>;
  /** Somebody with a role and no grant. */
  officer(personId: string, own: Partial<PersonEntry>): Promise<TestPerson>;
  stepUp(person: TestPerson): Promise<string>;
}

/**
 * @param intermediary without one no push is taken
 * @param relyingParty without one no key of an authenticator is believed
 */
export async function testService(
  intermediary?: Intermediary,
  relyingParty?: RelyingParty,
): Promise<TestService> {
  const databases = await testVaultDatabases();
  const { vault: database, shred } = databases;
  const keyFile = join(temporaryFolder(), 'root.key');
  const journalFile = join(dirname(keyFile), 'erasures.jsonl');
  await createKeyFile(keyFile);
  const clock = new MovingClock();
  const seal = await VaultSeal.load({ database, clock, municipality: MUNICIPALITY });
  await seal.initialise(fileKeyService(keyFile));
  await seal.open(fileKeyService(keyFile));
  const context: VaultContext = {
    database,
    shred,
    audit: openAuditLog(database),
    clock,
    clockGuard: await openClockGuard(database, clock, clock.ms),
    seal,
    erasureJournal: new HeldJournal(journalFile, MUNICIPALITY),
    pushes: new PushDesk(intermediary),
    budgetRules: [],
    municipality: MUNICIPALITY,
    relyingParty,
  };
  await context.erasureJournal.create();
  await beforeService(context);
  afterwards(() => context.erasureJournal.close());
  afterwards(() => context.audit.close());
  const operations = vaultOperations(context);
  let requests = 0;
  const run: TestService['run'] = ({ assertion, body }, requestId = `R-${(requests += 1)}`) =>
    operations({ assertion, body, requestId, gatewayEntry: '4711' }, 'gateway');
  await enterOfficers(database, START);
  const anchor = seal.keyRing.verifying();
  const { signed } = signedInputKeys(context)();
  const expected = { municipality: MUNICIPALITY, now: clock.ms };
  const clients = { anchor, vaultKeys: await verifyPublishedKeys(signed, anchor, expected) };
  return {
    databases,
    context,
    keyFile,
    journalFile,
    clock,
    clients,
    run,
    person: (personId, operations_ = ['register', 'resolve', 'reveal', 'status'], terminalId = 'T-0417') =>
      enrolPerson({ context, clock, clients }, personId, operations_, terminalId),
    officer: (personId, own) => enrolPerson({ context, clock, clients }, personId, [], 'T-0100', own),
    stepUp: async (person) => {
      const { secret, key, context: said } = person;
      // Each step of the authenticator counts once.
      clock.move(30_000);
      const totp = totpCode(secret, totpStep(clock.ms()));
      const answer = await run(await stepUpRequest(key, { ...said, totp }));
      if (answer.outcome !== 'done') throw new Error(`the step-up was refused: ${answer.error.code}`);
      return (answer.result as { stepUp: string }).stepUp;
    },
  };
}

async function enrolPerson(
  { context, clock, clients }: Pick<TestService, 'context' | 'clock' | 'clients'>,
  personId: string,
  operations: readonly string[],
  terminalId: string,
  own: Partial<PersonEntry> = {},
): Promise<TestPerson> {
  const { database } = context;
  await enter(database, START, entry(personId, own));
  await registerTerminal(database, { terminalId, zone: 'workZone', unit: 'nozei' });
  const key = await newTerminalKey();
  const { credentialId } = await database.transaction('tests.enrol', (tx) =>
    enrolCredential(tx, { personId, terminalId, publicJwk: key.publicJwk }, clock.now()),
  );
  if (operations.length > 0)
    await grant(database, personId, '2026-11-22', { purpose: PURPOSE, operations: operations as never });
  const secret = newTotpSecret();
  await database.transaction('tests.factor', (tx) => setFactor(tx, context, personId, secret));
  return {
    personId,
    key,
    secret,
    context: {
      credentialId,
      terminalId,
      personId,
      municipality: MUNICIPALITY,
      purpose: PURPOSE,
      basis: BASIS,
      caseId: 'C-2026-0001',
      now: clock.ms,
      ...clients,
    },
  };
}
