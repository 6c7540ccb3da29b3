import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { PAYMENT_DELTA, type PaymentDelta } from '../../../src/protocol/transfer/deltas.js';
import { inGroups, keyFingerprint, recipientFingerprint } from '../../../src/protocol/transfer/keys.js';
import { openMessage, signMessage } from '../../../src/protocol/transfer/message.js';
import { ACCEPTANCE, DELIVERY, type AcceptanceReceipt } from '../../../src/protocol/transfer/receipts.js';
import { PACKAGE_ID, signerOf } from './support.js';

const ours = generateKeyPairSync('ed25519');
const theirs = generateKeyPairSync('ed25519');
const acceptance: AcceptanceReceipt = {
  packageId: PACKAGE_ID,
  ciphertextSha256: 'a'.repeat(64),
  organization: { bodyCode: '249203', name: '架空滞納整理機構' },
  cases: [
    { caseNo: 'A-1', outcome: 'ACCEPTED' },
    { caseNo: 'A-2', outcome: 'REJECTED', reason: 'QUOTA' },
  ],
  decidedAt: '2026-11-22T04:00:00Z',
};
const delta: PaymentDelta = {
  packageId: PACKAGE_ID,
  deltaNo: 1,
  sentAt: '2026-11-22T04:00:00Z',
  lines: [
    {
      caseNo: 'A-1',
      lineNo: 1,
      receivedOn: '2026-11-20',
      tax: 1_000n,
      lateCharge: 0n,
      fees: 0n,
      unpaid: 9n,
      kind: 'PAID',
    },
  ],
};

describe('a signed message', () => {
  test('opens for who knows the key of the other side, amounts exact', async () => {
    const jws = await signMessage(PAYMENT_DELTA, delta, signerOf(ours.privateKey));
    expect(openMessage(PAYMENT_DELTA, jws, [theirs.publicKey, ours.publicKey])).toEqual(delta);
  });

  test('of one kind is none of another, and none by another key', async () => {
    const jws = await signMessage(ACCEPTANCE, acceptance, signerOf(ours.privateKey));
    expect(openMessage(ACCEPTANCE, jws, [ours.publicKey])).toEqual(acceptance);
    for (const open of [
      () => openMessage(DELIVERY, jws, [ours.publicKey]),
      () => openMessage(ACCEPTANCE, jws, [theirs.publicKey]),
      () => openMessage(ACCEPTANCE, jws.slice(0, -2), [ours.publicKey]),
      () => openMessage(ACCEPTANCE, '', [ours.publicKey]),
    ])
      expect(open).toThrow(expect.objectContaining({ code: 'INTEGRITY_FAILURE' }));
  });

  test('whose name of the key is false is refused', async () => {
    const jws = await signMessage(ACCEPTANCE, acceptance, {
      ...signerOf(theirs.privateKey),
      publicKey: ours.publicKey,
    });
    expect(() => openMessage(ACCEPTANCE, jws, [ours.publicKey])).toThrow();
  });

  test('decides each case once', async () => {
    const twice = { ...acceptance, cases: [acceptance.cases[0]!, acceptance.cases[0]!] };
    await expect(signMessage(ACCEPTANCE, twice, signerOf(ours.privateKey))).rejects.toThrow();
  });
});

describe('fingerprints', () => {
  test('are what common tools print', () => {
    expect(recipientFingerprint('age1x')).toBe(
      'ba9e59dcc44fa0b7f6e51b00448b08c1f1edf8f4e78fa2d06d6e771079b521d8',
    );
    expect(keyFingerprint(ours.publicKey)).toMatch(/^[0-9a-f]{64}$/);
    expect(keyFingerprint(ours.publicKey)).not.toBe(keyFingerprint(theirs.publicKey));
  });

  test('are compared in groups of four', () => {
    expect(inGroups('0123456789abcdef'.repeat(4))).toBe(
      '0123 4567 89ab cdef 0123 4567 89ab cdef\n0123 4567 89ab cdef 0123 4567 89ab cdef',
    );
  });
});
