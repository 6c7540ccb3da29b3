import { describe, expect, it } from 'vitest';
import { openAuditLog } from '../../../../src/audit/log.js';
import { Temporal } from '../../../../src/kernel/dates.js';
import { EVIDENCE_LINES_MAX } from '../../../../src/kernel/limits.js';
import { tableEvidence } from '../../../../src/vault/evidence/kind.js';
import { EVIDENCE_KIND_NAMES, EVIDENCE_KINDS } from '../../../../src/vault/evidence/kinds.js';
import { deletionEvidence } from '../../../../src/vault/evidence/kinds/deletions.js';
import { transferRecord } from '../../../../src/vault/transfer/log.js';
import { newVaultRef } from '../../../../src/vault/number/vaultRef.js';
import { testVaultDatabases } from '../../../support/vaultDatabase.js';

const { vault: database } = await testVaultDatabases();
const TODAY = '2026-11-22';
const slice = { from: '2026-11-01', to: '2026-11-30', after: undefined };

describe('each kind of evidence', () => {
  it.each(EVIDENCE_KIND_NAMES)('%s has a Japanese title, source and headings, each once', (name) => {
    const { title, source, columns } = EVIDENCE_KINDS[name];
    for (const text of [title, source, ...columns.map(({ heading }) => heading)])
      expect(text).toMatch(/[\p{sc=Han}\p{sc=Katakana}]/u);
    expect(source).toMatch(/。$/);
    expect(new Set(columns.map(({ heading }) => heading)).size).toBe(columns.length);
    expect(columns.every(({ width }) => width > 0)).toBe(true);
  });

  it.each(EVIDENCE_KIND_NAMES)('%s of an empty vault has no lines and no end to go on from', async (name) => {
    const page = await EVIDENCE_KINDS[name].read(
      database,
      { ...slice, from: '2020-01-01', to: '2020-01-31' },
      TODAY,
    );
    expect(page).toEqual({ lines: [], next: undefined });
  });
});

describe('use and output', () => {
  it('tell what left the vault and came back, too, and no step-up', async () => {
    const log = openAuditLog(database);
    const clock = { now: () => Temporal.Instant.from('2026-11-10T00:00:00Z') };
    const event = { packageId: 'TP-1', by: 'vault', reason: 'r' };
    const left = transferRecord(clock, { ...event, coordinate: 'Transfer.seal' });
    const entry = { decision: 'allow', reason: 'done', rows: 1, subjects: [] } as const;
    const operation = (coordinate: string) =>
      ({ ...left, kind: 'vaultOperation', entries: [{ ...entry, coordinate }] }) as const;
    await log.append({ ...left, entries: [{ ...entry, coordinate: 'Push.send' }] });
    await log.append(left);
    for (const coordinate of ['Vault.reveal', 'Vault.stepUp']) await log.append(operation(coordinate));
    const { lines } = await EVIDENCE_KINDS.use.read(database, slice, TODAY);
    expect(lines.map(({ cells }) => cells[5])).toEqual(['Push.send', 'Transfer.seal', 'Vault.reveal']);
  });
});

describe('a table', () => {
  const numbers = (count: number) =>
    tableEvidence<bigint>({
      title: '',
      source: '',
      key: (n) => n,
      columns: [{ heading: '番号', width: 1, cell: String }],
      rows: (_session, { after = 0n }, limit) =>
        Promise.resolve(
          Array.from({ length: count }, (_, n) => BigInt(n + 1))
            .filter((n) => n > after)
            .slice(0, limit),
        ),
    });

  it.each([
    [EVIDENCE_LINES_MAX, 1],
    [EVIDENCE_LINES_MAX + 1, 2],
    [EVIDENCE_LINES_MAX * 2 + 3, 3],
  ])('of %d rows is handed out in %d parts, each row once', async (count, parts) => {
    const keys: bigint[] = [];
    let [after, read]: [bigint | undefined, number] = [undefined, 0];
    do {
      const page = await numbers(count).read(database, { ...slice, after }, TODAY);
      keys.push(...page.lines.map(({ key }) => key));
      after = page.next;
      read += 1;
    } while (after !== undefined);
    expect([keys.length, new Set(keys).size, read]).toEqual([count, count, parts]);
  });
});

describe('deletions', () => {
  const particulars = {
    fileName: '収滞納管理ファイル',
    basis: '番号法第20条',
    purpose: 'REFUND',
    approvalId: 'AP-018f2c1e-3d3b-4a45-9d7e-9b1f2c3d4e5f',
    requestedAt: '2026-10-30T00:00:00Z',
    approvedAt: '2026-10-30T00:00:00Z',
    executedBy: 'P-1029',
    keyIds: ['subject-1'],
    intentEntry: '1',
  };
  const erase = (certificateId: string, startedAt: string, doneAt: string | null) =>
    database.run(
      'test.erasure',
      ({ raw }) => raw`
      insert into vault.erasure (vault_ref, certificate_id, reason, requested_by, approved_by, particulars, started_at,
        done_at)
      values (${newVaultRef()}, ${certificateId}, 'r', 'P-1029', 'P-0100', ${JSON.stringify(particulars)}::jsonb,
        ${startedAt}::timestamptz, ${doneAt}::timestamptz)`,
    );

  it('are listed in every period in which they were under way, with their end once it is there', async () => {
    await erase('EC-1', '2026-10-31T14:00:00Z', '2026-10-31T14:00:01Z');
    await erase('EC-2', '2026-10-31T14:00:00Z', '2026-10-31T15:00:00Z');
    await erase('EC-3', '2026-11-05T00:00:00Z', '2026-11-05T00:00:01Z');
    await erase('EC-3', '2026-11-05T00:00:00Z', null);
    await erase('EC-4', '2026-11-30T15:00:00Z', null);
    const { lines } = await deletionEvidence.read(database, slice, TODAY);
    expect(lines.map(({ cells }) => [cells[0], cells[2], cells[10], cells[13]])).toEqual([
      ['EC-2', '1', '2026-11-01 00:00:00', '未発行'],
      ['EC-3', '2', '実施中', '未発行'],
    ]);
    const after = lines[0]!.key;
    expect((await deletionEvidence.read(database, { ...slice, after }, TODAY)).lines).toHaveLength(1);
  });
});
