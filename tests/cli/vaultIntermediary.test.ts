import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { registerIntermediaryCommands } from '../../src/cli/vaultIntermediary.js';
import type { ListOf } from '../../src/protocol/intermediary/lists.js';
import type { IntermediaryStatus, ToldBatch } from '../../src/vault/push/administration.js';

async function type(args: readonly string[], answer: unknown) {
  const asked: unknown[] = [];
  let said = '';
  const program = new Command();
  registerIntermediaryCommands(
    program,
    (command, input) => {
      asked.push([command, ...(input === undefined ? [] : [input])]);
      return Promise.resolve(answer);
    },
    { write: (text: string) => (said += text) !== '' },
  );
  await program.parseAsync(['intermediary', ...args], { from: 'user' });
  return { asked, said };
}

const STATUS: IntermediaryStatus = {
  protocol: 'spi-intermediary/1',
  layoutVersions: ['2026-07', '2027-07'],
  ownLayoutVersion: '2026-07',
  fits: true,
  keys: [{ keyId: 'IK-1', since: '2026-11-22T00:00:00Z' }],
  counts: { 'inquiry/DONE': 3 },
  notices: [{ noticeId: 'OSR-1', from: '2026-10-01', to: '2026-12-31', text: '定期保守' }],
};
const BATCH: ToldBatch = {
  batchId: '01993b2a-7c00-7000-8000-000000000001',
  state: 'DONE',
  reason: 'OK',
  lineCount: 2,
  attempt: 1,
  formedAt: '2026-11-22T00:00:00Z',
  changedAt: '2026-11-22T00:01:00Z',
  nextAttemptAt: null,
};
const RECORD: ListOf<'provision-records'>['records'][number] = {
  recordId: 'RC-1',
  side: 'INQUIRER',
  inquirerBodyCode: '0220000000992011',
  inquirerName: '蔵守市',
  providerBodyCode: '1300000000000002',
  providerName: '公金受取口座登録システム',
  requestedAt: '2026-11-22T00:00:00Z',
  taskCode: 'JM00000000000170',
  procedureCode: 'JT00000000000171',
  informationNameCodes: ['TM00000000000172'],
  itemCodes: ['KZ01'],
  permissionId: 'PM-1',
  processingNo: 'PN-1',
  resultStatus: '01',
  nonDisclosure: true,
  unifiedAddresseeNo: '000000000000101',
  keptThrough: '2033-11-22',
};

describe('kuramori vault intermediary', () => {
  test('status says whether both sides fit, and what the server tells', async () => {
    const { asked, said } = await type(['status'], STATUS);
    expect(asked).toEqual([['intermediary.status']]);
    for (const part of [
      '2026-07 2027-07; ours is 2026-07',
      'fits       yes',
      'IK-1',
      'inquiry/DONE',
      '定期保守',
    ])
      expect(said).toContain(part);
    expect((await type(['status'], { ...STATUS, fits: false })).said).toContain('fits       no: ');
  });

  test('batches shows one on each line', async () => {
    const going = { ...BATCH, nextAttemptAt: '2026-11-22T00:02:00Z' };
    const { asked, said } = await type(['batches'], [BATCH, going]);
    expect(asked).toEqual([['intermediary.batches']]);
    expect(said.trim().split('\n')).toHaveLength(3);
    expect(said).toContain('2026-11-22T00:02:00Z');
  });

  test('records shows a page without people, and says how to go on', async () => {
    const range = ['--from', '2026-11-01', '--to', '2026-11-30', '--as', 'P-1029'];
    const page = { records: [RECORD, { ...RECORD, nonDisclosure: false }], next: 'RC-2' };
    const { asked, said } = await type(['records', ...range, '--after', 'RC-0'], page);
    expect(asked).toEqual([
      ['intermediary.records', { from: '2026-11-01', to: '2026-11-30', personId: 'P-1029', after: 'RC-0' }],
    ]);
    expect(said).toContain('more: --after RC-2');
    expect(said).not.toContain(RECORD.unifiedAddresseeNo);
    const all = await type(['records', ...range, '--json'], { records: [RECORD] });
    expect(JSON.parse(all.said)).toEqual(RECORD);
    expect((await type(['records', ...range, '--json'], { records: [] })).said).toBe('');
  });
});
