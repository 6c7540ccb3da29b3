import { expect, test } from 'vitest';
import {
  breakGlassApprovalRequest,
  breakGlassListRequest,
  breakGlassReviewApprovalRequest,
  newTerminalKey,
  reviewBreakGlassRequest,
  type SignedOperation,
} from '../../src/client/index.js';
import { digest, openAssertion } from './support/jose.js';
import { CONTEXT } from './support/people.js';

const key = await newTerminalKey();
const glass = { breakGlassId: 'BG-1', reason: '災害対応' };
const review = { opening: 'AP-1', outcome: 'unjustified', finding: '権限のある者がいた' } as const;
const used = { stepUp: 'SU-1', approvals: ['AP-2'] } as const;

test.each<[string, Promise<SignedOperation>, object, object]>([
  [
    'an opening is asked for by its envelope',
    breakGlassApprovalRequest(key, { ...CONTEXT, ...glass }),
    { op: 'requestApproval', count: 0 },
    { op: 'openBreakGlass', body: glass },
  ],
  [
    'a review is asked for with what was found',
    breakGlassReviewApprovalRequest(key, { ...CONTEXT, review }),
    { op: 'requestApproval' },
    { op: 'reviewBreakGlass', body: review },
  ],
  [
    'a review is entered with its approval',
    reviewBreakGlassRequest(key, { ...CONTEXT, ...used, review }),
    { op: 'reviewBreakGlass', ...used },
    review,
  ],
  ['the list needs nothing', breakGlassListRequest(key, CONTEXT), { op: 'listBreakGlass', count: 0 }, {}],
])('%s', async (_, request, claims, body) => {
  const signed = await request;
  expect(signed.body).toEqual(body);
  const opened = openAssertion(signed.assertion, { ...key.publicJwk });
  expect(opened.claims).toMatchObject({ ...claims, bodyDigest: digest(signed.body) });
});
