import { describe, expect, it } from 'vitest';
import {
  candidatesRequest,
  endTaskRequest,
  registerRequest,
  resumeTaskRequest,
  type TwoPersonAct,
} from '../../../src/client/index.js';
import { openWorkOf } from '../../../src/vault/erasure/running.js';
import type { VaultRef } from '../../../src/vault/number/vaultRef.js';
import { runRetention } from '../../../src/vault/retention/run.js';
import { SCHEDULE } from '../../../src/vault/retention/run.store.js';
import { byTwos, codeOf, done } from '../operation/support/two.js';
import { testService, type TestPerson } from '../operation/support/vault.js';

const vault = await testService();
const OPERATIONS = ['register', 'endTask', 'resumeTask', 'listCandidates', 'erase'];
const clerk = await vault.person('P-1029', OPERATIONS);
const reader = await vault.person('P-1031', ['register', 'status'], 'T-0419');
const officer = await vault.officer('P-0100', { role: 'unitOfficer' });
const { register, approved, both } = byTwos(vault);
const NUMBERS = ['123456789018', '135792468015', '202020202000', '202020202060'] as const;
const END = { retentionClass: 'TAX_LEDGER', endedOn: '2021-11-01', reason: '完納' };

const ends = async (person: TestPerson, ref: VaultRef, own = {}) => {
  const stepUp = await vault.stepUp(person);
  return vault.run(await endTaskRequest(person.key, { ...person.context, stepUp, ref, ...END, ...own }));
};
const lists = async (person: TestPerson, page = {}) => {
  const stepUp = await vault.stepUp(person);
  const answer = await vault.run(await candidatesRequest(person.key, { ...person.context, stepUp, ...page }));
  return done(answer) as unknown as {
    run: { runId: string; day: string } | null;
    candidates: { ref: string; erasableFrom: string; retentionClass: string }[];
    next: { erasableFrom: string; ref: string } | null;
  };
};
const nightly = () => runRetention({ ...vault.context, openWork: openWorkOf(vault.context) }, SCHEDULE);
const lastEntry = async () => {
  const [row] = await vault.databases.owner.vault.run(
    'test.last',
    ({ raw }) => raw`
    select coordinate, decision, reason, rows::int4 as rows, subjects from audit.entry
    order by sequence desc limit 1`,
  );
  return row;
};

describe('from the end of a task to the erasure', () => {
  it('goes by an operation, the nightly list, a look at it, and two people', async () => {
    const refs = [await register(clerk, NUMBERS[0]), await register(clerk, NUMBERS[1])].toSorted();
    expect(await lists(clerk)).toEqual({ run: null, candidates: [], next: null });
    expect(done(await ends(clerk, refs[0] as VaultRef))).toEqual({ erasableFrom: '2026-11-02' });
    expect(await lastEntry()).toMatchObject({ coordinate: 'Vault.endTask', rows: 1, subjects: [refs[0]] });
    done(await ends(clerk, refs[1] as VaultRef));
    await nightly();
    const first = await lists(clerk, { pageSize: 1 });
    expect(first).toMatchObject({
      run: { runId: '1', day: '2026-11-22', candidates: 2, isWhole: true },
      candidates: [{ ref: refs[0], erasableFrom: '2026-11-02', retentionClass: 'TAX_LEDGER' }],
      next: { erasableFrom: '2026-11-02', ref: refs[0] },
    });
    expect(await lastEntry()).toEqual({
      coordinate: 'Vault.listCandidates',
      decision: 'allow',
      reason: 'run:1',
      rows: 1,
      subjects: [refs[0]],
    });
    const second = await lists(clerk, { after: first.next });
    expect(second).toMatchObject({ candidates: [{ ref: refs[1] }], next: null });
    const said = { fileName: '収滞納管理ファイル', basis: '地方税法第18条', reason: '保存期間満了' };
    const erasure: TwoPersonAct = { op: 'erase', refs, said: { ...said, retentionClass: 'TAX_LEDGER' } };
    expect(done(await both(clerk, officer, erasure))['certificate']).toBeDefined();
    expect(await lists(clerk)).toMatchObject({ candidates: [] });
  });
});

describe('what is said of tasks', () => {
  it('is said of several numbers by two people, and of exactly those', async () => {
    const refs = [await register(clerk, NUMBERS[2]), await register(clerk, NUMBERS[3])];
    const end: TwoPersonAct = { op: 'endTask', refs, said: END };
    expect(done(await both(clerk, officer, end))).toEqual({ erasableFrom: '2026-11-02' });
    const resumption: TwoPersonAct = { op: 'resumeTask', refs, said: { reason: '再開' } };
    expect(done(await both(clerk, officer, resumption))).toEqual({});
    const approvalId = await approved(clerk, officer, end);
    const later: TwoPersonAct = { ...end, said: { ...END, endedOn: '2021-10-01' } };
    expect(codeOf(await byTwos(vault).does(clerk, later, approvalId))).toBe(
      'DUAL_CONTROL_REQUIRED otherContent',
    );
    const [ref] = refs as [VaultRef];
    const stepUp = await vault.stepUp(clerk);
    const one = { ...clerk.context, stepUp, ref, reason: '再開' };
    expect(codeOf(await vault.run(await resumeTaskRequest(clerk.key, one)))).toBe('done');
  });

  it('needs a grant and a step-up, and a day that has come', async () => {
    const ref = await register(clerk, NUMBERS[2]);
    expect(codeOf(await ends(reader, ref))).toMatch(/^FORBIDDEN_PURPOSE/);
    const hasty = await endTaskRequest(clerk.key, { ...clerk.context, ref, ...END });
    expect(codeOf(await vault.run(hasty))).toMatch(/^STEP_UP_REQUIRED/);
    expect(codeOf(await ends(clerk, ref, { endedOn: '2026-11-23' }))).toMatch(/^BAD_INPUT/);
    expect(codeOf(await ends(clerk, ref, { retentionClass: 'ERASURE' }))).toMatch(/^BAD_INPUT/);
  });

  it('is over when the number is registered again', async () => {
    const ref = await register(clerk, NUMBERS[2]);
    done(await ends(clerk, ref));
    const { key, context } = reader;
    done(await vault.run(await registerRequest(key, { ...context, number: NUMBERS[2] })));
    const [row] = await vault.context.database.run(
      'test.retention',
      ({ raw }) => raw`select retention_ends_on as day from vault.number where vault_ref = ${ref}`,
    );
    expect(row).toEqual({ day: null });
  });
});
