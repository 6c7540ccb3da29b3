import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../../src/audit/body.js';
import { REGISTRATION_IDLE_MS_MAX } from '../../../src/kernel/limits.js';
import { fileKeyService } from '../../../src/vault/seal/file.js';
import { revokeNow } from '../../../src/vault/staff/revokeNow.js';
import { withdrawGrant } from '../../../src/vault/grant/change.js';
import { PATTERNED_NUMBERS } from '../number/support/patterned.js';
import { byTwos } from '../operation/support/two.js';
import { testService } from '../operation/support/vault.js';
import { ruleOf } from '../staff/support/register.js';
import { fileOf, openSocket } from './support.js';

const vault = await testService();
const clerk = await vault.person('P-1029', ['register', 'erase']);
const officer = await vault.officer('P-0100', { role: 'unitOfficer' });
const { approved, both, register } = byTwos(vault);
const { ask, send, begun, registered } = await openSocket(vault);

let taken = 0;
const fresh = (count: number) => PATTERNED_NUMBERS.slice(taken, (taken += count));
const linesOf = (numbers: readonly string[]) =>
  numbers
    .map((number) => `${String(PATTERNED_NUMBERS.indexOf(number)).padStart(15, '0')},${number}\n`)
    .join('');
const recordsOf = async (job: string) => {
  const rows = await vault.databases.owner.vault.run(
    'test.records',
    ({ raw }) => raw<{ body: Buffer }[]>`select body from audit.written order by record_no`,
  );
  return rows
    .map(({ body }) => decodeBody(body.toString('utf8'))!)
    .filter(({ sessionId }) => sessionId === job);
};
const lastRecord = async () => {
  const [row] = await vault.databases.owner.vault.run(
    'test.last',
    ({ raw }) => raw<{ body: Buffer }[]>`select body from audit.written order by record_no desc limit 1`,
  );
  return decodeBody(row!.body.toString('utf8'))!;
};
const stateOf = async (approvalId: string) => {
  const [row] = await vault.databases.owner.vault.run(
    'test.approval',
    ({ raw }) => raw<{ state: string }[]>`select state from vault.approval where approval_id = ${approvalId}`,
  );
  return row!.state;
};
const countNumbers = async () => {
  const [row] = await vault.databases.owner.vault.run(
    'test.count',
    ({ raw }) => raw<[{ n: bigint }]>`select count(*) as n from vault.number`,
  );
  return Number(row.n);
};

describe('a file that two people have approved', () => {
  it('is registered line by line, each refused line by its place and rule alone, and logged by the chunk', async () => {
    const [one, two, three] = fresh(3) as [string, string, string];
    const chunks = [
      `unifiedAddresseeNo,number\n${linesOf([one, two])}`,
      `${linesOf([one])}7,${three}\n${three}`,
    ];
    const approvalId = await approved(clerk, officer, fileOf(chunks, 5));
    const job = await begun('P-1029', approvalId, chunks);
    const outcomes = await registered(job, chunks);
    expect(outcomes[0]).toMatchObject({
      lines: [
        { lineNo: 2, outcome: 'registered', ref: expect.stringMatching(/^vr_/) as string },
        { lineNo: 3, outcome: 'registered' },
      ],
      counts: { registered: 2, known: 0, refused: {} },
    });
    expect(outcomes[1]).toEqual({
      lines: [
        { ...outcomes[0]!.lines[0], lineNo: 4, outcome: 'known' },
        { lineNo: 5, outcome: 'refused', rule: 'UNIFIED_ADDRESSEE_NO' },
        { lineNo: 6, outcome: 'refused', rule: 'FORM' },
      ],
      counts: { registered: 0, known: 1, refused: { UNIFIED_ADDRESSEE_NO: 1, FORM: 1 } },
    });
    expect(await stateOf(approvalId)).toBe('approved');
    expect(await ask('end', { job })).toEqual({
      registered: 2,
      known: 1,
      refused: { UNIFIED_ADDRESSEE_NO: 1, FORM: 1 },
    });
    expect(await stateOf(approvalId)).toBe('consumed');
    const refs = outcomes[0]!.lines.map((line) => ('ref' in line ? line.ref : ''));
    const records = await recordsOf(job);
    expect(records.map(({ entries }) => entries)).toMatchObject([
      [{ reason: 'intent:5' }],
      [{ reason: 'done', rows: 2, subjects: refs }],
      [
        { reason: 'done', rows: 0 },
        { reason: 'known', rows: 1, subjects: [refs[0]] },
        { decision: 'refuse', reason: 'UNIFIED_ADDRESSEE_NO', rows: 1, subjects: [] },
        { decision: 'refuse', reason: 'FORM', rows: 1, subjects: [] },
      ],
      [{ reason: `approval:${approvalId}`, rows: 2 }],
    ]);
    expect(records[1]).toMatchObject({
      actorId: 'P-1029',
      terminal: 'operator:hanako',
      strength: 'hostAccount',
      caseRef: approvalId,
      purpose: 'REFUND',
    });
    expect(JSON.stringify([outcomes, records])).not.toContain(one);
    // The same reference as a clerk gets.
    expect(await register(clerk, one)).toBe(refs[0]);
  });

  it('registers nothing new the second time', async () => {
    const chunks = [linesOf(fresh(4))];
    for (const counts of [
      { registered: 4, known: 0 },
      { registered: 0, known: 4 },
    ]) {
      vault.clock.move(60_000);
      const approvalId = await approved(clerk, officer, fileOf(chunks, 4));
      const job = await begun('P-1029', approvalId, chunks);
      await registered(job, chunks);
      expect(await ask('end', { job })).toEqual({ ...counts, refused: {} });
    }
  });

  it('goes on with the same approval after the vault was killed, until it has ended', async () => {
    const chunks = [linesOf(fresh(3)), linesOf(fresh(3))];
    const approvalId = await approved(clerk, officer, fileOf(chunks, 6));
    const first = await begun('P-1029', approvalId, chunks);
    await ask('approve', { job: first });
    await send('chunk', { job: first, index: '1' }, chunks[1]!);
    // What a vault that is started anew does not know.
    const other = await openSocket(vault);
    await expect(other.ask('end', { job: first })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const job = await other.begun('P-1029', approvalId, chunks);
    const outcomes = await other.registered(job, chunks);
    expect(outcomes.map(({ counts }) => counts.registered)).toEqual([3, 0]);
    expect(await other.ask('end', { job })).toEqual({ registered: 3, known: 3, refused: {} });
    expect(await ruleOf(begun('P-1029', approvalId, chunks))).toBe('DUAL_CONTROL_REQUIRED used');
  });

  it('is registered once, by however many at the same time', async () => {
    const chunks = [linesOf(fresh(20)), linesOf(fresh(20))];
    const before = await countNumbers();
    const approvals = [
      await approved(clerk, officer, fileOf(chunks, 40)),
      await approved(clerk, officer, fileOf(chunks, 40)),
    ];
    const jobs = await Promise.all(approvals.map((approvalId) => begun('P-1029', approvalId, chunks)));
    const all = await Promise.all(jobs.map((job) => registered(job, chunks)));
    const sum = all.flat().reduce((total, { counts }) => total + counts.registered, 0);
    expect([sum, (await countNumbers()) - before]).toEqual([40, 40]);
    for (const job of jobs) await ask('end', { job });
  });
});

describe('a registration is refused', () => {
  const prepared = async (count = 2) => {
    const chunks = [linesOf(fresh(count))];
    return { chunks, approvalId: await approved(clerk, officer, fileOf(chunks, count)) };
  };

  it('for another file than the approved one, before any number of it is registered', async () => {
    const { chunks, approvalId } = await prepared();
    const before = await countNumbers();
    const job = await begun('P-1029', approvalId, [...chunks, linesOf(fresh(1))]);
    expect(await ruleOf(ask('approve', { job }))).toBe('DUAL_CONTROL_REQUIRED otherContent');
    expect(await lastRecord()).toMatchObject({
      kind: 'refusal',
      actorId: 'operator:hanako',
      entries: [{ coordinate: 'Vault.register', decision: 'refuse', reason: 'DUAL_CONTROL_REQUIRED' }],
    });
    await expect(send('chunk', { job, index: '0' }, chunks[0]!)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await countNumbers()).toBe(before);
  });

  it('for a part that is not of the file, or was changed since', async () => {
    const { chunks, approvalId } = await prepared();
    const job = await begun('P-1029', approvalId, chunks);
    await ask('approve', { job });
    for (const [index, chunk] of [
      ['0', linesOf(fresh(2))],
      ['1', chunks[0]!],
    ] as const)
      await expect(send('chunk', { job, index }, chunk)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(ask('end', { job })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await stateOf(approvalId)).toBe('approved');
  });

  it('out of order', async () => {
    const { chunks, approvalId } = await prepared();
    const job = await begun('P-1029', approvalId, chunks);
    await expect(ask('end', { job })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(send('chunk', { job, index: '0' }, chunks[0]!)).rejects.toMatchObject({ code: 'CONFLICT' });
    await ask('approve', { job });
    await expect(send('read', { job }, chunks[0]!)).rejects.toMatchObject({ code: 'CONFLICT' });
    const another = await begun('P-1029', approvalId, ['000000000000001,1']);
    await expect(send('read', { job: another }, 'more\n')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(send('read', { job: another }, '')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(ask('approve', { job: another })).rejects.toMatchObject({ code: 'DUAL_CONTROL_REQUIRED' });
    // One that is begun anew took the place of the first.
    await expect(ask('end', { job })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('to people without a grant, to former staff, to others than who asked, without an approval', async () => {
    const { approvalId } = await prepared();
    await vault.person('P-1040', [], 'T-0430');
    await vault.person('P-1041', ['register'], 'T-0431');
    const begin = (personId: string, approval = approvalId) =>
      ruleOf(ask('begin', { personId, approvalId: approval }));
    expect(await begin('P-1040')).toBe('FORBIDDEN_PURPOSE');
    expect(await begin('P-1041')).toBe('DUAL_CONTROL_REQUIRED otherPerson');
    expect(await begin('P-9999')).toBe('NOT_FOUND');
    expect(await begin('P-1029', 'AP-none')).toBe('DUAL_CONTROL_REQUIRED missing');
    expect(await begin('x'.repeat(65))).toBe('BAD_INPUT body');
    await vault.databases.owner.vault.run(
      'test.leave',
      ({ raw }) => raw`update vault.person set employment_to = '2026-11-21' where person_id = 'P-1041'`,
    );
    expect(await begin('P-1041')).toBe('ACCOUNT_REVOKED');
  });

  it('from the moment that the person is withdrawn or loses the grant', async () => {
    const leaver = await vault.person('P-1042', ['register'], 'T-0432');
    const chunks = [linesOf(fresh(1)), linesOf(fresh(1))];
    const approvalId = await approved(leaver, officer, fileOf(chunks, 2));
    const job = await begun('P-1042', approvalId, chunks);
    await ask('approve', { job });
    await send('chunk', { job, index: '0' }, chunks[0]!);
    const [grant] = await vault.databases.owner.vault.run(
      'test.grant',
      ({ raw }) => raw<{ id: bigint }[]>`select id from vault.number_grant where person_id = 'P-1042'`,
    );
    await vault.context.database.transaction('test.withdraw', (tx) =>
      withdrawGrant(tx, { grantId: grant!.id, by: 'CHIEF', day: '2026-11-22' }),
    );
    expect(await ruleOf(send('chunk', { job, index: '1' }, chunks[1]!))).toBe('FORBIDDEN_PURPOSE');
    await vault.context.database.transaction('test.revoke', (tx) =>
      revokeNow(tx, 'P-1042', vault.clock.now()),
    );
    expect(await ruleOf(send('chunk', { job, index: '1' }, chunks[1]!))).toBe('ACCOUNT_REVOKED');
  });

  it('to more of them than may be under way; one that was left is given up', async () => {
    const many = [];
    for (let at = 0; at < 5; at += 1) many.push(await prepared(1));
    const { ask: asks, begun: begins } = await openSocket(vault);
    for (const { chunks, approvalId } of many.slice(0, 4)) await begins('P-1029', approvalId, chunks);
    const fifth = { personId: 'P-1029', approvalId: many[4]!.approvalId };
    await expect(asks('begin', fifth)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    vault.clock.move(REGISTRATION_IDLE_MS_MAX);
    expect(await asks('begin', fifth)).toHaveProperty('job');
  });

  it('for a number that is just being erased, or is another addressee’s', async () => {
    const [one, two] = fresh(2) as [string, string];
    const ref = await register(clerk, one);
    const said = { fileName: 'F', basis: '番号法第20条', reason: '事務の終了' };
    await both(clerk, officer, { op: 'erase', refs: [ref], said });
    const chunks = [`${linesOf([one])}000000000099999,${two}\n000000000099998,${two}\n`];
    const job = await begun('P-1029', await approved(clerk, officer, fileOf(chunks, 3)), chunks);
    const [outcome] = await registered(job, chunks);
    expect(outcome!.lines).toMatchObject([
      { outcome: 'registered', ref: expect.not.stringContaining(ref) as string },
      { outcome: 'registered' },
      { outcome: 'refused', rule: 'OTHER_ADDRESSEE' },
    ]);
  });

  it('while the vault is sealed', async () => {
    const { chunks, approvalId } = await prepared();
    const job = await begun('P-1029', approvalId, chunks);
    vault.context.seal.seal();
    await expect(ask('approve', { job })).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    await expect(ask('begin', { personId: 'P-1029', approvalId })).rejects.toMatchObject({
      code: 'VAULT_SEALED',
    });
    await vault.context.seal.open(fileKeyService(vault.keyFile));
  });

  it('the day after its approval', async () => {
    const { chunks, approvalId } = await prepared();
    const job = await begun('P-1029', approvalId, chunks);
    vault.clock.move(24 * 60 * 60_000);
    expect(await ruleOf(ask('approve', { job }))).toBe('DUAL_CONTROL_REQUIRED stale');
  });
});
