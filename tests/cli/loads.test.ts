import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { admitActor } from '../../src/cli/loadActor.js';
import { LOAD_EXIT, registerLoadCommands, type LoadHouse } from '../../src/cli/loads.js';
import { encodeWhole } from '../../src/exchange/layout/encoder.js';
import {
  auditOf,
  fileOf,
  loadRecords,
  PLAIN,
  nextHeader,
  plainFile,
  seedLevies,
  seedMunicipality,
  slipFor,
} from '../exchange/load/support.js';
import { StandingClock } from '../access/support/clock.js';
import { house } from '../access/support/house.js';
import { testDatabase } from '../support/database.js';

const db = await testDatabase();
const audit = auditOf(db);
const levies = [1, 2, 3].map((n) => ({
  noticeNo: String(n).padStart(10, '0'),
  instalmentNo: 1,
  taxAmount: 1_234_500n,
  dueOn: '2026-06-30',
}));

beforeAll(async () => {
  await seedLevies(db, await seedMunicipality(db), levies);
  const register = await house(db, new StandingClock('2026-07-04T03:00:00Z'));
  await register.staff('S0001', ['collectionClerk']);
  await register.staff('S0002', ['counterClerk']);
});

/** Runs one command line as a person would; answers what was written and the exit code. */
async function run(
  args: string[],
  isTTY = false,
): Promise<{ said: string; code: number | undefined; closed: number }> {
  const out = Object.assign(new PassThrough(), {
    isTTY,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
  });
  let said = '';
  out.on('data', (piece: Buffer) => (said += piece.toString()));
  let code: number | undefined;
  let closed = 0;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  const records: LoadHouse = async (request, work) => {
    const actor = await admitActor(db.owner, {
      ...request,
      clock: new StandingClock('2026-07-04T03:00:00Z'),
    });
    return work({ database: db.loader, audit, actor }).finally(() => closed++);
  };
  registerLoadCommands(program, records, {
    out: out as unknown as NodeJS.WriteStream,
    setExitCode: (given) => (code = given),
  });
  await program.parseAsync(['node', 'kuramori', ...args]).finally(() => undefined);
  return { said, code, closed };
}

describe('kuramori receipts load', () => {
  test('loads a file and prints its result, balanced to the trailer', async () => {
    const path = plainFile('cli.txt', [slipFor(levies[0]!)]);
    const { said, code, closed } = await run(['receipts', 'load', path, '--as', 'S0001']);
    expect(said.split('\n').slice(0, 4)).toEqual([
      '読込 reading',
      '照合 matching',
      '消込 posting',
      '取込完了 loaded',
    ]);
    expect(said).toMatch(/完納 settled +1 +1,234,500\n/);
    expect(said).toMatch(/トレーラ trailer +1 +1,234,500\n/);
    expect([code, closed]).toEqual([LOAD_EXIT.loaded, 1]);
    const again = await run(['receipts', 'load', path, '--as', 'S0001'], true);
    expect(again.said).toContain('取込済 loaded before, nothing changed');
  });

  test('draws a bar for a person', async () => {
    const { said } = await run(
      ['receipts', 'load', plainFile('bar.txt', [slipFor(levies[1]!)]), '--as', 'S0001'],
      true,
    );
    expect(said).toContain('読込 reading');
    expect(said).toContain('取込完了 loaded');
  });

  test('tells what is wrong and exits so that a script sees it', async () => {
    const bytes = encodeWhole(PLAIN, {
      header: nextHeader(),
      data: [slipFor(levies[2]!), slipFor(levies[2]!)],
    });
    bytes.write('X', 122 + 21, 'latin1');
    const path = fileOf('cli-bad.txt', bytes);
    const refused = await run(['receipts', 'load', path, '--as', 'S0001']);
    expect(refused.said).toContain('取込拒否 refused');
    expect(refused.said).toContain('record 2 taxAmount: E_NUMERIC');
    expect([refused.code, refused.closed]).toEqual([LOAD_EXIT.refused, 1]);
    const aside = await run(['receipts', 'load', path, '--as', 'S0001', '--on-bad-line', 'set-aside']);
    expect(aside.said).toMatch(/保留 set aside +1 +1,234,500\n {2}E_NUMERIC +1\n/);
    expect(aside.code).toBe(LOAD_EXIT.setAside);
  });

  test('asks who loads, and refuses a stranger, one who may not, and an unknown policy', async () => {
    const path = plainFile('who.txt', [slipFor(levies[0]!)]);
    await expect(run(['receipts', 'load', path])).rejects.toThrow(/--as/);
    await expect(run(['receipts', 'load', path, '--as', 'S9999'])).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(run(['receipts', 'load', path, '--as', 'S0002'])).rejects.toMatchObject({
      code: 'FORBIDDEN_FIELD',
    });
    await expect(run(['levies', 'load', path, '--as', 'S0001', '--on-bad-line', 'ignore'])).rejects.toThrow(
      /Allowed choices/,
    );
  });

  test('leaves a refused person in the audit log under no name, and never what was typed', async () => {
    const path = plainFile('audited-who.txt', [slipFor(levies[0]!)]);
    const before = (await loadRecords(db)).length;
    const typed = 'S9999 typed by mistake';
    for (const staffId of [typed, 'S0002']) {
      await expect(run(['receipts', 'load', path, '--as', staffId])).rejects.toThrow();
    }
    await expect(run(['levies', 'load', path, '--as', 'S0002'])).rejects.toThrow();
    const written = (await loadRecords(db)).slice(before);
    expect(written.map(({ said }) => said)).toEqual([
      'console Load.receipts refuse 0 NOT_FOUND',
      'console Load.receipts refuse 0 FORBIDDEN_FIELD',
      'console Load.levies refuse 0 FORBIDDEN_FIELD',
    ]);
    expect(written.map(({ body }) => body).join()).not.toMatch(/typed|S9999|S0002/);
  });

  test('refuses a day of booking that is none and a folder, each with a sentence', async () => {
    const path = plainFile('day.txt', [slipFor(levies[0]!)]);
    await expect(
      run(['receipts', 'load', path, '--as', 'S0001', '--booked-on', 'yesterday']),
    ).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: 'The day of booking is no day of the calendar. Write --booked-on as YYYY-MM-DD.',
    });
    await expect(run(['receipts', 'load', tmpdir(), '--as', 'S0001'])).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
  });

  test('refuses a near-copy with the sentence and its exit code', async () => {
    const bytes = encodeWhole(PLAIN, { header: nextHeader(), data: [slipFor(levies[0]!)] });
    await run(['receipts', 'load', fileOf('near.txt', bytes), '--as', 'S0001']);
    const copy = fileOf('near-copy.txt', Buffer.concat([bytes, Buffer.from([0x1a])]));
    const { said, code } = await run(['receipts', 'load', copy, '--as', 'S0001']);
    expect(said).toContain('new sequence number');
    expect(code).toBe(LOAD_EXIT.refused);
  });
});

test('kuramori levies load tells a file of another kind from an assessment file', async () => {
  const { said, code } = await run([
    'levies',
    'load',
    plainFile('wrong-kind.txt', [slipFor(levies[0]!, { tax: 1n })]),
    '--as',
    'S0001',
  ]);
  expect(said).toContain('record 1: E_NO_HEADER');
  expect(code).toBe(LOAD_EXIT.refused);
});
