import { createHash, randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import {
  decideApprovalRequest,
  evidenceRequest,
  openApprovalRequest,
  provisionApprovalRequest,
  signAssertion,
  stepUpRequest,
} from '../../../src/client/index.js';
import { EVIDENCE_LINES_MAX } from '../../../src/kernel/limits.js';
import { totpCode, totpStep } from '../../../src/kernel/token/totp.js';
import { openVaultClient } from '../../../src/vault/client/client.js';
import { vaultOperations } from '../../../src/vault/operation/index.js';
import { signedInputKeys } from '../../../src/vault/signing/inputKeys.js';
import { linkRole, testGateway, type GraphqlAnswer } from '../../support/gateway.js';
import { recordOf, entryOf } from '../../audit/records.js';
import { authority, memoryLog, startService } from '../../vault/http/support.js';
import { done } from '../../vault/operation/support/two.js';
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

await linkRole(gateway, 'auditor', 'P-2001', 'P-1029');

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
interface Part {
  readonly title: string;
  readonly csv: string;
  readonly digest: string;
  readonly rows: number;
  readonly firstSequence: string | null;
  readonly lastSequence: string | null;
  readonly next: string | null;
}
const partOf = ({ data, errors }: GraphqlAnswer) => {
  expect(errors).toEqual([]);
  return (data as { evidence: Part }).evidence;
};
const vaultsOf = ({ data, errors }: GraphqlAnswer) => {
  expect(errors).toEqual([]);
  const { vaultEvidence } = data as { vaultEvidence: { result: string; vaultEntry: string } };
  return { ...vaultEvidence, result: JSON.parse(vaultEvidence.result) as { csv: string; pdf: string } };
};
const codeOf = ({ errors }: GraphqlAnswer) => (errors[0]?.extensions as { code?: string } | undefined)?.code;
const lastEntries = async (count: number) =>
  gateway.db.owner.run(
    'test.entries',
    ({ raw }) => raw<{ kind: string; coordinate: string; reason: string | null; rows: bigint }[]>`
    select kind, coordinate, reason, rows from audit.entry order by sequence desc limit ${count}`,
  );

describe('evidence of the gateway’s log', () => {
  test('comes in parts, each line once, formulas made harmless', async () => {
    const { csv, digest, rows, next, lastSequence } = partOf(await ask({}));
    expect(rows).toBe(EVIDENCE_LINES_MAX);
    expect(digest).toBe(`sha256:${createHash('sha256').update(csv).digest('hex')}`);
    expect(csv).toContain(",'=1+1,");
    expect(next).toBe(lastSequence);
    const second = partOf(await ask({ after: next }));
    expect([second.rows, second.next]).toEqual([LINES - EVIDENCE_LINES_MAX, null]);
    expect(BigInt(second.firstSequence!)).toBe(BigInt(next!) + 1n);
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
    const part = partOf(await ask({ kind }));
    expect(part.title).toBe(title);
    expect(part.rows).toBe(LINES / 2);
    expect(part.csv).toContain(listed);
    expect(part.csv).not.toContain(other);
  });

  test('begins at the first line when no number is given, and after no number that is none', async () => {
    const first = partOf(await ask({}));
    expect(partOf(await ask({ after: null })).digest).toBe(first.digest);
    expect(codeOf(await ask({ after: -1 }))).toBe('BAD_INPUT');
  });

  test('of a month without entries is a heading', async () => {
    const part = partOf(await ask({ from: '2025-09-01', to: '2025-09-30' }));
    expect(part).toMatchObject({ rows: 0, firstSequence: null, lastSequence: null, next: null });
  });

  test('is itself an entry, of reading the log, with its digest', async () => {
    const { digest } = partOf(await ask({ kind: 'SIGN_IN' }));
    const entries = await lastEntries(12);
    expect(entries).toContainEqual({
      kind: 'auditRead',
      coordinate: 'Query.evidence',
      reason: `csv:signIn:2026-09-01:2026-09-30:${digest}`,
      rows: BigInt(LINES / 2),
    });
  });

  test('two in one question are two entries', async () => {
    const part = (kind: string) => `evidence(kind: ${kind}, from: "2026-09-01", to: "2026-09-30") { digest }`;
    const answer = await gateway.ask('auditor', `{ a: ${part('USE')} b: ${part('SIGN_IN')} }`);
    const data = answer.data as Record<'a' | 'b', Part>;
    const reasons = (await lastEntries(8)).map(({ reason }) => reason);
    expect(reasons).toContain(`csv:use:2026-09-01:2026-09-30:${data.a.digest}`);
    expect(reasons).toContain(`csv:signIn:2026-09-01:2026-09-30:${data.b.digest}`);
  });

  test.each([[{ to: '2026-10-02' }], [{ from: '2026-10-01' }]])('of %j is refused', async (variables) => {
    expect(codeOf(await ask(variables))).toBe('BAD_INPUT');
  });

  test('is for auditors alone', async () => {
    const answer = await gateway.ask('collectionClerk', EVIDENCE, {
      variables: { kind: 'USE', ...SEPTEMBER },
    });
    expect((answer.data as { evidence?: Part } | null)?.evidence ?? null).toBeNull();
    expect(codeOf(answer)).toBe('FORBIDDEN_FIELD');
  });
});

describe('evidence of the vault', () => {
  test('is carried for auditing, as the audit officer signed it, and the logs name each other', async () => {
    const signed = await evidenceRequest(auditor.key, { ...auditor.context, ...details });
    const { result, vaultEntry } = vaultsOf(await askVault(signed));
    expect(result.csv).toContain('Vault.evidence');
    expect(vaultEntry).toMatch(/^\d+$/);
    const [entry] = await gateway.db.owner.run(
      'test.counterpart',
      ({ raw }) => raw<{ counterpart: string }[]>`
      select context ->> 'counterpart' as counterpart from audit.entry where coordinate = 'Query.vaultEvidence'
        and kind = 'auditRead' order by sequence desc limit 1`,
    );
    expect(entry?.counterpart).toBe(vaultEntry);
  });

  test('a document comes whole', async () => {
    const signed = await evidenceRequest(auditor.key, { ...auditor.context, ...details, form: 'pdf' });
    const { pdf } = vaultsOf(await askVault(signed)).result;
    expect(Buffer.from(pdf, 'base64').subarray(0, 5).toString()).toBe('%PDF-');
  });

  test('is refused to whoever is no audit officer at the vault, and no auditor here', async () => {
    const hers = await evidenceRequest(clerk.key, { ...clerk.context, ...details });
    expect(codeOf(await askVault(hers))).toBe('FORBIDDEN_PURPOSE');
    const signed = await evidenceRequest(auditor.key, { ...auditor.context, ...details });
    const answer = await askVault(signed, 'numberHandler');
    expect(codeOf(answer)).toBe('FORBIDDEN_FIELD');
  });

  test('of another person than who is signed in is not carried', async () => {
    const other = await inside.officer('P-2002', { role: 'auditOfficer', unit: 'kansa' });
    const signed = await evidenceRequest(other.key, { ...other.context, ...details });
    expect(codeOf(await askVault(signed))).toBe('UNAUTHENTICATED');
  });

  test('nothing else is carried here, and it is carried nowhere else', async () => {
    const status = await signAssertion(
      auditor.key,
      { ...auditor.context, op: 'status', refs: [`vr_${'0'.repeat(26)}`] },
      {},
    );
    expect(codeOf(await askVault(status))).toBe('BAD_INPUT');
    const signed = await evidenceRequest(auditor.key, { ...auditor.context, ...details });
    const answer = await askVault({ ...signed, body: { ...details, kind: 'use' } });
    expect(codeOf(answer)).toBe('UNAUTHENTICATED');
    const notJson = { variables: { assertion: signed.assertion, body: '{' } };
    expect(codeOf(await gateway.ask('auditor', VAULT, notJson))).toBe('BAD_INPUT');
    const operate =
      'mutation($input: OperateVaultInput!) { operateVault(input: $input) { userErrors { code field } } }';
    const input = {
      idempotencyKey: 'evidence-1',
      assertion: signed.assertion,
      body: JSON.stringify(signed.body),
    };
    const refused = await gateway.ask('numberHandler', operate, {
      variables: { input },
      headers: { 'kuramori-case': 'C-2026-0001' },
    });
    expect(refused.data).toMatchObject({ operateVault: { userErrors: [{ code: 'BAD_INPUT' }] } });
  });
});

describe('what the audit officer approves beside another', () => {
  const BASIS = 'ACCOUNT-ACT-9';
  const carried = async ({ assertion, body }: { assertion: string; body: unknown }, role = 'auditor') => {
    const answer = await gateway.ask(
      role,
      `mutation($input: OperateVaultInput!) {
        approveAsAuditor(input: $input) { outcome { result } userErrors { code field } }
      }`,
      { variables: { input: { idempotencyKey: randomUUID(), assertion, body: JSON.stringify(body) } } },
    );
    const { approveAsAuditor: told } = (answer.data ?? {}) as {
      approveAsAuditor?: { outcome: { result: string } | null; userErrors: { code: string }[] };
    };
    const codes = [codeOf(answer) ?? [], told?.userErrors.map(({ code }) => code) ?? []].flat();
    const result = JSON.parse(told?.outcome?.result ?? 'null') as Record<string, string> | null;
    return { codes, result };
  };
  const { key, context } = auditor;

  test('is decided through the gateway, by the way of the auditor alone', async () => {
    await inside.databases.owner.vault.run(
      'test.basis',
      ({ raw }) => raw`
      insert into vault.legal_basis (basis, purpose, valid_from, provision)
      values (${BASIS}, 'INFORMATION_PROVISION', '2026-04-01', '番号法第19条第8号')`,
    );
    const giver = await inside.person('P-1040', ['switchProvision'], 'T-0440');
    const asked = {
      ...giver.context,
      provisionBasis: BASIS,
      reason: '提供の開始',
      approver: 'audit',
    } as const;
    const { approvalId = '' } = done(await inside.run(await provisionApprovalRequest(giver.key, asked)));
    inside.clock.move(30_000);
    const totp = totpCode(auditor.secret, totpStep(inside.clock.ms()));
    const stepped = await carried(await stepUpRequest(key, { ...context, totp }));
    const opened = await carried(await openApprovalRequest(key, { ...context, approvalId }));
    const { contentDigest = '' } = opened.result ?? {};
    const { stepUp = '' } = stepped.result ?? {};
    const decision = { ...context, approvalId, stepUp, contentDigest, decision: 'approve' } as const;
    const decided = await decideApprovalRequest(key, decision);
    expect((await carried(decided, 'numberHandler')).codes).toEqual(['FORBIDDEN_FIELD']);
    expect(await carried(decided)).toEqual({ codes: [], result: { approvalId, state: 'approved' } });
  });

  test('is all that goes that way', async () => {
    const ref = `vr_${'0'.repeat(26)}`;
    const status = await signAssertion(key, { ...context, op: 'status', ref }, {});
    expect((await carried(status)).codes).toEqual(['BAD_INPUT']);
  });
});
