import { describe, expect, test } from 'vitest';
import { ARGON2_COST, argon2id } from '../../../src/access/credential/argon2.js';
import { LEAKED_PASSWORDS } from '../../../src/access/credential/leaked.js';
import {
  assertGoodPassword,
  isOutdated,
  isPassword,
  passwordVerifier,
} from '../../../src/access/credential/password.js';
import type { KeyRing } from '../../../src/access/identity.js';
import { FAST_ARGON2 } from '../support/settings.js';

const pepper = (id: string, fill: number) => ({ id, key: Buffer.alloc(32, fill) });
const ring: KeyRing = { current: pepper('p2', 2), former: [pepper('p1', 1)] };

describe('argon2id', () => {
  test('production cost is that of handbook 15 §3: 64 MiB, 3 passes, 4 lanes', () => {
    expect(ARGON2_COST).toEqual({ memoryKib: 65_536, passes: 3, lanes: 4 });
  });

  test.each([
    [65_536, 1, '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7'],
    [256, 1, '9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe'],
    [256, 2, '6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037'],
  ])(
    'gives the tag of the reference implementation (test.c, version 19) for m=%i, t=2, p=%i',
    async (memoryKib, lanes, expected) => {
      const tag = await argon2id('password', Buffer.from('somesalt'), { memoryKib, passes: 2, lanes });
      expect(Buffer.from(tag).toString('hex')).toBe(expected);
    },
  );
});

describe('a password verifier', () => {
  test('accepts the password and no other', async () => {
    const verifier = await passwordVerifier('midori-no-kaze', ring, FAST_ARGON2);
    expect(await isPassword('midori-no-kaze', verifier, ring, FAST_ARGON2)).toBe(true);
    expect(await isPassword('midori-no-kazE', verifier, ring, FAST_ARGON2)).toBe(false);
  });

  test('does not depend on how a keyboard composes characters (NFKC)', async () => {
    const verifier = await passwordVerifier('ガギグ-ＡＢＣ', ring, FAST_ARGON2);
    expect(await isPassword('ｶﾞｷﾞｸﾞ-ABC', verifier, ring, FAST_ARGON2)).toBe(true);
  });

  test('differs each time and holds neither password nor bare tag', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(() => passwordVerifier('midori-no-kaze', ring, FAST_ARGON2)),
    );
    expect(one?.material).not.toEqual(two?.material);
    expect(one?.parameters).toMatch(/^argon2id\$v=19\$m=64,t=1,p=1\$[\w-]{22}$/);
    const salt = Buffer.from(String(one?.parameters.slice(-22)), 'base64url');
    expect(one?.material).not.toEqual(await argon2id('midori-no-kaze', salt, FAST_ARGON2));
  });

  test('made with a former pepper is still good, and outdated', async () => {
    const old = await passwordVerifier(
      'midori-no-kaze',
      { current: pepper('p1', 1), former: [] },
      FAST_ARGON2,
    );
    expect(await isPassword('midori-no-kaze', old, ring, FAST_ARGON2)).toBe(true);
    expect(isOutdated(old, ring, FAST_ARGON2)).toBe(true);
  });

  test.each([{ memoryKib: 128 }, { passes: 2 }, { lanes: 2 }])(
    "made with a cost other than today's is outdated: %j",
    async (other) => {
      const made = await passwordVerifier('midori-no-kaze', ring, { ...FAST_ARGON2, ...other });
      expect(isOutdated(made, ring, FAST_ARGON2)).toBe(true);
      expect(isOutdated(made, ring, { ...FAST_ARGON2, ...other })).toBe(false);
      expect(await isPassword('midori-no-kaze', made, ring, FAST_ARGON2)).toBe(true);
    },
  );

  test('whose pepper is lost, whose parameters are broken, or that is not there, accepts nothing', async () => {
    const verifier = await passwordVerifier('midori-no-kaze', ring, FAST_ARGON2);
    const defects = [
      { ...verifier, keyId: 'p0' },
      { ...verifier, parameters: 'argon2i' },
      { ...verifier, material: Buffer.alloc(3) },
      undefined,
    ];
    const answers = await Promise.all(
      defects.map((defect) => isPassword('midori-no-kaze', defect, ring, FAST_ARGON2)),
    );
    expect(answers).toEqual([false, false, false, false]);
    expect(isOutdated({ ...verifier, parameters: 'argon2i' }, ring, FAST_ARGON2)).toBe(true);
  });
});

describe('a new password', () => {
  test.each(['aoi-sora', '青い空と白い雲の下', 'x7'.repeat(128)])(
    '%s is taken without a rule of composition',
    (password) => {
      expect(() => assertGoodPassword(password, 'S001')).not.toThrow();
    },
  );

  test.each([
    ['too short', 'aoisora'],
    ['too long', 'xy'.repeat(129)],
    ['leaked', 'Password123'],
    ['leaked, full width', 'ｐａｓｓｗｏｒｄ１'],
    ['one character', 'zzzzzzzzzz'],
    ['the staff id', 'my-s001-pass'],
  ])('%s is refused, and the answer does not repeat it', (_, password) => {
    let said = '';
    try {
      assertGoodPassword(password, 'S001');
    } catch (error) {
      said = String(error) + JSON.stringify(error);
    }
    expect(said).toContain('BAD_INPUT');
    expect(said).not.toContain(password);
  });

  test('the list has only what could be chosen at all, in lower case', () => {
    expect(LEAKED_PASSWORDS.size).toBeGreaterThan(200);
    for (const known of LEAKED_PASSWORDS) expect(known).toBe(known.toLowerCase().padEnd(8));
  });
});
