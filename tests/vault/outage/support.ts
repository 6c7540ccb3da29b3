import { readFileSync } from 'node:fs';
import { vi } from 'vitest';
import {
  acquireCodeRequest,
  newPushRequestId,
  registerRequest,
  revealRequest,
  stepUpRequest,
  verifyPublishedKeys,
  type Anchor,
  type OperationContext,
  type SignedOperation,
  type VaultKeys,
} from '../../../src/client/index.js';
import { openDatabase, type Database } from '../../../src/kernel/database/database.js';
import { isKuramoriError, type ErrorCode } from '../../../src/kernel/errors.js';
import { openVaultClient } from '../../../src/vault/client/client.js';
import { OwnServer } from '../../support/ownServer.js';
import { checkDigitOf } from '../number/support/patterned.js';
import { MUNICIPALITY, type VaultPerson } from '../processes/vault.js';
import { temporaryHome } from '../processes/process.js';
import { networkAuthority } from '../push/support/certificates.js';
import { startPeer } from '../push/support/peerServer.js';
import { startPushingProcess } from '../push/support/vaultProcess.js';
import { afterwards } from '../../support/afterwards.js';

export type Kind = 'register' | 'reveal' | 'push';

/** Something that was signed for once, and what a test knows of it. */
export interface Signed {
  readonly kind: Kind;
  readonly person: string;
  readonly requestId: string;
  readonly operation: SignedOperation;
  readonly number: string;
  readonly pushRequestId: string;
  readonly open?: (jwe: string) => Promise<string>;
}

/** How it ended. */
export interface Ended extends Signed {
  readonly code: 'done' | ErrorCode;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, string>>;
}

const UNIFIED = '000000000012345';

/** A vault as a process, on two database servers of its own, with people who work without a pause. */
export async function outageHouse(people: number) {
  const [vaultServer, shredServer, network] = await Promise.all([
    OwnServer.start({ vault: 'migrations/vault' }),
    OwnServer.start({ shred: 'migrations/shred' }),
    networkAuthority(),
  ]);
  const peerServer = await startPeer(await network.issue('intermediary', 'serverAuth'), network.ca);
  const linkage = await network.issue('vault', 'clientAuth');
  const { vault } = await startPushingProcess(temporaryHome(), peerServer, linkage, network.ca, {
    own: {
      VAULT_DATABASE_URL: await vaultServer.userUrl('vault', 'vault'),
      VAULT_SHRED_DATABASE_URL: await shredServer.userUrl('shred', 'vault'),
    },
  });
  const { gateway } = vault.certificates;
  const client = openVaultClient({
    url: vault.running.address,
    ca: vault.ca,
    key: readFileSync(gateway.keyFile, 'utf8'),
    certificate: readFileSync(gateway.certificateFile, 'utf8'),
  });
  const open = (url: string) => openDatabase({ url, application: 'tests', connections: 2 });
  const owner = { vault: open(vaultServer.adminUrl('vault')), shred: open(shredServer.adminUrl('shred')) };
  afterwards(async () => {
    client.close();
    await Promise.all([owner.vault.close(), owner.shred.close()]);
  });
  const { signed } = await client.publishedKeys();
  const keys = await verifyPublishedKeys(signed, vault.anchor, { municipality: MUNICIPALITY });
  let requests = 0;
  const requestId = () => `R-${(requests += 1)}`;

  const deliver = async (asked: Signed): Promise<Ended> => {
    const { assertion, body } = asked.operation;
    try {
      const { result } = await client.operate({ assertion, body, requestId: asked.requestId });
      return { ...asked, code: 'done', facts: {}, result: result as Record<string, string> };
    } catch (error) {
      if (!isKuramoriError(error)) throw error;
      const { code, facts } = error;
      return { ...asked, code, facts, result: {} };
    }
  };
  const staff = await Promise.all(
    Array.from({ length: people }, async (_, at) => {
      const person = await vault.person(`P-10${at}`, {
        operations: ['register', 'reveal', 'push', 'status'],
      });
      const totp = person.nextCode();
      const stepping = await stepUpRequest(person.key, { ...person.context, totp, vaultKeys: keys });
      const { assertion, body } = stepping;
      const { result } = await client.operate({ assertion, body, requestId: requestId() });
      const { stepUp } = result as { stepUp: string };
      return new Clerk({ ...person, context: { ...person.context, stepUp } }, vault.anchor, keys, requestId);
    }),
  );
  const known = await deliver(await staff[0]!.signs('register', '', UNIFIED));
  const ref = known.result['ref'] ?? '';
  return {
    vault,
    client,
    owner,
    vaultServer,
    shredServer,
    peer: peerServer.peer,
    staff,
    deliver,
    ref,
    known,
  };
}

export type OutageHouse = Awaited<ReturnType<typeof outageHouse>>;

let numbers = 10_000;
/** Digits of Champernowne’s constant: nobody’s numbers (handbook 10 §9). */
function nextNumber(): string {
  numbers += 3;
  const base = `${numbers}${numbers + 1}${numbers + 2}`.slice(0, 11);
  return base + checkDigitOf(base);
}

/** Somebody who signs one thing after another. */
class Clerk {
  readonly personId: string;
  readonly #person: VaultPerson;
  readonly #context: OperationContext;
  readonly #anchor: Anchor;
  readonly #keys: VaultKeys;
  readonly #requestId: () => string;

  constructor(person: VaultPerson, anchor: Anchor, keys: VaultKeys, requestId: () => string) {
    [this.personId, this.#person, this.#context] = [person.personId, person, person.context];
    [this.#anchor, this.#keys, this.#requestId] = [anchor, keys, requestId];
  }

  async signs(
    kind: Kind,
    ref: string,
    unifiedAddresseeNo?: string,
    pushRequestId = newPushRequestId(),
  ): Promise<Signed> {
    const number = nextNumber();
    const about = { kind, person: this.personId, requestId: this.#requestId(), number, pushRequestId };
    const { key } = this.#person;
    const { stepUp: _stepUp, ...context } = this.#context;
    if (kind === 'register') {
      const attributes = unifiedAddresseeNo === undefined ? {} : { attributes: { unifiedAddresseeNo } };
      const vaultKeys = this.#keys;
      return {
        ...about,
        operation: await registerRequest(key, { ...context, number, vaultKeys, ...attributes }),
      };
    }
    if (kind === 'push') {
      const details = { ...context, ref, unifiedAddresseeNo: UNIFIED, pushRequestId };
      return { ...about, operation: await acquireCodeRequest(key, details) };
    }
    const stepUp = this.#context.stepUp ?? '';
    const request = await revealRequest(key, { ...this.#context, stepUp, ref, anchor: this.#anchor });
    return { ...about, operation: request, open: request.open };
  }
}

/** People at work: each asks one thing after another until they are told to stop. */
export class Load {
  readonly ended: Ended[] = [];
  readonly #house: OutageHouse;
  readonly #works: Promise<unknown>[];
  #over = false;

  constructor(house: OutageHouse, kinds: readonly Kind[]) {
    this.#house = house;
    this.#works = house.staff.map((clerk, at) => this.#work(clerk, kinds, at));
  }

  /** Resolves when so many more have ended as it is told. */
  async hasSeen(count: number, code: 'done' | 'refused'): Promise<void> {
    const from = this.ended.length;
    const seen = () => this.ended.slice(from).filter((each) => (each.code === 'done') === (code === 'done'));
    await vi.waitUntil(() => seen().length >= count, { timeout: 20_000, interval: 5 });
  }

  async stop(): Promise<readonly Ended[]> {
    this.#over = true;
    await Promise.all(this.#works);
    return this.ended;
  }

  async #work(clerk: Clerk, kinds: readonly Kind[], from: number): Promise<void> {
    for (let at = from; !this.#over; at += 1) {
      const kind = kinds[at % kinds.length] ?? 'push';
      const signed = await clerk.signs(kind, this.#house.ref);
      this.ended.push(await this.#house.deliver(signed));
    }
  }
}

/** Rows of a database, as its owner. */
export const rowsOf = <T extends object>(database: Database, query: string): Promise<readonly T[]> =>
  database.run('test.rows', async ({ raw }) => [...(await raw.unsafe<T[]>(query))]);
