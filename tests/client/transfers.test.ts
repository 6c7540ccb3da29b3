import { expect, test } from 'vitest';
import { assemblyApprovalRequest, newTerminalKey } from '../../src/client/index.js';
import {
  CARRYING_BODY_BYTES_MAX,
  OPERATION_BODY_BYTES_MAX,
  TRANSFER_CASES_MAX,
  TRANSFER_REASON_CHARS_MAX,
} from '../../src/kernel/limits.js';
import { CASE_NO } from '../../src/protocol/transfer/layout.js';
import { newVaultRef } from '../../src/vault/number/vaultRef.js';
import { CONTEXT } from './support/people.js';

test('the longest package there can be, with the reference of each number, is one signed request', async () => {
  const subjects = Array.from({ length: TRANSFER_CASES_MAX }, (_, at) => ({
    caseNo: String(at).padStart(20, 'A'),
    ref: newVaultRef(),
  }));
  expect(subjects.at(-1)?.caseNo).toMatch(CASE_NO);
  expect(`${subjects.at(-1)?.caseNo}A`).not.toMatch(CASE_NO);
  const { assertion, body } = await assemblyApprovalRequest(await newTerminalKey(), {
    ...CONTEXT,
    assembly: { packageId: '0198c1e0-7c1f-7f6e-8a55-1f0e6a9d4c01', draftDigest: 'a'.repeat(64), subjects },
    approver: 'audit',
    reason: '移'.repeat(TRANSFER_REASON_CHARS_MAX),
  });
  expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(OPERATION_BODY_BYTES_MAX);
  const carried = {
    query: 'm'.repeat(1_000),
    variables: { input: { assertion, body: JSON.stringify(body) } },
  };
  expect(Buffer.byteLength(JSON.stringify(carried))).toBeLessThan(CARRYING_BODY_BYTES_MAX);
});
