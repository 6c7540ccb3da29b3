import { describe, expect, test } from 'vitest';
import {
  cancelPushRequest,
  newPushRequestId,
  withdrawConsentRequest,
  type PushDetails,
} from '../../../src/client/index.js';
import type { PushState } from '../../../src/protocol/push.js';
import { advance } from '../../../src/vault/push/advance.js';
import { ask, interrupted } from '../../../src/vault/push/ask.js';
import { changePush } from '../../../src/vault/push/change.js';
import { readPush, type PushRow } from '../../../src/vault/push/push.store.js';
import { send } from '../../../src/vault/push/send.js';
import { storeItem } from '../../../src/vault/spool/spool.js';
import { done } from '../operation/support/two.js';
import { pushing } from './support/pushing.js';

/** Each step by hand: nothing looks for pushes here, and two hands come to one. */
const it = await pushing();
const { vault, peer, clerk, runner } = it;
await runner.stop();
const { database } = vault.context;
const owner = vault.databases.owner.vault;
const context = { ...vault.context, intermediary: peer };
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const UNIFIED = '000000000012345';
const ref = await it.register('123456789018', UNIFIED);
const UNRESOLVED = 'FAILED UNRESOLVED';

const accepted = async (details: Partial<PushDetails> = {}) => {
  const { pushRequestId, answer } = await it.acquire(ref, UNIFIED, details);
  done(answer);
  return pushRequestId;
};
let refunds = 0;
const inquired = async (consentId?: string) => {
  const refundId = `RF-${(refunds += 1)}`;
  const said = consentId === undefined ? {} : { consentId };
  const { pushRequestId, answer } = await it.inquire(ref, UNIFIED, refundId, said);
  done(answer);
  return pushRequestId;
};
const go = (id: string, minutes = 0) => {
  vault.clock.move(minutes * MINUTE);
  return advance(context, id);
};
const row = async (id: string): Promise<PushRow> => (await readPush(database, id))!;
const last = async (id: string) => (await it.history(id)).at(-1);
/** The information provision records of a push. */
const provisions = async (id: string) => [
  ...(await owner.run(
    'test.provision',
    ({ raw }) => raw`
    select result_status as status, audit_sequence > 0 as logged, requested_at is not null as requested,
      provided_at as at
    from vault.info_provision_record where push_request_id = ${id}`,
  )),
];
const cancel = async (pushRequestId: string) => {
  const details = { ...clerk.context, ref, pushRequestId, reason: '取下げ' };
  return done(await vault.run(await cancelPushRequest(clerk.key, details)));
};
/** As a vault leaves it that is killed before it has written down what came of it. */
const killedIn = (state: PushState, id: string) =>
  owner.run(
    'test.killed',
    ({ raw }) => raw`
    update vault.push set state = ${state}, next_attempt_at = now() where push_request_id = ${id}`,
  );
const lost = async (id: string) => {
  peer.faults.push('lostBefore');
  await go(id);
  expect(await last(id)).toBe('INDETERMINATE NO_ANSWER');
  return id;
};

describe('a hand that comes late', () => {
  test('sends nothing of a push that was cancelled meanwhile', async () => {
    const id = await accepted();
    const read = await row(id);
    await cancel(id);
    const received = peer.received.length;
    await send(context, read);
    expect(peer.received).toHaveLength(received);
    expect(await it.history(id)).toEqual(['ACCEPTED ACCEPTED', 'CANCELLED CANCELLED']);
    expect((await row(id)).intentEntry).toBeNull();
  });

  test('does not end a push a second time, whatever it came to', async () => {
    const id = await accepted({ deadline: new Date(vault.clock.ms() + MINUTE).toISOString() });
    const read = await row(id);
    await cancel(id);
    vault.clock.move(MINUTE);
    await send(context, read);
    expect(await last(id)).toBe('CANCELLED CANCELLED');
  });

  test('writes down no second answer to one message', async () => {
    const id = await accepted();
    peer.faults.push('lostAfter');
    await go(id);
    const read = await row(id);
    await go(id, 1);
    const history = await it.history(id);
    expect(history.at(-1)).toBe('DONE OK');
    await ask(context, read);
    expect(await it.history(id)).toEqual(history);
  });

  test('does not send again what another has sent again while it asked', async () => {
    const id = await lost(await accepted());
    const received = peer.received.length;
    peer.meanwhile = () => go(id);
    await go(id, 1);
    expect(peer.received).toHaveLength(received + 1);
    expect(await it.history(id)).toHaveLength(5);
    expect(await last(id)).toBe('DONE OK');
  });

  test('takes nothing for interrupted that has ended', async () => {
    const id = await lost(await accepted());
    await killedIn('SENDING', id);
    const read = await row(id);
    await go(id);
    expect(await last(id)).toBe('INDETERMINATE INTERRUPTED');
    await go(id);
    await interrupted(context, read);
    await go(id);
    expect((await it.history(id)).slice(-3)).toEqual([
      'INDETERMINATE INTERRUPTED',
      'SENDING TRANSMITTING',
      'DONE OK',
    ]);
    expect(peer.effects.get(read.messageId)).toBe(1);
  });

  test('finds nothing to do under a name that nobody gave', async () => {
    await expect(advance(context, newPushRequestId())).resolves.toBeUndefined();
  });
});

describe('an inquiry that waits for a decision', () => {
  const waiting = async () => {
    peer.status = 'PENDING';
    const id = await inquired();
    await go(id);
    peer.status = 'DONE';
    expect(await last(id)).toBe('PENDING MANUAL_PENDING');
    return id;
  };

  test('and is not there any more has failed, and is not sent a second time', async () => {
    const id = await waiting();
    peer.forget();
    const received = peer.received.length;
    await go(id, 1);
    expect(await last(id)).toBe(UNRESOLVED);
    expect(peer.received).toHaveLength(received);
    expect(await provisions(id)).toEqual([{ status: 'UNRESOLVED', logged: true, requested: true, at: null }]);
  });

  test('or for an answer that never comes has failed after 14 days, and leaves its record once', async () => {
    peer.faults.push('lostAfter');
    const id = await inquired();
    await go(id);
    peer.silentQuestions = 3;
    await go(id, 1);
    expect(await provisions(id)).toEqual([]);
    const read = await row(id);
    await go(id, (14 * DAY) / MINUTE);
    await ask(context, read);
    expect(await last(id)).toBe(UNRESOLVED);
    expect(await provisions(id)).toEqual([{ status: 'UNRESOLVED', logged: true, requested: true, at: null }]);
  });

  test('ends at its deadline when the other side is away, and leaves its record', async () => {
    const id = await waiting();
    peer.silentQuestions = 2;
    await go(id, 1);
    expect(await last(id)).toBe('PENDING MANUAL_PENDING');
    await go(id, DAY / MINUTE);
    expect(await last(id)).toBe('EXPIRED DEADLINE_PASSED');
    const record = { status: 'DEADLINE_PASSED', logged: true, requested: true, at: null };
    expect(await provisions(id)).toEqual([record]);
    expect((await it.changes(id)).at(-1)).not.toHaveProperty('receiptDigest');
  });
});

test('an acquisition that waits ends at its deadline when the other side is away', async () => {
  peer.acquisition = 'REQUESTED';
  const id = await accepted();
  await go(id);
  peer.acquisition = 'ACQUIRED';
  peer.faults.push('notReached', 'lostBefore');
  await go(id, 1);
  expect(await last(id)).toBe('PENDING WAITING');
  await go(id, DAY / MINUTE);
  expect(await last(id)).toBe('EXPIRED DEADLINE_PASSED');
});

test('a consent withdrawn while the inquiry is lost stops it, once no copy of it is taken any more', async () => {
  const refundId = `RF-${refunds + 1}`;
  const consentId = await it.consent(ref, refundId);
  const id = await lost(await inquired(consentId));
  const details = { ...clerk.context, ref, consentId, reason: '本人の申出' };
  done(await vault.run(await withdrawConsentRequest(clerk.key, details)));
  const received = peer.received.length;
  await go(id, 1);
  expect(await last(id)).toBe('INDETERMINATE NO_ANSWER');
  await go(id, 6);
  expect(await last(id)).toBe('RETRY_WAIT NOT_RECEIVED');
  await go(id);
  expect(await last(id)).toBe('CANCELLED WITHDRAWN');
  expect(peer.received).toHaveLength(received);
});

describe('what cannot be', () => {
  const item = (kind: 'request' | 'envelope', plaintext: string) =>
    database.transaction('test.item', (tx) =>
      storeItem(context, tx, {
        kind,
        plaintext: Buffer.from(plaintext),
        eraseAfter: vault.clock.now().add({ hours: 1 }),
      }),
    );

  test('no push changes into a state that cannot follow, and nothing of it is written', async () => {
    const id = await accepted();
    const at = vault.clock.now();
    for (const state of ['DONE', 'SENDING'] as const)
      await expect(
        database.transaction('test.change', async (tx) =>
          changePush(tx, await row(id), { state, reason: 'OK', at }),
        ),
      ).rejects.toMatchObject({ code: 'INTERNAL', facts: { from: 'ACCEPTED', to: state } });
    expect(await it.history(id)).toEqual(['ACCEPTED ACCEPTED']);
  });

  test('a request that is not one is not sent', async () => {
    const id = await accepted();
    const other = await item('request', '{"procedure":"acquireCode"}');
    await owner.run(
      'test.request',
      ({ raw }) => raw`update vault.push set request_ref = ${other} where push_request_id = ${id}`,
    );
    const received = peer.received.length;
    await expect(go(id)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    expect(peer.received).toHaveLength(received);
    expect(await last(id)).toBe('ACCEPTED ACCEPTED');
  });

  test('an envelope that is not one is not sent again', async () => {
    const id = await lost(await accepted());
    const other = await item('envelope', '{}');
    await owner.run(
      'test.envelope',
      ({ raw }) => raw`update vault.push set envelope_ref = ${other} where push_request_id = ${id}`,
    );
    const received = peer.received.length;
    await expect(go(id, 1)).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    expect(peer.received).toHaveLength(received);
    expect(await last(id)).toBe('INDETERMINATE NO_ANSWER');
  });
});
