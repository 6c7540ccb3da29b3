import { describe, expect, test, vi } from 'vitest';
import fc from 'fast-check';
import { isUuidV7, newUuidV7 } from '../../src/kernel/uuid.js';

describe('UUID version 7', () => {
  test('has the form of RFC 9562, whatever the time', () => {
    fc.assert(fc.property(fc.nat({ max: 2 ** 48 - 1 }), (now) => isUuidV7(newUuidV7(now))));
  });

  test('tells the time first, so that it sorts by it', () => {
    // RFC 9562 appendix A.6: the example's time.
    expect(newUuidV7(0x017f22e279b0)).toMatch(/^017f22e2-79b0-7/);
    expect(newUuidV7(2 ** 33) < newUuidV7(2 ** 33 + 1)).toBe(true);
  });

  test('never ends in twelve digits, which could pass for an individual number', () => {
    const bytes = vi.spyOn(globalThis.crypto, 'getRandomValues');
    const filled = (byte: number) => (array: ArrayBufferView | null) => (array as Uint8Array).fill(byte);
    bytes.mockImplementationOnce(filled(0x11)).mockImplementationOnce(filled(0x1a));
    expect(newUuidV7(1)).toBe('00000000-0001-7a1a-9a1a-1a1a1a1a1a1a');
    expect(bytes).toHaveBeenCalledTimes(2);
    bytes.mockRestore();
  });

  test('is never made twice', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => newUuidV7(1))).size).toBe(1_000);
  });

  test.each([
    '017F22E2-79B0-7CC3-98C4-DC0C0C07398F',
    '017f22e279b07cc398c4dc0c0c07398f',
    '017f22e2-79b0-4cc3-98c4-dc0c0c07398f',
    '',
    7,
  ])('is not %s', (value) => {
    expect(isUuidV7(value)).toBe(false);
  });
});
