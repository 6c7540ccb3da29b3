import { expect, test } from 'vitest';
import { BareVault } from '../../../bench/support/bareVault.js';

const NUMBER = '123456789018';

test('the floor of a reveal opens what the floor of a registration sealed', () => {
  const bare = new BareVault();
  const record = bare.seal(NUMBER);
  expect(bare.open(record).toString('ascii')).toBe(NUMBER);
  bare.verify();
  bare.openInput();
  bare.sealToReader(bare.open(record));
});

test('nothing opens under another key or when a bit of it was changed', () => {
  const bare = new BareVault();
  const record = bare.seal(NUMBER);
  expect(() => new BareVault().open(record)).toThrow();
  const [nonce, ciphertext, tag] = record.value;
  const changed = Buffer.from(ciphertext.map((byte, at) => (at === 0 ? byte ^ 1 : byte)));
  expect(() => bare.open({ ...record, value: [nonce, changed, tag] })).toThrow();
});

test('a wrap under the next key is no wrap under the present one', () => {
  const bare = new BareVault();
  const record = bare.seal(NUMBER);
  expect(() => bare.open({ ...record, wrap: bare.rewrap(record) })).toThrow();
});

test('a message is exchanged with signatures that verify', () => {
  expect(() => new BareVault().exchangeSigned()).not.toThrow();
});
