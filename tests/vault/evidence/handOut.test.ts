import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EVIDENCE_LINES_MAX } from '../../../src/kernel/limits.js';
import { evidenceAdministration } from '../../../src/vault/evidence/administration.js';
import { handOut, type EvidenceAsked } from '../../../src/vault/evidence/handOut.js';
import { documentCertificate, issueCertificate } from '../../../src/vault/evidence/pdf/certificate.js';
import { startRotation } from '../../../src/vault/keys/rotation/rotate.js';
import { fileKeyService } from '../../../src/vault/seal/file.js';
import { entryOf, recordOf } from '../../audit/records.js';
import { MUNICIPALITY } from '../keys/support/vault.js';
import { enter, entry } from '../staff/support/register.js';
import { testService } from '../operation/support/vault.js';
import { has, pdfText, verifiedByOpenssl } from './support/verify.js';

const vault = await testService();
const context = { ...vault.context, municipalityName: 'みほん市' };
const { database, clock, seal } = context;
const handlers = evidenceAdministration(context);
const SEPTEMBER = { from: '2026-09-01', to: '2026-09-30' } as const;
const NOVEMBER_DAY = { from: '2026-11-22', to: '2026-11-22' } as const;
const asks = (own: Partial<EvidenceAsked> = {}) =>
  handOut(context, { kind: 'access', form: 'csv', ...SEPTEMBER, ...own }, 'P-2001');
const certificateOf = (version: number) =>
  documentCertificate(database, clock, MUNICIPALITY, seal.keyRing.of('document', version));

const LINES = EVIDENCE_LINES_MAX * 2 + 5;
await Promise.all(
  Array.from({ length: LINES }, (_, n) =>
    context.audit.append(
      recordOf({
        at: '2026-09-10T03:00:00Z',
        requestId: `R-${n}`,
        entries: [entryOf({ coordinate: 'Vault.status' })],
      }),
    ),
  ),
);

describe('an evidence of many lines', () => {
  it('comes in parts that say how they hang together, as CSV and as a document', async () => {
    const first = await asks();
    const second = await asks({ after: first.next });
    const third = await asks({ after: second.next });
    expect([first, second, third].map(({ rows, next }) => [rows, next === undefined])).toEqual([
      [EVIDENCE_LINES_MAX, false],
      [EVIDENCE_LINES_MAX, false],
      [5, true],
    ]);
    const documents = [await asks({ form: 'pdf' }), await asks({ form: 'pdf', after: second.next })];
    expect(documents.map(({ digest }) => digest)).toEqual([first.digest, third.digest]);
    if (!has('pdftotext')) return;
    const [one, last] = documents.map(({ pdf }) => pdfText(Buffer.from(pdf!, 'base64')));
    expect(one).toContain('みほん市');
    expect(one).toMatch(/500件（最初の部、続きあり（番号 \d+ の次から））/);
    expect(last).toContain('5件（前の部の続き、続きなし）');
  });

  it('is the same again, and a document at a time is drawn', async () => {
    expect((await asks()).digest).toBe((await asks()).digest);
    const many = await Promise.allSettled(Array.from({ length: 6 }, () => asks({ form: 'pdf' })));
    const refused = many.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(6);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect(await asks({ form: 'pdf' })).toHaveProperty('pdf');
  });
});

describe('a document that is too large', () => {
  /** 第一水準及び第二水準: each sign that is drawn is a shape in the document. */
  const kanji = [
    ...new TextDecoder('euc-jp').decode(
      Uint8Array.from({ length: 68 * 94 * 2 }, (_, at) =>
        at % 2 === 0 ? 0xb0 + Math.floor(at / 188) : 0xa1 + Math.floor((at % 188) / 2),
      ),
    ),
  ].filter((sign) => sign !== '\ufffd');
  const text = (at: number) => kanji.slice(at * 60, at * 60 + 120).join('');

  it('is refused, and its part is there as CSV', async () => {
    for (let at = 0; at < kanji.length / 60; at += 3)
      await context.audit.append(
        recordOf({
          at: '2026-08-10T03:00:00Z',
          requestId: `R-K${at}`,
          purpose: text(at),
          caseRef: text(at + 1),
          entries: [entryOf({ coordinate: 'Vault.status', reason: text(at + 2) })],
        }),
      );
    const august = { from: '2026-08-01', to: '2026-08-31' };
    await expect(asks({ form: 'pdf', ...august })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect((await asks(august)).csv).toContain(text(0));
    expect(await asks({ form: 'pdf', ...NOVEMBER_DAY })).toHaveProperty('pdf');
  });
});

describe('the key of documents', () => {
  it('is rotated; what the last one signed still verifies, and each has its own certificate', async () => {
    const { pdf: before } = await asks({ form: 'pdf', ...NOVEMBER_DAY });
    const first = await certificateOf(1);
    await startRotation(context, 'document');
    const { pdf: after } = await asks({ form: 'pdf', ...NOVEMBER_DAY });
    const second = await certificateOf(2);
    expect(Buffer.compare(first, second)).not.toBe(0);
    expect(await certificateOf(1)).toEqual(first);
    if (!has('openssl')) return;
    expect(verifiedByOpenssl(Buffer.from(before!, 'base64'), first)).toContain('successful');
    expect(verifiedByOpenssl(Buffer.from(after!, 'base64'), second)).toContain('successful');
    expect(verifiedByOpenssl(Buffer.from(after!, 'base64'), first)).not.toContain('successful');
  });

  it('has no use for a certificate that somebody put into the database', async () => {
    await startRotation(context, 'document');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const details = { keyId: 'document-3', municipality: MUNICIPALITY, notBefore: 1, notAfter: 2 ** 31 };
    const foreign = await issueCertificate({ key: privateKey, ...details });
    await database.run(
      'test.foreign',
      ({ raw }) => raw`
      insert into vault.document_certificate (key_id, certificate, issued_at) values ('document-3', ${foreign}, now())`,
    );
    await expect(asks({ form: 'pdf' })).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });
});

describe('a sealed vault', () => {
  it('tells its records and signs no document', async () => {
    seal.seal();
    expect((await asks()).rows).toBe(EVIDENCE_LINES_MAX);
    await expect(asks({ form: 'pdf' })).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    await expect(handlers['evidence.signer']!({}, 'operator-1')).rejects.toMatchObject({
      code: 'VAULT_SEALED',
    });
    await seal.open(fileKeyService(vault.keyFile));
  });
});

describe('a vault that lost its keys of documents', () => {
  it('shows no certificate and signs nothing', async () => {
    await vault.databases.owner.vault.run(
      'test.lost',
      ({ raw }) => raw`delete from vault.key where class = 'document'`,
    );
    await seal.keyRing.reload();
    await expect(asks({ form: 'pdf' })).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    await expect(handlers['evidence.signer']!({}, 'operator-1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('who answers for an entry', () => {
  it('has not been withdrawn', async () => {
    await enter(database, clock.now().toString(), entry('GONE', { role: 'unitOfficer' }));
    await database.run(
      'test.revoke',
      ({ raw }) => raw`update vault.person set revoked_at = now() where person_id = 'GONE'`,
    );
    const incident = { by: 'GONE', learnedOn: '2026-11-22', said: {} };
    await expect(handlers['evidence.incident']!(incident, 'operator-1')).rejects.toMatchObject({
      code: 'ACCOUNT_REVOKED',
    });
  });
});
