import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  acquireCodeRequest,
  newPushRequestId,
  registerRequest,
  revealRequest,
  verifyPublishedKeys,
  type Anchor,
  type VaultKeys,
} from '../../src/client/index.js';
import { KuramoriError } from '../../src/kernel/errors.js';
import { REVEALS_PERSON_HOUR } from '../../src/kernel/limits.js';
import { openVaultClient, type VaultClient } from '../../src/vault/client/client.js';
import { callAdministration } from '../../src/vault/http/adminClient.js';
import { GraphqlCaller } from '../support/graphqlCaller.js';
import { atOnce, takeOrders } from '../support/orders.js';
import { CASE_ID, clerkStepUp, enrolClerks, PURPOSE, type Clerk } from '../support/vaultClerks.js';
import { OPERATOR } from '../support/vaultHouse.js';

/** What the process is started with, as a file: the gateway and the vault behind it. */
export interface VaultLoadSetting {
  /** `http://host:port` */
  readonly gateway: string;
  /** Unix socket of the vault's administration. */
  readonly socket: string;
  readonly municipality: string;
  /** The vault itself, as the gateway sees it: for what is measured without the gateway. */
  readonly vault: Pick<Parameters<typeof openVaultClient>[0], 'url' | 'ca' | 'key' | 'certificate'>;
  readonly callers: number;
}

/** Somebody of the records, and the number that is registered. */
export interface VaultSubject {
  readonly addresseeNo: string;
  readonly number: string;
  /** 団体内統合宛名番号, where something is to be pushed. */
  readonly unifiedAddresseeNo?: string;
}

export type VaultOrder =
  /** Registers clerks with the vault, and fetches its keys. */
  | { readonly kind: 'enrol'; readonly clerks: number; readonly token: string }
  | { readonly kind: 'register'; readonly subjects: readonly VaultSubject[]; readonly token: string }
  /** Every clerk steps up, for five minutes. */
  | { readonly kind: 'stepUp'; readonly token: string }
  /** So many reveals, of everybody who is registered in turn, each compared. */
  | {
      readonly kind: 'reveal';
      readonly count: number;
      readonly to: 'gateway' | 'vault';
      readonly token: string;
    }
  /** So many pushes, of everybody who is registered in turn, each followed until it is done. */
  | { readonly kind: 'push'; readonly count: number; readonly token: string };

/** Milliseconds of each operation; every answer was opened and compared. */
export interface VaultReport {
  readonly perSecond: number;
  /** From the first key that is made to the digits. */
  readonly whole: readonly number[];
  /** On the terminal: making keys and signing. */
  readonly signing: readonly number[];
  /** From the request to its answer. */
  readonly answering: readonly number[];
  /** On the terminal: opening and verifying; of a push, from the answer until it is seen done. */
  readonly opening: readonly number[];
}

const STEP_UP = `query StepUp($assertion: String!, $factor: String!) {
  vaultStepUp(assertion: $assertion, factor: $factor) { stepUp } }`;
const REGISTER = `mutation Register($input: RegisterIndividualNumberInput!) {
  registerIndividualNumber(input: $input) {
    addressee { addresseeNo individualNumber { ref } } userErrors { code field } } }`;
const REVEAL = `query Reveal($no: String!, $assertion: String!, $readerKey: String!) {
  addressee(addresseeNo: $no) { individualNumber { sealed(assertion: $assertion, readerKey: $readerKey) } } }`;

const PUSH = `mutation Push($input: AcquireCodeInput!) {
  acquireCode(input: $input) { pushRequest { id } userErrors { code field } } }`;
const STATE = 'query State($id: ID!) { pushRequest(id: $id) { state } }';
/** How a front end asks what became of a push. */
const PUSH_QUESTION_MS = 20;
const PUSH_QUESTIONS_MAX = 1_000;
const ON_ITS_WAY: ReadonlySet<string> = new Set(['WAITING', 'HANDED_OVER', 'ACCEPTED', 'SENDING']);

interface Pushed {
  readonly acquireCode: { readonly userErrors: readonly { readonly code: string }[] };
}

interface Registered {
  readonly registerIndividualNumber: {
    readonly addressee: { readonly addresseeNo: string; readonly individualNumber: { readonly ref: string } };
    readonly userErrors: readonly { readonly code: string }[];
  };
}

/** A clerk, and what of the budget is used. */
interface WorkingClerk extends Clerk {
  stepUp: string;
  reveals: number;
}

const setting = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as VaultLoadSetting;
const headers = { 'kuramori-purpose': PURPOSE, 'kuramori-case': CASE_ID, 'kuramori-terminal': 'T-01' };
const gateway = new GraphqlCaller(setting.gateway, setting.callers, headers);
const vault: VaultClient = openVaultClient(setting.vault);
const subjects: (VaultSubject & { readonly ref: string })[] = [];
let clerks: readonly WorkingClerk[] = [];
let keys: { readonly anchor: Anchor; readonly vaultKeys: VaultKeys } | undefined;
let revealed = 0;
let pushed = 0;
let requests = 0;

/** The anchor comes from the operator, the keys by the gateway. */
async function enrol(count: number, token: string): Promise<void> {
  const { socket, municipality } = setting;
  const anchor = (await callAdministration(socket, 'anchor', {}, OPERATOR)) as Anchor;
  const query = 'query Keys { vaultKeys { published } }';
  const { vaultKeys } = await gateway.ask<{ vaultKeys: { published: string } }>(token, query, {});
  const { signed } = JSON.parse(vaultKeys.published) as { signed: string };
  keys = { anchor, vaultKeys: await verifyPublishedKeys(signed, anchor, { municipality }) };
  clerks = (await enrolClerks(setting, count)).map((clerk) => ({ ...clerk, stepUp: '', reveals: 0 }));
}

async function register(asked: readonly VaultSubject[], token: string): Promise<VaultReport> {
  return measured(asked, async (subject, at, clock) => {
    const { addresseeNo, number, unifiedAddresseeNo } = subject;
    const { key, context } = clerkAt(at);
    const { vaultKeys } = known();
    const { assertion, body } = await registerRequest(key, {
      ...context,
      number,
      vaultKeys,
      ...(unifiedAddresseeNo === undefined ? {} : { attributes: { unifiedAddresseeNo } }),
    });
    clock.signed();
    const input = {
      idempotencyKey: `register-${addresseeNo}`,
      addresseeNo,
      assertion,
      number: body['number'],
      ...(unifiedAddresseeNo === undefined ? {} : { unifiedAddresseeNo }),
    };
    const { registerIndividualNumber } = await gateway.ask<Registered>(token, REGISTER, { input });
    clock.answered();
    const { addressee, userErrors } = registerIndividualNumber;
    if (userErrors.length > 0 || addressee.addresseeNo !== addresseeNo)
      throw new KuramoriError('INTERNAL', `A number was not registered: ${JSON.stringify(userErrors)}`);
    subjects.push({ ...subject, ref: addressee.individualNumber.ref });
  });
}

async function stepUp(token: string): Promise<void> {
  await atOnce(setting.callers, clerks, async (clerk) => {
    const { assertion, body } = await clerkStepUp(clerk, known().vaultKeys);
    const variables = { assertion, factor: body['factor'] };
    const answer = await gateway.ask<{ vaultStepUp: { stepUp: string } }>(token, STEP_UP, variables);
    clerk.stepUp = answer.vaultStepUp.stepUp;
  });
}

async function reveal(count: number, to: 'gateway' | 'vault', token: string): Promise<VaultReport> {
  const turns = Array.from({ length: count }, () => revealed++);
  return measured(turns, async (turn, _at, clock) => {
    const clerk = clerkAt(turn);
    const subject = subjects[turn % subjects.length];
    if (subject === undefined) throw new KuramoriError('INTERNAL', 'No number is registered.');
    spend(clerk);
    const { key, context, stepUp: given } = clerk;
    const { ref, addresseeNo: no, number } = subject;
    const request = await revealRequest(key, { ...context, ref, stepUp: given, anchor: known().anchor });
    clock.signed();
    const { assertion, body } = request;
    const sealed =
      to === 'gateway' ? await byGateway(token, no, assertion, body) : await byVault(assertion, body);
    clock.answered();
    if ((await request.open(sealed)) !== number)
      throw new KuramoriError('INTERNAL', 'A number was revealed that is not the one registered.');
  });
}

async function push(count: number, token: string): Promise<VaultReport> {
  const turns = Array.from({ length: count }, () => pushed++);
  return measured(turns, async (turn, _at, clock) => {
    const { key, context } = clerkAt(turn);
    const subject = subjects[turn % subjects.length];
    if (subject?.unifiedAddresseeNo === undefined)
      throw new KuramoriError('INTERNAL', 'Nobody is linked to a person of the network.');
    const { addresseeNo, ref, unifiedAddresseeNo } = subject;
    const pushRequestId = newPushRequestId();
    const details = { ...context, ref, unifiedAddresseeNo, pushRequestId };
    const { assertion, body } = await acquireCodeRequest(key, details);
    clock.signed();
    const input = { idempotencyKey: pushRequestId, addresseeNo, assertion, body: JSON.stringify(body) };
    const { acquireCode } = await gateway.ask<Pushed>(token, PUSH, { input });
    clock.answered();
    if (acquireCode.userErrors.length > 0)
      throw new KuramoriError('INTERNAL', `Not pushed: ${JSON.stringify(acquireCode.userErrors)}`);
    await seenDone(pushRequestId, token);
  });
}

/** As a front end waits for it. @throws KuramoriError INTERNAL when it ends in another way, or does not */
async function seenDone(id: string, token: string): Promise<void> {
  for (let asked = 0; asked < PUSH_QUESTIONS_MAX; asked += 1) {
    await sleep(PUSH_QUESTION_MS);
    const { pushRequest } = await gateway.ask<{ pushRequest: { state: string } }>(token, STATE, { id });
    if (pushRequest.state === 'DONE') return;
    if (!ON_ITS_WAY.has(pushRequest.state))
      throw new KuramoriError('INTERNAL', `A push came to ${pushRequest.state}.`);
  }
  throw new KuramoriError('TIMEOUT', 'A push was not done in time.');
}

async function byGateway(token: string, no: string, assertion: string, body: object): Promise<string> {
  const { readerKey } = body as { readerKey: object };
  const variables = { no, assertion, readerKey: JSON.stringify(readerKey) };
  const { addressee } = await gateway.ask<{ addressee: { individualNumber: { sealed: string } } }>(
    token,
    REVEAL,
    variables,
  );
  return addressee.individualNumber.sealed;
}

async function byVault(assertion: string, body: object): Promise<string> {
  const requestId = `bench-${(requests += 1)}`;
  const { result } = await vault.operate({ assertion, body, requestId, gatewayEntry: String(requests) });
  return (result as { individualNumber: string }).individualNumber;
}

/** The moments of one operation. */
interface StopWatch {
  signed(): void;
  answered(): void;
}

async function measured<T>(
  all: readonly T[],
  work: (one: T, at: number, clock: StopWatch) => Promise<void>,
): Promise<VaultReport> {
  const [whole, signing, answering, opening] = [[], [], [], []] as [number[], number[], number[], number[]];
  const begun = performance.now();
  await atOnce(setting.callers, all, async (one, at) => {
    const startedAt = performance.now();
    let [signedAt, answeredAt] = [startedAt, startedAt];
    await work(one, at, {
      signed: () => void (signedAt = performance.now()),
      answered: () => void (answeredAt = performance.now()),
    });
    const endedAt = performance.now();
    whole.push(endedAt - startedAt);
    signing.push(signedAt - startedAt);
    answering.push(answeredAt - signedAt);
    opening.push(endedAt - answeredAt);
  });
  return { perSecond: all.length / ((performance.now() - begun) / 1000), whole, signing, answering, opening };
}

function clerkAt(turn: number): WorkingClerk {
  const clerk = clerks[turn % clerks.length];
  if (clerk === undefined) throw new KuramoriError('INTERNAL', 'Nobody is enrolled.');
  return clerk;
}

/** The vault would refuse, too; then the figure would be that of a refusal. */
function spend(clerk: WorkingClerk): void {
  clerk.reveals += 1;
  if (clerk.reveals > REVEALS_PERSON_HOUR)
    throw new KuramoriError('INTERNAL', 'There are too few clerks for so many reveals.');
}

function known() {
  if (keys === undefined) throw new KuramoriError('INTERNAL', 'The vault’s keys were not fetched.');
  return keys;
}

async function obey(order: VaultOrder): Promise<VaultReport | void> {
  switch (order.kind) {
    case 'enrol':
      return enrol(order.clerks, order.token);
    case 'register':
      return register(order.subjects, order.token);
    case 'stepUp':
      return stepUp(order.token);
    case 'reveal':
      return reveal(order.count, order.to, order.token);
    case 'push':
      return push(order.count, order.token);
  }
}

takeOrders((order) => obey(order as VaultOrder));
process.once('disconnect', () => process.exit());
