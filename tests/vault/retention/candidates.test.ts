import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { dayInJapan } from '../../../src/kernel/dates.js';
import { RETENTION_PAGE_SIZE_MAX } from '../../../src/kernel/limits.js';
import { placeHold, requestHold } from '../../../src/vault/hold/hold.js';
import { newVaultRef, type VaultRef } from '../../../src/vault/number/vaultRef.js';
import {
  erasureCandidates,
  type CandidatePage,
  type CandidateQuery,
  type OpenWork,
} from '../../../src/vault/retention/candidates.js';
import { installRetentionRules } from '../../../src/vault/retention/rule.store.js';
import { endTask, resumeTask } from '../../../src/vault/retention/task.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { approvedBy, by, inTx, MORNING } from '../approval/support/people.js';
import { erase, erasureContext, registerNumber, temporaryFolder } from '../erasure/support/vault.js';

const databases = await testVaultDatabases();
const { vault, owner } = databases;
const context = await erasureContext(databases, `${temporaryFolder()}/journal`);
afterAll(() => context.close());
await installRetentionRules(vault);

const TODAY = '2033-11-03';
const nobody: OpenWork = () => Promise.resolve(new Set());
const list = (query: Partial<CandidateQuery> = {}, openWork = nobody) =>
  erasureCandidates(vault, openWork, { today: TODAY, ...query });
const refsOf = (page: CandidatePage) => page.candidates.map(({ ref }) => ref);
const due = (retentionEndsOn = TODAY) => registerNumber(databases, { retentionEndsOn });

beforeEach(async () => {
  await owner.vault.run(
    'test.clear',
    ({ raw }) => raw`truncate vault.number, vault.hold, vault.number_index`,
  );
});

describe('the nightly list of candidates', () => {
  it('has whose retention has ended, the longest due first', async () => {
    const [today, long] = [await due(), await due('2030-01-01')];
    await due('2033-11-04');
    await registerNumber(databases);
    const superseded = await registerNumber(databases, {
      retentionEndsOn: '2031-01-01',
      state: 'superseded',
    });
    expect(await list()).toEqual({
      candidates: [
        { ref: long.ref, erasableFrom: '2030-01-01' },
        { ref: superseded.ref, erasableFrom: '2031-01-01' },
        { ref: today.ref, erasableFrom: TODAY },
      ],
      next: undefined,
    });
  });

  it('leaves out who is held', async () => {
    const { ref } = await due();
    const hold = { ref, reason: '訴訟', purpose: 'DELINQUENCY', basis: '地方税法' };
    const approvalId = await inTx(vault, (tx) => requestHold(tx, hold, by('A')));
    await approvedBy(vault, approvalId, 'B', 1);
    await inTx(vault, (tx) => placeHold(tx, hold, approvalId, by('A', 2)));
    expect(refsOf(await list())).toEqual([]);
  });

  it('leaves out whom open work still needs', async () => {
    const [busy, free] = [await due(), await due()];
    const openWork: OpenWork = (refs) => Promise.resolve(new Set(refs.filter((ref) => ref === busy.ref)));
    expect(refsOf(await list({}, openWork))).toEqual([free.ref]);
  });

  it('leaves out who is erased', async () => {
    const { ref } = await due();
    await erase(context, [ref]);
    expect(refsOf(await list())).toEqual([]);
  });

  it('does not ask for open work of nobody', async () => {
    const openWork: OpenWork = () => Promise.reject(new Error('asked'));
    expect(await list({}, openWork)).toEqual({ candidates: [], next: undefined });
  });

  it('comes in pages that together are the whole, none twice', async () => {
    const refs: VaultRef[] = [];
    for (let n = 0; n < 7; n++) refs.push((await due(n < 4 ? '2033-01-01' : '2033-01-02')).ref);
    const openWork: OpenWork = (page) => Promise.resolve(new Set(page.filter((ref) => ref === refs[2])));
    const seen: VaultRef[] = [];
    let pages = 0;
    let page = await list({ pageSize: 2 }, openWork);
    for (; page.next !== undefined; page = await list({ pageSize: 2, after: page.next }, openWork)) {
      seen.push(...refsOf(page));
      pages += 1;
    }
    seen.push(...refsOf(page));
    expect(pages).toBe(3);
    expect(seen.toSorted()).toEqual(refs.filter((ref) => ref !== refs[2]).toSorted());
  });

  it('has no page over its limit, and none of nothing', async () => {
    const { ref } = await due();
    expect(refsOf(await list({ pageSize: 0 }))).toEqual([ref]);
    const asked = await list({ pageSize: RETENTION_PAGE_SIZE_MAX + 1 });
    expect(asked.next).toBeUndefined();
  });
});

describe('the end of a task', () => {
  const today = dayInJapan(MORNING);

  it('sets the first day on which numbers may be erased (handbook 11 §4.4)', async () => {
    const { ref } = await registerNumber(databases);
    const from = await inTx(vault, (tx) => endTask(tx, [ref], 'INFO_PROVISION_7Y', today));
    expect(from?.toString()).toBe('2033-11-03');
    expect(refsOf(await list({ today: '2033-11-02' }))).toEqual([]);
    expect(refsOf(await list({ today: '2033-11-03' }))).toEqual([ref]);
  });

  it('is taken back when the task goes on', async () => {
    const { ref } = await due();
    await inTx(vault, (tx) => resumeTask(tx, [ref]));
    expect(refsOf(await list())).toEqual([]);
  });

  it('never comes for what is kept for ever', async () => {
    const { ref } = await due();
    expect(await inTx(vault, (tx) => endTask(tx, [ref], 'ERASURE', today))).toBeUndefined();
    expect(refsOf(await list())).toEqual([]);
  });

  it('is refused for a number that is erased or was never registered', async () => {
    const { ref } = await due();
    await erase(context, [ref]);
    await expect(inTx(vault, (tx) => resumeTask(tx, [ref]))).rejects.toMatchObject({ code: 'ERASED' });
    await expect(inTx(vault, (tx) => resumeTask(tx, [newVaultRef()]))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
