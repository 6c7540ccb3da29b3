import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';
import { INTERMEDIARY_NONCES_MAX } from '../../kernel/limits.js';
import { messagesOf, type Body } from './body.js';
import type { Exchange } from './exchange.js';
import { fillDemonstration, type Demonstration } from './demonstration.js';
import { Ids } from './ids.js';
import { ServerKeys } from './keys.js';
import { OperationLog } from './log.js';
import { InfoNetwork } from './network.js';
import { BODIES, LAYOUTS, MATCHING_LIST, NOTICES, STAFF } from './seed.js';
import { seededCopies, seededNetwork } from './seedPeople.js';
import type { StaffRow } from './staff.js';
import { Store } from './store/store.js';
import { complete } from './work/complete.js';

export interface ExchangeOptions {
  /** Folder of the data; one below it for each body. */
  readonly data: string;
  /** Of identifiers. */
  readonly seed: string;
  /** Beside the invented ones. */
  readonly staff: readonly StaffRow[];
  /** Beside the invented ones. */
  readonly people: Demonstration['people'];
  readonly clock: Clock;
}

/** An exchange whose stores are open. */
export interface OpenExchange extends Exchange {
  /** Closes the stores; what is under way has been waited for. */
  close(): Promise<void>;
  /** The core system's store, which housekeeping rewrites too. */
  readonly core: Store;
}

/**
 * Opens the stores, fills those that are new, and goes on with what was under way when the server ended.
 * @throws KuramoriError INTEGRITY_FAILURE when a journal is damaged
 */
export async function openExchange({
  data,
  seed,
  staff,
  people,
  clock,
}: ExchangeOptions): Promise<OpenExchange> {
  const core = await openStore(join(data, 'network'));
  const bodies = new Map<string, Body>();
  for (const body of Object.values(BODIES)) bodies.set(body.bodyCode, await openBody(data, body));
  const ids = new Ids(seed);
  const keys = new ServerKeys(core, clock);
  await fill(core, bodies, ids);
  await fillDemonstration(people, { core, registry: bodies.get(BODIES.registry.bodyCode) }, codesBy(ids));
  await keys.open();
  const exchange: Exchange = {
    network: new InfoNetwork({ core, bodies, rows: MATCHING_LIST, ids, clock }),
    bodies,
    staff: [...STAFF, ...staff],
    layouts: LAYOUTS,
    notices: NOTICES,
    keys,
    ids,
    clock,
    nonces: new LRUCache({ max: INTERMEDIARY_NONCES_MAX }),
  };
  await goOn(exchange);
  return { ...exchange, core, close: () => closeAll(core, bodies) };
}

async function openBody(data: string, body: Pick<Body, 'bodyCode' | 'name' | 'systemId'>): Promise<Body> {
  const folder = join(data, body.bodyCode);
  const store = await openStore(folder);
  return { ...body, store, log: await OperationLog.open(join(folder, 'log.jsonl')) };
}

async function openStore(folder: string): Promise<Store> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return Store.open(join(folder, 'journal.jsonl'));
}

/** A store that has anything has all of its seed: it is one commit. */
async function fill(core: Store, bodies: ReadonlyMap<string, Body>, ids: Ids): Promise<void> {
  for (const { bodyCode, store } of bodies.values()) {
    if (store.isEmpty) await store.commit(seededCopies(bodyCode));
  }
  if (core.isEmpty) await core.commit(seededNetwork(codesBy(ids)));
}

function codesBy(ids: Ids) {
  return (bodyCode: string, person: string) => ids.of('code', bodyCode, person);
}

async function goOn(exchange: Exchange): Promise<void> {
  for (const body of exchange.bodies.values()) {
    const unfinished = [...messagesOf(body)].filter(([, { envelope, answer }]) => envelope && !answer);
    for (const [messageId] of unfinished) await complete(exchange, body, messageId);
  }
}

async function closeAll(core: Store, bodies: ReadonlyMap<string, Body>): Promise<void> {
  await core.close();
  for (const { store, log } of bodies.values()) await Promise.all([store.close(), log.close()]);
}
