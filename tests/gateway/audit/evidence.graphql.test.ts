import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { evidenceRequest, signAssertion } from '../../../src/client/index.js';
import { EVIDENCE_LINES_MAX } from '../../../src/kernel/limits.js';
import { openVaultClient } from '../../../src/vault/client/client.js';
import { vaultOperations } from '../../../src/vault/operation/index.js';
import { signedInputKeys } from '../../../src/vault/signing/inputKeys.js';
import { testGateway } from '../../support/gateway.js';
import { recordOf, entryOf } from '../../audit/records.js';
import { authority, memoryLog, startService } from '../../vault/http/support.js';
import { testService } from '../../vault/operation/support/vault.js';

const inside = await testService();
const certificates = await authority();
const service = await startService({
  audit: memoryLog(),
  authority: certificates,
  runOperation: vaultOperations(inside.context),
  publishedKeys: signedInputKeys(inside.context),
});
const client = openVaultClient({
  url: service.url,
  ca: certificates.ca,
  key: certificates.gateway.key,
  certificate: certificates.gateway.cert,
});
afterAll(() => client.close());
const gateway = await testGateway(60, {}, client);
const auditor = await inside.officer('P-2001', { role: 'auditOfficer', unit: 'kansa' });
const clerk = await inside.person('P-1029');

const LINES = EVIDENCE_LINES_MAX + 20;
await Promise.all(
  Array.from({ length: LINES }, (_, n) =>
    gateway.audit.append(
      recordOf({
        at: '2026-09-10T03:00:00Z',
        requestId: `R-${n}`,
        kind: n % 2 === 0 ? 'signIn' : 'query',
        caseRef: '=1+1',
        entries: [entryOf({ coordinate: n % 2 === 0 ? 'Session.signIn' : 'Addressee.individualNumber' })],
      }),
    ),
  ),
);

const EVIDENCE = `query($kind: EvidenceKind!, $from: Date!, $to: Date!, $after: SequenceNo) {
  evidence(kind: $kind, from: $from, to: $to, after: $after) { title csv digest rows firstSequence lastSequence next }
}`;
const SEPTEMBER = { from: '2026-09-01', to: '2026-09-30' };
const ask = (variables: object, options = {}) =>
  gateway.ask('auditor', EVIDENCE, { variables: { kind: 'ACCESS', ...SEPTEMBER, ...variables }, ...options });
const VAULT = `query($assertion: String!, $body: String!) {
  vaultEvidence(assertion: $assertion, body: $body) { result vaultEntry }
}`;
const details = { kind: 'access', form: 'csv', from: '2026-11-22', to: '2026-11-22' } as const;
const askVault = async (
  { assertion, body }: { assertion: string; body: unknown },
  role = 'auditor',
  options = {},
) => gateway.ask(role, VAULT, { variables: { assertion, body: JSON.stringify(body) }, ...options });
const lastEntries = async (count: number) =>
  gateway.db.owner.run(
    'test.entries',
    ({ raw }) => raw<{ kind: string; coordinate: string; reason: string | null; rows: bigint }[]>`
    select kind, coordinate, reason, rows from audit.entry order by sequence desc limit ${count}`,
  );

describe('evidence of the gateway’s log', () => {
  test('comes in parts, each line once, formulas made harmless', async () => {
    const first = await ask({});
    expect(first.errors).toEqual([]);
    const { csv, digest, rows, next, lastSequence } = first.data.evidence;
    expect(rows).toBe(EVIDENCE_LINES_MAX);
    expect(digest).toBe(
      `sha256:${createHash('sha256')
        .update(csv as string)
        .digest('hex')}`,
    );
    expect(csv).toContain(",'=1+1,");
    expect(next).toBe(lastSequence);
    const second = (await ask({ after: next })).data.evidence;
    expect([second.rows, second.next]).toEqual([LINES - EVIDENCE_LINES_MAX, null]);
    expect(BigInt(second.firstSequence as string)).toBe(BigInt(next as string) + 1n);
  });

  test.each([
    ['SIGN_IN', 'ログイン実績（ゲートウェイ）', 'Session.signIn', 'Addressee.individualNumber'],
    [
      'USE',
      '特定個人情報ファイルの利用・出力の記録（ゲートウェイ）',
      'Addressee.individualNumber',
      'Session.signIn',
    ],
  ])('%s lists what belongs to it', async (kind, title, listed, other) => {
    const { data } = await ask({ kind });
    expect(data.evidence.title).toBe(title);
    expect(data.evidence.rows).toBe(LINES / 2);
    expect(data.evidence.csv).toContain(listed);
    expect(data.evidence.csv).not.toContain(other);
  });

  test('of a month without entries is a heading', async () => {
    const { data } = await ask({ from: '2025-09-01', to: '2025-09-30' });
    expect(data.evidence).toMatchObject({ rows: 0, firstSequence: null, lastSequence: null, next: null });
  });

  test('is itself an entry, of reading the log, with its digest', async () => {
    const { data } = await ask({ kind: 'SIGN_IN' });
    const entries = await lastEntries(12);
    expect(entries).toContainEqual({
      kind: 'auditRead',
      coordinate: 'Query.evidence',
      reason: `csv:signIn:2026-09-01:2026-09-30:${data.evidence.digest}`,
      rows: BigInt(LINES / 2),
    });
  });

  test('two in one question are two entries', async () => {
    const part = (kind: string) => `evidence(kind: ${kind}, from: "2026-09-01", to: "2026-09-30") { digest }`;
    const { data } = await gateway.ask('auditor', `{ a: ${part('USE')} b: ${part('SIGN_IN')} }`);
    const reasons = (await lastEntries(8)).map(({ reason }) => reason);
    expect(reasons).toContain(`csv:use:2026-09-01:2026-09-30:${data.a.digest}`);
    expect(reasons).toContain(`csv:signIn:2026-09-01:2026-09-30:${data.b.digest}`);
  });

  test.each([[{ to: '2026-10-02' }], [{ from: '2026-10-01' }]])('of %j is refused', async (variables) => {
    expect((await ask(variables)).errors[0]?.extensions?.['code']).toBe('BAD_INPUT');
  });

  test('is for auditors alone', async () => {
    const answer = await gateway.ask('collectionClerk', EVIDENCE, {
      variables: { kind: 'USE', ...SEPTEMBER },
    });
    expect(answer.data?.evidence ?? null).toBeNull();
    expect(answer.errors[0]?.extensions?.['code']).toBe('FORBIDDEN_FIELD');
  });
});

describe('evidence of the vault', () => {
  test('is carried for auditing, as the audit officer signed it, and the logs name each other', async () => {
    const signed = await evidenceRequest(auditor.key, { ...auditor.context, ...details });
    const { data, errors } = await askVault(signed);
    expect(errors).toEqual([]);
    const result = JSON.parse(data.vaultEvidence.result as string) as { csv: string; rows: number };
    expect(result.csv).toContain('Vault.evidence');
    expect(data.vaultEvidence.vaultEntry).toMatch(/^\d+$/);
    const [entry] = await gateway.db.owner.run(
      'test.counterpart',
      ({ raw }) => raw<{ counterpart: string }[]>`
      select context ->> 'counterpart' as counterpart from audit.entry where coordinate = 'Query.vaultEvidence'
        and kind = 'auditRead' order by sequence desc limit 1`,
    );
    expect(entry?.counterpart).toBe(data.vaultEvidence.vaultEntry);
  });

  test('a document comes whole', async () => {
    const signed = await evidenceRequest(auditor.key, { ...auditor.context, ...details, form: 'pdf' });
    const { data } = await askVault(signed);
    const { pdf } = JSON.parse(data.vaultEvidence.result as string) as { pdf: string };
    expect(Buffer.from(pdf, 'base64').subarray(0, 5).toString()).toBe('%PDF-');
  });

  test('is refused to whoever is no audit officer at the vault, and no auditor here', async () => {
    const hers = await evidenceRequest(clerk.key, { ...clerk.context, ...details });
    expect((await askVault(hers)).errors[0]?.extensions?.['code']).toBe('FORBIDDEN_PURPOSE');
    const signed = await evidenceRequest(auditor.key, { ...auditor.context, ...details });
    const answer = await askVault(signed, 'numberHandler');
    expect(answer.errors[0]?.extensions?.['code']).toBe('FORBIDDEN_FIELD');
  });

  test('nothing else is carried here, and it is carried nowhere else', async () => {
    const status = await signAssertion(
      auditor.key,
      { ...auditor.context, op: 'status', refs: [`vr_${'0'.repeat(26)}`] },
      {},
    );
    expect((await askVault(status)).errors[0]?.extensions?.['code']).toBe('BAD_INPUT');
    const signed = await evidenceRequest(auditor.key, { ...auditor.context, ...details });
    const answer = await askVault({ ...signed, body: { ...details, kind: 'use' } });
    expect(answer.errors[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    const notJson = { variables: { assertion: signed.assertion, body: '{' } };
    expect((await gateway.ask('auditor', VAULT, notJson)).errors[0]?.extensions?.['code']).toBe('BAD_INPUT');
    const operate = `mutation($input: OperateVaultInput!) { operateVault(input: $input) { userErrors { code field } } }`;
    const input = {
      idempotencyKey: 'evidence-1',
      assertion: signed.assertion,
      body: JSON.stringify(signed.body),
    };
    const refused = await gateway.ask('numberHandler', operate, {
      variables: { input },
      headers: { 'kuramori-case': 'C-2026-0001' },
    });
    expect(refused.data.operateVault.userErrors[0].code).toBe('BAD_INPUT');
  });
});
