import { encodeBody } from '../../src/audit/body.js';
import { openDatabase } from '../../src/kernel/database/database.js';
import { KuramoriError } from '../../src/kernel/errors.js';
import { BareVault, type BareRecord } from '../support/bareVault.js';
import {
  FLOOR_URLS,
  insertBodies,
  insertNumbers,
  insertShredKeys,
  makeBareTables,
  updateWraps,
  wrapRows,
} from '../support/bareVaultTables.js';
import { atOnce, takeOrders } from '../support/orders.js';
import { patternedNumbers } from '../support/patternedNumbers.js';
import { timed } from '../support/rounds.js';
import { Together } from '../support/together.js';

export type VaultFloorOrder =
  /** So many reveals, so many callers; without the gateway's entries when only the vault is measured. */
  | { readonly kind: 'reveal'; readonly count: number; readonly callers: number; readonly gateway: boolean }
  | { readonly kind: 'registerOne'; readonly count: number; readonly callers: number }
  | { readonly kind: 'push'; readonly count: number; readonly callers: number }
  | { readonly kind: 'registerMany'; readonly count: number; readonly batch: number }
  | { readonly kind: 'rewrap'; readonly count: number; readonly batch: number };

export interface VaultFloorReport {
  readonly perSecond: number;
  /** Milliseconds of each, where they come one by one. */
  readonly whole: readonly number[];
}

const CONNECTIONS = 2;
const PREPARED = 500;

const open = (part: keyof typeof FLOOR_URLS) =>
  openDatabase({
    url: process.env[FLOOR_URLS[part]] ?? '',
    application: 'kuramori-bench',
    connections: CONNECTIONS,
    statementMs: 0,
  });
const databases = { records: open('records'), vault: open('vault'), shred: open('shred') };
await makeBareTables(databases);
const bare = new BareVault();
const records = patternedNumbers(0, PREPARED).map((number) => bare.seal(number));

/** Entries of the gateway's log and of the vault's: what is inserted of them is as long as theirs. */
const body = entryBody();
const gatewayLog = new Together<string>((bodies) => insertBodies(databases.records, bodies));
const vaultLog = new Together<string>((bodies) => insertBodies(databases.vault, bodies));
const shredKeys = new Together<BareRecord>((rows) => insertShredKeys(databases.shred, rows));
const numbers = new Together<BareRecord>((rows) => insertNumbers(databases.vault, rows, [body]));

/** In the order of a reveal: nothing is done before its intent is durable, nothing is told before its completion is. */
async function revealOne(at: number, gateway: boolean): Promise<void> {
  if (gateway) await gatewayLog.add(body);
  bare.verify();
  await vaultLog.add(body);
  bare.sealToReader(bare.open(records[at % PREPARED] as BareRecord));
  await vaultLog.add(body);
  if (gateway) await gatewayLog.add(body);
}

/** In the order of a push: of its entries in the two logs, and of what is signed, as many, one after the other. */
async function pushOne(): Promise<void> {
  await gatewayLog.add(body);
  await gatewayLog.add(body);
  bare.verify();
  await vaultLog.add(body);
  await vaultLog.add(body);
  await gatewayLog.add(body);
  await vaultLog.add(body);
  bare.exchangeSigned();
  await vaultLog.add(body);
  await gatewayLog.add(body);
}

async function registerOne(number: string): Promise<void> {
  await gatewayLog.add(body);
  bare.verify();
  bare.openInput();
  await vaultLog.add(body);
  const record = bare.seal(number);
  await shredKeys.add(record);
  await numbers.add(record);
  await gatewayLog.add(body);
}

/** A batch is sealed while the one before it is written. */
async function registerMany(count: number, batch: number): Promise<void> {
  const all = patternedNumbers(0, count);
  let written: Promise<unknown> = Promise.resolve();
  for (let from = 0; from < count; from += batch) {
    const rows = all.slice(from, from + batch).map((number) => bare.seal(number));
    await written;
    const [shred, vault] = [databases.shred, databases.vault];
    const subjects = `${body}${rows.map(({ ref }) => ref).join(',')}`;
    written = insertShredKeys(shred, rows).then(() => insertNumbers(vault, rows, [subjects]));
    // Whoever waits for it next hears of a failure.
    written.catch(() => undefined);
  }
  await written;
}

async function rewrap(rows: readonly BareRecord[], batch: number): Promise<void> {
  for (let from = 0; from < rows.length; from += batch) {
    const some = rows.slice(from, from + batch);
    await updateWraps(
      databases.vault,
      some.map((row) => ({ ref: row.ref, wrap: bare.rewrap(row) })),
    );
  }
}

async function oneByOne(
  callers: number,
  count: number,
  work: (at: number) => Promise<void>,
): Promise<VaultFloorReport> {
  const whole: number[] = [];
  const places = Array.from({ length: count }, (_, at) => at);
  const ms = await timed(() =>
    atOnce(callers, places, async (at) => {
      whole.push(await timed(() => work(at)));
    }),
  );
  return { perSecond: (count * 1000) / ms, whole };
}

function entryBody(): string {
  const encoded = encodeBody({
    kind: 'vaultOperation',
    at: '2026-11-01T00:00:00.000Z',
    requestId: '00000000-0000-4000-8000-000000000001',
    actorId: 'P-100',
    roles: ['handler'],
    department: 'unit-10',
    terminal: 'T-100',
    sessionId: 'AAAAAAAAAAAAAAAAAAAAAA',
    strength: 'signature+totp',
    clientApp: 'gateway',
    purpose: 'REFUND',
    caseRef: 'C-2026-0001',
    operationName: 'reveal',
    counterpart: '1000000',
    entries: [
      {
        coordinate: 'Vault.reveal',
        decision: 'allow',
        reason: 'done',
        rows: 1,
        subjects: [`vr_${'0'.repeat(26)}`],
      },
    ],
  });
  if (encoded.length < 100) throw new KuramoriError('INTERNAL', 'The floor’s entry is no entry.');
  return encoded;
}

async function obey(order: VaultFloorOrder): Promise<VaultFloorReport> {
  switch (order.kind) {
    case 'reveal':
      return oneByOne(order.callers, order.count, (at) => revealOne(at, order.gateway));
    case 'push':
      return oneByOne(order.callers, order.count, pushOne);
    case 'registerOne': {
      const all = patternedNumbers(0, order.count);
      return oneByOne(order.callers, order.count, (at) => registerOne(all[at] as string));
    }
    case 'registerMany': {
      const ms = await timed(() => registerMany(order.count, order.batch));
      return { perSecond: (order.count * 1000) / ms, whole: [] };
    }
    case 'rewrap': {
      const rows = await wrapRows(
        databases.vault,
        patternedNumbers(0, order.count).map((number) => bare.seal(number)),
      );
      const ms = await timed(() => rewrap(rows, order.batch));
      return { perSecond: (order.count * 1000) / ms, whole: [] };
    }
  }
}

takeOrders((order) => obey(order as VaultFloorOrder));
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());
process.send?.({ ready: 'floor' });
