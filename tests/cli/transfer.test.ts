import { writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAuditLog } from '../../src/audit/log.js';
import { admitTransferActor } from '../../src/cli/transferHouse.js';
import { openHouseTransferVault } from '../../src/cli/transferVault.js';
import { registerTransferCommands, TRANSFER_EXIT, type TransferHouse } from '../../src/cli/transfer.js';
import { KeptVault } from '../collection/transfer/keptVault.js';
import { approve, debtor, ROUND } from '../collection/transfer/world.js';
import { StandingClock } from '../access/support/clock.js';
import { house } from '../access/support/house.js';
import { testDatabase } from '../support/database.js';
import { Records } from '../support/records.js';

const db = await testDatabase();
const records = new Records(db.owner);
const audit = openAuditLog(db.loader);
const vault = new KeptVault();
const folder = mkdtempSync(join(tmpdir(), 'transfer-'));
let now = '2026-11-02T03:00:00Z';

beforeAll(async () => {
  const register = await house(db, new StandingClock(now));
  await register.staff('S0001', ['delinquencyOfficer']);
  await register.staff('S0002', ['counterClerk']);
  await debtor(records, [120_000n, 45_600n]);
});

afterAll(() => audit.close());

function configuration(content: unknown, name = 'round.json'): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Runs one command line as a person would; answers what was written and the exit code. */
async function run(args: string[], isTTY = false): Promise<{ said: string; code: number | undefined }> {
  const out = Object.assign(new PassThrough(), {
    isTTY,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
  });
  let said = '';
  out.on('data', (piece: Buffer) => (said += piece.toString()));
  let code: number | undefined;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  const records: TransferHouse = async (request, work) => {
    const clock = new StandingClock(now);
    const actor = await admitTransferActor(db.owner, { ...request, clock });
    const { requestId } = request;
    return work({ job: { database: db.loader, audit, clock, actor, requestId }, vault: () => vault });
  };
  registerTransferCommands(program, records, {
    out: out as unknown as NodeJS.WriteStream,
    setExitCode: (given) => (code = given),
  });
  await program.parseAsync(['node', 'kuramori', 'transfer', ...args]);
  return { said, code };
}

const step = (name: string, isTTY = false) => run([name, '2026-01', '--as', 'S0001'], isTTY);

describe('kuramori transfer', () => {
  test('takes a round from its file to the vault, and says the same when it is run again', async () => {
    const path = configuration(ROUND);
    const proposed = await run(['round', path, '--as', 'S0001']);
    expect(proposed).toMatchObject({ code: TRANSFER_EXIT.done });
    expect(proposed.said).toMatch(/^移管ラウンド round 2026-01\n要約値 digest sha256:[\w-]{43}\n$/);
    expect((await run(['round', path, '--as', 'S0001'])).said).toContain(
      '実行済 done before, nothing changed',
    );
    expect(await step('candidates')).toMatchObject({ code: TRANSFER_EXIT.refused });
    await approve(db, records, '2026-01');
    expect(await step('candidates')).toEqual({
      code: TRANSFER_EXIT.done,
      said: '候補 chosen 1\n該当 qualified 1\n未納額 unpaid 165,600円\n',
    });
    expect((await step('notice')).said).toBe('最終催告 issued 1\n納付期限 pay by 2026-11-16\n');
    expect((await step('notice')).said).toBe('最終催告 issued 0\n');
    now = '2026-11-17T03:00:00Z';
    const frozen = await step('freeze');
    expect(frozen.said).toMatch(/^基準時点の確定 freezing\n事案 cases 1\n期別 lines 2\n脱落 dropped 0/);
    const submitted = await step('submit');
    expect(submitted.said).toContain('01_taxpayer.csv\n');
    expect(submitted.said).toMatch(/未納額 unpaid 165,600円\n原案の要約値 draft digest [0-9a-f]{64}\n/);
    expect((await step('submit', true)).said).toContain('実行済 done before');
  });

  test('follows the package, and exits so that a script sees what is open', async () => {
    vault.reach('DELIVERED');
    expect((await step('status')).said).toContain('delivered 1');
    vault.answers = [{ caseNo: (await vault.rows('01_taxpayer.csv'))[0]!.caseNo, outcome: 'ACCEPTED' }];
    expect((await step('acceptance')).said).toBe('引受 accepted 1\n引受拒否 rejected 0\n未回答 waiting 0\n');
    expect(await step('deltas')).toEqual({
      code: TRANSFER_EXIT.done,
      said: '入金連絡 messages 0\n明細 lines 0\n',
    });
    expect((await step('results')).said).toBe('新しい実績なし no new result\n');
    const refused = await step('reconcile');
    expect(refused).toMatchObject({ code: TRANSFER_EXIT.refused });
    expect(refused.said).toContain('処理不可 refused\n');
    const { caseNo } = (await vault.rows('03_ledger.csv'))[0]!;
    const collected = { caseNo, lineNo: 1, collectedOn: '2026-11-16', lateCharge: 0n, fees: 0n };
    const resultId = await vault.report(
      {
        states: [{ caseNo, state: 'CONTINUED', on: '2026-11-16', judgement: null }],
        collections: [{ ...collected, amount: 20_000n, tax: 20_000n, dispositionCost: 0n }],
      },
      true,
    );
    expect((await step('results')).said).toBe(
      `実績受領 results\n実績 result ${resultId} 1件 20,000円 最終 final\n` +
        '  処分 0 終了 0 時効の更新 0 折衝 0 (dispositions, ends, renewals, contacts)\n' +
        '  処分・時効の報告なし no word about dispositions or renewals\n',
    );
    const open = await step('reconcile');
    expect(open.code).toBe(TRANSFER_EXIT.open);
    expect(open.said).toContain(`差異 differences 2\n  残額 remaining ${caseNo}/1 -20,000円\n`);
    expect(open.said).toContain(`  払込 money ${resultId} 20,000円\n`);
    expect(open.said).toContain('処分等の報告が揃わない事案 cases with acts untold 1\n');
    expect(await step('close')).toMatchObject({ code: TRANSFER_EXIT.refused });
  });

  test.each([
    ['is not there', () => join(folder, 'none.json'), 'The file of the round is not there. Check its path.'],
    ['is no JSON', () => configuration('{', 'bad.json'), 'The file of the round is no JSON. Correct it.'],
    ['lacks a field', () => configuration({ ...ROUND, quota: undefined }, 'quota.json'), '\nquota\n'],
  ])('refuses a file that %s', async (_, path, said) => {
    const refused = await run(['round', path(), '--as', 'S0001']);
    expect(refused.code).toBe(TRANSFER_EXIT.refused);
    expect(refused.said).toContain(said);
  });

  test('asks who works, and notes who may not', async () => {
    await expect(run(['candidates', '2026-01'])).rejects.toThrow(/--as/);
    await expect(run(['candidates', '2026-01', '--as', 'S0002'])).rejects.toMatchObject({
      code: 'FORBIDDEN_FIELD',
      facts: { function: 'transfer:manage' },
    });
    const rows = await db.owner.run(
      'test.audit',
      ({ raw }) => raw<{ coordinate: string; decision: string; reason: string | null }[]>`
      select coordinate, decision, reason from audit.entry where kind <> 'signIn' order by sequence`,
    );
    expect(rows.at(-1)).toEqual({
      coordinate: 'Transfer.candidates',
      decision: 'refuse',
      reason: 'FORBIDDEN_FIELD',
    });
    expect(rows.filter(({ decision }) => decision === 'allow').map(({ coordinate }) => coordinate)).toEqual(
      expect.arrayContaining(['Transfer.round', 'Transfer.freeze', 'Transfer.submit', 'Transfer.results']),
    );
  });

  test('needs a vault that is named, or a house that runs', () => {
    expect(() => openHouseTransferVault({ KURAMORI_HOME: folder }, 'R-1')).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });
});
