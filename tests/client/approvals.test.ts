import { expect, test } from 'vitest';
import {
  approvalRequest,
  approvedRequest,
  decideApprovalRequest,
  newTerminalKey,
  openApprovalRequest,
  type SignedOperation,
  type TwoPersonAct,
} from '../../src/client/index.js';
import { digest, openAssertion, type Members } from './support/jose.js';
import { CONTEXT, OTHER_REF, REF } from './support/people.js';

const key = await newTerminalKey();
const said = { basis: '令和8年(行ウ)第1号', reason: '訴訟係属中' };
const approvals = ['AP-1'] as const;
const stepUp = 'SU-7';

/** What the vault sees of a request, after it has crossed the gateway as JSON. */
function received({ assertion, body }: SignedOperation): { claims: Members; body: Members } {
  const { claims } = openAssertion(assertion, { ...key.publicJwk });
  const crossed = JSON.parse(JSON.stringify(body)) as Members;
  expect(claims['bodyDigest']).toBe(digest(crossed));
  return { claims, body: crossed };
}

test.each<[TwoPersonAct, Members]>([
  [{ op: 'hold', ref: REF, said }, said],
  [
    { op: 'releaseHold', ref: REF, said: { ...said, holdId: '7' } },
    { ...said, holdId: '7' },
  ],
  [
    { op: 'supersede', ref: REF, said: { ...said, supersededBy: OTHER_REF } },
    { ...said, supersededBy: OTHER_REF },
  ],
  [
    { op: 'erase', refs: [REF, OTHER_REF], said: { ...said, fileName: 'F', retentionClass: 'TAX_LEDGER' } },
    { ...said, fileName: 'F', retentionClass: 'TAX_LEDGER', refs: [REF, OTHER_REF] },
  ],
])('what is asked for is what is done later: %o', async (act, expected) => {
  const asked = received(await approvalRequest(key, { ...CONTEXT, act }));
  expect(asked.body).toEqual({ op: act.op, body: expected });
  const later = received(await approvedRequest(key, { ...CONTEXT, act, stepUp, approvals }));
  expect(later.body).toEqual(expected);
  expect(asked.claims).toMatchObject({ op: 'requestApproval' });
  expect(later.claims).toMatchObject({ op: act.op, approvals, stepUp });
  for (const subject of ['ref', 'refsDigest', 'count'])
    expect(later.claims[subject]).toEqual(asked.claims[subject]);
});

test('the reason of a status is for the approver alone', async () => {
  const act = { op: 'status', refs: [REF, OTHER_REF], said: { reason: '棚卸' } } as const;
  const asked = received(await approvalRequest(key, { ...CONTEXT, act }));
  expect(asked.body).toEqual({ op: 'status', body: { refs: act.refs, reason: '棚卸' } });
  const later = received(await approvedRequest(key, { ...CONTEXT, act, stepUp, approvals }));
  expect(later.body).toEqual({ refs: act.refs });
});

test('a registration is asked for by its file and names no subject', async () => {
  const file = { fileDigest: `sha256:${'0'.repeat(64)}`, count: 2, reason: '一括登録' };
  const asked = received(await approvalRequest(key, { ...CONTEXT, act: { op: 'register', said: file } }));
  expect(asked.body).toEqual({ op: 'register', body: file });
  expect(asked.claims).toMatchObject({ count: 0 });
  expect(asked.claims).not.toHaveProperty('ref');
});

test('an approver opens a request and signs for what was shown', async () => {
  const opened = received(await openApprovalRequest(key, { ...CONTEXT, approvalId: 'AP-1' }));
  expect(opened).toMatchObject({ claims: { op: 'openApproval', count: 0 }, body: { approvalId: 'AP-1' } });
  const shown = { approvalId: 'AP-1', contentDigest: 'sha256:x', decision: 'approve' } as const;
  const decided = received(await decideApprovalRequest(key, { ...CONTEXT, ...shown, stepUp }));
  expect(decided).toMatchObject({ claims: { op: 'decideApproval', stepUp }, body: shown });
});

test('subjects without their form are refused before anything is signed', async () => {
  const act = { op: 'hold', ref: 'vr_x', said } as const;
  await expect(approvalRequest(key, { ...CONTEXT, act })).rejects.toMatchObject({ code: 'BAD_INPUT' });
});
