import { describe, expect, test } from 'vitest';
import { cancelPushRequest } from '../../../../src/client/index.js';
import { codeOf, done } from '../../operation/support/two.js';
import { answersAtOnce, batching, GATHERED } from './support.js';

const it = await batching();
answersAtOnce(it);
const { vault, peer, clerk, people, after, batched, last, newest, standing, sentBatches, provisionRecords } =
  it;
const owner = vault.databases.owner.vault;
const recordIdsOf = async (ids: readonly string[]) => {
  const rows = await owner.run(
    'test.messages',
    ({ raw }) => raw<{ id: string }[]>`
    select message_id as id from vault.push where push_request_id = any (${[...ids]}::text[])`,
  );
  return rows.map(({ id }) => `R-${id}`).toSorted();
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
