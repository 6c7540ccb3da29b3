import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CSV_BOM } from '../../../src/audit/evidence/csv.js';
import { decodeBody } from '../../../src/audit/body.js';
import {
  evidenceRequest,
  revealRequest,
  type EvidenceDetails,
  type TwoPersonAct,
} from '../../../src/client/index.js';
import { evidenceAdministration, type ToldSigner } from '../../../src/vault/evidence/administration.js';
import { refsDigest } from '../../../src/vault/erasure/order.js';
import { EVIDENCE_KIND_NAMES } from '../../../src/vault/evidence/kinds.js';
import { byTwos, codeOf } from '../operation/support/two.js';
import { testService, type TestPerson } from '../operation/support/vault.js';
import { has, pdfsig, pdfText, verifiedByOpenssl } from './support/verify.js';

/** Numbers of handbook 10 §3.2: nobody's. */
const NUMBERS = ['123456789018', '135792468015', '202020202000', '202020202060'];
const NOVEMBER = { from: '2026-11-01', to: '2026-11-30' } as const;

const vault = await testService();
const clerk = await vault.person('P-1029', ['register', 'resolve', 'reveal', 'status', 'erase']);
const officer = await vault.officer('P-0100', { role: 'unitOfficer' });
const auditor = await vault.officer('P-2001', { role: 'auditOfficer', unit: 'kansa' });
const { register, both, asks: asksFor } = byTwos(vault);
const handlers = evidenceAdministration(vault.context);
const ask = async <T = unknown>(command: string, input: object): Promise<T> =>
  (await handlers[`evidence.${command}`]!(input as never, 'operator-1')) as T;

type Part = Record<'csv' | 'pdf' | 'digest' | 'pdfDigest' | 'next' | 'logUntil', string> & { rows: number };
const asks = async (person: TestPerson, own: Partial<EvidenceDetails> = {}) => {
  const { key, context } = person;
  return vault.run(await evidenceRequest(key, { ...context, kind: 'use', form: 'csv', ...NOVEMBER, ...own }));
};
const gets = async (own: Partial<EvidenceDetails> = {}): Promise<Part> => {
  const answer = await asks(auditor, own);
  if (answer.outcome === 'refused') throw new Error(`refused: ${answer.error.code}`);
  return answer.result as Part;
};
const lastRecord = async () => {
  const [row] = await vault.databases.owner.vault.run(
    'test.record',
    ({ raw }) => raw<{ body: Buffer }[]>`select body from audit.written order by record_no desc limit 1`,
  );
  return decodeBody(row!.body.toString('utf8'))!;
};

const ref = await register(clerk, NUMBERS[0]!);
const stepUp = await vault.stepUp(clerk);
await vault.run(await revealRequest(clerk.key, { ...clerk.context, ref, stepUp }));
const erased = await register(clerk, NUMBERS[1]!);
// As it stands in logs from before a case that may be a number was refused.
await vault.context.audit.append({ ...(await lastRecord()), caseRef: `C-${NUMBERS[3]}` });
const erasure = (reason: string): TwoPersonAct => ({
  op: 'erase',
  refs: [erased],
  said: { fileName: '収滞納管理ファイル', basis: '番号法第20条', reason },
});
await both(clerk, officer, erasure('事務の終了'));

describe('an evidence', () => {
  it('is for the audit officer alone, on a terminal of hers', async () => {
    expect(codeOf(await asks(clerk))).toBe('FORBIDDEN_PURPOSE');
    expect(codeOf(await asks(officer))).toBe('FORBIDDEN_PURPOSE');
    expect(codeOf(await asks(auditor, { terminalId: 'T-0417' }))).toBe('UNAUTHENTICATED');
  });

  it.each([
    [{ kind: 'everything' }],
    [{ form: 'xlsx' as 'csv' }],
    [{ from: '2026-10-01' }],
    [{ after: '-1' }],
    [{ to: '2026-02-30' }],
  ])('%j is refused', async (own) => {
    expect(codeOf(await asks(auditor, own))).toMatch(/^BAD_INPUT/);
  });

  it('of use and output tells who registered and who was shown, with the phase of each', async () => {
    const { csv, rows, digest } = await gets({ kind: 'use' });
    expect(csv.startsWith(`${CSV_BOM}通番,日時（日本時間）,操作者,`)).toBe(true);
    const lines = csv.split('\r\n').filter((line) => line.includes('Vault.reveal'));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/2026-11-22 12:\d\d:\d\d,P-1029,nozei,T-0417,Vault\.reveal,許可,着手,REFUND/);
    expect(lines[1]).toContain('完了');
    expect(lines[1]).toContain(ref);
    expect(csv).not.toContain('Vault.stepUp');
    expect(csv).not.toContain('Vault.evidence');
    expect(csv.trimEnd().split('\r\n')).toHaveLength(rows + 1);
    expect(digest).toBe(`sha256:${createHash('sha256').update(csv, 'utf8').digest('hex')}`);
  });

  it('of sign-ins tells step-ups and who was not let in', async () => {
    await asks(auditor, { terminalId: 'T-0417' });
    const { csv } = await gets({ kind: 'signIn' });
    expect(csv).toMatch(/P-1029,nozei,handler,T-0417,Vault\.stepUp,許可,完了/);
    expect(csv).toMatch(/unknown,,,unknown,Vault\.operation,拒否,binding/);
    expect(csv).not.toContain('Vault.reveal');
  });

  it('of accesses tells everything, its own handing out too', async () => {
    const { digest } = await gets({ kind: 'use' });
    const { csv } = await gets({ kind: 'access' });
    expect(csv).toContain(`csv:use:2026-11-01:2026-11-30:${digest}`);
    expect(csv).toContain('Vault.requestApproval');
  });

  it('of deletions tells each certificate', async () => {
    const { csv, rows } = await gets({ kind: 'deletion' });
    expect(rows).toBe(1);
    const [certificateId] = /EC-[0-9a-f-]{36}/.exec(csv)!;
    expect(csv).toContain('収滞納管理ファイル,1,番号法第20条,,事務の終了,P-1029,P-0100,P-1029');
    const { signed } = await ask<{ signed: string }>('certificate', { certificateId });
    expect(csv).toContain(refsDigest([erased]));
    expect(csv).toContain(`sha256:${createHash('sha256').update(signed).digest('hex')}`);
    expect((await gets({ kind: 'deletion', from: '2026-10-01', to: '2026-10-31' })).rows).toBe(0);
  });

  it.each([
    ['digits', NUMBERS[2]!],
    ['full width, with hyphens', '２０２０－２０２０－２０００'],
  ])(
    'never has to hide a number in a reason: one written in %s is not taken, nor echoed',
    async (_, number) => {
      const answer = await asksFor(clerk, erasure(`事務の終了 ${number}`));
      expect(answer).toMatchObject({
        outcome: 'refused',
        error: { code: 'BAD_INPUT', facts: { field: 'reason' } },
      });
      expect(JSON.stringify(answer)).not.toContain(number);
    },
  );

  it('of authority tells who can use numbers on the last day', async () => {
    const { csv } = await gets({ kind: 'authority', to: '2026-11-22' });
    expect(csv).toContain('P-1029,nozei,handler,REFUND,register resolve reveal status erase,2026-11-22');
    await vault.person('P-0001', ['status']);
    const lines = (await gets({ kind: 'authority', to: '2026-11-22' })).csv.split('\r\n').slice(1, -1);
    expect(lines.map((line) => line.split(',')[1])).toEqual(['P-1029', 'P-0001']);
  });

  it('is an entry of the log with the digest of what was handed out', async () => {
    const { digest, rows } = await gets({ kind: 'use' });
    expect(await lastRecord()).toMatchObject({
      kind: 'vaultOperation',
      actorId: 'P-2001',
      entries: [{ coordinate: 'Vault.evidence', reason: `csv:use:2026-11-01:2026-11-30:${digest}`, rows }],
    });
  });

  it('is told once', async () => {
    const { key, context } = auditor;
    const details = { ...context, kind: 'use', form: 'csv', ...NOVEMBER } as const;
    const signed = await evidenceRequest(key, details);
    expect(codeOf(await vault.run(signed))).toBe('done');
    expect(codeOf(await vault.run(signed))).toBe('REPLAY_DETECTED');
  });
});

describe('a document', () => {
  it('is signed, and anybody verifies it offline', async () => {
    const { pdf, pdfDigest } = await gets({ kind: 'use', form: 'pdf' });
    const bytes = Buffer.from(pdf, 'base64');
    expect(pdfDigest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    const { pem } = await ask<{ pem: string }>('signer', {});
    if (!has('openssl')) return;
    const certificate = Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    expect(verifiedByOpenssl(bytes, certificate)).toBe('CAdES Verification successful');
    bytes[bytes.length - 20]! ^= 1;
    expect(verifiedByOpenssl(bytes, certificate)).not.toContain('successful');
  });

  it.skipIf(!has('pdfsig'))('is valid for Poppler, wholly covered, and says what it is', async () => {
    const { pdf } = await gets({ kind: 'deletion', form: 'pdf' });
    const { digest } = await gets({ kind: 'deletion' });
    const bytes = Buffer.from(pdf, 'base64');
    const said = pdfsig(bytes);
    expect(said).toContain('Signature is Valid.');
    expect(said).toContain('Total document signed');
    expect(said).toContain('ETSI.CAdES.detached');
    const text = pdfText(bytes).replaceAll(/\s/g, '');
    for (const part of [
      '特定個人情報ファイルの削除・廃棄の記録',
      '2026-11-01から2026-11-30まで',
      'P-2001（監査責任者、kansa）',
      digest,
      '1/1頁',
    ])
      expect(text).toContain(part);
  });

  it('of a period without lines says so', async () => {
    const { pdf, rows } = await gets({ kind: 'access', form: 'pdf', from: '2026-09-01', to: '2026-09-30' });
    expect(rows).toBe(0);
    if (has('pdftotext')) expect(pdfText(Buffer.from(pdf, 'base64'))).toContain('該当する記録はありません');
  });

  it('keeps its certificate, whoever asks first', async () => {
    const [first, second] = await Promise.all([ask<ToldSigner>('signer', {}), ask<ToldSigner>('signer', {})]);
    expect(first).toEqual(second);
    expect(first.keyId).toBe('document-1');
    expect(first.fingerprint).toMatch(/^[0-9A-F:]{95}$/);
  });
});

describe('at the host', () => {
  it('a part is handed out, and that is an export in the log', async () => {
    const part = await ask<Part>('part', {
      kind: 'authority',
      form: 'csv',
      from: '2026-11-22',
      to: '2026-11-22',
    });
    expect(part.rows).toBeGreaterThan(0);
    expect(await lastRecord()).toMatchObject({
      kind: 'export',
      actorId: 'operator:operator-1',
      entries: [{ coordinate: 'Vault.evidence', raised: true, rows: part.rows }],
    });
  });

  it('what is unknown is not found, and refused commands are entries', async () => {
    const unknown = { certificateId: 'EC-018f2c1e-3d3b-4a45-9d7e-9b1f2c3d4e5f' };
    await expect(ask('certificate', unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await lastRecord()).toMatchObject({ entries: [{ decision: 'refuse', reason: 'NOT_FOUND' }] });
    const incidentId = 'IN-018f2c1e-3d3b-4a45-9d7e-9b1f2c3d4e5f';
    await expect(ask('report', { incidentId, step: 'quickReport' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('no evidence of any kind', () => {
  it.each(EVIDENCE_KIND_NAMES)('%s holds a number, or what a search for one would find', async (kind) => {
    const [owner] = await vault.databases.owner.vault.run(
      'test.index',
      ({ raw }) => raw<{ values: string[] }[]>`
      select array_agg(encode(value, 'hex')) || array_agg(encode(value, 'base64')) as values from vault.number_index`,
    );
    const csv = (await gets({ kind })).csv.replaceAll(/[ -]/g, '');
    if (has('pdftotext')) {
      const { pdf } = await gets({ kind, form: 'pdf' });
      const text = pdfText(Buffer.from(pdf, 'base64')).replaceAll(/[\s-]/g, '');
      for (const number of NUMBERS) expect(text).not.toContain(number);
    }
    for (const secret of [...NUMBERS, ...owner!.values])
      expect(csv).not.toContain(secret.replaceAll(/[ -]/g, ''));
  });
});
