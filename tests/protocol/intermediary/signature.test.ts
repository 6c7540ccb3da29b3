import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerForm, type UnsignedAnswer } from '../../../src/protocol/intermediary/answer.js';
import { envelopeForm, type Envelope } from '../../../src/protocol/intermediary/message.js';
import {
  bodyDigest,
  signAnswer,
  signatureFault,
  signedBytes,
  signEnvelope,
} from '../../../src/protocol/intermediary/signature.js';
import { canonicalJson } from '../../audit/canonical.js';
import { ENVELOPE, INQUIRY, SENDER, UNSIGNED } from './support.js';

describe('a signed envelope', () => {
  test('is of its form, and both proofs hold after a way over the wire', () => {
    const arrived = envelopeForm.parse(JSON.parse(JSON.stringify(ENVELOPE)));
    expect(arrived).toEqual(ENVELOPE);
    expect(signatureFault(arrived, SENDER.publicKey)).toBeUndefined();
  });

  test('is signed over the canonical envelope without the signature, by an independent reading', () => {
    const { signature, ...rest } = ENVELOPE;
    const canonical = canonicalJson(rest);
    expect(Buffer.from(signedBytes(ENVELOPE)).toString('utf8')).toBe(canonical);
    expect(verify(null, Buffer.from(canonical), SENDER.publicKey, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
    const digest = createHash('sha256').update(canonicalJson(INQUIRY)).digest('base64url');
    expect(ENVELOPE.digest).toBe(`sha256:${digest}`);
  });

  test.each<[string, Partial<Envelope>]>([
    ['another body', { body: { ...INQUIRY, lineNo: 2 } }],
    ['another digest', { digest: bodyDigest({}) }],
  ])('with %s does not match its digest', (_, change) => {
    expect(signatureFault({ ...ENVELOPE, ...change } as Envelope, SENDER.publicKey)).toBe('DIGEST_MISMATCH');
  });

  const heads: Partial<Envelope>[] = [
    { messageId: '019e0000-0000-7000-8000-000000000002' },
    { sentAt: '2026-11-02T01:00:01.000Z' },
    { sender: { ...ENVELOPE.sender, bodyCode: '0220000000242021' } },
    { actAs: { ...ENVELOPE.actAs, personId: 'P-1030' } },
    { purpose: 'OTHER' },
    { basis: 'OTHER' },
    { approvals: ['A-1'] },
    { layoutVersion: '2025-07' },
  ];
  test.each(heads)('with another head %j does not match its signature', (change) => {
    expect(signatureFault({ ...ENVELOPE, ...change } as Envelope, SENDER.publicKey)).toBe(
      'SIGNATURE_INVALID',
    );
  });

  test('with another body and the digest that belongs to it does not match its signature', () => {
    const body = { ...INQUIRY, lineNo: 2 };
    const altered = { ...ENVELOPE, body, digest: bodyDigest(body) };
    expect(signatureFault(altered, SENDER.publicKey)).toBe('SIGNATURE_INVALID');
  });

  test('does not hold under another key', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    expect(signatureFault(ENVELOPE, publicKey)).toBe('SIGNATURE_INVALID');
  });

  test('has no digest when its body has no canonical form', () => {
    const body = { ...INQUIRY, condition: { from: '\ud800' } };
    expect(() => signEnvelope({ ...UNSIGNED, body }, SENDER.privateKey)).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }),
    );
    expect(() => bodyDigest({ at: Number.NaN })).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });

  test('cannot have a bit of its signature turned', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 511 }), (bit) => {
        const signature = Buffer.from(ENVELOPE.signature, 'base64url');
        signature[bit >> 3]! ^= 1 << (bit & 7);
        const altered = { ...ENVELOPE, signature: signature.toString('base64url') };
        expect(signatureFault(altered, SENDER.publicKey)).toBe('SIGNATURE_INVALID');
      }),
      { numRuns: 50 },
    );
  });
});

describe('a signed answer', () => {
  const unsigned: UnsignedAnswer = {
    messageId: ENVELOPE.messageId,
    kind: 'inquiry',
    status: 'REFUSED',
    reason: 'CONSENT_REQUIRED',
    sentAt: '2026-11-02T01:00:01.000Z',
    sender: { bodyCode: '1300000000000001', systemId: 'INTERMEDIARY' },
    layoutVersion: '2026-07',
    keyId: 'K-1',
    body: {},
  };

  test('is of its form, holds, and holds no longer with another status', () => {
    const answer = answerForm.parse(JSON.parse(JSON.stringify(signAnswer(unsigned, SENDER.privateKey))));
    expect(signatureFault(answer, SENDER.publicKey)).toBeUndefined();
    expect(signatureFault({ ...answer, status: 'DONE' }, SENDER.publicKey)).toBe('SIGNATURE_INVALID');
  });
});
