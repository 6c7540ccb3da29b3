import { expect, test } from 'vitest';
import { NUMBERS_READ_AT_ONCE_MAX } from '../../../src/kernel/limits.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { eachNumber, openNumber } from '../../../src/vault/record/opened.js';
import { openTestVault, register } from '../keys/support/vault.js';
import { checkDigitOf, range } from '../number/support/patterned.js';

const { context } = await openTestVault();
const numbers = range(NUMBERS_READ_AT_ONCE_MAX + 2).map((at) => {
  const base = String(at + 10_001)
    .repeat(3)
    .slice(0, 11);
  return base + checkDigitOf(base);
});
const refs = await register(context, numbers);
const textOf = (digits: Uint8Array) => Buffer.from(digits).toString('ascii');

/** What is opened, each at its place, and the code with which it ends. */
async function opened(asked: typeof refs) {
  const found: string[] = [];
  const use = (digits: Uint8Array, at: number) => void (found[at] = textOf(digits));
  const code = await eachNumber(context, asked, use).then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
  return { found, code };
}

test('more numbers than are read at once are opened in the order in which they are asked for', async () => {
  expect(await opened(refs.toReversed())).toEqual({ found: numbers.toReversed(), code: 'done' });
});

test('one that is asked for twice is opened twice, each as when it is asked for alone', async () => {
  const [ref] = refs;
  const number = await openNumber(context, ref!);
  const alone = number.withPlaintext(textOf);
  number.dispose();
  expect(await opened([ref!, ref!])).toEqual({ found: [alone, alone], code: 'done' });
});

test('a reference that names no number ends it before any that is read with it', async () => {
  expect(await opened([...refs, newVaultRef()])).toEqual({
    found: numbers.slice(0, NUMBERS_READ_AT_ONCE_MAX),
    code: 'NOT_FOUND',
  });
});
