import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import {
  acquireCodeRequest,
  newPushRequestId,
  newReaderKey,
  registerRequest,
  signAssertion,
  type JsonObject,
  type SignedOperation,
  type TwoPersonAct,
} from '../../src/client/index.js';
import {
  isVaultOperation,
  operationForm,
  VAULT_OPERATION_FORMS,
  type VaultOperation,
} from '../../src/kernel/vaultOperations.js';
import { PEOPLE } from '../../src/reference/intermediary/seedPeople.js';
import type { Answer } from '../../src/vault/client/wire.js';
import { linkHandler } from '../support/gateway.js';
import { Records } from '../support/records.js';
import { startPushingHouse, startWorkerProcess } from '../worker/support/house.js';
import { Desk, refIn, sealedIn } from './leak/desk.js';
import { Front } from './leak/front.js';
import { CONTROL, MISTYPED, REGISTERED, TYPED, UNREGISTERED } from './leak/numbers.js';
import { Search } from './leak/search.js';
import { filesIn, rowsOf, type Sink } from './leak/sinks.js';
import { spellingsOf } from './leak/spellings.js';
import { byTwos, done } from './operation/support/two.js';
import type { TestPerson, TestService } from './operation/support/vault.js';
import { startGatewayProcess } from './processes/gateway.js';
import { temporaryHome } from './processes/process.js';
import type { VaultPerson } from './processes/vault.js';
import { bytesOf, tapped, type Recorded, type Tapped } from './wire/recording.js';
import { openSession, readKeyLog, type Opened } from './wire/tls13.js';

const HANDLER = 'numberHandler';
const TLS_1_3 = 0x0304;
/** Messages of a client's half of a handshake with a certificate: Certificate, CertificateVerify, Finished. */
const CERTIFIED = [11, 15, 20];
const NOT_IN_A_GRANT: readonly VaultOperation[] = [
  'stepUp',
  'requestApproval',
  'openApproval',
  'decideApproval',
  'evidence',
  'openAnalysis',
  'reviewAnalysis',
  'openBreakGlass',
  'reviewBreakGlass',
  'listBreakGlass',
];
const OPERATIONS = Object.keys(VAULT_OPERATION_FORMS).filter(isVaultOperation);
const OPERATE = `mutation($input: OperateVaultInput!) {
  operateVault(input: $input) { outcome { result } userErrors { code } } }`;
const ACQUIRE = `mutation($input: AcquireCodeInput!) {
  acquireCode(input: $input) { pushRequest { id } userErrors { code } } }`;
const PUSH = 'query($id: ID!) { pushRequest(id: $id) { state } }';

const home = temporaryHome();
const keyFile = (name: string) => join(home, `${name}.keys`);
const flagsOf = (name: string) => [`--tls-keylog=${keyFile(name)}`];
const database = await tapped(inject('adminUrl'));
const lines: Record<string, Tapped> = {};
const line = async (name: string, address: string) => {
  const tap = await tapped(address);
  lines[name] = tap;
  return tap.through(address);
};

const { vault } = await startPushingHouse(home, ['P-1029'], {
  flags: flagsOf('intermediary'),
  reached: (url) => line('intermediary', url),
  database: (url) => database.through(url),
});
const dumps = join(home, 'dumps');
mkdirSync(dumps);
const settings = {
  KURAMORI_VAULT_URL: await line('gateway', vault.running.address),
  TEST_DUMP_FOLDER: dumps,
  TEST_CONTROL: CONTROL,
};
const gateway = await startGatewayProcess(home, vault, settings, flagsOf('gateway'));
const workerLine = await line('worker', vault.running.address);
await startWorkerProcess(home, gateway.records.urls.worker, workerLine, flagsOf('worker'));

const operations = OPERATIONS.filter((op) => !NOT_IN_A_GRANT.includes(op));
const clerk = await vault.person('P-1029', { operations });
const officer = await vault.person('P-0100', { role: 'unitOfficer', terminalId: 'T-0100' });
const records = new Records(gateway.records.owner);
await linkHandler({ staff: gateway.staff, db: gateway.records }, 'P-1029', 'P-0100');
const front = new Front(gateway.running.address, gateway.staff);
const desk = await Desk.open(front, vault, clerk);

const carried = new Set<VaultOperation>();
let changes = 0;

async function operate({ assertion, body }: SignedOperation): Promise<Answer> {
  const claims = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()) as {
    op: VaultOperation;
  };
  carried.add(claims.op);
  const input = { idempotencyKey: `wire-operation-${(changes += 1)}`, assertion, body: JSON.stringify(body) };
  const { data, codes, userCodes } = await front.ask(HANDLER, OPERATE, { input });
  const code = codes[0] ?? userCodes[0];
  if (code !== undefined) return { outcome: 'refused', error: { code, message: '', facts: {} } } as never;
  const { outcome } = data!['operateVault'] as { outcome: { result: string } };
  return { outcome: 'done', result: JSON.parse(outcome.result) as unknown, entry: '' };
}

/** A step-up of each, for as long as the test takes. */
const stepUps = new Map<string, Promise<string>>();
const steppedUp = (person: VaultPerson) => {
  const known =
    stepUps.get(person.personId) ??
    Desk.open(front, vault, person).then(async (own) => {
      const { answered } = await own.stepUp();
      return (answered.data!['vaultStepUp'] as { stepUp: string }).stepUp;
    });
  stepUps.set(person.personId, known);
  return known;
};
const people = { run: operate, stepUp: steppedUp as unknown as TestService['stepUp'] } as TestService;
const { both } = byTwos(people);
const asTester = (person: VaultPerson) => person as unknown as TestPerson;

/** Registers, searches and shows, by the gateway's own fields. */
async function numbers(): Promise<readonly string[]> {
  const stepUp = await steppedUp(clerk);
  carried.add('stepUp').add('register').add('resolve').add('reveal');
  const ways = Object.values(TYPED);
  const refs: string[] = [];
  for (const [at, digits] of REGISTERED.entries()) {
    const no = await records.addressee({});
    const request = await desk.registration(ways[at % ways.length]!(digits));
    refs.push(refIn(await desk.sendRegistration(no, request)));
    const reveal = await desk.reveal(refs[at]!, { stepUp });
    expect(await reveal.open(sealedIn(await desk.sendReveal(no, reveal)))).toBe(digits);
    expect((await desk.sendSearch(await desk.search(digits, { stepUp }))).codes).toEqual([]);
  }
  // The case is a text that is found where anything is found.
  const planted = await desk.search(UNREGISTERED[0]!, { stepUp, caseId: `C-${CONTROL}` });
  const { codes } = await desk.sendSearch(planted, { 'kuramori-case': `C-${CONTROL}` });
  expect(codes).toEqual([]);
  const mistyped = await desk.sendSearch(await desk.search(MISTYPED[0]!, { stepUp }));
  expect(mistyped.codes).toEqual(['BAD_INPUT']);
  return refs;
}

/** What two people decide of numbers. */
async function decided([first, second, third]: readonly string[]): Promise<void> {
  const said = { basis: '令和8年(行ウ)第1号', reason: '訴訟係属中' };
  const acts: readonly TwoPersonAct[] = [
    { op: 'hold', ref: first!, said },
    { op: 'supersede', ref: second!, said: { supersededBy: third!, basis: said.basis, reason: '番号変更' } },
    {
      op: 'erase',
      refs: [second!],
      said: { fileName: '収滞納管理ファイル', basis: '番号法第20条', reason: '事務の終了による' },
    },
  ];
  for (const act of acts) done(await both(asTester(clerk), asTester(officer), act));
}

/** A push, over the worker, to the intermediary server's receipt. */
async function pushed(): Promise<void> {
  const unifiedAddresseeNo = PEOPLE.accountRegistered;
  const addresseeNo = await records.addressee({ unifiedAddresseeNo });
  const vaultKeys = desk.keys;
  const details = { ...clerk.context, number: UNREGISTERED[1]!, vaultKeys };
  const registration = await registerRequest(clerk.key, { ...details, attributes: { unifiedAddresseeNo } });
  const input = {
    idempotencyKey: 'wire-linked',
    addresseeNo,
    unifiedAddresseeNo,
    assertion: registration.assertion,
    number: registration.body['number'],
  };
  const registered = await front.ask(
    HANDLER,
    `mutation($input: RegisterIndividualNumberInput!) { registerIndividualNumber(input: $input) {
       addressee { individualNumber { ref } } userErrors { code } } }`,
    { input },
  );
  const pushRequestId = newPushRequestId();
  const about = { ...clerk.context, ref: refIn(registered), unifiedAddresseeNo, pushRequestId };
  const { assertion, body } = await acquireCodeRequest(clerk.key, about);
  const asked = { idempotencyKey: 'wire-push-1', addresseeNo, assertion, body: JSON.stringify(body) };
  const { codes, userCodes } = await front.ask(HANDLER, ACQUIRE, { input: asked });
  expect([...codes, ...userCodes]).toEqual([]);
  const state = async () =>
    ((await front.ask('sectionChief', PUSH, { id: pushRequestId })).data!['pushRequest'] as { state: string })
      .state;
  await vi.waitUntil(async () => (await state()) === 'DONE', { timeout: 20_000, interval: 50 });
  carried.add('push');
}

/** Whatever else a terminal can sign for, as a front end with a defect would send it. */
async function everythingElse(ref: string): Promise<void> {
  const stepUp = await steppedUp(clerk);
  const { publicJwk, thumbprint: sealTo } = await newReaderKey();
  for (const op of OPERATIONS.filter((each) => !carried.has(each))) {
    const { named, sealed } = operationForm(op) as { named: string; sealed?: true };
    const details = {
      ...clerk.context,
      stepUp,
      op,
      ...(named === 'none' ? {} : { ref }),
      ...(sealed ? { sealTo } : {}),
    };
    const body: JsonObject = sealed ? { readerKey: { ...publicJwk } } : {};
    await operate(await signAssertion(clerk.key, details, body));
  }
}

const needles = (digits: readonly string[], kind: string) =>
  digits.flatMap((each, at) =>
    spellingsOf(each).map(({ name, bytes }) => ({ label: `${kind} ${at}: ${name}`, bytes })),
  );
const search = new Search([
  ...needles([...REGISTERED, ...UNREGISTERED, ...MISTYPED], 'number'),
  ...needles([CONTROL], 'control'),
]);
const numbersAmong = async (chunks: Iterable<Buffer>) =>
  [...(await search.in(chunks))].filter((label) => label.startsWith('number'));

/** Sessions of a line, opened with what the process at its end has written of their secrets. */
function sessionsOf(name: string): readonly Opened[] {
  const log = readKeyLog(readFileSync(keyFile(name), 'utf8'));
  const spoken = ({ toServer, toClient }: Recorded) => toServer.length > 0 && toClient.length > 0;
  return lines[name]!.connections.filter(spoken).map((recorded) => openSession(recorded, log));
}

beforeAll(async () => {
  const refs = await numbers();
  await decided(refs);
  await pushed();
  await everythingElse(refs[3]!);
  gateway.running.signal('SIGUSR2');
  await vi.waitUntil(() => existsSync(join(dumps, 'heap.json')), { timeout: 30_000 });
}, 90_000);

test('every kind of operation that a terminal can sign for has passed', () => {
  expect([...carried].toSorted()).toEqual(OPERATIONS.toSorted());
});

describe.each(['gateway', 'worker', 'intermediary'])('between the vault and the %s', (name) => {
  test('there is TLS 1.3 and nothing else, with a certificate of either side', () => {
    const sessions = sessionsOf(name);
    expect(sessions.length).toBeGreaterThan(0);
    for (const { offered, chosen, clientMessages } of sessions) {
      expect([offered, chosen]).toEqual([[TLS_1_3], TLS_1_3]);
      expect(clientMessages).toEqual(CERTIFIED);
    }
  });

  test('no number passes that a tap could read, nor one that somebody with the session’s secrets could', async () => {
    expect([...(await search.in(bytesOf(lines[name]!)))]).toEqual([]);
    const opened = sessionsOf(name).flatMap(({ toServer, toClient }) => [toServer, toClient]);
    expect(await numbersAmong(opened)).toEqual([]);
  });
});

test('what is looked for is found where it was planted, so that the sessions were really opened', async () => {
  const texts = (name: string) => sessionsOf(name).map(({ toServer }) => toServer);
  // It stands in what was signed, which is base64url.
  expect([...(await search.in(texts('gateway')))].join()).toMatch(/^control 0: digits in base64/);
  for (const name of ['worker', 'intermediary'])
    expect(Buffer.concat(texts(name)).toString('latin1')).toContain(PEOPLE.accountRegistered);
});

test('between the vault and its database no number passes, though nothing is encrypted there', async () => {
  const found = await search.in(bytesOf(database));
  expect([...found].filter((label) => label.startsWith('number'))).toEqual([]);
  expect([...found]).toContain('control 0: digits');
});

const LEFT: readonly (readonly [name: string, sink: () => Sink])[] = [
  ['the gateway’s heap', () => filesIn([join(dumps, 'heap.json')])],
  ['the report of its process', () => filesIn([join(dumps, 'report.json')])],
  ['what it has said', () => [...gateway.running.said.output, ...gateway.running.said.error]],
  ['what it has answered', () => front.answers],
  ['the rows of the records', () => rowsOf(gateway.records.owner)],
];

test.each(LEFT)('no number is left in %s by any of it', async (_, sink) => {
  const found = [...(await search.in(sink()))];
  expect(found.filter((label) => label.startsWith('number'))).toEqual([]);
});

test('who speaks TLS 1.2 is not let in, whatever certificate he has', async () => {
  const { gateway: own, caFile } = vault.certificates;
  const { hostname, port } = new URL(vault.running.address);
  const ended = new Promise<string>((resolve) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      ca: readFileSync(caFile),
      key: readFileSync(own.keyFile),
      cert: readFileSync(own.certificateFile),
      maxVersion: 'TLSv1.2',
    });
    socket.once('secureConnect', () => resolve('let in'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)));
  });
  expect(await ended).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
});
