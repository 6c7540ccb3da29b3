import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { pino } from 'pino';
import { afterAll, describe, expect, test } from 'vitest';
import { registerAnalysisCommands } from '../../src/cli/vaultAnalysis.js';
import { analysisAdministration } from '../../src/vault/analysis/administration.js';
import { THRESHOLDS_AT_FOUNDING } from '../../src/vault/analysis/thresholds.js';
import { listenForAdministration } from '../../src/vault/http/admin.js';
import { callAdministration } from '../../src/vault/http/adminClient.js';
import { analysedVault, moveTo } from '../vault/analysis/support/vault.js';
import { temporaryFolder } from '../vault/keys/support/vault.js';

const { vault, officer, ref, reviews, ask } = await analysedVault();
moveTo(vault, '2026-12-02');
const home = temporaryFolder();
const socket = join(home, 'run', 'vault.sock');
const listener = await listenForAdministration(
  socket,
  analysisAdministration(vault.context),
  pino({ level: 'silent' }),
);
afterAll(() => listener.close());

/** What a command writes. */
async function typed(...words: readonly string[]): Promise<string> {
  const program = new Command('vault').exitOverride();
  let written = '';
  const out = { write: (text: string) => ((written += text), true) } as unknown as NodeJS.WriteStream;
  const askVault = (command: string, input = {}) => callAdministration(socket, command, input, 'operator-1');
  registerAnalysisCommands(program, askVault, out);
  await program.parseAsync(['analysis', ...words], { from: 'user' });
  return written;
}
const entryFile = (entry: object) => {
  const path = join(home, 'entry.json');
  writeFileSync(path, JSON.stringify(entry));
  return path;
};

describe('a run', () => {
  test('is made, counted by rule, and listed with what was concluded', async () => {
    const said = await typed('run', 'monthly', '--month', '2026-11', '--unit', 'nozei');
    expect(said).toMatch(/^LA-\S+ {2}nozei {2}2026-11-01 to 2026-11-30, to be reviewed by 2026-12-16\n/);
    expect(said).toMatch(/withoutAction +1 +1 +1\n/);
    expect(said).toMatch(/sha256:[0-9a-f]{64}\n$/);
    const [run] = await ask<readonly Parameters<typeof reviews>[1][]>('list');
    await reviews(officer, run!);
    expect(await typed('run', 'occasional', '--from', '2026-11-01', '--to', '2026-11-02')).toContain(
      'the whole vault',
    );
    const rows = (await typed('list')).trimEnd().split('\n');
    expect(rows).toHaveLength(3);
    expect(rows[2]).toMatch(/monthly +nozei +2026-11-01 +2026-11-30 +3 +2026-12-16 +P-0100 +sound/);
  });

  test.each([[['run', 'monthly', '--month', '2026-11']], [['run', 'quarterly']], [['run', 'yearly']]])(
    'is not made by %j',
    async (words) => {
      await expect(typed(...words)).rejects.toThrow();
    },
  );
});

test('thresholds are shown and entered', async () => {
  const shown = JSON.parse(await typed('thresholds')) as object;
  expect(shown).toEqual({ version: '0', thresholds: THRESHOLDS_AT_FOUNDING });
  const entry = {
    by: 'CHIEF',
    validFrom: '2026-12-02',
    reason: '初期設定',
    thresholds: THRESHOLDS_AT_FOUNDING,
  };
  expect(await typed('enter', 'thresholds', entryFile(entry))).toContain('"version": "1"');
});

test('who is watched is entered, listed, and ends', async () => {
  const entry = { by: 'OFFICER-1', ref, category: 'household', personId: 'P-1029', validFrom: '2026-12-01' };
  const { watchId } = JSON.parse(await typed('enter', 'watch', entryFile(entry))) as { watchId: string };
  const figure = {
    by: 'OFFICER-1',
    ref,
    category: 'publicFigure',
    validFrom: '2026-12-01',
    validTo: '2026-12-31',
  };
  await typed('enter', 'watch', entryFile(figure));
  const listed = await typed('watchlist');
  expect(listed).toMatch(new RegExp(`${watchId} +${ref} +household +P-1029 +2026-12-01`));
  expect(listed).toMatch(/publicFigure +2026-12-01 +2026-12-31/);
  const end = { by: 'OFFICER-1', watchId, validTo: '2026-12-02' };
  expect(await typed('enter', 'endWatch', entryFile(end))).toBe('null\n');
  await expect(
    typed('enter', 'endWatch', entryFile({ ...end, validTo: '2026-12-01' })),
  ).rejects.toMatchObject({
    code: 'BAD_INPUT',
  });
});
