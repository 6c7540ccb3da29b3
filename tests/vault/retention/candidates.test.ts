import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { RETENTION_PAGE_SIZE_MAX } from '../../../src/kernel/limits.js';
import { placeHold, requestHold } from '../../../src/vault/hold/hold.js';
import type { VaultRef } from '../../../src/vault/number/vaultRef.js';
import {
  erasureCandidates,
  type CandidatePage,
  type CandidateQuery,
  type OpenWork,
} from '../../../src/vault/retention/candidates.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { approvedBy, by, inTx } from '../approval/support/people.js';
import { erase, erasureContext, registerNumber, temporaryFolder } from '../erasure/support/vault.js';

const databases = await testVaultDatabases();
const { vault, owner } = databases;
const context = await erasureContext(databases, `${temporaryFolder()}/journal`);
afterAll(() => context.close());

const TODAY = '2033-11-03';
const nobody: OpenWork = () => Promise.resolve(new Set());
const list = (query: Partial<CandidateQuery> = {}, openWork = nobody) =>
  erasureCandidates(vault, openWork, { today: TODAY, ...query });
const refsOf = (page: CandidatePage) => page.candidates.map(({ ref }) => ref);
const due = (retentionEndsOn = TODAY) => registerNumber(databases, { retentionEndsOn });

beforeEach(async () => {
  await owner.vault.run(
    'test.clear',
    ({ raw }) => raw`truncate vault.number, vault.hold, vault.number_index, vault.task_change`,
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
      ].map((each) => ({ ...each, retentionClass: null, purpose: null })),
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
