import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import {
  evidenceRequest,
  openAnalysisRequest,
  reviewAnalysisRequest,
  stepUpRequest,
  verifyPublishedKeys,
} from '../../../src/client/index.js';
import { totpCode, totpStep } from '../../../src/kernel/token/totp.js';
import { openVaultClient } from '../../../src/vault/client/client.js';
import { vaultOperations } from '../../../src/vault/operation/index.js';
import { signedInputKeys } from '../../../src/vault/signing/inputKeys.js';
import { linkRole, testGateway, type GraphqlAnswer } from '../../support/gateway.js';
import { analysedVault, moveTo, type Opened } from '../../vault/analysis/support/vault.js';
import { has, pdfsig, pdfText } from '../../vault/evidence/support/verify.js';
import { authority, memoryLog, startService } from '../../vault/http/support.js';
import type { TestPerson } from '../../vault/operation/support/vault.js';

const { vault, officer, auditor, ref, ask } = await analysedVault();
moveTo(vault, '2026-12-02');
const certificates = await authority();
const service = await startService({
  audit: memoryLog(),
  authority: certificates,
  runOperation: vaultOperations(vault.context),
  publishedKeys: signedInputKeys(vault.context),
});
const client = openVaultClient({
  url: service.url,
  ca: certificates.ca,
  key: certificates.gateway.key,
  certificate: certificates.gateway.cert,
});
afterAll(() => client.close());
const gateway = await testGateway(60, {}, client);
await linkRole(gateway, 'auditor', 'P-2001');
await linkRole(gateway, 'numberHandler', 'P-0100');

type Signed = { readonly assertion: string; readonly body: unknown };
const codeOf = ({ errors }: GraphqlAnswer) => (errors[0]?.extensions as { code?: string } | undefined)?.code;

/** Carries what an officer signed, by the officer's own way. */
async function carried(
  field: 'approveAsAuditor' | 'operateVault',
  { assertion, body }: Signed,
  role: string,
) {
  const headers = field === 'operateVault' ? { 'kuramori-case': 'C-2026-0001' } : {};
  const answer = await gateway.ask(
    role,
    `mutation($input: OperateVaultInput!) { ${field}(input: $input) { outcome { result } userErrors { code } } }`,
    {
      variables: { input: { idempotencyKey: randomUUID(), assertion, body: JSON.stringify(body) } },
      headers,
    },
  );
  const told = (
    answer.data as Record<
      string,
      { outcome: { result: string } | null; userErrors: { code: string }[] }
    > | null
  )?.[field];
  const codes = [codeOf(answer) ?? [], told?.userErrors.map(({ code }) => code) ?? []].flat();
  return { codes, result: JSON.parse(told?.outcome?.result ?? '{}') as Opened & Record<string, unknown> };
}

async function stepUpOf({ key, context, secret }: TestPerson): Promise<Signed> {
  vault.clock.move(30_000);
  const expected = { municipality: context.municipality, now: vault.clock.ms };
  const vaultKeys = await verifyPublishedKeys(
    signedInputKeys(vault.context)().signed,
    context.anchor,
    expected,
  );
  return stepUpRequest(key, { ...context, vaultKeys, totp: totpCode(secret, totpStep(vault.clock.ms())) });
}

const SAID = { outcome: 'followUp', conclusion: '休日の閲覧は届出のとおり。事後の処理を指導した。' } as const;

describe('the audit officer', () => {
  test('looks at a run of the whole vault, signs what she concludes, and has it on a signed paper', async () => {
    const { key, context } = auditor;
    const made = await ask('run', { kind: 'occasional', from: '2026-11-01', to: '2026-11-30' });
    const listed = await carried('approveAsAuditor', await openAnalysisRequest(key, context), 'auditor');
    expect(listed.result.waiting.map(({ runId }) => runId)).toEqual([made.runId]);
    const open = await openAnalysisRequest(key, { ...context, runId: made.runId });
    const opened = await carried('approveAsAuditor', open, 'auditor');
    const { runId, digest, hits } = opened.result.run;
    expect(hits.map(({ rule }) => rule)).toEqual(['outOfHours', 'withoutAction', 'emptySearches']);
    const stepped = await carried('approveAsAuditor', await stepUpOf(auditor), 'auditor');
    const stepUp = String(stepped.result['stepUp']);
    const review = await reviewAnalysisRequest(key, { ...context, runId, digest, stepUp, ...SAID });
    expect((await carried('approveAsAuditor', review, 'numberHandler')).codes).toEqual(['FORBIDDEN_FIELD']);
    const altered = { ...review, body: { ...(review.body as object), outcome: 'sound' } };
    expect((await carried('approveAsAuditor', altered, 'auditor')).codes).toEqual(['UNAUTHENTICATED']);
    expect(await carried('approveAsAuditor', review, 'auditor')).toEqual({
      codes: [],
      result: { runId, outcome: 'followUp' },
    });
    await theEvidenceShows(runId);
  });

  async function theEvidenceShows(runId: string) {
    const days = { from: '2026-12-02', to: '2026-12-02' };
    const asked = { ...auditor.context, kind: 'analysis', form: 'pdf', ...days } as const;
    const { assertion, body } = await evidenceRequest(auditor.key, asked);
    const answer = await gateway.ask(
      'auditor',
      'query($assertion: String!, $body: String!) { vaultEvidence(assertion: $assertion, body: $body) { result } }',
      { variables: { assertion, body: JSON.stringify(body) } },
    );
    const { vaultEvidence } = answer.data as { vaultEvidence: { result: string } };
    const pdf = Buffer.from((JSON.parse(vaultEvidence.result) as { pdf: string }).pdf, 'base64');
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    if (!has('pdftotext') || !has('pdfsig')) return;
    expect(pdfsig(pdf)).toContain('Signature is Valid.');
    const text = pdfText(pdf).replaceAll(/\s/g, '');
    for (const part of [
      'ログの分析・確認の記録',
      'P-2001（監査責任者、kansa）',
      runId.slice(0, 11),
      '要改善：',
    ])
      expect(text).toContain(part);
    for (const number of ['123456789018', '135792468015']) expect(text).not.toContain(number);
  }
});

describe('the officer of a unit', () => {
  test('goes by the way of the other operations', async () => {
    const { key, context } = officer;
    const { runId, digest } = await ask('run', { kind: 'monthly', unit: 'nozei', month: '2026-11' });
    const open = await openAnalysisRequest(key, { ...context, runId });
    const opened = await carried('operateVault', open, 'numberHandler');
    expect(opened.result.run.hits[0]?.about).toEqual([ref]);
    const said = { ...context, runId, digest, ...SAID };
    const early = await reviewAnalysisRequest(key, { ...said, stepUp: 'SU-none' });
    expect((await carried('operateVault', early, 'numberHandler')).codes).toEqual(['STEP_UP_REQUIRED']);
    const stepped = await vault.run(await stepUpOf(officer));
    const { stepUp } = (stepped as { result: { stepUp: string } }).result;
    const review = await reviewAnalysisRequest(key, { ...said, stepUp });
    expect((await carried('operateVault', review, 'numberHandler')).result).toEqual({
      runId,
      outcome: 'followUp',
    });
  });
});
