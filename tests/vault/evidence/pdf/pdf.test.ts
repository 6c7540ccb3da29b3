import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { X509Certificate as Parsed } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { EVIDENCE_LINES_MAX } from '../../../../src/kernel/limits.js';
import { issueCertificate } from '../../../../src/vault/evidence/pdf/certificate.js';
import { detachedSignature } from '../../../../src/vault/evidence/pdf/cms.js';
import { drawPaper, type EvidencePaper } from '../../../../src/vault/evidence/pdf/document.js';
import { FONT, newDocument, shaped } from '../../../../src/vault/evidence/pdf/page.js';
import { signPdf } from '../../../../src/vault/evidence/pdf/signature.js';
import { has, pdfText, takenApart, verifiedByOpenssl } from '../support/verify.js';

const AT = new Date('2026-11-22T03:41:50Z');
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const certificate = await issueCertificate({
  key: privateKey,
  keyId: 'document-1',
  municipality: '242039',
  notBefore: Date.parse('2026-11-22T03:41:50Z') / 1_000,
  notAfter: Date.parse('2050-11-22T03:41:50Z') / 1_000,
});
const signer = { key: privateKey, certificate };
const paper = (own: Partial<EvidencePaper> = {}): EvidencePaper => ({
  title: '利用・出力の記録',
  municipality: '242039',
  particulars: [['対象期間', '2026-11-01 から 2026-11-30 まで']],
  notes: ['出所：保管庫の監査ログ'],
  columns: [
    { heading: '通番', width: 1 },
    { heading: '理由', width: 3 },
  ],
  rows: [['1', '閲覧']],
  foot: '足',
  at: AT,
  ...own,
});

describe('a certificate of documents', () => {
  it('says whose it is and until when, and is signed by its own key', async () => {
    const read = new X509Certificate(certificate);
    expect(read.subject).toBe('C=JP\nO=全国地方公共団体コード 242039\nCN=蔵守 保管庫 文書署名鍵 document-1');
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkPrivateKey(privateKey)).toBe(true);
    expect([read.validFrom, read.validTo]).toEqual(['Nov 22 03:41:50 2026 GMT', 'Nov 22 03:41:50 2050 GMT']);
    const parsed = new Parsed(certificate);
    expect(await parsed.isSelfSigned()).toBe(true);
    expect(parsed.extensions.map(({ type, critical }) => [type, critical])).toEqual([
      ['2.5.29.19', true],
      ['2.5.29.15', true],
      ['2.5.29.14', false],
    ]);
  });
});

describe('a paper', () => {
  it('names a character that its font has no shape for by its code', async () => {
    const document = await newDocument({ title: '題', author: '者', at: AT });
    document.font(FONT.regular);
    expect(shaped(document, '𠮷田\uE000')).toBe('〔U+20BB7〕田〔U+E000〕');
    const written = '髙﨑 葛\u{E0100}城 12時～ｱ①㈱';
    expect(shaped(document, written)).toBe(written);
  });

  it('is signed over all its bytes but the place of the signature', async () => {
    const pdf = await signPdf(await drawPaper(paper()), signer);
    const { range } = takenApart(pdf);
    expect(range[0]).toBe(0);
    expect(range[2] + range[3]).toBe(pdf.length);
    expect(pdf.subarray(range[1], range[1] + 1).toString()).toBe('<');
    expect(pdf.subarray(range[2] - 1, range[2]).toString()).toBe('>');
  });

  it.skipIf(!has('pdftotext'))('shows such a code in its particulars and lines', async () => {
    const text = pdfText(await drawPaper(paper({ particulars: [['者', '𠮷田']], rows: [['1', '𠮷川']] })));
    expect(text).toContain('〔U+20BB7〕田');
    expect(text).toContain('〔U+20BB7〕川');
  });

  it.skipIf(!has('openssl'))('verifies with its certificate and with no other', async () => {
    const pdf = await signPdf(await drawPaper(paper()), signer);
    expect(verifiedByOpenssl(pdf, certificate)).toBe('CAdES Verification successful');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const details = { keyId: 'document-1', municipality: '242039', notBefore: 1, notAfter: 2 ** 31 };
    const foreign = await issueCertificate({ key: other, ...details });
    expect(verifiedByOpenssl(pdf, foreign)).not.toContain('successful');
    // The certificate is signed too: that of another cannot be put into its place.
    const forged = await signPdf(await drawPaper(paper()), { key: other, certificate });
    expect(verifiedByOpenssl(forged, certificate)).not.toContain('successful');
  });

  it('breaks over pages with its headings and numbers on each, and holds every line once', async () => {
    const rows = Array.from({ length: EVIDENCE_LINES_MAX }, (_, n) => [`L${n}E`, '閲覧 '.repeat(n % 40)]);
    const pdf = await drawPaper(paper({ rows }));
    const pages = Number(/\/Count (\d+)/.exec(pdf.toString('latin1'))?.[1]);
    expect(pages).toBeGreaterThan(5);
    if (!has('pdftotext')) return;
    const text = pdfText(pdf);
    expect(text.match(/L\d+E/g)).toEqual(rows.map(([cell]) => cell));
    expect(text.match(/通番/g)).toHaveLength(pages);
    expect(text.match(/\d+ \/ \d+ 頁/g)?.at(-1)).toBe(`${pages} / ${pages} 頁`);
  });

  it('shortens a line that no page would hold', async () => {
    const pdf = await drawPaper(
      paper({
        rows: [
          ['1', '長い理由'.repeat(400)],
          ['2', '次'],
        ],
      }),
    );
    expect(pdf.toString('latin1')).toMatch(/\/Count 1\b/);
    if (has('pdftotext')) expect(pdfText(pdf)).toContain('…');
  });

  it('without a place for its signature is not signed', async () => {
    await expect(signPdf(Buffer.from('%PDF-1.7'), signer)).rejects.toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });

  it('whose certificate does not fit its place is not signed', async () => {
    const pdf = await drawPaper(paper());
    const large = await issueCertificate({
      key: privateKey,
      keyId: 'x'.repeat(8_192),
      municipality: '242039',
      notBefore: 1,
      notAfter: 2 ** 31,
    });
    const signed = await detachedSignature(Buffer.alloc(32), { key: privateKey, certificate: large });
    expect(signed.length).toBeGreaterThan(8_192);
    await expect(signPdf(pdf, { key: privateKey, certificate: large })).rejects.toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});
