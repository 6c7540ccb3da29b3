import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_CLASSES } from '../../../schema/vault/key.js';
import { INPUT_KEY_OVERLAP_MS } from '../../../src/kernel/limits.js';
import { isKuramoriError } from '../../../src/kernel/errors.js';
import type { KeyContext } from '../../../src/vault/keys/context.js';
import type { KeyClass } from '../../../src/vault/keys/key.js';
import { continueRotation, runRotation, startRotation } from '../../../src/vault/keys/rotation/rotate.js';
import {
  createVersion,
  destroyVersion,
  markCompromised,
  retireVersion,
} from '../../../src/vault/keys/versions.js';
import { PATTERNED_NUMBERS } from '../number/support/patterned.js';
import { find, openTestVault, read, register } from './support/vault.js';

const vault = await openTestVault();
const { context, databases, clock } = vault;
const { owner } = databases;
const NUMBERS = PATTERNED_NUMBERS;

async function stateOf(keyId: string): Promise<string> {
  const [row] = await owner.vault.run(
    'test.state',
    ({ raw }) => raw<{ state: string }[]>`select state from vault.key where key_id = ${keyId}`,
  );
  return row?.state ?? 'none';
}

describe('making, retiring and destroying versions', () => {
  it('makes one ahead of its rotation, which then takes it', async () => {
    expect(await createVersion(context, 'input')).toBe(2);
    expect(await stateOf('input-2')).toBe('preActive');
    expect(() => context.seal.keyRing.of('input', 2)).toThrow(
      expect.objectContaining({ code: 'INTEGRITY_FAILURE' }),
    );
    await expect(createVersion(context, 'input')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(retireVersion(context, 'input', 2)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await startRotation(context, 'input')).toMatchObject({ toVersion: 2 });
  });

  it('lets the last input key open while a list may vouch for it, unless it is compromised', async () => {
    clock.move({ milliseconds: INPUT_KEY_OVERLAP_MS - 1 });
    await expect(retireVersion(context, 'input', 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    clock.move({ milliseconds: 1 });
    await retireVersion(context, 'input', 1);
    expect(() => context.seal.keyRing.of('input', 1)).toThrow(
      expect.objectContaining({ code: 'INTEGRITY_FAILURE' }),
    );
    await startRotation(context, 'input', { compromised: true });
    await retireVersion(context, 'input', 2);
    expect(context.seal.keyRing.all('input').map(({ version }) => version)).toEqual([3]);
  });

  it('refuses to retire or destroy what is in use, unknown, or still holds records', async () => {
    await register(context, NUMBERS.slice(0, 5));
    await expect(retireVersion(context, 'subject', 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(retireVersion(context, 'subject', 9)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(destroyVersion(context, 'subject', 9)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(destroyVersion(context, 'subject', 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(markCompromised(context, 'subject', 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    await startRotation(context, 'subject');
    await expect(retireVersion(context, 'subject', 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(destroyVersion(context, 'subject', 1)).rejects.toMatchObject({
      facts: { rule: 'notRetired' },
    });
    await runRotation(context, 'subject');
    await retireVersion(context, 'subject', 1);
    await destroyVersion(context, 'subject', 1);
    await expect(destroyVersion(context, 'subject', 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await stateOf('subject-1')).toBe('destroyed');
    const [row] = await owner.vault.run(
      'test.bytes',
      ({ raw }) => raw`select wrapped, wrap_nonce as nonce from vault.key where key_id = 'subject-1'`,
    );
    expect(row).toEqual({ wrapped: null, nonce: null });
  });

  it('counts records under a retired version too, should one ever come back', async () => {
    await startRotation(context, 'subject');
    await runRotation(context, 'subject');
    await retireVersion(context, 'subject', 2);
    await owner.vault.run(
      'test.back',
      ({ raw }) => raw`
        update vault.number set key_id = 'subject-2', kek_version = 2
        where vault_ref = (select min(vault_ref) from vault.number)`,
    );
    await expect(destroyVersion(context, 'subject', 2)).rejects.toMatchObject({ facts: { records: 1 } });
    await owner.vault.run(
      'test.forth',
      ({ raw }) => raw`
      update vault.number set key_id = 'subject-3', kek_version = 3 where kek_version = 2`,
    );
    await destroyVersion(context, 'subject', 2);
  });

  it('destroys one that never became active, and wipes a key that a ring held', async () => {
    const version = await createVersion(context, 'factor');
    await destroyVersion(context, 'factor', version);
    expect(await stateOf(`factor-${version}`)).toBe('destroyed');
    const { key: bytes } = context.seal.keyRing.active('factor');
    const { toVersion } = await startRotation(context, 'factor');
    await retireVersion(context, 'factor', toVersion - 2);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('keeps the public half of a certificate key whose private half is destroyed', async () => {
    await startRotation(context, 'certificate');
    await markCompromised(context, 'input', 1);
    await retireVersion(context, 'certificate', 1);
    await destroyVersion(context, 'certificate', 1);
    const restarted = await vault.restarted();
    expect(restarted.seal.keyRing.verifying().keys.map(({ kid }) => kid)).toEqual([
      'certificate-2',
      'certificate-1',
    ]);
    await owner.vault.run(
      'test.replace',
      ({ raw }) => raw`
        update vault.key set public_jwk = jsonb_set(public_jwk, '{x}', to_jsonb(repeat('A', 43)))
        where key_id = 'certificate-1'`,
    );
    await restarted.seal.keyRing.reload();
    expect(() => restarted.seal.keyRing.verifying()).toThrow(
      expect.objectContaining({ code: 'INTEGRITY_FAILURE' }),
    );
    await owner.vault.run(
      'test.gone',
      ({ raw }) => raw`
      update vault.key set public_jwk = null where key_id = 'certificate-1'`,
    );
    await restarted.seal.keyRing.reload();
    expect(() => restarted.seal.keyRing.verifying()).toThrow(
      expect.objectContaining({ code: 'INTEGRITY_FAILURE' }),
    );
  });
});

describe('the vault database without the root key', () => {
  it('contains no usable key, in any encoding', async () => {
    const ring = context.seal.keyRing;
    const secrets = [
      ...(['subject', 'index', 'factor', 'spool', 'file'] as const).flatMap((each) =>
        ring.all(each).map(({ key }) => key),
      ),
      ...(['input', 'certificate', 'document', 'intermediary', 'transfer', 'result'] as const).flatMap(
        (each) => ring.all(each).map(({ privateKey }) => privateKey.export({ format: 'jwk' }).d as string),
      ),
    ].map((secret) => (typeof secret === 'string' ? Buffer.from(secret, 'base64url') : Buffer.from(secret)));
    expect(secrets.length).toBeGreaterThanOrEqual(KEY_CLASSES.length);
    const dump = await dumpOf();
    expect(dump).toContain('subject-1');
    for (const secret of secrets) {
      for (const encoding of ['hex', 'base64', 'base64url'] as const) {
        // The last characters of base64 depend on what follows.
        expect(dump.includes(secret.toString(encoding).slice(0, -4))).toBe(false);
      }
    }
  });
});

/** Every row of every table of the vault, as text; bytes are hexadecimal digits. */
async function dumpOf(): Promise<string> {
  const tables = await owner.vault.run(
    'test.tables',
    ({ raw }) => raw<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const texts = await Promise.all(
    tables.map(({ name }) =>
      owner.vault.run('test.dump', ({ raw }) =>
        raw.unsafe<{ line: string }[]>(`select t::text as line from ${name} t`),
      ),
    ),
  );
  return texts.flatMap((rows) => rows.map(({ line }) => line)).join('\n');
}

type Step =
  | { readonly kind: 'create' | 'start' | 'batch' | 'retire' | 'destroy'; readonly keyClass: KeyClass }
  | { readonly kind: 'register' | 'kill' };

describe('any sequence of changes', () => {
  const classes = fc.constantFrom<KeyClass>('subject', 'index');
  const changes = fc.constantFrom<'create' | 'start' | 'batch' | 'retire' | 'destroy'>(
    'create',
    'start',
    'batch',
    'retire',
    'destroy',
  );
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: changes, keyClass: classes }) },
    { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: 'register' }, { kind: 'kill' }) },
  );

  it('keeps every record openable and findable, and never has two active keys of a class', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        await owner.vault.run('test.clear', ({ raw }) => raw`delete from vault.number_index`);
        await owner.vault.run('test.clear', ({ raw }) => raw`delete from vault.number`);
        await owner.vault.run('test.clear', ({ raw }) => raw`update vault.rotation set state = 'done'`);
        let running = await vault.restarted();
        const known = new Map<string, string>();
        const add = async () => {
          const number = NUMBERS[known.size] ?? '';
          const [ref] = await register(running, [number]);
          known.set(number, ref ?? '');
        };
        await add();
        for (const each of steps) {
          if (each.kind === 'register') await add();
          else if (each.kind === 'kill') running = await vault.restarted();
          else if ('keyClass' in each) await change(running, each.kind, each.keyClass);
          for (const [number, ref] of known) {
            expect(await read(running, ref as `vr_${string}`)).toBe(number);
            expect(await find(running, number)).toEqual([ref]);
          }
          const active = await owner.vault.run(
            'test.active',
            ({ raw }) => raw<{ n: bigint }[]>`
              select count(*) as n from vault.key where state = 'active' and class in ('subject', 'index')
              group by class`,
          );
          expect(active.map(({ n }) => n)).toEqual([1n, 1n]);
        }
      }),
      { numRuns: 25 },
    );
  });
});

/** A refusal is as good as a change; nothing else is. */
async function change(running: KeyContext, kind: string, keyClass: KeyClass): Promise<void> {
  const { version } = running.seal.keyRing.active(keyClass);
  const work: Record<string, () => Promise<unknown>> = {
    create: () => createVersion(running, keyClass),
    start: () => startRotation(running, keyClass),
    batch: () => continueRotation(running, keyClass),
    retire: () => retireVersion(running, keyClass, version - 1),
    destroy: () => destroyVersion(running, keyClass, version - 1),
  };
  try {
    await work[kind]?.();
  } catch (error) {
    if (!isKuramoriError(error, 'CONFLICT') && !isKuramoriError(error, 'NOT_FOUND')) throw error;
  }
}
