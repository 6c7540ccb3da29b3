import { describe, expect, it, test } from 'vitest';
import { THRESHOLDS_AT_FOUNDING } from '../../../src/vault/analysis/thresholds.js';
import { thresholdsOn } from '../../../src/vault/analysis/thresholds.store.js';
import type { WatchEntry } from '../../../src/vault/analysis/watchList.js';
import { ANALYSIS_APPROVALS_MAX, WATCH_ENTRIES_MAX } from '../../../src/kernel/limits.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { analysedVault, moveTo } from './support/vault.js';

const { vault, ref, ask, refusal } = await analysedVault();
const { owner, vault: database } = vault.databases;
const NOVEMBER = { kind: 'occasional', from: '2026-11-01', to: '2026-11-30' } as const;
const watching = {
  by: 'OFFICER-1',
  ref,
  category: 'household',
  personId: 'P-1029',
  validFrom: '2026-11-01',
} as const;
const watched = () => ask<readonly WatchEntry[]>('watchList');
const lastEntry = async () => {
  const [entry] = await owner.vault.run(
    'test.entry',
    ({ raw }) => raw<{ coordinate: string; reason: string; raised: boolean }[]>`
    select coordinate, reason, raised from audit.entry order by sequence desc limit 1`,
  );
  return entry!;
};

describe('the watch list', () => {
  test.each([
    [{ ...watching, by: 'P-1029' }, 'FORBIDDEN_PURPOSE role'],
    [{ ...watching, by: 'P-9999' }, 'NOT_FOUND'],
    [{ ...watching, personId: 'P-9999' }, 'NOT_FOUND'],
    [{ ...watching, ref: newVaultRef() }, 'NOT_FOUND'],
    [{ ...watching, ref: '123456789018' }, 'BAD_INPUT'],
    [{ ...watching, category: 'publicFigure' }, 'BAD_INPUT'],
    [{ ...watching, personId: undefined }, 'BAD_INPUT'],
    [{ ...watching, validTo: '2026-10-31' }, 'BAD_INPUT'],
  ])('does not take %j', async (entry, code) => {
    expect(await refusal('watch', entry)).toBe(code);
    expect(await watched()).toEqual([]);
  });

  it('takes references from officers, with days, and each is an entry of the log', async () => {
    const { watchId } = await ask<{ watchId: string }>('watch', watching);
    expect(await lastEntry()).toEqual({
      coordinate: 'Vault.enterWatch',
      reason: `${watchId}:household:by:OFFICER-1`,
      raised: true,
    });
    const { by: _, ...kept } = watching;
    expect(await watched()).toEqual([{ watchId, ...kept, validTo: null }]);
    const figure = {
      by: 'AUDITOR',
      ref,
      category: 'publicFigure',
      validFrom: '2026-11-01',
      validTo: '2026-11-22',
    };
    await ask('watch', figure);
    expect(await watched()).toHaveLength(2);
  });

  it('ends an entry from today on, once, and keeps what it was', async () => {
    const [{ watchId } = { watchId: '' }] = await watched();
    const end = { by: 'OFFICER-1', watchId, validTo: '2026-11-25' };
    expect(await refusal('endWatch', { ...end, by: 'P-1029' })).toBe('FORBIDDEN_PURPOSE role');
    expect(await refusal('endWatch', { ...end, watchId: 'WL-018f2c1e-3d3b-4a45-9d7e-9b1f2c3d4e5f' })).toBe(
      'NOT_FOUND',
    );
    expect(await refusal('endWatch', { ...end, validTo: '2026-11-21' })).toBe('BAD_INPUT validTo');
    await ask('endWatch', end);
    await ask('endWatch', { ...end, validTo: '2026-11-24' });
    expect((await watched()).find((entry) => entry.watchId === watchId)).toMatchObject({
      validTo: '2026-11-24',
    });
    const later = { ...watching, validFrom: '2026-12-24' };
    const { watchId: next } = await ask<{ watchId: string }>('watch', later);
    expect(await refusal('endWatch', { ...end, watchId: next })).toBe('BAD_INPUT validTo');
    moveTo(vault, '2026-12-02');
    expect(await refusal('endWatch', { ...end, validTo: '2026-12-03' })).toBe('CONFLICT');
  });

  it('makes hits of the days on which it held', async () => {
    const { hits } = await ask('run', NOVEMBER);
    expect(hits.filter(({ rule }) => rule === 'watched')).toMatchObject([
      { people: ['P-1029'], about: [ref], day: '2026-11-22', count: 2 },
    ]);
  });

  it('goes on to the number that came after a watched one', async () => {
    const after = newVaultRef();
    await owner.vault.run(
      'test.supersede',
      ({ raw }) => raw`
      update vault.number set state = 'superseded', superseded_at = now(), superseded_by = ${after}
      where vault_ref = ${ref}`,
    );
    const entry = { by: 'OFFICER-1', ref, category: 'publicFigure', validFrom: '2026-12-01' };
    await ask('watch', entry);
    expect(new Set((await watched()).map((each) => each.ref))).toEqual(new Set([ref, after]));
  });

  it('that is longer than one run looks for stops the run', async () => {
    await owner.vault.run(
      'test.fill',
      ({ raw }) => raw`
      insert into vault.watch_entry (watch_id, vault_ref, category, valid_from, entered_by, entered_at)
      select 'WL-' || gen_random_uuid(), ${newVaultRef()}, 'publicFigure', '2026-11-10', 'AUDITOR', now()
      from generate_series(0, ${WATCH_ENTRIES_MAX}::integer)`,
    );
    expect(await refusal('run', NOVEMBER)).toBe('PAYLOAD_TOO_LARGE');
  });
});

it('approvals of the period are looked at, given or used since', async () => {
  const pair = (requestedBy: string, decidedBy: string, state: string) =>
    owner.vault.run(
      'test.approval',
      ({ raw }) => raw`
      insert into vault.approval (approval_id, kind, content_digest, summary, state, requested_by, requested_at,
        decided_by, decided_at)
      values (${`AP-${requestedBy}-${state}`}, 'hold', '', '{}', ${state}, ${requestedBy}, '2026-08-10', ${decidedBy},
        '2026-08-31T14:59:59Z')`,
    );
  await pair('P-1029', 'OFFICER-1', 'consumed');
  await pair('OFFICER-1', 'P-1029', 'void');
  await pair('OFFICER-1', 'P-1029', 'refused');
  const { hits } = await ask('run', { kind: 'occasional', from: '2026-08-01', to: '2026-08-31' });
  expect(hits.map(({ rule, day, people, count }) => [rule, day, people, count])).toEqual([
    ['approverPairs', '2026-08-31', ['OFFICER-1', 'P-1029'], 1],
    ['approverPairs', '2026-08-31', ['OFFICER-1', 'P-1029'], 1],
  ]);
  const about = hits.flatMap((hit) => hit.about);
  expect(about.toSorted()).toEqual(['AP-OFFICER-1-void', 'AP-P-1029-consumed']);
});

it('a period with more approvals than one run looks at is refused', async () => {
  await owner.vault.run(
    'test.approvals',
    ({ raw }) => raw`
    insert into vault.approval (approval_id, kind, content_digest, summary, state, requested_by, requested_at,
      decided_by, decided_at)
    select 'AP-' || n, 'hold', '', '{}', 'consumed', 'P-1029', '2026-09-10', 'OFFICER-1', '2026-09-10'
    from generate_series(0, ${ANALYSIS_APPROVALS_MAX}::integer) as n`,
  );
  const days = { kind: 'occasional', from: '2026-09-01', to: '2026-09-30' };
  expect(await refusal('run', days)).toBe('PAYLOAD_TOO_LARGE');
});

describe('thresholds', () => {
  const manyUnits = { ...THRESHOLDS_AT_FOUNDING, manyUnits: { units: 2 } };
  const entry = {
    by: 'CHIEF',
    validFrom: '2026-12-10',
    reason: '小規模の課に合わせる',
    thresholds: manyUnits,
  } as const;

  it('are those of the handbook until others are entered', async () => {
    expect(await ask('thresholds')).toEqual({ version: '0', thresholds: THRESHOLDS_AT_FOUNDING });
  });

  test.each([
    [{ ...entry, by: 'OFFICER-1' }, 'FORBIDDEN_PURPOSE role'],
    [{ ...entry, validFrom: '2026-12-01' }, 'BAD_INPUT validFrom'],
    [{ ...entry, reason: '1234 5678 9018' }, 'BAD_INPUT reason'],
    [{ ...entry, thresholds: { ...manyUnits, manyUnits: { units: 1 } } }, 'BAD_INPUT'],
    [{ ...entry, thresholds: { ...manyUnits, another: { units: 1 } } }, 'BAD_INPUT'],
    [
      { ...entry, thresholds: { ...manyUnits, outOfHours: { from: '22:00', to: '07:00' } } },
      'BAD_INPUT outOfHours',
    ],
    [{ ...entry, thresholds: { ...manyUnits, outOfHours: { from: '07:00', to: '24:01' } } }, 'BAD_INPUT'],
  ])('are not %j', async (said, code) => {
    expect(await refusal('enterThresholds', said)).toBe(code);
  });

  it('hold from their day on, the last of a day counts, and a run names their version', async () => {
    const first = await ask<{ version: string }>('enterThresholds', entry);
    const second = await ask<{ version: string }>('enterThresholds', { ...entry, by: 'AUDITOR' });
    expect(await lastEntry()).toMatchObject({
      coordinate: 'Vault.enterAnalysisThresholds',
      reason: `version:${second.version}:by:AUDITOR`,
    });
    expect(second.version).not.toBe(first.version);
    expect((await thresholdsOn(database, '2026-12-09')).version).toBe(0n);
    const held = await thresholdsOn(database, '2026-12-10');
    expect(held).toEqual({ version: BigInt(second.version), validFrom: '2026-12-10', thresholds: manyUnits });
  });

  it('of a release that had fewer of them get the program’s beside their own', async () => {
    await owner.vault.run(
      'test.older',
      ({ raw }) => raw`
      insert into vault.analysis_threshold (valid_from, thresholds, reason, entered_by, entered_at)
      values ('2026-12-20', '{"manyUnits": {"units": 9}}', 'r', 'CHIEF', now())`,
    );
    expect((await thresholdsOn(database, '2026-12-20')).thresholds).toEqual({
      ...THRESHOLDS_AT_FOUNDING,
      manyUnits: { units: 9 },
    });
  });
});
