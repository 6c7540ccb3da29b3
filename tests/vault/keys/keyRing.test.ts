import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { KEY_USES_MAX, KEY_USES_STEP } from '../../../src/kernel/limits.js';
import { openSealed, sealTo } from '../../../src/vault/cipher/jwe.js';
import { keyNameOf } from '../../../src/vault/keys/key.js';
import { startRotation } from '../../../src/vault/keys/rotation/rotate.js';
import { UseCounter } from '../../../src/vault/keys/useCounter.js';
import { markCompromised } from '../../../src/vault/keys/versions.js';
import { openTestVault } from './support/vault.js';

const { context, databases, restarted } = await openTestVault();
const { owner } = databases;

async function usesOf(keyId: string): Promise<bigint> {
  const [row] = await owner.vault.run(
    'test.uses',
    ({ raw }) => raw<{ uses: bigint }[]>`select uses from vault.key where key_id = ${keyId}`,
  );
  return row?.uses ?? -1n;
}

async function setUses(keyId: string, uses: number): Promise<void> {
  await owner.vault.run(
    'test.set',
    ({ raw }) => raw`update vault.key set uses = ${String(uses)}::bigint where key_id = ${keyId}`,
  );
}

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

describe('the key ring', () => {
  it('shows no key however it is printed', () => {
    const ring = context.seal.keyRing;
    const key = ring.active('subject');
    for (const bytes of ['hex', 'base64', 'base64url'] as const) {
      const text = Buffer.from(key.key).toString(bytes);
      expect(
        `${inspect([key, ring, context.seal], { depth: 9, showHidden: true })}${JSON.stringify([key, ring])}`,
      ).not.toContain(text);
    }
  });

  it('gives no key of a version, class or id that it does not have', () => {
    const ring = context.seal.keyRing;
    expect(() => ring.of('subject', 9)).toThrow(code('INTEGRITY_FAILURE'));
    expect(() => ring.named('subject', 'index-1')).toThrow(code('INTEGRITY_FAILURE'));
    expect(() => ring.named('subject', 'subject-9')).toThrow(code('INTEGRITY_FAILURE'));
    for (const id of ['subject', 'other-1', 'subject-0', '']) {
      expect(() => keyNameOf(id)).toThrow(code('INTEGRITY_FAILURE'));
    }
    expect(ring.named('subject', 'subject-1')).toBe(ring.of('subject', 1));
    expect(ring.opens('subject', 9)).toBe(false);
  });

  it('publishes the input key, and opens what is sealed to it', async () => {
    const ring = context.seal.keyRing;
    const [jwk] = ring.published().keys;
    expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'enc', alg: 'ECDH-ES' });
    expect(Object.keys(jwk ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    const jwe = await sealTo(jwk, 'input+jwe', Buffer.from('{}'));
    const key = ring.all('input').find(({ kid }) => kid === jwk?.kid);
    if (key === undefined) throw new Error('no key');
    const opened = await openSealed(key.privateKey, jwe, { typ: 'input+jwe', kid: key.kid });
    expect(Buffer.from(opened).toString()).toBe('{}');
  });

  it('verifies with certificate keys of all times, but not with a compromised one', async () => {
    await startRotation(context, 'certificate');
    expect(context.seal.keyRing.verifying().keys.map(({ kid }) => kid)).toEqual([
      'certificate-2',
      'certificate-1',
    ]);
    await startRotation(context, 'certificate', { compromised: true });
    expect(context.seal.keyRing.verifying().keys.map(({ kid }) => kid)).toEqual([
      'certificate-3',
      'certificate-1',
    ]);
    await markCompromised(context, 'certificate', 1);
    expect(context.seal.keyRing.verifying().keys).toMatchObject([
      { kid: 'certificate-3', crv: 'Ed25519', use: 'sig' },
    ]);
  });

  it('holds the active key still for a writer until his transaction ends', async () => {
    const order: string[] = [];
    let rotation: Promise<unknown> = Promise.resolve();
    await context.database.transaction('test.writer', async (tx) => {
      const key = await context.seal.keyRing.activeIn(tx, 'subject');
      expect(key.version).toBe(1);
      rotation = startRotation(context, 'subject').then(() => order.push('rotated'));
      await new Promise((resolve) => setTimeout(resolve, 200));
      order.push('written');
    });
    await rotation;
    expect(order).toEqual(['written', 'rotated']);
    expect(context.seal.keyRing.active('subject').version).toBe(2);
  });

  it('gives a writer the key to which another process has rotated', async () => {
    const other = await restarted();
    const { toVersion } = await startRotation(other, 'factor');
    expect(context.seal.keyRing.active('factor').version).toBe(toVersion - 1);
    const key = await context.database.transaction('test.writer', (tx) =>
      context.seal.keyRing.activeIn(tx, 'factor'),
    );
    expect(key.version).toBe(toVersion);
    expect(context.seal.keyRing.active('factor').version).toBe(toVersion);
  });

  it('lets a rotation have its turn, however many write', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const writer = async () => {
      while (!stop.signal.aborted) {
        await context.database.transaction('test.writer', async (tx) => {
          seen.push((await context.seal.keyRing.activeIn(tx, 'index')).version);
          await tx.run('test.work', ({ raw }) => raw`select pg_sleep(0.05)`);
        });
      }
    };
    const other = await restarted();
    const writers = [writer(), writer(), writer()];
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { toVersion } = await startRotation(other, 'index');
    stop.abort();
    await Promise.all(writers);
    expect(seen).toContain(toVersion - 1);
    expect(context.seal.keyRing.all('index').length).toBeGreaterThan(0);
  });

  it('refuses when no key of a class is active any more', async () => {
    await owner.vault.run(
      'test.none',
      ({ raw }) => raw`update vault.key set state = 'deactivated' where key_id = 'index-2'`,
    );
    await expect(
      context.database.transaction('test.writer', (tx) => context.seal.keyRing.activeIn(tx, 'index')),
    ).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    await owner.vault.run(
      'test.back',
      ({ raw }) => raw`update vault.key set state = 'active' where key_id = 'index-2'`,
    );
  });
});

describe('the uses of a key', () => {
  it('are noted before they are done, a step at a time, and never too few', async () => {
    const fresh = await restarted();
    const noted = await usesOf('subject-2');
    const half = KEY_USES_STEP / 2;
    for (let at = 0; at < half; at++) fresh.seal.keyRing.active('subject');
    expect(await usesOf('subject-2')).toBe(noted);
    fresh.seal.keyRing.active('subject');
    await expect.poll(() => usesOf('subject-2')).toBe(noted + BigInt(KEY_USES_STEP));
  });

  it('end at the bound: the key still opens and a rotation is due', async () => {
    await setUses('subject-2', KEY_USES_MAX - KEY_USES_STEP);
    const last = await restarted();
    expect(await usesOf('subject-2')).toBe(BigInt(KEY_USES_MAX));
    const half = KEY_USES_STEP / 2;
    last.seal.keyRing.active('subject', half);
    last.seal.keyRing.active('subject', half);
    expect(() => last.seal.keyRing.active('subject')).toThrow(code('DATABASE_UNAVAILABLE'));
    await expect.poll(() => attempt(() => last.seal.keyRing.active('subject'))).toBe('CONFLICT');
    await expect(
      last.database.transaction('test.writer', (tx) => last.seal.keyRing.activeIn(tx, 'subject')),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    const after = await restarted();
    expect(after.seal.keyRing.of('subject', 2).version).toBe(2);
    expect(await usesOf('subject-2')).toBe(BigInt(KEY_USES_MAX));
    await setUses('subject-2', 0);
  });

  it('are counted once by many who wait for the same step', async () => {
    const counter = new UseCounter(databases.vault);
    const before = await usesOf('index-1');
    await Promise.all(Array.from({ length: 20 }, () => counter.ensure('index-1', 1)));
    expect(await usesOf('index-1')).toBe(before + BigInt(KEY_USES_STEP));
  });

  it('are refused, not left uncounted, when they cannot be noted', async () => {
    const counter = new UseCounter(databases.vault);
    await owner.vault.run('test.revoke', ({ raw }) => raw`revoke update on vault.key from kuramori_vault`);
    try {
      expect(() => counter.take('index-1', 1)).toThrow(code('DATABASE_UNAVAILABLE'));
      await expect(counter.ensure('index-1', 1)).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
      await expect(counter.ensureUnlessExhausted('index-1')).rejects.toMatchObject({
        code: 'DATABASE_ERROR',
      });
      await expect(restarted()).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
    } finally {
      await owner.vault.run('test.grant', ({ raw }) => raw`grant update on vault.key to kuramori_vault`);
    }
  });
});

function attempt(work: () => unknown): string {
  try {
    work();
    return 'done';
  } catch (error) {
    return (error as { code: string }).code;
  }
}
