import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertKeyRing } from '../../../src/access/credential/keys.js';
import { seal, unseal } from '../../../src/access/credential/sealing.js';
import type { KeyRing } from '../../../src/access/identity.js';

const key = (id: string, fill: number) => ({ id, key: Buffer.alloc(32, fill) });
const ring: KeyRing = { current: key('k2', 2), former: [key('k1', 1)] };

describe('a sealed credential', () => {
  test('opens for its owner', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.string(), (secret, owner) => {
        expect(new Uint8Array(unseal(seal(secret, owner, ring), owner, ring))).toEqual(secret);
      }),
    );
  });

  test('does not open for another owner, so that a row cannot be copied', () => {
    expect(() => unseal(seal(Buffer.from('s'), 'S1', ring), 'S2', ring)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });

  test('does not open when any bit was changed', () => {
    const sealed = seal(Buffer.from('secret'), 'S1', ring);
    for (let bit = 0; bit < sealed.material.length * 8; bit++) {
      const material = Buffer.from(sealed.material);
      material[bit >> 3] = (material[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => unseal({ ...sealed, material }, 'S1', ring)).toThrow();
    }
  });

  test('opens with a former key, and not when the key is lost', () => {
    const old = seal(Buffer.from('secret'), 'S1', { current: key('k1', 1), former: [] });
    expect(Buffer.from(unseal(old, 'S1', ring)).toString()).toBe('secret');
    expect(() => unseal(old, 'S1', { ...ring, former: [] })).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });

  test('that was cut to nothing is refused as altered', () => {
    expect(() => unseal({ material: Buffer.alloc(20), keyId: 'k2' }, 'S1', ring)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});

describe('a key ring', () => {
  test('asks for 32 bytes and ids of their own', () => {
    expect(() => assertKeyRing(ring, 'pepper')).not.toThrow();
    const short = { current: { id: 'k', key: Buffer.alloc(31) }, former: [] };
    expect(() => assertKeyRing(short, 'pepper')).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
    expect(() => assertKeyRing({ current: key('k1', 1), former: [key('k1', 2)] }, 'pepper')).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });
});
