import { Command } from 'commander';
import { expect, test } from 'vitest';
import { registerLogCommand } from '../../src/cli/vaultLog.js';

const ENTRY = {
  sequence: '41',
  at: '2026-11-21T16:00:00.123Z',
  actorId: 'P-1029',
  coordinate: 'Vault.erase',
  decision: 'allow',
  reason: 'approval:AP-1',
  rows: 2,
  raised: false,
  subjects: ['vr_A', 'vr_B'],
  subjectCount: 2,
};

async function type(args: readonly string[], answer: unknown) {
  const asked: unknown[] = [];
  let said = '';
  const program = new Command();
  registerLogCommand(
    program,
    (...of) => {
      asked.push(of);
      return Promise.resolve(answer);
    },
    { write: (text: string) => (said += text) !== '' },
  );
  await program.parseAsync(['log', ...args], { from: 'user' });
  return { asked, said };
}

test('asks by what is given; days are those of Japan, inclusive', async () => {
  const flags = ['--person', 'P-1029', '--operation', 'reveal', '--reference', 'vr_A', '--purpose', 'REFUND'];
  const more = ['--case', 'C-1', '--kind', 'refusal', '--decision', 'refuse', '--raised', '--before', '9'];
  const time = ['--from', '2026-11-01', '--to', '2026-11-30', '--size', '7'];
  const { asked, said } = await type([...flags, ...more, ...time], { entries: [] });
  const filter = {
    actorId: 'P-1029',
    coordinate: 'Vault.reveal',
    subject: 'vr_A',
    purpose: 'REFUND',
    caseRef: 'C-1',
    kind: 'refusal',
    decision: 'refuse',
    raised: true,
    from: '2026-10-31T15:00:00Z',
    to: '2026-11-30T15:00:00Z',
    before: '9',
    size: 7,
  };
  expect(asked).toEqual([['log.read', filter]]);
  expect(said).toBe('number  at (Japan)  who  what  decision  reason  rows  about\n');
});

test('shows a line for each entry, and how to go on', async () => {
  const raised = { ...ENTRY, sequence: '40', raised: true, subjects: [], subjectCount: 0, reason: undefined };
  const { asked, said } = await type(['--operation', 'Vault.open', '--from', '2026-11-01T00:00:00Z'], {
    entries: [ENTRY, raised],
    next: '40',
  });
  expect(asked).toEqual([['log.read', { coordinate: 'Vault.open', from: '2026-11-01T00:00:00Z', size: 50 }]]);
  expect(said.split('\n').slice(1)).toEqual([
    '41      2026-11-22 01:00:00  P-1029  Vault.erase  allow     approval:AP-1  2     vr_A and 1 more',
    '40      2026-11-22 01:00:00  P-1029  Vault.erase  allow !                  2',
    'more: --before 40',
    '',
  ]);
});

test('gives everything as JSON', async () => {
  expect((await type(['--json'], { entries: [ENTRY] })).said).toBe(`${JSON.stringify(ENTRY)}\n`);
  expect((await type(['--json'], { entries: [] })).said).toBe('');
});
