import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { houseCertificates } from '../../src/cli/house/certificates.js';
import { freePort } from '../../src/cli/embedded/cluster.js';
import { systemClock, today } from '../../src/kernel/clock.js';
import { REGISTRATION_LINES_MAX } from '../../src/kernel/limits.js';
import { registrationContent } from '../../src/vault/approval/content.js';
import { approve } from '../../src/vault/approval/decide.js';
import { openApproval, requestApproval } from '../../src/vault/approval/request.js';
import { COMPILED } from '../support/compiled.js';
import { testVaultDatabases } from '../support/vaultDatabase.js';
import { checkDigitOf } from '../vault/number/support/patterned.js';
import { enter, enterOfficers, entry, grant } from '../vault/staff/support/register.js';

const MAIN = 'dist/src/cli/main.js';
const READY_MS_MAX = 20_000;
const COUNT = 12_000;

const db = await testVaultDatabases();
const home = mkdtempSync(join(tmpdir(), 'kuramori-register-'));
const { vault, caFile } = await houseCertificates(home, systemClock);
const SETTINGS = {
  ...COMPILED,
  PATH: process.env['PATH'],
  VAULT_DATABASE_URL: db.urls.vault,
  VAULT_SHRED_DATABASE_URL: db.urls.shred,
  KURAMORI_VAULT_PORT: String(await freePort()),
  KURAMORI_VAULT_TLS_KEY_FILE: vault.keyFile,
  KURAMORI_VAULT_TLS_CERTIFICATE_FILE: vault.certificateFile,
  KURAMORI_VAULT_TLS_CA_FILE: caFile,
  KURAMORI_VAULT_MUNICIPALITY: '992011',
  KURAMORI_VAULT_SOCKET: join(home, 'run', 'vault.sock'),
  KURAMORI_VAULT_ERASURE_JOURNAL_FILE: join(home, 'erasures.jsonl'),
  KURAMORI_VAULT_SEAL: 'file',
  KURAMORI_VAULT_SEAL_KEY_FILE: join(home, 'root.key'),
};
/** Digits of Champernowne's constant: nobody's numbers (handbook 10 §9). */
const NUMBERS = Array.from({ length: COUNT }, (_, at) => {
  const base = `${10_000 + at}${10_001 + at}${10_002 + at}`.slice(0, 11);
  return base + checkDigitOf(base);
});
const unifiedNo = (at: number) => String(at).padStart(15, '0');
const file = join(home, 'numbers.csv');
const lines = NUMBERS.map((number, at) => `${unifiedNo(at)},${number}\n`);
const content = `unifiedAddresseeNo,number\n${lines.join('')}7,8\n`;
writeFileSync(file, content);

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

function launch(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Started {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let text = '';
  const hear = (chunk: Buffer) => (text += chunk.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return {
    child,
    said: () => text,
    ended: new Promise((resolve) => child.once('close', (code) => resolve(code))),
  };
}

async function startVault(): Promise<Started> {
  const script = 'ulimit -S -c 0 && exec "$0" "$@"';
  const started = launch('/bin/sh', ['-c', script, process.execPath, MAIN, 'vault'], SETTINGS);
  await expect.poll(started.said, { timeout: READY_MS_MAX }).toContain('"msg":"ready"');
  return started;
}

const type = (...args: readonly string[]) =>
  launch(process.execPath, [MAIN, 'vault', ...args], {
    ...COMPILED,
    PATH: process.env['PATH'],
    KURAMORI_VAULT_SOCKET: SETTINGS.KURAMORI_VAULT_SOCKET,
    KURAMORI_HOME: home,
  });

async function typed(...args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const { ended, said } = type(...args);
  return { code: await ended, text: said() };
}

const registering = (approvalId: string, ...more: readonly string[]) =>
  ['register', file, '--person', 'P-1029', '--approval', approvalId, ...more] as const;

/** What `--digest` shows of the file. */
const shownDigest = typed('register', file, '--digest');

/** As a terminal and an officer would have it. */
async function approvedFile(approver: string): Promise<string> {
  const { text } = await shownDigest;
  const [, fileDigest = '', count = ''] = /fileDigest +(\S+)\ncount +(\d+)/.exec(text) ?? [];
  const reason = { purpose: 'REFUND', basis: 'NUMBER-ACT-9-1-24', reason: '一括登録' };
  const content = registrationContent(reason, { fileDigest, count: Number(count) });
  const summary = { ...reason, count: Number(count), sample: [] };
  return db.vault.transaction('test.approval', async (tx) => {
    const now = systemClock.now();
    const id = await requestApproval(
      tx,
      { kind: 'severalSubjects', content, summary },
      { by: 'P-1029', at: now },
    );
    await openApproval(tx, id, { by: approver, at: now });
    await approve(tx, id, { by: approver, at: now });
    return id;
  });
}

const countOf = async (): Promise<number> => {
  const [row] = await db.owner.vault.run(
    'test.count',
    ({ raw }) => raw<[{ n: bigint }]>`select count(*) as n from vault.number`,
  );
  return Number(row.n);
};

describe('kuramori vault register', () => {
  test('a file that is killed in the middle, twice, is whole in the end, and nothing is there double', async () => {
    const first = await startVault();
    expect(await typed('init', '--make-key')).toMatchObject({ code: 0 });
    expect(await typed('open')).toMatchObject({ code: 0 });
    const now = systemClock.now().toString();
    await enterOfficers(db.vault, now);
    await enter(
      db.vault,
      now,
      entry('P-1029', { trainedOn: today(systemClock), secrecyAcceptedOn: today(systemClock) }),
    );
    await grant(db.vault, 'P-1029', today(systemClock), { operations: ['register'] });
    const approvalId = await approvedFile('OFFICER-1');

    // The vault is killed: the command says so, and no result is there that looks whole.
    const one = type(...registering(approvalId));
    await expect.poll(countOf, { timeout: 30_000, interval: 5 }).toBeGreaterThan(0);
    first.child.kill('SIGKILL');
    expect(await one.ended).toBe(1);
    expect(one.said()).toContain('VAULT_UNAVAILABLE');
    expect(existsSync(`${file}.result.csv`)).toBe(false);
    const afterVault = await countOf();
    expect(afterVault).toBeLessThan(COUNT);

    // The command is killed.
    await startVault();
    const two = type(...registering(approvalId));
    await expect.poll(countOf, { timeout: 30_000, interval: 5 }).toBeGreaterThan(afterVault);
    two.child.kill('SIGKILL');
    await two.ended;

    const done = await typed(...registering(approvalId));
    expect(done).toMatchObject({
      code: 2,
      text: expect.stringMatching(/refused +1 \(UNIFIED_ADDRESSEE_NO\)/),
    });
    const [, registered, known] = /registered +(\d+)\nknown +(\d+)/.exec(done.text) ?? [];
    expect(Number(known)).toBeGreaterThan(0);
    expect(Number(registered) + Number(known)).toBe(COUNT);
    expect(await countOf()).toBe(COUNT);

    const lines = readFileSync(`${file}.result.csv`, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(COUNT + 2);
    expect(lines[0]).toBe('line,outcome,unifiedAddresseeNo,vaultRef,rule');
    expect(lines.at(-1)).toBe(`${COUNT + 2},refused,,,UNIFIED_ADDRESSEE_NO`);
    const refs = lines.slice(1, -1).map((line, at) => {
      const [lineNo, , unified, ref] = line.split(',');
      expect([lineNo, unified]).toEqual([String(at + 2), unifiedNo(at)]);
      return ref;
    });
    expect(new Set(refs).size).toBe(COUNT);
    expect((statSync(`${file}.result.csv`).mode & 0o777).toString(8)).toBe('600');
    const shown = done.text + one.said() + two.said() + lines.join('');
    for (const number of NUMBERS.slice(0, 50)) expect(shown).not.toContain(number);

    expect(await typed(...registering(approvalId))).toMatchObject({
      code: 1,
      text: expect.stringContaining('result file is there already'),
    });
    const other = join(home, 'other.csv');
    expect(await typed(...registering(approvalId, '--result', other))).toMatchObject({
      code: 1,
      text: expect.stringContaining('The approval has been used'),
    });
    const again = await typed(...registering(await approvedFile('OFFICER-2'), '--result', other));
    expect(again.text).toMatch(new RegExp(`registered +0\\nknown +${COUNT}\\n`));
    expect(readFileSync(other, 'utf8')).toBe(
      readFileSync(`${file}.result.csv`, 'utf8').replaceAll(',registered,', ',known,'),
    );
  }, 120_000);

  test('asks for the person and the approval, and for a vault', async () => {
    expect(await typed('register', file)).toMatchObject({
      code: 1,
      text: expect.stringContaining('Name --person and --approval'),
    });
    expect(await typed('register', join(home, 'none.csv'), '--digest')).toMatchObject({ code: 1 });
    const long = join(home, 'long.csv');
    writeFileSync(long, '\n'.repeat(REGISTRATION_LINES_MAX + 1));
    expect(await typed('register', long, '--digest')).toMatchObject({
      code: 1,
      text: expect.stringContaining('FILE_REJECTED'),
    });
  });
});
