import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64urlBytes } from '../../../src/vault/cipher/base64url.js';

test.each([
  ['', ''],
  ['f', 'Zg'],
  ['fo', 'Zm8'],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg'],
  ['fooba', 'Zm9vYmE'],
  ['foobar', 'Zm9vYmFy'],
])('RFC 4648 §10, without padding: %j is %j', (text, encoded) => {
  expect(base64urlBytes(Buffer.from(text)).toString('ascii')).toBe(encoded);
});

test('spells every sequence of bytes as Node does, in bytes of its own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const encoded = base64urlBytes(bytes);
      expect(encoded.toString('ascii')).toBe(Buffer.from(bytes).toString('base64url'));
      expect(encoded.buffer.byteLength).toBe(encoded.length);
    }),
  );
});
