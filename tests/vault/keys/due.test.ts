import { describe, expect, it } from 'vitest';
import { Temporal } from '../../../src/kernel/dates.js';
import { KEY_USES_DUE, KEY_USES_MAX } from '../../../src/kernel/limits.js';
import { dueOf, keysDue } from '../../../src/vault/keys/due.js';
import type { KeyRow } from '../../../src/vault/keys/store.js';
import { openTestVault } from './support/vault.js';

const row = (changes: Partial<KeyRow>): KeyRow => ({
  keyId: `${changes.keyClass ?? 'subject'}-${changes.version ?? 1}`,
  keyClass: 'subject',
  version: 1,
  state: 'active',
  wrapNonce: null,
  wrapped: null,
  publicJwk: null,
  uses: 0n,
  createdAt: '2026-04-01T00:00:00Z',
  activatedAt: '2026-04-01T00:00:00Z',
  deactivatedAt: null,
  destroyedAt: null,
  ...changes,
});
const due = (changes: Partial<KeyRow>, now: string, least = 1) =>
  dueOf({ keys: [row(changes)], minVersions: new Map([['subject', least]]) }, Temporal.Instant.from(now));

describe('keys near their end', () => {
  it('are told of thirty days before a year of sealing is over, and are overdue after it', () => {
    expect(due({}, '2027-03-01T23:59:59Z')).toEqual([]);
    expect(due({}, '2027-03-02T00:00:00Z')).toMatchObject([
      { keyId: 'subject-1', reason: 'seal', at: '2027-04-01T00:00:00Z', overdue: false },
    ]);
    expect(due({}, '2027-04-01T00:00:00Z')).toMatchObject([{ overdue: true }]);
  });

  it('are told of before three years of opening are over', () => {
    expect(due({ state: 'deactivated' }, '2029-02-28T00:00:00Z')).toEqual([]);
    expect(due({ state: 'deactivated' }, '2029-03-31T00:00:00Z')).toMatchObject([
      { reason: 'open', overdue: true },
    ]);
    expect(due({ state: 'compromised' }, '2029-03-31T00:00:00Z')).toHaveLength(1);
  });

  it('are not told of when retired, destroyed, not yet active, or without a period', () => {
    const late = '2099-01-01T00:00:00Z';
    expect(due({ state: 'deactivated' }, late, 2)).toEqual([]);
    expect(due({ state: 'destroyed' }, late)).toEqual([]);
    expect(due({ state: 'preActive', activatedAt: null }, late)).toEqual([]);
    expect(due({ state: 'compromised', activatedAt: null }, late)).toEqual([]);
    expect(due({ keyClass: 'index' }, late)).toEqual([]);
    expect(due({ keyClass: 'certificate', state: 'deactivated' }, late)).toEqual([]);
  });

  it('are told of when four fifths of their uses are done, whatever the day', () => {
    const uses = BigInt(Math.floor(KEY_USES_DUE));
    expect(due({ uses: uses - 1n }, '2026-04-02T00:00:00Z')).toEqual([]);
    expect(due({ uses }, '2026-04-02T00:00:00Z')).toMatchObject([{ reason: 'uses', overdue: false }]);
    expect(uses).toBeLessThan(BigInt(KEY_USES_MAX));
  });

  it('are read from the database of a sealed vault', async () => {
    const { context, clock, databases } = await openTestVault();
    expect(await keysDue(databases.vault, clock.now())).toEqual([]);
    context.seal.seal();
    clock.move({ hours: 24 * 364 });
    const found = await keysDue(databases.vault, clock.now());
    expect(found.map(({ keyId }) => keyId).toSorted()).toEqual([
      'factor-1',
      'file-1',
      'input-1',
      'intermediary-1',
      'spool-1',
      'subject-1',
      'transfer-1',
    ]);
  });
});
