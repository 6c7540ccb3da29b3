import { describe, expect, test } from 'vitest';
import {
  inquireRefundAccountRequest,
  newConsentId,
  newPushRequestId,
  recordConsentRequest,
  registerRequest,
  verifyPublishedKeys,
  type SignedOperation,
} from '../../../../src/client/index.js';
import { isFinal } from '../../../../src/protocol/push.js';
import { temporaryHome } from '../../processes/process.js';
import { MUNICIPALITY } from '../../processes/vault.js';
import { networkAuthority } from '../support/certificates.js';
import { startPeer, type Hold } from '../support/peerServer.js';
import { startPushingProcess } from '../support/vaultProcess.js';

const home = temporaryHome();
const network = await networkAuthority();
const server = await startPeer(await network.issue('intermediary', 'serverAuth'), network.ca);
const { peer } = server;
const linkage = await network.issue('vault', 'clientAuth');
const pushing = await startPushingProcess(home, server, linkage, network.ca);
const { vault } = pushing;
const owner = vault.databases.owner.vault;
const clerk = await vault.person('P-1029', { operations: ['register', 'push', 'recordConsent'] });

let requests = 0;
const operate = async ({ assertion, body }: SignedOperation) => {
  const { result } = await pushing.client().operate({ assertion, body, requestId: `R-${(requests += 1)}` });
  return result as Record<string, string>;
};
const { signed } = await pushing.client().publishedKeys();
const vaultKeys = await verifyPublishedKeys(signed, vault.anchor, { municipality: MUNICIPALITY });
const people = await Promise.all(
  ['123456789018', '135792468015'].map(async (number, at) => {
    const unifiedAddresseeNo = `00000000001234${at}`;
    const attributes = { unifiedAddresseeNo };
    const request = await registerRequest(clerk.key, { ...clerk.context, vaultKeys, number, attributes });
    return { unifiedAddresseeNo, ref: (await operate(request))['ref'] ?? '' };
  }),
);

// A change is held up inside its transaction, before it commits, for as long as the test has the lock.
const LOCK = 7_778;
await owner.run('test.hold', ({ raw }) =>
  raw.unsafe(`create table public.held_change (name text not null, state text not null);
    create function public.hold_change() returns trigger security definer set lock_timeout = 0
    language plpgsql as $$
    declare names text[] := array[coalesce(to_jsonb(new)->>'batch_id', ''), to_jsonb(new)->>'push_request_id', 'any'];
    begin
      if exists (select from public.held_change h where h.name = any (names) and h.state = tg_argv[0] || new.state) then
        perform pg_advisory_xact_lock(${LOCK});
      end if;
      return new;
    end $$;
    create trigger held before update on vault.push for each row execute function public.hold_change('line ');
    create trigger held before update on vault.inquiry_batch for each row
      execute function public.hold_change('batch ')`),
);
const eventually = async (isSo: () => Promise<boolean>) => {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await isSo()) return;
    // What is waited for comes at a look of the vault, one a second; asking oftener is work for everybody.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it never came to it');
};
const waitingForLock = async () => {
  const waiting = await owner.run(
    'test.waiting',
    ({ raw }) => raw`select from pg_locks where locktype = 'advisory' and objid = ${LOCK} and not granted`,
  );
  return waiting.length;
};

/** Two pushes that wait for each other. */
const accept = async (): Promise<readonly string[]> =>
  Promise.all(
    people.map(async ({ ref, unifiedAddresseeNo }) => {
      const [pushRequestId, consentId] = [newPushRequestId(), newConsentId()];
      const refundId = `RF-${pushRequestId}`;
      const about = { ...clerk.context, ref, refundId, consentId };
      const evidence = {
        channel: 'counter',
        consentedOn: '2026-11-20',
        evidenceDigest: `sha256:${'A'.repeat(43)}`,
      } as const;
      await operate(await recordConsentRequest(clerk.key, { ...about, ...evidence }));
      const asked = { unifiedAddresseeNo, holderKana: 'ヤマダ ハナコ', pushRequestId, batch: true } as const;
      await operate(await inquireRefundAccountRequest(clerk.key, { ...about, ...asked }));
      return pushRequestId;
    }),
  );
/** Nobody waits ten minutes in a test. */
const gather = (ids: readonly string[]) =>
  owner.run(
    'test.gather',
    ({ raw }) => raw`
    update vault.push set next_attempt_at = now() where push_request_id = any (${[...ids]}::text[])`,
  );
const makeDue = (ids: readonly string[]) =>
  owner.run(
    'test.due',
    ({ raw }) => raw`
    update vault.inquiry_batch b set next_attempt_at = now() where next_attempt_at is not null and exists
      (select from vault.push p where p.batch_id = b.batch_id and p.push_request_id = any (${[...ids]}::text[]))`,
  );
const batchOf = async (ids: readonly string[]) => {
  const [row] = await owner.run(
    'test.batch',
    ({ raw }) => raw<{ id: string; state: string }[]>`
    select b.batch_id as id, b.state from vault.push p join vault.inquiry_batch b using (batch_id)
    where p.push_request_id = ${ids[0] ?? ''}`,
  );
  return row;
};
const reaches = (ids: readonly string[], state: string) =>
  eventually(async () => (await batchOf(ids))?.state === state);
const formed = async () => {
  const ids = await accept();
  await gather(ids);
  return ids;
};
const pending = async () => {
  const ids = await formed();
  await reaches(ids, 'PENDING');
  return ids;
};

/** A batch whose exchange the other side holds up. */
const heldAt = async (hold: Hold, bring: () => Promise<readonly string[]>, then?: typeof makeDue) => {
  const ids = await bring();
  server.hold = hold;
  const held = server.held();
  await (then ?? gather)(ids);
  await held;
  server.hold = undefined;
  return ids;
};
const waitingHere = async () => {
  [peer.status, peer.reason] = ['RETRYABLE', 'OUTAGE'];
  const ids = await formed();
  await reaches(ids, 'RETRY_WAIT');
  [peer.status, peer.reason] = ['DONE', undefined];
  return ids;
};

/** Where a batch stands when the vault is killed. */
const POINTS: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  'waiting at the other side': pending,
  'waiting for its next attempt': waitingHere,
  'its message on the way, without effect': () => heldAt('beforeEffect', accept),
  'after its effect, without an answer': () => heldAt('afterEffect', accept),
  'its results on the way': () => heldAt('results', pending, makeDue),
};

/** Changes before which a batch stands, all at once: the database lets none of them wait for long. */
const CHANGES: Readonly<Record<string, readonly [change: string, bring: () => Promise<readonly string[]>]>> =
  {
    'its results there, and not yet durable': ['batch ANSWERED', pending],
    'some of its lines settled': ['line DONE', pending],
    'its lines settled, and itself not': ['batch DONE', pending],
    'formed, and SENDING not yet durable': ['batch SENDING', accept],
  };
const pushed = new Map<string, readonly string[]>();
/** Names of everything that belongs to some pushes, and `any` where they are in no batch yet. */
const namesOf = async (ids: readonly string[]) => [(await batchOf(ids))?.id ?? 'any', ids[1] ?? ''];

/** Brings a batch to each point, then ends the process. */
await owner.transaction('test.holding', async (tx) => {
  await tx.run('test.lock', ({ raw }) => raw`select pg_advisory_xact_lock(${LOCK})`);
  for (const [point, bring] of Object.entries(POINTS)) pushed.set(point, await bring());
  for (const [point, [change, bring]] of Object.entries(CHANGES)) {
    const ids = await bring();
    pushed.set(point, ids);
    for (const name of await namesOf(ids))
      await owner.run(
        'test.hold',
        ({ raw }) => raw`insert into public.held_change values (${name}, ${change})`,
      );
  }
  for (const point of Object.keys(CHANGES)) {
    await makeDue(pushed.get(point) ?? []);
    await gather(pushed.get(point) ?? []);
  }
  await eventually(async () => (await waitingForLock()) === Object.keys(CHANGES).length);
  pushed.set('its lines waiting for others', await accept());
  await pushing.kill();
});
await owner.run('test.free', ({ raw }) => raw`delete from public.held_change`);
// Killed once more while it asks about what it had sent.
server.hold = 'question';
const asked = server.held();
await pushing.restart();
await asked;
await pushing.kill();
server.hold = undefined;
await pushing.restart();

const last = async (id: string) => {
  const { changes } = await pushing.client().pushChanges('0');
  return changes.filter(({ pushRequestId }) => pushRequestId === id).at(-1);
};

describe('a batch whose vault is killed twice', () => {
  test.each([...pushed.keys()])('%s, has its effect exactly once, for each line', async (point) => {
    const ids = pushed.get(point) ?? [];
    await owner.run(
      'test.gather',
      ({ raw }) => raw`
      update vault.push set next_attempt_at = now()
      where push_request_id = any (${[...ids]}::text[]) and batch_id is null and next_attempt_at is not null`,
    );
    for (const id of ids) {
      await eventually(async () => {
        await makeDue(ids);
        return isFinal((await last(id))?.state ?? 'ACCEPTED');
      });
      expect(await last(id)).toMatchObject({ state: 'DONE', reason: 'OK' });
    }
    await reaches(ids, 'DONE');
    const batch = await batchOf(ids);
    expect(peer.effects.get(batch?.id ?? '')).toBe(1);
    const kept = await owner.run(
      'test.kept',
      ({ raw }) => raw`
      select (select count(*)::int from vault.refund_account a where a.push_request_id = p.push_request_id) as accounts,
        (select count(*)::int from vault.info_provision_record r where r.push_request_id = p.push_request_id) as records
      from vault.push p where push_request_id = any (${[...ids]}::text[])`,
    );
    expect([...kept]).toEqual(ids.map(() => ({ accounts: 1, records: 1 })));
  });
});
