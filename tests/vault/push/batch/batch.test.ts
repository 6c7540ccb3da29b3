import { beforeEach, describe, expect, test } from 'vitest';
import { cancelPushRequest, withdrawConsentRequest } from '../../../../src/client/index.js';
import type { EnvelopeOf } from '../../../../src/protocol/intermediary/message.js';
import { codeOf, done } from '../../operation/support/two.js';
import { batching, GATHERED } from './support.js';

const it = await batching();
const { vault, peer, clerk, people, after, batched, last, newest, standing } = it;
const owner = vault.databases.owner.vault;
const WAITS = { line: '09', name: '04', outcome: 'MANUAL_PENDING' };
const DAY = 24 * 60;

beforeEach(() => {
  [peer.status, peer.reason, peer.spoilt, peer.areResultsReady] = ['DONE', undefined, (lines) => lines, true];
  peer.endings.clear();
  peer.faults.length = 0;
  [peer.silentQuestions, peer.lostResults] = [0, 0];
});

const sentBatches = () =>
  peer.received.filter(
    (envelope): envelope is EnvelopeOf<'inquiry.batch'> => envelope.kind === 'inquiry.batch',
  );
const effectsOf = async () => peer.effects.get((await newest()).batchId) ?? 0;
const recordIdsOf = async (ids: readonly string[]) => {
  const rows = await owner.run(
    'test.messages',
    ({ raw }) => raw<{ id: string }[]>`
    select message_id as id from vault.push where push_request_id = any (${[...ids]}::text[])`,
  );
  return rows.map(({ id }) => `R-${id}`).toSorted();
};
const provisionRecords = async (ids: readonly string[]) => {
  const rows = await owner.run(
    'test.records',
    ({ raw }) => raw<{ id: string; status: string }[]>`
    select record_id as id, result_status as status from vault.info_provision_record
    where push_request_id = any (${[...ids]}::text[]) order by record_id`,
  );
  return rows.map(({ id, status }) => ({ id, status }));
};

describe('pushes of a batch', () => {
  test('wait for others, travel as one message, and end each by its own line', async () => {
    peer.endings.set(people[1]!.unifiedAddresseeNo, { line: '09', name: '02', outcome: 'NO_DATA' });
    const ids = [...(await batched(2))];
    await after(GATHERED - 1);
    const before = sentBatches().length;
    ids.push(...(await batched(1)));
    await after(1);
    expect(sentBatches()).toHaveLength(before + 1);
    expect(await standing()).toBe('PENDING WAITING');
    expect(await last(ids)).toEqual(ids.map(() => 'PENDING WAITING'));
    await after(1);
    expect(await last(ids)).toEqual(['DONE OK', 'DONE NO_DATA', 'DONE OK']);
    expect(await standing()).toBe('DONE OK');
    expect(await it.history(ids[0]!)).toEqual([
      'ACCEPTED ACCEPTED',
      'SENDING TRANSMITTING',
      'PENDING WAITING',
      'DONE OK',
    ]);
  });

  test('name each its person, its consent and the record number of its push', async () => {
    const ids = await batched(2);
    await after(GATHERED);
    const { body } = sentBatches().at(-1)!;
    expect(body.lines.map(({ lineNo }) => lineNo)).toEqual([1, 2]);
    expect(body.lines.map(({ unifiedAddresseeNo }) => unifiedAddresseeNo).toSorted()).toEqual(
      people.slice(0, 2).map(({ unifiedAddresseeNo }) => unifiedAddresseeNo),
    );
    expect(new Set(body.lines.map(({ consentId }) => consentId)).size).toBe(2);
    const recordIds = await recordIdsOf(ids);
    expect(body.lines.map(({ recordId }) => recordId).toSorted()).toEqual(recordIds);
    await after(1);
    expect(await provisionRecords(ids)).toEqual(recordIds.map((id) => ({ id, status: 'OK 09 01' })));
  });

  test('leave their receipt, the digest of which stands in the journal of each', async () => {
    const ids = await batched(2);
    await after(GATHERED);
    await after(1);
    const { receiptDigest } = await newest();
    expect(receiptDigest).toMatch(/^sha256:/);
    for (const id of ids) expect((await it.changes(id)).at(-1)).toMatchObject({ receiptDigest, attempt: 1 });
  });

  test('keep an account for each refund, sealed for 30 days', async () => {
    const ids = await batched(1);
    await after(GATHERED);
    await after(1);
    const [row] = await owner.run(
      'test.account',
      ({ raw }) => raw`
      select i.kind, i.erase_after - i.stored_at as kept from vault.refund_account a
      join vault.spool_item i on i.item_ref = a.account_ref where a.push_request_id = ${ids[0]!}`,
    );
    expect(row).toEqual({ kind: 'account', kept: '30 days' });
  });

  test('are sent with others of the same person, purpose and basis alone', async () => {
    const [mine] = await batched(1);
    await owner.run(
      'test.other',
      ({ raw }) => raw`update vault.push set unit = 'shuno' where push_request_id = ${mine!}`,
    );
    await batched(1);
    const before = sentBatches().length;
    await after(GATHERED);
    const sent = sentBatches().slice(before);
    expect(sent.map(({ body }) => body.lines.length)).toEqual([1, 1]);
    expect(sent.map(({ actAs }) => actAs.unitCode).toSorted()).toEqual(['nozei', 'shuno']);
    await after(1);
  });

  test('go at once when they would end before', async () => {
    const deadline = new Date(vault.clock.ms() + 5 * 60_000).toISOString();
    const ids = await batched(1, { deadline });
    await after(0);
    expect(await last(ids)).toEqual(['PENDING WAITING']);
    await after(1);
    expect(await last(ids)).toEqual(['DONE OK']);
  });

  test('can be cancelled until they are in a batch, and not after', async () => {
    const [kept, given] = await batched(2);
    const cancel = async (pushRequestId: string, ref = people[0]!.ref) => {
      const details = { ...clerk.context, ref, pushRequestId, reason: '取下げ' };
      return vault.run(await cancelPushRequest(clerk.key, details));
    };
    done(await cancel(given!, people[1]!.ref));
    peer.faults.push('notReached');
    await after(GATHERED);
    expect(await last([kept!, given!])).toEqual(['RETRY_WAIT NOT_REACHED', 'CANCELLED CANCELLED']);
    expect((await newest()).lineCount).toBe(1);
    expect(codeOf(await cancel(kept!))).toMatch(/^CONFLICT/);
    await after(1);
    await after(1);
    expect(await last([kept!])).toEqual(['DONE OK']);
  });

  test('is for accounts alone', async () => {
    const { answer } = await it.acquire(people[0]!.ref, people[0]!.unifiedAddresseeNo, {
      batch: true,
    } as object);
    expect(done(answer)).toMatchObject({ state: 'ACCEPTED' });
    const [row] = await owner.run(
      'test.push',
      ({ raw }) => raw`select count(*)::int n from vault.push
      where batched and procedure <> 'inquireRefundAccount'`,
    );
    expect(row).toEqual({ n: 0 });
  });
});

describe('a batch that does not arrive', () => {
  test('is sent again after 1, 2, 4, 8, 15 minutes, and its lines are given up after the eighth time', async () => {
    peer.faults.push(...Array.from({ length: 20 }, () => 'notReached' as const));
    const ids = await batched(2);
    await after(GATHERED);
    for (const minutes of [1, 2, 4, 8, 15, 15, 15]) {
      await after(minutes - 0.1);
      const { attempt } = await newest();
      await after(0.1);
      expect((await newest()).attempt).toBe(attempt + 1);
    }
    expect(await standing()).toBe('RETRY_WAIT NOT_REACHED');
    await after(15);
    expect(await last(ids)).toEqual(ids.map(() => 'FAILED ATTEMPTS_SPENT'));
    expect(await standing()).toBe('DISSOLVED LINE_ENDED');
    expect(await provisionRecords(ids)).toEqual([]);
  });

  test('has its effect once when the server was out of service', async () => {
    peer.faults.push('outage');
    const ids = await batched(2);
    await after(GATHERED);
    expect(await last(ids)).toEqual(ids.map(() => 'RETRY_WAIT OUTAGE'));
    await after(1);
    await after(1);
    expect(await last(ids)).toEqual(ids.map(() => 'DONE OK'));
    expect(await effectsOf()).toBe(1);
  });

  test('is dissolved when a consent was withdrawn, and the others travel under other names', async () => {
    peer.faults.push('notReached');
    const ids = await batched(2);
    await after(GATHERED);
    const { batchId } = await newest();
    const [row] = await owner.run(
      'test.consent',
      ({ raw }) => raw<{ id: string }[]>`
      select consent_id as id from vault.push where push_request_id = ${ids[0]!}`,
    );
    const details = { ...clerk.context, ref: people[0]!.ref, consentId: row!.id, reason: '撤回' };
    done(await vault.run(await withdrawConsentRequest(clerk.key, details)));
    await after(1);
    expect(await last(ids)).toEqual(['CANCELLED WITHDRAWN', 'PENDING WAITING']);
    expect((await newest()).batchId).not.toBe(batchId);
    expect(sentBatches().some(({ messageId }) => messageId === batchId)).toBe(false);
    await after(1);
    expect(await last(ids)).toEqual(['CANCELLED WITHDRAWN', 'DONE OK']);
    expect(await provisionRecords(ids)).toHaveLength(1);
  });

  test('is not sent after the deadline of a line', async () => {
    peer.faults.push('notReached');
    const deadline = new Date(vault.clock.ms() + 10.5 * 60_000).toISOString();
    const ids = [...(await batched(1, { deadline })), ...(await batched(2)).slice(1)];
    await after(GATHERED);
    await after(1);
    const [expired, , other] = await last([...ids, ids[1]!]);
    expect(expired).toBe('EXPIRED DEADLINE_PASSED');
    expect(other).toBe('PENDING WAITING');
    await after(1);
  });
});

describe('a batch whose answer is lost', () => {
  test('is asked about, and not sent again when it had its effect', async () => {
    peer.faults.push('lostAfter');
    const ids = await batched(2);
    await after(GATHERED);
    expect(await last(ids)).toEqual(ids.map(() => 'INDETERMINATE NO_ANSWER'));
    const before = sentBatches().length;
    await after(1);
    expect(await last(ids)).toEqual(ids.map(() => 'DONE OK'));
    expect(sentBatches()).toHaveLength(before);
  });

  test('is sent again as the identical envelope when the other side does not know it', async () => {
    peer.faults.push('lostBefore');
    const ids = await batched(2);
    await after(GATHERED);
    await after(1);
    expect(await last(ids)).toEqual(ids.map(() => 'PENDING WAITING'));
    expect(Date.parse(sentBatches().at(-1)!.sentAt)).toBe(vault.clock.ms() - 60_000);
    expect(await effectsOf()).toBe(1);
    await after(1);
    expect(await last(ids)).toEqual(ids.map(() => 'DONE OK'));
  });

  test.each(['notReached', 'outage'] as const)(
    'may have its effect after a second copy: %s',
    async (fault) => {
      peer.faults.push('lostBefore', fault);
      const ids = await batched(2);
      await after(GATHERED);
      await after(1);
      expect(await last(ids)).toEqual(ids.map(() => 'INDETERMINATE NO_ANSWER'));
      await after(1);
      expect(await last(ids)).toEqual(ids.map(() => 'PENDING WAITING'));
      expect(await effectsOf()).toBe(1);
      await after(1);
      expect(await last(ids)).toEqual(ids.map(() => 'DONE OK'));
    },
  );

  test('is made anew, with the same records, only when no copy is taken any more', async () => {
    peer.faults.push('lostBefore');
    peer.silentQuestions = 3;
    const ids = await batched(2);
    await after(GATHERED);
    for (const minutes of [1, 2, 4]) await after(minutes);
    expect(await last(ids)).toEqual(ids.map(() => 'INDETERMINATE NO_ANSWER'));
    const { batchId } = await newest();
    await after(8);
    expect(sentBatches().at(-1)).toMatchObject({ messageId: batchId });
    expect(Date.parse(sentBatches().at(-1)!.sentAt)).toBe(vault.clock.ms());
    await after(1);
    expect(await last(ids)).toEqual(ids.map(() => 'DONE OK'));
  });

  test('is never taken for lost while a copy of it may still be on its way', async () => {
    peer.faults.push('lostBefore');
    peer.silentQuestions = 2;
    const ids = await batched(1);
    await after(GATHERED);
    await after(1);
    await after(2);
    await after(2);
    const before = sentBatches().length;
    expect(await last(ids)).toEqual(['INDETERMINATE NO_ANSWER']);
    await after(2);
    expect(sentBatches()).toHaveLength(before + 1);
    await after(1);
    expect(await last(ids)).toEqual(['DONE OK']);
  });

  test('is given up, and shown to the auditors, when nobody can say what became of it', async () => {
    peer.faults.push('lostAfter');
    peer.silentQuestions = 10_000;
    const ids = await batched(2);
    await after(GATHERED);
    await after(14 * DAY);
    expect(await last(ids)).toEqual(ids.map(() => 'FAILED UNRESOLVED'));
    expect(await standing()).toBe('FAILED UNRESOLVED');
    expect(await provisionRecords(ids)).toHaveLength(2);
  });
});

describe('a batch that waits at the other side', () => {
  test('is asked about after 1, 2, 4 minutes until its results are ready', async () => {
    peer.areResultsReady = false;
    const ids = await batched(2);
    await after(GATHERED);
    for (const minutes of [1, 2, 4]) await after(minutes);
    expect(await last(ids)).toEqual(ids.map(() => 'PENDING WAITING'));
    peer.areResultsReady = true;
    peer.lostResults = 1;
    await after(8);
    expect(await last(ids)).toEqual(ids.map(() => 'PENDING WAITING'));
    await after(15);
    expect(await last(ids)).toEqual(ids.map(() => 'DONE OK'));
  });

  test('waits on while the other side is out of service', async () => {
    const ids = await batched(1);
    await after(GATHERED);
    [peer.status, peer.reason] = ['RETRYABLE', 'OUTAGE'];
    await after(1);
    expect(await last(ids)).toEqual(['PENDING WAITING']);
    [peer.status, peer.reason] = ['DONE', undefined];
    await after(2);
    expect(await last(ids)).toEqual(['DONE OK']);
  });

  test('expires with the last of its lines', async () => {
    peer.areResultsReady = false;
    const ids = await batched(2);
    await after(GATHERED);
    await after(DAY);
    expect(await last(ids)).toEqual(ids.map(() => 'EXPIRED DEADLINE_PASSED'));
    expect(await standing()).toBe('EXPIRED DEADLINE_PASSED');
  });

  test('is given up when the other side has lost it', async () => {
    const ids = await batched(1);
    await after(GATHERED);
    peer.forget();
    await after(1);
    expect(await last(ids)).toEqual(['FAILED UNRESOLVED']);
  });

  test('gives what is there, and waits with the line that a person must decide', async () => {
    peer.endings.set(people[0]!.unifiedAddresseeNo, WAITS);
    const ids = await batched(2);
    await after(GATHERED);
    await after(1);
    expect(await last(ids)).toEqual(['PENDING WAITING', 'DONE OK']);
    expect(await standing()).toBe('PENDING MANUAL_PENDING');
    await after(1);
    await after(2);
    expect(await standing()).toBe('PENDING MANUAL_PENDING');
    peer.endings.clear();
    await after(15);
    expect(await last(ids)).toEqual(['DONE OK', 'DONE OK']);
    expect(await standing()).toBe('DONE OK');
    expect(await provisionRecords(ids)).toHaveLength(2);
  });

  test('waits with such a line no longer than the line may', async () => {
    peer.endings.set(people[0]!.unifiedAddresseeNo, WAITS);
    const ids = await batched(2);
    await after(GATHERED);
    await after(1);
    await after(DAY);
    expect(await last(ids)).toEqual(['EXPIRED DEADLINE_PASSED', 'DONE OK']);
    expect(await standing()).toBe('EXPIRED DEADLINE_PASSED');
  });

  test('ends such a line also when nobody could ask about it before its deadline', async () => {
    peer.endings.set(people[0]!.unifiedAddresseeNo, WAITS);
    peer.faults.push('lostAfter');
    peer.silentQuestions = 10_000;
    const ids = await batched(2);
    await after(GATHERED);
    await after(DAY);
    expect(await last(ids)).toEqual(ids.map(() => 'INDETERMINATE NO_ANSWER'));
    peer.silentQuestions = 0;
    await after(15);
    expect(await last(ids)).toEqual(['PENDING MANUAL_PENDING', 'DONE OK']);
    expect(await standing()).toBe('PENDING MANUAL_PENDING');
    await after(15);
    expect(await last(ids)).toEqual(['EXPIRED DEADLINE_PASSED', 'DONE OK']);
    expect(await standing()).toBe('EXPIRED DEADLINE_PASSED');
    expect(await provisionRecords(ids)).toHaveLength(2);
  });

  test('takes what was decided of others meanwhile', async () => {
    for (const { unifiedAddresseeNo } of people) peer.endings.set(unifiedAddresseeNo, WAITS);
    const ids = await batched(2);
    await after(GATHERED);
    await after(1);
    peer.endings.delete(people[1]!.unifiedAddresseeNo);
    await after(DAY);
    expect(await last(ids)).toEqual(['EXPIRED DEADLINE_PASSED', 'DONE OK']);
    expect(await standing()).toBe('PARTIAL PARTIAL');
  });
});

describe('results of a batch', () => {
  test('say of each line what became of it', async () => {
    peer.endings.set(people[0]!.unifiedAddresseeNo, { line: '21', outcome: 'CODE_NOT_ACQUIRED' });
    peer.endings.set(people[1]!.unifiedAddresseeNo, { line: '99', outcome: 'SYSTEM_ERROR' });
    const ids = await batched(3);
    await after(GATHERED);
    await after(1);
    expect(await last(ids)).toEqual(['REFUSED CODE_NOT_ACQUIRED', 'FAILED SYSTEM_ERROR', 'DONE OK']);
    expect(await standing()).toBe('PARTIAL PARTIAL');
    expect((await provisionRecords(ids)).map(({ status }) => status).toSorted()).toEqual([
      'CODE_NOT_ACQUIRED 21',
      'OK 09 01',
      'SYSTEM_ERROR 99',
    ]);
  });

  test.each([
    ['MISSING_LINE', 'without a line', (lines) => lines.slice(1)],
    ['UNKNOWN_LINE', 'with a line that nobody asked', (lines) => [...lines, { ...lines[0]!, lineNo: 9 }]],
    ['LINE_TWICE', 'with a line twice', (lines) => [...lines, lines[0]!]],
    ['WRONG_LINE', 'of other records', (lines) => lines.map((line) => ({ ...line, recordId: 'R-9' }))],
    [
      'OUTCOME_DIFFERS',
      'with statuses nobody knows',
      (lines) => lines.map((line) => ({ ...line, lineStatus: '00' })),
    ],
  ] as [string, string, typeof peer.spoilt][])('are set aside as %s, %s', async (fault, _, spoilt) => {
    peer.spoilt = spoilt;
    const ids = await batched(2);
    await after(GATHERED);
    await after(1);
    expect(await standing()).toBe(`QUARANTINED ${fault}`);
    expect(await last(ids)).toEqual(ids.map(() => 'FAILED QUARANTINED'));
    const accounts = await owner.run(
      'test.accounts',
      ({ raw }) => raw`select from vault.refund_account where push_request_id = any (${[...ids]}::text[])`,
    );
    expect(accounts).toHaveLength(0);
    expect((await newest()).receiptRefs).not.toBeNull();
    // What was set aside may be asked for again.
    peer.spoilt = (lines) => lines;
  });

  test.each([
    ['STAFF_ENDED', 'REFUSED NOT_PERMITTED'],
    ['RESULT_EXPIRED', 'FAILED UNRESOLVED'],
    ['PROVISION_UNKNOWN', 'FAILED SYSTEM_ERROR'],
  ] as const)('of a batch that is refused for %s come to %s', async (reason, expected) => {
    [peer.status, peer.reason] = ['REFUSED', reason];
    const ids = await batched(2);
    await after(GATHERED);
    expect(await last(ids)).toEqual(ids.map(() => expected));
    expect(await standing()).toBe(expected);
  });

  test('are sent for anew when its time was not taken', async () => {
    [peer.status, peer.reason] = ['REFUSED', 'SENT_AT_OUT_OF_WINDOW'];
    const ids = await batched(1);
    await after(GATHERED);
    expect(await last(ids)).toEqual(['RETRY_WAIT NOT_RECEIVED']);
    [peer.status, peer.reason] = ['DONE', undefined];
    await after(1);
    await after(1);
    expect(await last(ids)).toEqual(['DONE OK']);
  });

  test('stand in the log, with everybody before it is sent, and no value', async () => {
    await batched(2);
    await after(GATHERED);
    await after(1);
    const refs = people
      .slice(0, 2)
      .map(({ ref }) => ref)
      .toSorted();
    const entries = await owner.run(
      'test.log',
      ({ raw }) => raw<{ coordinate: string; reason: string; subjects: string[] }[]>`
      select coordinate, reason, subjects from audit.entry where coordinate like 'InquiryBatch.%'
      order by sequence desc limit 8`,
    );
    const told = (coordinate: string, reason: string, subjects: readonly string[] = []) => ({
      coordinate: `InquiryBatch.${coordinate}`,
      reason,
      subjects,
    });
    expect(entries.toReversed().map((each) => ({ ...each, subjects: each.subjects.toSorted() }))).toEqual([
      told('form', 'intent', refs),
      told('FORMED', 'FORMED'),
      told('send', 'intent', refs),
      told('SENDING', 'TRANSMITTING'),
      told('PENDING', 'WAITING'),
      told('ask', 'intent', refs),
      told('ANSWERED', 'OK'),
      told('DONE', 'OK'),
    ]);
  });
});
