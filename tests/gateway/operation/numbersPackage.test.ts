import { createHash } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import {
  assemblyApprovalRequest,
  assemblyRequest,
  type PackageAssembly,
  type SignedOperation,
} from '../../../src/client/index.js';
import { BODY_BYTES_MAX, TRANSFER_CASES_MAX } from '../../../src/kernel/limits.js';
import { openVaultClient } from '../../../src/vault/client/client.js';
import { vaultOperations } from '../../../src/vault/operation/index.js';
import { RegistrationJob } from '../../../src/vault/registration/job.js';
import { signedInputKeys } from '../../../src/vault/signing/inputKeys.js';
import { linkHandler, testGateway } from '../../support/gateway.js';
import { authority, memoryLog, startService } from '../../vault/http/support.js';
import { checkDigitOf, range } from '../../vault/number/support/patterned.js';
import { byTwos, done } from '../../vault/operation/support/two.js';
import { caseNo, round, transferScene } from '../../vault/transfer/support/scene.js';

const CASES = TRANSFER_CASES_MAX;
const LINES_AT_ONCE = 2_000;

const scene = await transferScene();
const { vault, handler, officer, auditor } = scene;
const certificates = await authority();
const service = await startService({
  audit: memoryLog(),
  authority: certificates,
  runOperation: vaultOperations(vault.context),
  publishedKeys: signedInputKeys(vault.context),
});
const { key, cert: certificate } = certificates.gateway;
const client = openVaultClient({ url: service.url, ca: certificates.ca, key, certificate });
afterAll(() => client.close());
const gateway = await testGateway(120, {}, client);
await linkHandler(gateway, 'P-1029');
const { approved, decides } = byTwos(vault);

/** Numbers of repeated groups of five digits, in the vault as a file brings them. */
async function registered(count: number): Promise<readonly string[]> {
  const lines = range(count).map((at) => {
    const base = String(at + 10_001)
      .repeat(3)
      .slice(0, 11);
    return `${String(at + 1).padStart(15, '0')},${base}${checkDigitOf(base)}\n`;
  });
  const chunks = range(Math.ceil(count / LINES_AT_ONCE)).map((at) =>
    Buffer.from(lines.slice(at * LINES_AT_ONCE, (at + 1) * LINES_AT_ONCE).join('')),
  );
  const fileDigest = `sha256:${createHash('sha256').update(Buffer.concat(chunks)).digest('hex')}`;
  const act = { op: 'register', said: { fileDigest, count, reason: '番号法施行に伴う一括登録' } } as const;
  const approvalId = await approved(handler, officer, act);
  const registrant = { personId: handler.personId, approvalId };
  const job = await RegistrationJob.begin(vault.context, registrant, { operator: 'hanako', jobId: 'J-1' });
  for (const chunk of chunks) job.read(chunk);
  await job.approve();
  const refs: string[] = [];
  for (const [at, chunk] of chunks.entries())
    for (const line of (await job.register(at, chunk)).lines) if ('ref' in line) refs.push(line.ref);
  await job.end();
  return refs;
}

async function operate({ assertion, body }: SignedOperation) {
  const input = { idempotencyKey: `numbers-${assertion.slice(-20)}`, assertion, body: JSON.stringify(body) };
  expect(input.body.length).toBeGreaterThan(BODY_BYTES_MAX);
  const answer = await gateway.ask(
    'numberHandler',
    'mutation($input: OperateVaultInput!) { operateVault(input: $input) { outcome { result } userErrors { code } } }',
    { variables: { input }, headers: { 'kuramori-case': 'C-2026-0001' } },
  );
  expect(answer.errors).toEqual([]);
  const { outcome, userErrors } = answer.data.operateVault;
  expect(userErrors).toEqual([]);
  return JSON.parse(outcome.result as string) as Readonly<Record<string, string>>;
}

const asks = async (assembly: PackageAssembly, approver: 'unit' | 'audit') => {
  const details = { ...handler.context, assembly, approver, reason: '11月分の移管' };
  const { approvalId = '' } = await operate(await assemblyApprovalRequest(handler.key, details));
  return approvalId;
};

test(`the numbers of ${CASES} cases are approved and assembled over the gateway, and sealed`, async () => {
  await scene.enter(round({ quota: CASES }));
  const refs = await registered(CASES);
  const draft = await scene.draft({ profile: 'withNumbers', basis: ['numbers'] }, CASES);
  const subjects = refs.map((ref, at) => ({ caseNo: caseNo(at + 1), ref }));
  const assembly = { ...draft, subjects };
  const approvals = [await asks(assembly, 'unit'), await asks(assembly, 'audit')];
  done(await decides(officer, approvals[0]!));
  done(await decides(auditor, approvals[1]!));
  const stepUp = await vault.stepUp(handler);
  const request = { ...handler.context, stepUp, approvals, assembly };
  expect(await operate(await assemblyRequest(handler.key, request))).toMatchObject({ state: 'ASSEMBLED' });
  const sealed = await scene.operate('seal', { packageId: draft.packageId });
  expect(sealed).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
}, 60_000);
