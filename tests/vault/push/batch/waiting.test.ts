import { describe, expect, test } from 'vitest';
import { answersAtOnce, batching, DAY, GATHERED } from './support.js';

const it = await batching();
answersAtOnce(it);
const { peer, people, after, batched, last, standing, provisionRecords } = it;
const WAITS = { line: '09', name: '04', outcome: 'MANUAL_PENDING' };

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
