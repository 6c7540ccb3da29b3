import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { openDatabase } from '../../src/kernel/database/database.js';
import { Desk, refIn, sealedIn } from './leak/desk.js';
import { atOnce, Front, type Answered } from './leak/front.js';
import { CONTROL, MISTYPED, REGISTERED, TYPED, UNREGISTERED, UNSEALED } from './leak/numbers.js';
import { Search, type Needle } from './leak/search.js';
import { filesIn, memoryOf, rowsOf, watchDisk, type Sink } from './leak/sinks.js';
import { bytesSpelled, spellingsOf } from './leak/spellings.js';
import { linkHandler } from '../support/gateway.js';
import { startGatewayProcess } from './processes/gateway.js';
import { temporaryHome } from './processes/process.js';
import { startVaultProcess } from './processes/vault.js';

const ORDINARY_REQUESTS = 300;
const AT_ONCE = 16;
const DUMP_MS_MAX = 30_000;

const home = temporaryHome();
const dumps = join(home, 'dumps');
mkdirSync(dumps);
const administrator = openDatabase({ url: inject('adminUrl'), application: 'tests-disk', connections: 1 });
const vault = await startVaultProcess(home);
const gateway = await startGatewayProcess(home, vault, { TEST_DUMP_FOLDER: dumps, TEST_CONTROL: CONTROL });
const disk = await watchDisk(administrator);
const front = new Front(gateway.running.address, gateway.staff);
const desk = await Desk.open(front, vault, await vault.person('P-1029'));
await linkHandler({ staff: gateway.staff, db: gateway.records }, 'P-1029');

const people = (
  await gateway.records.owner.run(
    'tests.people',
    ({ raw }) => raw<{ no: string }[]>`
    select addressee_no as no from records.addressee where corporate_no is null and merged_into is null
      and not exists (select from records.protection_reach r where r.addressee_no = addressee.addressee_no)
    order by 1 limit 20`,
  )
).map(({ no }) => no);
const somebody = people.at(-1)!;
const refs = new Map<string, string>();
/** Everything sealed that crossed the gateway, to the vault and from it. */
const crossed = { input: [] as string[], answer: [] as string[] };
let stepUp = '';

const PERSON = `query Person($no: String!) { addressee(addresseeNo: $no) {
  addresseeNo name kana address ledger { fiscalYear levied received outstanding }
  individualNumber { mask }
} }`;
const FIND =
  'query Find($filter: AddresseeFilter!) { addressees(filter: $filter, first: 20) { nodes { name } } }';

async function registerEverybody(): Promise<void> {
  const ways = Object.values(TYPED);
  await Promise.all(
    REGISTERED.map(async (digits, at) => {
      const request = await desk.registration(ways[at % ways.length]!(digits));
      crossed.input.push(request.body['number'] as string);
      const answer = await desk.sendRegistration(people[at]!, request);
      expect([answer.codes, answer.userCodes]).toEqual([[], []]);
      refs.set(digits, refIn(answer));
    }),
  );
}

async function show(digits: string): Promise<void> {
  const request = await desk.reveal(refs.get(digits)!, { stepUp });
  const sealed = sealedIn(await desk.sendReveal(people[REGISTERED.indexOf(digits)]!, request));
  crossed.answer.push(sealed);
  expect(await request.open(sealed)).toBe(digits);
}

async function find(digits: string): Promise<void> {
  const request = await desk.search(digits, { stepUp });
  crossed.input.push(request.body['number'] as string);
  const { data } = await desk.sendSearch(request);
  const at = REGISTERED.indexOf(digits);
  expect(data).toEqual({ addresseeOfNumber: { addresseeNo: at < 0 ? null : people[at] } });
}

/** Everyday work, and numbers amid it. */
async function underLoad(): Promise<void> {
  const roles = ['collectionClerk', 'delinquencyOfficer', 'sectionChief'] as const;
  const purposes = ['COLLECTION', 'DELINQUENCY', 'REFUND'] as const;
  const ordinary = Array.from({ length: ORDINARY_REQUESTS }, (_, at) => async () => {
    const headers = { 'kuramori-purpose': purposes[at % roles.length] };
    const role = roles[at % roles.length]!;
    const { codes } =
      at % 4 === 0
        ? await front.ask(role, FIND, { filter: { kana: 'ア' } }, headers)
        : await front.ask(role, PERSON, { no: people[at % people.length] }, headers);
    expect(codes).toEqual([]);
  });
  const numbers = [
    ...[...REGISTERED, ...REGISTERED].map((digits) => () => show(digits)),
    ...[...REGISTERED, ...UNREGISTERED, ...REGISTERED].map((digits) => () => find(digits)),
    ...REGISTERED.map((digits, at) => async () => {
      const again = await desk.sendRegistration(people[at]!, await desk.registration(TYPED['wide']!(digits)));
      expect([again.codes, again.userCodes]).toEqual([[], ['CONFLICT']]);
    }),
  ];
  const every = Math.floor(ordinary.length / numbers.length);
  await atOnce(
    AT_ONCE,
    ordinary.flatMap((work, at) =>
      at % every === 0 && numbers[at / every] ? [numbers[at / every]!, work] : [work],
    ),
  );
}

/** A refusal of every kind, and what each must be called. */
async function refusals(): Promise<[string, Answered, string][]> {
  const [digits = '', other = ''] = REGISTERED;
  const ref = refs.get(digits)!;
  const no = people[0]!;
  const mistyped = Object.entries(TYPED).map(
    async ([way, typed], at): Promise<[string, Answered, string]> => {
      const request = await desk.registration(typed(MISTYPED[at % MISTYPED.length]!));
      return [`mistyped, ${way}`, await desk.sendRegistration(somebody, request), 'BAD_INPUT'];
    },
  );
  const shortened = await desk.registration(digits.slice(0, 11));
  const shown = await desk.reveal(ref, { stepUp });
  const looked = await desk.search(UNREGISTERED[0]!, { stepUp });
  await Promise.all([desk.sendReveal(no, shown), desk.sendSearch(looked)]);
  const wrong = { ...(await desk.reveal(ref, { stepUp })), body: shown.body };
  const search = async (context: Parameters<Desk['search']>[1]) => desk.search(UNREGISTERED[1]!, context);
  const clear = { body: { number: UNSEALED }, jti: '' };
  return [
    ...(await Promise.all(mistyped)),
    ['mistyped in a search', await desk.sendSearch(await desk.search(MISTYPED[0]!, { stepUp })), 'BAD_INPUT'],
    ['too short', await desk.sendRegistration(somebody, shortened), 'BAD_INPUT'],
    ['another person’s', await desk.sendRegistration(somebody, await desk.registration(digits)), 'CONFLICT'],
    ['a second one', await desk.sendRegistration(no, await desk.registration(other)), 'CONFLICT'],
    ['a replayed reveal', await desk.sendReveal(no, shown), 'REPLAY_DETECTED'],
    ['a replayed search', await desk.sendSearch(looked), 'REPLAY_DETECTED'],
    [
      'a key nobody enrolled',
      await desk.sendReveal(no, await desk.forgedReveal(ref, stepUp)),
      'UNAUTHENTICATED',
    ],
    ['another reader key', await desk.sendReveal(no, wrong), 'UNAUTHENTICATED'],
    ['no step-up', await desk.sendSearch(await search({})), 'STEP_UP_REQUIRED'],
    ['a wrong code', (await desk.stepUp('000000')).answered, 'UNAUTHENTICATED'],
    [
      'a purpose not held',
      await desk.sendRegistration(somebody, await registrationFor('TRANSFER')),
      'FORBIDDEN_PURPOSE',
    ],
    [
      'a purpose that reaches no number',
      await desk.sendSearch(await search({ stepUp }), { 'kuramori-purpose': 'COUNTER' }),
      'FORBIDDEN_PURPOSE',
    ],
    ['no case', await desk.sendSearch(await search({ stepUp }), { 'kuramori-case': undefined }), 'BAD_INPUT'],
    [
      'a number in the clear',
      await desk.sendRegistration(somebody, {
        ...clear,
        assertion: (await desk.registration(digits)).assertion,
      }),
      'UNAUTHENTICATED',
    ],
    [
      'a number for an assertion',
      await desk.sendSearch({ ...clear, assertion: UNSEALED }),
      'UNAUTHENTICATED',
    ],
  ];
}

const registrationFor = (purpose: string) => desk.registration(UNREGISTERED[1]!, { purpose });

/** By the roads on which texts of requests do stay, so that the search must find them. */
async function plant(): Promise<void> {
  const noted = await desk.search(UNREGISTERED[0]!, { stepUp, caseId: `C-${CONTROL}` });
  expect((await desk.sendSearch(noted, { 'kuramori-case': `C-${CONTROL}` })).codes).toEqual([]);
  const query = `query N${CONTROL} { addressees(filter: { kana: "ア" }, first: 1) { nodes { n${CONTROL}: name } } }`;
  const { codes } = await front.ask('numberHandler', query, {}, { 'kuramori-case': `C-${CONTROL}` });
  expect(codes).toEqual([]);
}

async function dumped(): Promise<void> {
  gateway.running.signal('SIGUSR2');
  await vi.waitUntil(() => existsSync(join(dumps, 'heap.json')), { timeout: DUMP_MS_MAX });
}

const labelled = (kind: string, all: readonly string[]): Needle[] =>
  all.flatMap((digits, at) =>
    spellingsOf(digits).map(({ name, bytes }) => ({ label: `${kind} ${at}: ${name}`, bytes })),
  );

/** Ciphertext and index values are the number by law (handbook 10 §1): they stay in the vault. */
async function derived(): Promise<Needle[]> {
  const rows = await vault.databases.owner.vault.run(
    'tests.derived',
    ({ raw }) => raw<{ name: string; value: Uint8Array }[]>`
      select 'index value' as name, value from vault.number_index
      union all select 'ciphertext', ciphertext from vault.number
      union all select 'wrapped key', wrapped_dek from vault.number`,
  );
  expect(rows).toHaveLength(3 * REGISTERED.length);
  return rows.flatMap(({ name, value }, at) =>
    bytesSpelled(name, value).map((spelling) => ({
      label: `derived ${at}: ${spelling.name}`,
      bytes: spelling.bytes,
    })),
  );
}

const ciphertexts = (kind: string, sealed: readonly string[]): Needle[] =>
  sealed.map((jwe, at) => ({ label: `${kind} ${at}`, bytes: Buffer.from(jwe.split('.')[3]!) }));

async function* entries(): AsyncGenerator<Uint8Array> {
  const rows = await gateway.records.owner.run(
    'tests.entries',
    ({ raw }) => raw<{ row: string }[]>`select e::text as row from audit.entry e`,
  );
  for (const { row } of rows) yield Buffer.from(row);
}

/** What was sealed passes through memory; what a broken front end sends in the clear does as well. */
const PASSES = /^(?!control|input|answer|unsealed)/;
const ANSWERED = /^(?!control|answer)/;
const NOT_KEPT = /^(?!control)/;
const IN_THE_VAULT = /^(?!control|derived)/;

type Looked = readonly [
  name: string,
  sink: () => Sink | Promise<Sink>,
  forbidden: RegExp,
  planted: readonly string[],
];

const MEMORY = 'all memory of the gateway';
const HEAP = ['control 0: digits', 'control 0: double'];
const SINKS: readonly Looked[] = [
  ['the gateway’s heap', () => filesIn([join(dumps, 'heap.json')]), NOT_KEPT, HEAP.slice(0, 1)],
  [MEMORY, () => memoryOf(gateway.running.pid), PASSES, [...HEAP, 'control 0: digits in base64 at 0']],
  ['its log and standard output', () => gateway.running.said.output, NOT_KEPT, HEAP.slice(0, 1)],
  ['its standard error', () => gateway.running.said.error, NOT_KEPT, HEAP.slice(0, 1)],
  ['the report of its process', () => filesIn([join(dumps, 'report.json')]), NOT_KEPT, HEAP.slice(0, 1)],
  ['every answer', () => front.answers, ANSWERED, HEAP.slice(0, 1)],
  ['the audit entries', entries, NOT_KEPT, HEAP.slice(0, 1)],
  ['the rows of the records database', () => rowsOf(gateway.records.owner), NOT_KEPT, HEAP.slice(0, 1)],
  ['its files', async () => filesIn(await disk.relations(gateway.records.name)), NOT_KEPT, HEAP.slice(0, 1)],
  ['the write-ahead log', async () => filesIn(await disk.journal()), IN_THE_VAULT, HEAP.slice(0, 1)],
  [
    'the rows of the vault’s database',
    () => rowsOf(vault.databases.owner.vault),
    IN_THE_VAULT,
    HEAP.slice(0, 1),
  ],
  [
    'its files as well',
    async () => filesIn(await disk.relations(new URL(vault.databases.urls.vault).pathname.slice(1))),
    IN_THE_VAULT,
    HEAP.slice(0, 1),
  ],
];

describe('after everything that is done with numbers, and amid everyday work', () => {
  let search: Search;

  beforeAll(async () => {
    await registerEverybody();
    const { answered, request } = await desk.stepUp();
    ({ stepUp } = answered.data!['vaultStepUp'] as { stepUp: string });
    expect((await desk.sendStepUp(request)).codes).toEqual(['REPLAY_DETECTED']);
    await underLoad();
    for (const [what, { codes, userCodes }, code] of await refusals())
      expect([what, ...codes, ...userCodes]).toEqual([what, code]);
    await plant();
    await vault.running.kill();
    const lost = await desk.sendSearch(await desk.search(UNREGISTERED[0]!, { stepUp }));
    expect(lost.codes).toEqual(['VAULT_UNAVAILABLE']);
    await dumped();
    search = new Search([
      ...labelled('registered', REGISTERED),
      ...labelled('unregistered', UNREGISTERED),
      ...labelled('mistyped', MISTYPED),
      ...labelled('unsealed', [UNSEALED]),
      ...labelled('control', [CONTROL]),
      ...(await derived()),
      ...Object.entries(crossed).flatMap(([kind, sealed]) => ciphertexts(kind, sealed)),
    ]);
  }, 60_000);

  const readable = SINKS.filter(([name]) => name !== MEMORY || process.platform === 'linux');
  test.each(readable)(
    '%s: no number in any spelling, and the control where it was planted',
    async (...looked) => {
      const [, sink, forbidden, planted] = looked;
      const found = [...(await search.in(await sink()))];
      expect(found.filter((label) => forbidden.test(label))).toEqual([]);
      expect(found).toEqual(expect.arrayContaining([...planted]));
    },
  );
});

afterAll(() => administrator.close());
