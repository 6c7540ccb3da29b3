import { describe, expect, it } from 'vitest';
import { verifyPublishedKeys } from '../../../src/client/index.js';
import { createVersion, destroyVersion } from '../../../src/vault/keys/versions.js';
import { startRotation } from '../../../src/vault/keys/rotation/rotate.js';
import { fileKeyService } from '../../../src/vault/seal/file.js';
import { signedInputKeys } from '../../../src/vault/signing/inputKeys.js';
import { MUNICIPALITY, openTestVault } from '../keys/support/vault.js';

const { context, clock, keyFile } = await openTestVault();
const ring = () => context.seal.keyRing;
const answer = signedInputKeys(context);
const EXPECTED = { municipality: MUNICIPALITY, now: () => clock.now().epochMilliseconds };
const kidOf = (jws: string) =>
  (JSON.parse(Buffer.from(jws.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid;

describe('the published input keys', () => {
  it('are verified by the anchor as the vault’s own, for a day', async () => {
    const { keys, signed } = answer();
    const verified = await verifyPublishedKeys(signed, ring().verifying(), EXPECTED);
    expect(verified.jwks).toEqual(keys);
    expect(keys).toEqual(ring().published().keys);
    const end = verified.expiresAtMs;
    expect(end - clock.now().epochMilliseconds).toBeGreaterThan(86_400_000 - 1_000);
    expect(end - clock.now().epochMilliseconds).toBeLessThanOrEqual(86_400_000);
    await expect(
      verifyPublishedKeys(signed, ring().verifying(), { ...EXPECTED, now: () => end }),
    ).rejects.toMatchObject({ facts: { rule: 'time' } });
  });

  it('are signed once a minute, however often they are asked for', () => {
    const first = answer();
    expect(answer()).toBe(first);
    clock.move({ seconds: 59 });
    expect(answer()).toBe(first);
    clock.move({ seconds: 1 });
    const second = answer();
    expect(second.signed).not.toBe(first.signed);
    // A clock that was set back does not keep an old list alive.
    clock.move({ seconds: -2 });
    expect(answer().signed).not.toBe(second.signed);
    clock.move({ seconds: 2 });
  });

  it('are signed anew at once when the input key is another', async () => {
    const before = answer();
    await startRotation(context, 'input');
    const after = answer();
    expect(after.keys.map(({ kid }) => kid)).not.toEqual(before.keys.map(({ kid }) => kid));
    const verified = await verifyPublishedKeys(after.signed, ring().verifying(), EXPECTED);
    expect(verified.jwks).toEqual(after.keys);
  });

  it('are verified without a break when the certificate key is rotated with the anchor shipped ahead', async () => {
    const shippedBefore = ring().verifying();
    await createVersion(context, 'certificate');
    const shippedAhead = ring().verifying();
    expect(shippedAhead.keys.map(({ kid }) => kid)).toEqual(['certificate-2', 'certificate-1']);
    const old = answer().signed;
    expect(kidOf(old)).toBe('certificate-1');
    await startRotation(context, 'certificate');
    clock.move({ minutes: 1 });
    const next = answer().signed;
    expect(kidOf(next)).toBe('certificate-2');
    for (const signed of [old, next])
      await expect(verifyPublishedKeys(signed, shippedAhead, EXPECTED)).resolves.toBeDefined();
    await expect(verifyPublishedKeys(next, shippedBefore, EXPECTED)).rejects.toMatchObject({
      facts: { rule: 'signature' },
    });
    expect(ring().verifying()).toEqual(shippedAhead);
  });

  it('are not those of a compromised certificate key any more', async () => {
    const old = answer().signed;
    await startRotation(context, 'certificate', { compromised: true });
    const anchor = ring().verifying();
    expect(anchor.keys.map(({ kid }) => kid)).toEqual(['certificate-3', 'certificate-1']);
    await expect(verifyPublishedKeys(old, anchor, EXPECTED)).rejects.toMatchObject({
      facts: { rule: 'signature' },
    });
    // Nor is a key that was given up before it signed anything.
    await createVersion(context, 'certificate');
    expect(ring().verifying().keys).toHaveLength(3);
    await destroyVersion(context, 'certificate', 4);
    expect(ring().verifying()).toEqual(anchor);
  });

  it('are none while the vault is sealed, though they were signed a moment ago', async () => {
    const before = answer();
    context.seal.seal();
    expect(() => answer()).toThrow(expect.objectContaining({ code: 'VAULT_SEALED' }));
    await context.seal.open(fileKeyService(keyFile));
    expect(answer().keys).toEqual(before.keys);
  });
});
