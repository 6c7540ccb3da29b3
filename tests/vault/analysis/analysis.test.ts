import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { evidenceRequest, reviewAnalysisRequest, type EvidenceDetails } from '../../../src/client/index.js';
import { canonicalText } from '../../../src/kernel/canonical.js';
import { Temporal } from '../../../src/kernel/dates.js';
import { parseJws } from '../../../src/kernel/token/jws.js';
import { makeAnalysis } from '../../../src/vault/analysis/run.js';
import { readMaterial } from '../../../src/vault/analysis/material.js';
import { THRESHOLDS_AT_FOUNDING } from '../../../src/vault/analysis/thresholds.js';
import { bodyDigestOf } from '../../../src/vault/assertion/digest.js';
import { has, pdfsig, pdfText } from '../evidence/support/verify.js';
import { codeOf, done } from '../operation/support/two.js';
import { analysedVault, moveTo, openedOf, type ToldRun } from './support/vault.js';

const { vault, clerk, officer, chief, auditor, ref, ask, refusal, opens, reviews } = await analysedVault();
const owner = vault.databases.owner.vault;
const NOVEMBER = { kind: 'monthly', unit: 'nozei', month: '2026-11' } as const;
const DAYS = { from: '2026-11-20', to: '2026-11-30' } as const;
const entries = async () =>
  owner.run(
    'test.entries',
    ({ raw }) => raw<{ coordinate: string; reason: string; decision: string; actor_id: string }[]>`
    select coordinate, reason, decision, actor_id from audit.entry order by sequence desc limit 6`,
  );
const evidence = async (own: Partial<EvidenceDetails> = {}) => {
  const details = { kind: 'analysis', form: 'csv', from: '2026-12-01', to: '2026-12-31', ...own } as const;
  const answer = await vault.run(await evidenceRequest(auditor.key, { ...auditor.context, ...details }));
  return done(answer) as unknown as { csv: string; pdf: string; rows: number };
};

describe('before the month is over', () => {
  test('and the 24 hours after it, nothing is made', async () => {
    expect(await refusal('run', NOVEMBER)).toBe('CONFLICT');
    moveTo(vault, '2026-12-01');
    expect(await refusal('run', NOVEMBER)).toBe('CONFLICT');
    expect((await entries())[0]).toMatchObject({
      coordinate: 'Vault.analysisRun',
      decision: 'refuse',
      reason: 'CONFLICT',
    });
    moveTo(vault, '2026-12-02');
  });
});

describe('a run', () => {
  let run: ToldRun;
  beforeAll(async () => {
    run = await ask('run', NOVEMBER);
  });

  it('finds what the log and the registers hold, and names nobody’s number', () => {
    expect(run).toMatchObject({
      kind: 'monthly',
      unit: 'nozei',
      from: '2026-11-01',
      to: '2026-11-30',
      madeBy: 'operator:operator-1',
      reviewBy: '2026-12-16',
      people: ['P-1029'],
    });
    expect(run.hits.map(({ rule, day, people, about, count }) => [rule, day, people, about, count])).toEqual([
      ['outOfHours', '2026-11-22', ['P-1029'], [ref], 3],
      ['withoutAction', '2026-11-22', ['P-1029'], [ref], 1],
      ['emptySearches', '2026-11-22', ['P-1029'], [], 1],
    ]);
    expect(JSON.stringify(run)).not.toMatch(/123456789018|135792468015/);
  });

  it('is an entry before it reads, and one with its digest that commits with it', async () => {
    const made = await ask('run', NOVEMBER);
    expect((await entries()).slice(0, 2)).toMatchObject([
      { coordinate: 'Vault.analysisRun', reason: `made:${made.runId}:${made.digest}` },
      { coordinate: 'Vault.analysisRun', reason: 'asked:monthly:2026-11-01:2026-11-30' },
    ]);
    expect(made.hits).toEqual(run.hits);
    expect(made.digest).not.toBe(run.digest);
  });

  it('of a unit without uses has no hits, and of an unknown one is none', async () => {
    expect((await ask('run', { ...NOVEMBER, unit: 'soumu' })).hits).toEqual([]);
    expect(await refusal('run', { ...NOVEMBER, unit: 'nowhere' })).toBe('NOT_FOUND');
  });

  test.each([
    { kind: 'monthly', month: '2026-11' },
    { kind: 'quarterly', month: '2026-11' },
    { kind: 'quarterly', month: '2026-07', unit: 'nozei' },
    { kind: 'yearly', month: '2026-07' },
    { kind: 'occasional', from: '2026-11-01', to: '2026-11-31' },
  ])('of %j is refused', async (asked) => {
    expect(await refusal('run', asked)).toBe('BAD_INPUT');
  });

  it('of more than one run keeps, or that takes too long, is refused and not cut short', async () => {
    const context = { ...vault.context, factsMax: 3 };
    const log = { alone: async () => undefined, with: async () => undefined };
    const call = { log, operator: 'operator-1' };
    await expect(makeAnalysis(context, { kind: 'occasional', ...DAYS }, call)).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
    });
    let ms = vault.clock.ms();
    const slow = { now: () => Temporal.Instant.fromEpochMilliseconds((ms += 100_000)) };
    await expect(
      readMaterial({ database: vault.context.database, clock: slow }, DAYS, THRESHOLDS_AT_FOUNDING),
    ).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});

describe('a review', () => {
  let run: ToldRun;
  beforeAll(async () => {
    run = await ask('run', NOVEMBER);
  });

  it('begins with what waits for the officer, and what was found', async () => {
    const { waiting } = openedOf(await opens(officer));
    expect(waiting.map(({ runId }) => runId)).toContain(run.runId);
    const shown = openedOf(await opens(officer, run.runId)).run;
    expect(shown).toEqual({ ...run, review: null });
    expect((await entries())[0]).toMatchObject({
      coordinate: 'Vault.openAnalysis',
      reason: `opened:${run.runId}`,
    });
    expect(openedOf(await opens(auditor)).waiting).toEqual([]);
  });

  it('is not for others: by role, by unit, by name', async () => {
    for (const person of [clerk, auditor]) {
      expect(codeOf(await opens(person, run.runId))).toBe('FORBIDDEN_PURPOSE role');
      expect(codeOf(await reviews(person, run))).toBe('FORBIDDEN_PURPOSE role');
    }
    expect(codeOf(await opens(officer, 'LA-018f2c1e-3d3b-4a45-9d7e-9b1f2c3d4e5f'))).toBe('NOT_FOUND');
  });

  test.each([
    [{ conclusion: '１２３４ ５６７８ ９０１８ の件' }, 'BAD_INPUT'],
    [{ conclusion: ' ' }, 'BAD_INPUT'],
    [{ outcome: 'fine' as 'sound' }, 'BAD_INPUT body'],
    [{ digest: `sha256:${'0'.repeat(64)}` }, 'CONFLICT'],
  ])('of %j is refused', async (own, code) => {
    expect(codeOf(await reviews(officer, run, own))).toBe(code);
  });

  it('needs a step-up', async () => {
    const { runId, digest } = run;
    const said = { runId, digest, outcome: 'sound', conclusion: '問題なし', stepUp: 'SU-none' } as const;
    const signed = await reviewAnalysisRequest(officer.key, { ...officer.context, ...said });
    expect(codeOf(await vault.run(signed))).toBe('STEP_UP_REQUIRED');
  });

  it('is signed once, for this run, and its signature is kept', async () => {
    const answer = await reviews(officer, run, { outcome: 'followUp' });
    expect(done(answer)).toEqual({ runId: run.runId, outcome: 'followUp' });
    expect((await entries())[0]).toMatchObject({
      coordinate: 'Vault.reviewAnalysis',
      reason: `reviewed:followUp:${run.runId}`,
      actor_id: 'P-0100',
    });
    const [kept] = await owner.run(
      'test.review',
      ({ raw }) => raw<{ assertion: string; conclusion: string }[]>`
      select v.* from vault.analysis_review v join vault.analysis_run r on r.id = v.run_no where run_id = ${run.runId}`,
    );
    const { conclusion } = kept!;
    expect(parseJws(kept!.assertion, ['op+jwt']).claims).toMatchObject({
      sub: 'person:P-0100',
      bodyDigest: bodyDigestOf({ runId: run.runId, digest: run.digest, outcome: 'followUp', conclusion }),
    });
    expect(codeOf(await reviews(chief, run))).toBe('CONFLICT');
    expect(openedOf(await opens(chief, run.runId)).run.review).toMatchObject({
      outcome: 'followUp',
      reviewedBy: 'P-0100',
    });
  });

  it('of two at once takes one', async () => {
    const another = await ask('run', NOVEMBER);
    const codes = [codeOf(await reviews(officer, another)), codeOf(await reviews(chief, another))];
    expect(codes).toEqual(['done', 'CONFLICT']);
  });

  it('is not for whoever is named in a hit', async () => {
    for (let n = 0; n < 5; n += 1) await opens(chief, 'LA-018f2c1e-3d3b-4a45-9d7e-9b1f2c3d4e5f');
    moveTo(vault, '2026-12-05');
    const own = await ask('run', { kind: 'occasional', unit: 'soumu', from: '2026-12-01', to: '2026-12-03' });
    expect(own.hits).toMatchObject([{ rule: 'refusedBursts', people: ['P-0001'] }]);
    expect(codeOf(await opens(chief, own.runId))).toBe('FORBIDDEN_PURPOSE analysis-own');
    expect(codeOf(await reviews(chief, own))).toBe('FORBIDDEN_PURPOSE analysis-own');
    const { waiting } = openedOf(await opens(chief));
    expect(waiting.map(({ runId }) => runId)).not.toContain(own.runId);
  });

  it('of the whole vault is the audit officer’s', async () => {
    const whole = await ask('run', { kind: 'occasional', from: '2026-11-01', to: '2026-11-30' });
    expect(whole.unit).toBeNull();
    expect(codeOf(await reviews(chief, whole))).toBe('FORBIDDEN_PURPOSE role');
    expect(codeOf(await reviews(auditor, whole))).toBe('done');
  });

  it('is of nothing that was changed since: what is shown is what its digest says', async () => {
    const changed = await ask('run', NOVEMBER);
    await owner.run('test.off', ({ raw }) => raw`alter table vault.analysis_hit disable trigger insert_only`);
    await owner.run(
      'test.forge',
      ({ raw }) => raw`
      delete from vault.analysis_hit where place = 1 and run_no = (
        select id from vault.analysis_run where run_id = ${changed.runId})`,
    );
    await owner.run(
      'test.on',
      ({ raw }) => raw`alter table vault.analysis_hit enable always trigger insert_only`,
    );
    expect(codeOf(await opens(officer, changed.runId))).toBe('INTEGRITY_FAILURE');
    expect(codeOf(await reviews(officer, changed))).toBe('INTEGRITY_FAILURE');
  });
});

describe('as evidence', () => {
  it('a run and its hits are lines, with rules, reviewer and conclusion', async () => {
    const { csv } = await evidence();
    const lines = csv.split('\r\n');
    const run = lines.find((line) => line.includes('要改善：担当者に確認し、業務上の必要を認めた。'))!;
    expect(run).toContain('月次 nozei,2026-11-01から2026-11-30まで,基準値の版0,');
    expect(run).toMatch(/P-0100 2026-12-02 \d\d:\d\d:\d\d/);
    const [runId = ''] = /LA-[0-9a-f-]{36}/.exec(run)!;
    const [rules, hits] = [0, 10].map((at) => lines.filter((line) => line.startsWith(runId)).slice(1 + at));
    expect(rules![4]).toContain('同一対象の複数所属による利用（版1）　{units:3},,,,,0件,');
    expect(hits).toHaveLength(3);
    expect(hits![1]).toContain(`処理のない閲覧,2026-11-22,P-1029,nozei,${ref},1（1）,`);
    expect(csv).toContain('未確認（期限 2026-12-16）');
    expect((await evidence({ from: '2026-11-01', to: '2026-11-30' })).rows).toBe(0);
  });

  it('a rule with more hits than are kept says how many are listed', async () => {
    const rules = JSON.stringify([{ rule: 'watched', version: 1, thresholds: null, hits: 61, kept: 40 }]);
    await owner.run(
      'test.many',
      ({ raw }) => raw`
      insert into vault.analysis_run (run_id, kind, period_from, period_to, threshold_version, rules, people, digest,
        log_until, made_by, made_at, review_by)
      values ('LA-018f2c1e-3d3b-4a45-9d7e-9b1f2c3d4e5f', 'quarterly', '2026-07-01', '2026-09-30', 0,
        ${rules}::text::jsonb, '{}', 'sha256:0', 1, 'operator:o', '2026-10-05', '2026-10-19')`,
    );
    const { csv, rows } = await evidence({ from: '2026-10-01', to: '2026-10-31' });
    expect(rows).toBe(2);
    expect(csv).toContain('注視対象（世帯員・同僚・著名人）の利用（版1）,,,,,61件（うち40件を掲載）,');
    expect(csv).toContain('四半期 全体');
  });

  it.skipIf(!has('pdfsig') || !has('pdftotext'))('runs are on a signed paper', async () => {
    const { pdf } = await evidence({ form: 'pdf' });
    const bytes = Buffer.from(pdf, 'base64');
    expect(pdfsig(bytes)).toContain('Signature is Valid.');
    const text = pdfText(bytes).replaceAll(/\s/g, '');
    expect(text).toContain('ログの分析・確認の記録');
    expect(text).toContain('処理のない閲覧');
    expect(text).toContain('要改善：');
  });
});

test('nothing of it is changed, by the owner neither', async () => {
  for (const table of [
    'analysis_run',
    'analysis_hit',
    'analysis_review',
    'watch_entry',
    'analysis_threshold',
  ])
    await expect(
      owner.run('test.change', ({ raw }) => raw.unsafe(`delete from vault.${table}`)),
    ).rejects.toThrow();
});

test('the digest is that of what was told', async () => {
  const { digest, ...run } = await ask<Record<string, unknown>>('run', NOVEMBER);
  const refuse = (): never => {
    throw new Error('no canonical text');
  };
  expect(`sha256:${createHash('sha256').update(canonicalText(run, { refuse })).digest('hex')}`).toBe(digest);
});
