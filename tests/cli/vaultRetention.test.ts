import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { registerRetentionCommands } from '../../src/cli/vaultRetention.js';
import type { ToldRun } from '../../src/vault/retention/administration.js';

const RUN: ToldRun = {
  id: '7',
  day: '2026-11-22',
  periodFrom: '2026-11-21',
  startedBy: 'schedule',
  startedAt: '2026-11-21T17:00:00Z',
  rules: [],
  candidates: 3,
  newlyDue: 1,
  isWhole: true,
  refsDigest: 'sha256:abc',
  intentEntry: '4711',
};

async function type(args: readonly string[], answer: unknown) {
  const asked: unknown[] = [];
  let said = '';
  const program = new Command();
  registerRetentionCommands(
    program,
    (command, input) => {
      asked.push([command, ...(input === undefined ? [] : [input])]);
      return Promise.resolve(answer);
    },
    { write: (text: string) => (said += text) !== '' },
  );
  await program.parseAsync(['retention', ...args], { from: 'user' });
  return { asked, said };
}

describe('kuramori vault retention', () => {
  test('run tells what the list came to', async () => {
    expect(await type(['run'], RUN)).toEqual({
      asked: [['retention.run']],
      said: 'run 7 of 2026-11-22: 3 candidates, 1 of them new\n',
    });
    const { said } = await type(['run'], { ...RUN, isWhole: false });
    expect(said).toContain('there are more, for a later list');
  });

  test('list shows the runs', async () => {
    const { said } = await type(['list'], [RUN, { ...RUN, id: '6', periodFrom: null, isWhole: false }]);
    expect(said.split('\n')).toEqual([
      'run  day         new from    candidates  new  started by  entry  digest',
      '7    2026-11-22  2026-11-21  3           1    schedule    4711   sha256:abc',
      '6    2026-11-22              3+          1    schedule    4711   sha256:abc',
      '',
    ]);
  });

  test('rules shows the rules, add-rule adds one', async () => {
    const rule = { class: 'TAX_LEDGER', years: 5, validFrom: '2015-10-05', basis: '地方税法第18条' };
    const { said } = await type(['rules'], [rule]);
    expect(said).toContain('TAX_LEDGER  2015-10-05  5      地方税法第18条');
    const { asked } = await type(['add-rule', 'TAX_LEDGER', '10', '2027-04-01', '条例第3条'], null);
    const added = { class: 'TAX_LEDGER', years: 10, validFrom: '2027-04-01', basis: '条例第3条' };
    expect(asked).toEqual([['retention.addRule', added]]);
  });
});
