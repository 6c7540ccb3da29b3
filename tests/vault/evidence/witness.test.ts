import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { evidenceAdministration } from '../../../src/vault/evidence/administration.js';
import { documentCertificate } from '../../../src/vault/evidence/pdf/certificate.js';
import type { Witnessed } from '../../../src/vault/evidence/witness.js';
import { MUNICIPALITY } from '../keys/support/vault.js';
import { testService } from '../operation/support/vault.js';
import { has, pdfText, verifiedByOpenssl } from './support/verify.js';

const vault = await testService();
const { database, clock, seal } = vault.context;
const handlers = evidenceAdministration(vault.context);
const ask = (input: object) => handlers['evidence.witness']!(input as never, 'hanako') as Promise<Witnessed>;
const digest = `sha256:${createHash('sha256').update('a CSV').digest('hex')}`;
const PRESENTED = {
  kind: 'USE',
  from: '2026-11-01',
  to: '2026-11-22',
  first: '12',
  last: '480',
  bytes: 5,
  digest,
};
const lastEntry = async () => {
  const [row] = await vault.databases.owner.vault.run(
    'test.entry',
    ({ raw }) => raw<{ text: string }[]>`
    select coordinate || ' ' || decision || ' ' || reason as text from audit.entry order by sequence desc limit 1`,
  );
  return row!.text;
};

it('a digest that is presented is witnessed by a paper that verifies and says what it vouches for', async () => {
  const { pdf, pdfDigest } = await ask(PRESENTED);
  const bytes = Buffer.from(pdf, 'base64');
  expect(pdfDigest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  expect(await lastEntry()).toBe(`Vault.evidenceWitness allow USE:${digest}:${pdfDigest}`);
  if (has('openssl')) {
    const key = seal.keyRing.active('document');
    const certificate = await documentCertificate(database, clock, MUNICIPALITY, key);
    expect(verifiedByOpenssl(bytes, certificate)).toBe('CAdES Verification successful');
    const altered = Buffer.from(bytes);
    altered[10] = altered[10]! ^ 1;
    expect(verifiedByOpenssl(altered, certificate)).not.toContain('successful');
  }
  if (!has('pdftotext')) return;
  const text = pdfText(bytes);
  for (const said of [
    digest,
    'hanako（保管庫の操作員）',
    '12 から 480 まで',
    '内容が正しいこと',
    '提示者の申告',
  ])
    expect(text).toContain(said);
});

it.each([
  [{ kind: 'use' }, 'BAD_INPUT'],
  [{ digest: 'sha256:abc' }, 'BAD_INPUT'],
  [{ first: '-1' }, 'BAD_INPUT'],
  [{ bytes: 768 * 1024 + 1 }, 'BAD_INPUT'],
  [{ from: '2026-09-01' }, 'BAD_INPUT'],
  [{ content: 'a CSV' }, 'BAD_INPUT'],
])('what is presented without its form is not witnessed: %j', async (own, code) => {
  await expect(ask({ ...PRESENTED, ...own })).rejects.toMatchObject({ code });
  expect(await lastEntry()).toBe(`Vault.evidenceWitness refuse ${code}`);
});

it('a sealed vault witnesses nothing', async () => {
  seal.seal();
  await expect(ask(PRESENTED)).rejects.toMatchObject({ code: 'VAULT_SEALED' });
});
