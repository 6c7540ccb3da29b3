import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  acquireCodeRequest,
  newPushRequestId,
  registerRequest,
  verifyPublishedKeys,
  type SignedOperation,
} from '../../../../src/client/index.js';
import { isFinal, type PushState } from '../../../../src/protocol/push.js';
import { MUNICIPALITY } from '../../processes/vault.js';
import { temporaryHome } from '../../processes/process.js';
import { networkAuthority } from './certificates.js';
import { newDrop, type Drop } from './drop.js';
import { startPeer, type Hold } from './peerServer.js';
import { startPushingProcess } from './vaultProcess.js';

/**
 * Brings a push to each point of its life, kills the vault there, kills it once more, and has what follows tested.
 * @param byFiles the vault reaches the other side by files
 */
export async function killedTwice(byFiles: boolean): Promise<void> {
  const home = temporaryHome();
  const network = await networkAuthority();
  const server = await startPeer(await network.issue('intermediary', 'serverAuth'), network.ca);
  const { peer } = server;
  const linkage = await network.issue('vault', 'clientAuth');
  const drop = byFiles ? newDrop() : undefined;
  let door = drop && server.byFiles(drop.folder, drop.privateKey);
  const pushing = await startPushingProcess(home, server, linkage, network.ca, { drop });
  const { vault } = pushing;
  const { owner } = vault.databases;
  const clerk = await vault.person('P-1029', { operations: ['register', 'push'] });
  const UNIFIED = '000000000012345';

  let requests = 0;
  const operate = async ({ assertion, body }: SignedOperation) => {
    const { result } = await pushing.client().operate({ assertion, body, requestId: `R-${(requests += 1)}` });
    return result as Record<string, string>;
  };
  const { signed } = await pushing.client().publishedKeys();
  const vaultKeys = await verifyPublishedKeys(signed, vault.anchor, { municipality: MUNICIPALITY });
  const registered = await registerRequest(clerk.key, {
    ...clerk.context,
    vaultKeys,
    number: '123456789018',
    attributes: { unifiedAddresseeNo: UNIFIED },
  });
  const { ref = '' } = await operate(registered);

  // A change of one push is held up inside its transaction, before it commits, for as long as the test has its lock, or
  // the statement its time: each has a lock of its own, so that one that gives up is not taken for another.
  const LOCK = 7_777;
  const HELD_MAX = 8;
  await owner.vault.run(
    'test.hold',
    ({ raw }) => raw`
      create table public.held_change (place integer generated always as identity, push_request_id text, state text)`,
  );
  await owner.vault.run('test.hold', ({ raw }) =>
    raw.unsafe(`create function public.hold_push() returns trigger security definer set lock_timeout = 0
      language plpgsql as $$
      begin
        perform pg_advisory_xact_lock(${LOCK}, h.place) from public.held_change h
          where h.push_request_id = new.push_request_id and h.state = new.state;
        return new;
      end $$;
      create trigger held before update on vault.push for each row execute function public.hold_push()`),
  );
  const eventually = async (isSo: () => Promise<boolean>) => {
    for (let tries = 0; tries < 500; tries += 1) {
      if (await isSo()) return;
      // What is waited for comes at a look of the vault, one a second; asking oftener is work for everybody.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('it never came to it');
  };
  const waitsAt = async (place: number) => {
    const waiting = await owner.vault.run(
      'test.waiting',
      ({ raw }) => raw`
      select from pg_locks where locktype = 'advisory' and classid = ${LOCK} and objid = ${place} and not granted`,
    );
    return waiting.length > 0;
  };

  const accept = async (pushRequestId = newPushRequestId()): Promise<string> => {
    const details = { ...clerk.context, ref, unifiedAddresseeNo: UNIFIED, pushRequestId };
    expect(await operate(await acquireCodeRequest(clerk.key, details))).toEqual({
      pushRequestId,
      state: 'ACCEPTED',
    });
    return pushRequestId;
  };
  const history = async (pushRequestId: string) => {
    const { changes } = await pushing.client().pushChanges('0');
    return changes.filter((change) => change.pushRequestId === pushRequestId);
  };
  const stateOf = async (pushRequestId: string) => (await history(pushRequestId)).at(-1)?.state;
  const reaches = (pushRequestId: string, state: PushState) =>
    eventually(async () => (await stateOf(pushRequestId)) === state);
  /** Nobody waits a minute in a test. */
  const makeDue = () =>
    owner.vault.run(
      'test.due',
      ({ raw }) => raw`update vault.push set next_attempt_at = now() where next_attempt_at is not null`,
    );
  const effectsOf = async (pushRequestId: string) => {
    const [row] = await owner.vault.run(
      'test.message',
      ({ raw }) => raw<{ id: string }[]>`
      select message_id as id from vault.push where push_request_id = ${pushRequestId}`,
    );
    return peer.effects.get(row?.id ?? '') ?? 0;
  };

  /** A push whose exchange the other side holds up. */
  const heldAt = async (hold: Hold): Promise<string> => {
    server.hold = hold;
    const held = server.held();
    const id = await accept();
    await held;
    server.hold = undefined;
    return id;
  };
  /** A push that stands before a state. */
  const heldBefore = async (state: PushState): Promise<string> => {
    const id = newPushRequestId();
    const [held] = await owner.vault.run(
      'test.hold',
      ({ raw }) => raw<{ place: number }[]>`
      insert into public.held_change (push_request_id, state) values (${id}, ${state}) returning place`,
    );
    await accept(id);
    await eventually(() => waitsAt(held!.place));
    return id;
  };
  const waitingThere = async (): Promise<string> => {
    peer.acquisition = 'REQUESTED';
    const id = await accept();
    await reaches(id, 'PENDING');
    return id;
  };
  const waitingHere = async (): Promise<string> => {
    [peer.status, peer.reason] = ['RETRYABLE', 'OUTAGE'];
    const id = await accept();
    await reaches(id, 'RETRY_WAIT');
    [peer.status, peer.reason] = ['DONE', undefined];
    return id;
  };

  /** Its file lies in the outbox, and the other side takes none any more. */
  const untaken = async ({ folder }: Drop): Promise<string> => {
    void door?.stop();
    const id = await accept();
    const outbox = join(folder, 'outbox');
    await eventually(() => Promise.resolve(readdirSync(outbox).some((name) => name.endsWith('.spi'))));
    return id;
  };

  /** Where a push stands when the vault is killed. */
  const points: Readonly<Record<string, () => Promise<string>>> = {
    'waiting at the other side': waitingThere,
    'waiting for its next attempt': waitingHere,
    'its message on the way, without effect': () => heldAt('beforeEffect'),
    'after its effect, without an answer': () => heldAt('afterEffect'),
    'answered, and nothing of it written down': () => heldBefore('DONE'),
    'intended, and SENDING not yet durable': () => heldBefore('SENDING'),
    ...(drop && { 'its file in the outbox, taken by nobody': () => untaken(drop) }),
    'accepted a moment ago': accept,
  };
  const pushed = new Map<string, string>();

  /** Brings a push to each point, then ends the process. */
  await owner.vault.transaction('test.holding', async (tx) => {
    await tx.run(
      'test.lock',
      ({ raw }) => raw`
      select pg_advisory_xact_lock(${LOCK}, place) from generate_series(1, ${HELD_MAX}::integer) as place`,
    );
    for (const [point, bring] of Object.entries(points)) {
      pushed.set(point, await bring());
      peer.acquisition = 'ACQUIRED';
    }
    await pushing.kill();
  });
  if (drop !== undefined) door = server.byFiles(drop.folder, drop.privateKey);
  // Killed once more while it asks about what it had sent.
  server.hold = 'question';
  const asked = server.held();
  await pushing.restart();
  await asked;
  await pushing.kill();
  server.hold = undefined;
  await owner.vault.run('test.free', ({ raw }) => raw`delete from public.held_change`);
  await pushing.restart();
  await makeDue();

  describe(`a push${byFiles ? ' by files' : ''} whose vault is killed twice`, () => {
    test.each(Object.keys(points))('%s, has its effect exactly once', async (point) => {
      const id = pushed.get(point) ?? '';
      await eventually(async () => isFinal((await stateOf(id)) ?? 'ACCEPTED'));
      const changes = await history(id);
      expect(changes.at(-1)).toMatchObject({ state: 'DONE', reason: 'OK' });
      expect(await effectsOf(id)).toBe(1);
      expect(new Set(changes.map(({ sequence }) => sequence)).size).toBe(changes.length);
    });
  });
}
