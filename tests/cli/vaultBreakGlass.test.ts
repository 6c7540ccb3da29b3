import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { registerBreakGlassCommands } from '../../src/cli/vaultBreakGlass.js';
import type { ToldOpening } from '../../src/vault/breakGlass/administration.js';

const OPENING: ToldOpening = {
  opening: 'AP-1',
  breakGlassId: 'BG-1',
  sealNo: 'S-1',
  state: 'overdue',
  openedBy: 'P-1',
  secondedBy: 'P-2',
  openedAt: '2026-11-22T03:00:00Z',
  uses: 2,
  reviewBy: '2026-11-25',
};

async function type(args: readonly string[], answer: unknown) {
  const asked: unknown[] = [];
  let said = '';
  const program = new Command();
  registerBreakGlassCommands(
    program,
    (command, input) => {
      asked.push([command, ...(input === undefined ? [] : [input])]);
      return Promise.resolve(answer);
    },
    { write: (text: string) => (said += text) !== '' },
  );
  await program.parseAsync(['break-glass', ...args], { from: 'user' });
  return { asked, said };
}

describe('kuramori vault break-glass', () => {
  test('seal shows the code of a new envelope, and nothing else', async () => {
    const args = ['seal', 'BG-1', '--seal', 'S-1', '--by', 'CHIEF'];
    expect(await type(args, { code: 'AAAA-BBBB' })).toEqual({
      asked: [['breakGlass.seal', { breakGlassId: 'BG-1', sealNo: 'S-1', by: 'CHIEF' }]],
      said: 'AAAA-BBBB\n',
    });
  });

  test('list shows what waits for its review', async () => {
    const { said } = await type(['list'], [OPENING]);
    expect(said.split('\n')).toEqual([
      'opening  credential  seal  state    opened by  with  at                    uses  review by',
      'AP-1     BG-1        S-1   overdue  P-1        P-2   2026-11-22T03:00:00Z  2     2026-11-25',
      '',
    ]);
    expect((await type(['list'], [])).said).toBe('No opening waits for its review.\n');
  });
});
