import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/client/json.js';
import { readSignedPush } from '../../../src/collection/push/signed.js';
import { contentDigest, type ApprovalContent } from '../../../src/kernel/dualControl.js';
import { OPERATION_ASSERTION_SECONDS, TOKEN_BYTES_MAX } from '../../../src/kernel/limits.js';
import { SoftAuthenticator } from '../../support/authenticator.js';
import { acquireCodeBody, inquiryBody, newRef, signedOperation } from '../../support/push.js';

const NOW = 1_793_581_200_000;
const now = () => NOW;
const ref = newRef();
const field = (name: 'assertion' | 'body') => ({ code: 'BAD_INPUT', facts: { field: name } });

/** Another payload under the same signature, as somebody might carry it. */
function forged(assertion: string, change: Record<string, unknown>): string {
  const [header, payload = '', signature] = assertion.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const other = Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url');
  return `${header}.${other}.${signature}`;
}

describe('a push that was signed', () => {
  test.each([acquireCodeBody(), inquiryBody(5n), acquireCodeBody({ deadline: '2026-11-03T00:00:00Z' })])(
    'is read as the client signs it',
    async (content) => {
      const { assertion, body } = await signedOperation('push', ref, content, now);
      expect(readSignedPush(assertion, body, NOW)).toEqual({
        body: content,
        bodyDigest: contentDigest(content as ApprovalContent),
        ref,
        validUntil: NOW + OPERATION_ASSERTION_SECONDS * 1_000,
      });
    },
  );

  test('is read as an authenticator signs it', async () => {
    const { assertion, body } = await signedOperation('push', ref, acquireCodeBody(), now);
    const claims = JSON.parse(Buffer.from(assertion.split('.')[1]!, 'base64url').toString()) as JsonObject;
    const authenticator = new SoftAuthenticator({ rpId: 'localhost', origin: 'http://localhost:4000' });
    const byAuthenticator = authenticator.assertion('CR-1', claims);
    expect(readSignedPush(byAuthenticator, body, NOW)).toEqual(readSignedPush(assertion, body, NOW));
    const other = authenticator.assertion('CR-1', { ...claims, op: 'hold' });
    for (const wrong of [other, byAuthenticator.replace(/[^.]+$/, ''), `${byAuthenticator}.AA`])
      expect(() => readSignedPush(wrong, body, NOW)).toThrow(expect.objectContaining(field('assertion')));
  });

  test('is digested as it came, also where a name is read without its spaces', async () => {
    const content = inquiryBody(5n, { holderKana: '　クラモリ ' });
    const { assertion, body } = await signedOperation('push', ref, content, now);
    expect(readSignedPush(assertion, body, NOW)).toMatchObject({
      body: { holderKana: 'クラモリ' },
      bodyDigest: contentDigest(content as ApprovalContent),
    });
  });

  test('is refused for a body that is none, without quoting it', async () => {
    const { assertion } = await signedOperation('push', ref, acquireCodeBody(), now);
    for (const body of [
      '',
      'null',
      '[]',
      '{',
      JSON.stringify(acquireCodeBody({ more: 1 })),
      '{"secret":"4711"}',
    ]) {
      expect(() => readSignedPush(assertion, body, NOW)).toThrow(expect.objectContaining(field('body')));
      expect(() => readSignedPush(assertion, body, NOW)).not.toThrow(/4711/);
    }
  });

  test('is refused for an assertion that is none, of another operation, body or time', async () => {
    const { assertion, body } = await signedOperation('push', ref, acquireCodeBody(), now);
    const other = await signedOperation('push', ref, acquireCodeBody(), now);
    const held = await signedOperation('hold', ref, JSON.parse(body) as JsonObject, now);
    for (const wrong of [
      '',
      'a.b.c',
      'x'.repeat(TOKEN_BYTES_MAX + 1),
      other.assertion,
      held.assertion,
      forged(assertion, { exp: 'soon' }),
      forged(assertion, { exp: NOW / 1_000 + 3_600 }),
      forged(assertion, { ref: undefined }),
    ])
      expect(() => readSignedPush(wrong, body, NOW)).toThrow(expect.objectContaining(field('assertion')));
    const end = NOW + OPERATION_ASSERTION_SECONDS * 1_000;
    expect(readSignedPush(assertion, body, end - 1).validUntil).toBe(end);
    expect(() => readSignedPush(assertion, body, end)).toThrow(/has ended/);
  });
});
