import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { blindIndex } from '../../../src/vault/cipher/blindIndex.js';
import { parseNumber } from '../../../src/vault/number/parse.js';
import { PATTERNED_NUMBERS } from '../number/support/patterned.js';
import { INTEGRITY_FAILURE } from './support/refusals.js';

const KEY = new Uint8Array(32).fill(0x17);
const MUNICIPALITY = '242039';
const number = (text: string) => parseNumber(text, 'strict');
const indexed = (text: string, municipality = MUNICIPALITY, key = KEY) =>
  Buffer.from(blindIndex(number(text), municipality, key)).toString('hex');

describe('the blind index', () => {
  test('is the first 128 bits of HMAC-SHA-256 over domain, municipality and digits, with zeros between', () => {
    const message = ['kuramori/vault/index/v1', '242039', '123456789018'].join('\u0000');
    expect(indexed('123456789018')).toBe(hmacByHand(KEY, message).toString('hex').slice(0, 32));
    expect(indexed('123456789018')).toHaveLength(32);
  });

  test('does not depend on how the number was written', () => {
    const typed = parseNumber('１２３４－５６７８－９０１８', 'lenient');
    expect(Buffer.from(blindIndex(typed, MUNICIPALITY, KEY)).toString('hex')).toBe(indexed('123456789018'));
  });

  test('differs for every number, every municipality and every key', () => {
    expect(new Set(PATTERNED_NUMBERS.map((text) => indexed(text))).size).toBe(PATTERNED_NUMBERS.length);
    const other = indexed('123456789018', '131016');
    const otherKey = indexed('123456789018', MUNICIPALITY, new Uint8Array(32).fill(0x18));
    expect(new Set([indexed('123456789018'), other, otherKey]).size).toBe(3);
  });

  test('is not made under a key or for a municipality that is none', () => {
    expect(() => indexed('123456789018', MUNICIPALITY, new Uint8Array(32))).toThrow(INTEGRITY_FAILURE);
    expect(() => indexed('123456789018', MUNICIPALITY, KEY.subarray(1))).toThrow(INTEGRITY_FAILURE);
    expect(() => indexed('123456789018', '242038')).toThrow(INTEGRITY_FAILURE);
  });

  test('leaves the number as it was', () => {
    const one = number('123456789018');
    blindIndex(one, MUNICIPALITY, KEY);
    expect(one.equals(number('123456789018'))).toBe(true);
  });
});

/** RFC 2104 §2, written out: two hashes, and a key of at most one block. */
function hmacByHand(key: Uint8Array, message: string): Buffer {
  const block = Buffer.alloc(64);
  block.set(key);
  const padded = (byte: number) => Buffer.from(block.map((one) => one ^ byte));
  const inner = createHash('sha256').update(padded(0x36)).update(message, 'latin1').digest();
  return createHash('sha256').update(padded(0x5c)).update(inner).digest();
}
