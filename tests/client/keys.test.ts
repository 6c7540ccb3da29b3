import { describe, expect, test } from 'vitest';
import { newReaderKey, newTerminalKey } from '../../src/client/index.js';
import { thumbprint } from './support/jose.js';

describe.each([
  { kind: 'terminal', make: newTerminalKey, members: ['crv', 'kty', 'x'], usages: ['sign'] },
  { kind: 'reader', make: newReaderKey, members: ['crv', 'kty', 'x', 'y'], usages: ['deriveBits'] },
])('the key of a $kind', ({ make, members, usages }) => {
  test('has a private half that can be used but not exported, in any form', async () => {
    const { privateKey } = await make();
    expect(privateKey.type).toBe('private');
    expect(privateKey.extractable).toBe(false);
    expect(privateKey.usages).toEqual(usages);
    for (const format of ['jwk', 'pkcs8'] as const)
      await expect(crypto.subtle.exportKey(format as 'pkcs8', privateKey)).rejects.toThrow();
  });

  test('has a public half without anything private, named by its RFC 7638 thumbprint', async () => {
    const key = await make();
    expect(Object.keys(key.publicJwk).toSorted()).toEqual(members);
    expect(key.thumbprint).toBe(thumbprint({ ...key.publicJwk }));
  });

  test('shows nothing private when it is written out', async () => {
    expect(Object.keys(JSON.parse(JSON.stringify(await make())) as object)).toEqual([
      'privateKey',
      'publicJwk',
      'thumbprint',
    ]);
    expect(JSON.stringify((await make()).privateKey)).toBe('{}');
  });

  test('is another one each time', async () => {
    const made = await Promise.all([make(), make(), make()]);
    expect(new Set(made.map((key) => key.thumbprint)).size).toBe(3);
  });
});

test('the two kinds are of the curves that the vault takes', async () => {
  expect((await newTerminalKey()).publicJwk).toMatchObject({ kty: 'OKP', crv: 'Ed25519' });
  expect((await newReaderKey()).publicJwk).toMatchObject({ kty: 'EC', crv: 'P-256' });
});
