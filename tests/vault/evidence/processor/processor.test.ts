import { describe, expect, it } from 'vitest';
import { isAuditOverdue, nextAuditBy } from '../../../../src/vault/evidence/processor/processor.js';
import { testEvidence } from '../support/officers.js';

const { ask, refusal } = await testEvidence();
const ENTRY = {
  by: 'OFFICER-1',
  processorId: 'PR-01',
  name: '株式会社みほん計算',
  contractNo: '令和8年度第12号',
  contractFrom: '2026-04-01',
  contractTo: '2027-03-31',
  scope: '滞納者データの変換',
  basis: '番号法第10条',
  responsible: '見本一郎',
  staff: ['見本二郎', '見本三子'],
  places: ['本社第1作業室'],
  devices: ['PC-101'],
  trainedOn: '2026-04-10',
};
const register = async (from = '2026-11-01', to = '2026-11-30') =>
  (await ask<{ csv: string }>('part', { kind: 'processor', form: 'csv', from, to })).csv;

describe('an audit of a processor is due', () => {
  it.each([
    [{ contractFrom: '2026-04-01', auditedOn: [] }, '2027-04-01'],
    [{ contractFrom: '2024-04-01', auditedOn: ['2025-02-28', '2026-02-28'] }, '2027-02-28'],
    [{ contractFrom: '2028-02-29', auditedOn: [] }, '2029-02-28'],
  ])('of %j by %s', (processor, day) => {
    expect(nextAuditBy(processor)).toBe(day);
  });

  it('and overdue from the day after, while the contract is in force', () => {
    const processor = { contractFrom: '2025-04-01', contractTo: '2026-04-30', auditedOn: [] } as never;
    expect(['2026-04-01', '2026-04-02', '2026-05-01'].map((day) => isAuditOverdue(processor, day))).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('the register of processors', () => {
  it('shows what was entered last, with audits of the period’s end or before', async () => {
    await ask('processor', ENTRY);
    const subProcessor = { name: '有限会社みほん運送', consentedOn: '2026-05-01' };
    await ask('processor', { ...ENTRY, staff: ['見本四郎'], subProcessor });
    await ask('audit', { by: 'AUDITOR', processorId: 'PR-01', auditedOn: '2026-10-15', finding: '指摘なし' });
    const csv = await register();
    expect(csv.trimEnd().split('\r\n')).toHaveLength(2);
    expect(csv).toContain(
      '株式会社みほん計算（PR-01）,令和8年度第12号,2026-04-01から2027-03-31まで,滞納者データの変換,番号法第10条,見本一郎,' +
        '見本四郎,本社第1作業室,PC-101,有限会社みほん運送（2026-05-01）,2026-04-10,2026-10-15,2027-10-15',
    );
    expect(await register('2026-05-01', '2026-05-31')).toContain(',,2027-04-01');
    expect((await register('2025-05-01', '2025-05-31')).trimEnd().split('\r\n')).toHaveLength(1);
  });

  it('shows what is missing and what is overdue', async () => {
    const { trainedOn: _none, ...untrained } = ENTRY;
    await ask('processor', { ...untrained, processorId: 'PR-02', contractFrom: '2025-04-01' });
    expect(await register()).toMatch(/（PR-02）,.*,PC-101,無,,,2026-04-01（超過）\r\n/);
  });

  it.each([
    [{ by: 'P-1029' }, 'FORBIDDEN_PURPOSE role'],
    [{ contractTo: '2026-03-31' }, 'BAD_INPUT contractTo'],
    [{ staff: [] }, 'BAD_INPUT'],
    [{ staff: ['番号123456789018'] }, 'BAD_INPUT staff'],
    [{ subProcessor: { name: '有限会社みほん運送' } }, 'BAD_INPUT'],
    [{ processorId: '委託先' }, 'BAD_INPUT'],
    [{ approved: true }, 'BAD_INPUT'],
  ])('refuses %j with %s', async (own, code) => {
    expect(await refusal('processor', { ...ENTRY, ...own })).toBe(code);
  });

  it.each([
    [{ processorId: 'PR-99' }, 'NOT_FOUND'],
    [{ auditedOn: '2026-12-01' }, 'BAD_INPUT auditedOn'],
    [{ finding: '' }, 'BAD_INPUT finding'],
    [{ by: 'NOBODY' }, 'NOT_FOUND'],
  ])('refuses the audit %j with %s', async (own, code) => {
    await ask('processor', ENTRY);
    const audit = { by: 'AUDITOR', processorId: 'PR-01', auditedOn: '2026-10-15', finding: '指摘なし' };
    expect(await refusal('audit', { ...audit, ...own })).toBe(code);
  });
});
