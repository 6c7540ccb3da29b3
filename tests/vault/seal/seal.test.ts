import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { KEY_CLASSES } from '../../../schema/vault/key.js';
import { SEAL_PAUSE_MS, SEAL_PAUSE_MS_MAX } from '../../../src/kernel/limits.js';
import { isRootKey, checkValue } from '../../../src/vault/seal/check.js';
import { createKeyFile, fileKeyService } from '../../../src/vault/seal/file.js';
import type { KeyService } from '../../../src/vault/seal/keyService.js';
import { passphraseService } from '../../../src/vault/seal/passphrase.js';
import { pauseAfter, VaultSeal } from '../../../src/vault/seal/seal.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { MUNICIPALITY, StandingClock, temporaryFolder } from '../keys/support/vault.js';

const databases = await testVaultDatabases();
const database = databases.vault;
const clock = new StandingClock();
const folder = temporaryFolder();
const file = join(folder, 'root.key');
await createKeyFile(file);
const other = join(folder, 'other.key');
await createKeyFile(other);

let pauses: number[] = [];
const pause = (ms: number) => Promise.resolve(pauses.push(ms));
const load = (parts: Partial<Parameters<typeof VaultSeal.load>[0]> = {}) =>
  VaultSeal.load({ database, clock, municipality: MUNICIPALITY, pause, ...parts });

async function empty(): Promise<void> {
  for (const table of ['seal', 'rotation', 'key', 'key_class']) {
    await databases.owner.vault.run('test.empty', ({ raw }) => raw.unsafe(`delete from vault.${table}`));
  }
}

beforeEach(async () => {
  pauses = [];
  await empty();
});

async function initialised(): Promise<VaultSeal> {
  const seal = await load();
  await seal.initialise(fileKeyService(file));
  return seal;
}

describe('initialising', () => {
  it('makes version 1 of every class of keys, active, and leaves the vault sealed', async () => {
    const seal = await load();
    expect(seal.state).toBe('uninitialised');
    await seal.initialise(fileKeyService(file));
    expect(seal.state).toBe('sealed');
    const rows = await database.run(
      'test.keys',
      ({ raw }) => raw<{ id: string; state: string }[]>`select key_id as id, state from vault.key order by 1`,
    );
    expect([...rows]).toEqual(KEY_CLASSES.toSorted().map((each) => ({ id: `${each}-1`, state: 'active' })));
  });

  it('is done once, also when two do it at the same time', async () => {
    const [first, second] = [await load(), await load()];
    let arrived = 0;
    let go: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (go = resolve));
    // Both have seen that there is no seal before either writes one.
    const together: KeyService = {
      ...fileKeyService(file),
      protect: async (rootKey) => {
        arrived += 1;
        if (arrived === 2) go();
        await both;
        return fileKeyService(file).protect(rootKey);
      },
    };
    const results = await Promise.allSettled([first.initialise(together), second.initialise(together)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'CONFLICT' },
    });
    await expect(first.initialise(fileKeyService(file))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('stores nothing when the service does not give the root key back', async () => {
    const forgetful: KeyService = {
      name: 'file',
      protect: () => Promise.resolve({ v: 1 }),
      recover: () => Promise.resolve(new Uint8Array(32).fill(7)),
    };
    const seal = await load();
    await expect(seal.initialise(forgetful)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    expect(seal.state).toBe('uninitialised');
    await expect(seal.open(forgetful)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('passes on what the database says of another fault', async () => {
    await databases.owner.vault.run(
      'test.revoke',
      ({ raw }) => raw`revoke insert on vault.seal from kuramori_vault`,
    );
    try {
      await expect((await load()).initialise(fileKeyService(file))).rejects.toMatchObject({
        code: 'DATABASE_ERROR',
      });
    } finally {
      await databases.owner.vault.run(
        'test.grant',
        ({ raw }) => raw`grant insert on vault.seal to kuramori_vault`,
      );
    }
    await databases.owner.vault.run(
      'test.lock',
      ({ raw }) => raw`alter table vault.seal rename column method to was`,
    );
    try {
      await expect(load()).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
    } finally {
      await databases.owner.vault.run(
        'test.back',
        ({ raw }) => raw`alter table vault.seal rename column was to method`,
      );
    }
  });
});

describe('opening', () => {
  it('gives the keys, and sealing takes them away and zeroes them', async () => {
    const seal = await initialised();
    expect(() => seal.keyRing).toThrow(expect.objectContaining({ code: 'VAULT_SEALED' }));
    await seal.open(fileKeyService(file));
    expect(seal.state).toBe('open');
    const ring = seal.keyRing;
    const subject = ring.active('subject');
    const bytes = subject.key;
    const pair = ring.active('input');
    expect(pair.privateKey.type).toBe('private');
    await expect(seal.open(fileKeyService(file))).rejects.toMatchObject({ code: 'CONFLICT' });
    seal.seal();
    expect(seal.state).toBe('sealed');
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    for (const use of [
      () => seal.keyRing,
      () => ring.active('subject'),
      () => ring.of('subject', 1),
      () => ring.all('subject'),
      () => ring.published(),
      () => ring.create('subject', 2, '2026-11-22T00:00:00Z'),
      () => subject.key,
      () => pair.privateKey,
    ])
      expect(use).toThrow(expect.objectContaining({ code: 'VAULT_SEALED' }));
    await expect(ring.reload()).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    seal.seal();
    subject.wipe();
    pair.wipe();
  });

  it('is needed again after a restart', async () => {
    await (await initialised()).open(fileKeyService(file));
    const restarted = await load();
    expect(restarted.state).toBe('sealed');
    expect(() => restarted.keyRing).toThrow(expect.objectContaining({ code: 'VAULT_SEALED' }));
  });

  it('refuses the wrong secret with a growing pause and a count, and says nothing of what was wrong', async () => {
    const seal = await initialised();
    const altered: KeyService = {
      ...fileKeyService(file),
      recover: () => Promise.resolve(new Uint8Array(32).fill(9)),
    };
    const short: KeyService = {
      ...fileKeyService(file),
      recover: () => Promise.resolve(new Uint8Array(31).fill(9)),
    };
    const answers: unknown[] = [];
    for (const service of [fileKeyService(other), altered, short])
      answers.push(await seal.open(service).catch((error: unknown) => error));
    expect(answers.map((error) => (error as { code: string }).code)).toEqual(
      Array(3).fill('UNAUTHENTICATED'),
    );
    expect(new Set(answers.map((error) => (error as Error).message)).size).toBe(1);
    expect(answers.every((error) => (error as Error).cause === undefined)).toBe(true);
    expect(pauses).toEqual([SEAL_PAUSE_MS, 2 * SEAL_PAUSE_MS, 4 * SEAL_PAUSE_MS]);
    expect(seal.failures).toBe(3);
    expect(seal.state).toBe('sealed');
    await seal.open(fileKeyService(file));
    expect(seal.failures).toBe(0);
    expect(pauseAfter(30)).toBe(SEAL_PAUSE_MS_MAX);
  });

  it('really pauses when nothing else is said', async () => {
    await initialised();
    const seal = await VaultSeal.load({ database, clock, municipality: MUNICIPALITY });
    const startedAt = performance.now();
    await expect(seal.open(fileKeyService(other))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(SEAL_PAUSE_MS - 5);
  });

  it('takes one attempt at a time', async () => {
    const seal = await initialised();
    const first = seal.open(fileKeyService(file));
    await expect(seal.open(fileKeyService(file))).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    await first;
  });

  it('does not undo a sealing that came while it was under way', async () => {
    const seal = await initialised();
    const opening = seal.open(fileKeyService(file));
    seal.seal();
    await expect(opening).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    expect(seal.state).toBe('sealed');
  });

  it('is refused with another method, and does not count it', async () => {
    const seal = await initialised();
    const passphrase = passphraseService(Buffer.from('invented words for a test'));
    await expect(seal.open(passphrase)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    await expect(seal.open(fileKeyService(join(folder, 'missing')))).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
    expect(seal.failures).toBe(0);
  });

  it('is refused when a key lies in the row of another, and leaves nothing open', async () => {
    const seal = await initialised();
    await databases.owner.vault.run(
      'test.swap',
      ({ raw }) => raw`
        update vault.key k set wrapped = o.wrapped, wrap_nonce = o.wrap_nonce from vault.key o
        where k.key_id = 'subject-1' and o.key_id = 'index-1'`,
    );
    await expect(seal.open(fileKeyService(file))).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    expect(seal.state).toBe('sealed');
  });

  it('is refused in the vault of another municipality', async () => {
    await initialised();
    const seal = await load({ municipality: '242039' });
    await expect(seal.open(fileKeyService(file))).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });

  it('is refused when a public key was replaced by that of an adversary', async () => {
    const seal = await initialised();
    const jwk = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) };
    for (const stored of [jwk, { ...jwk, tag: 'A'.repeat(43) }, null]) {
      await databases.owner.vault.run(
        'test.replace',
        ({ raw }) => raw`
          update vault.key set public_jwk = ${stored === null ? null : JSON.stringify(stored)}::jsonb
          where key_id = 'input-1'`,
      );
      await expect(seal.open(fileKeyService(file))).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
    }
  });

  it('gives a class that is new in a release its first key, but none to a class whose keys went missing', async () => {
    const seal = await initialised();
    await databases.owner.vault.run(
      'test.new',
      ({ raw }) => raw`delete from vault.key where class = 'factor'`,
    );
    await databases.owner.vault.run(
      'test.new',
      ({ raw }) => raw`delete from vault.key_class where class = 'factor'`,
    );
    await databases.owner.vault.run(
      'test.gone',
      ({ raw }) => raw`delete from vault.key where class = 'index'`,
    );
    await seal.open(fileKeyService(file));
    expect(seal.keyRing.active('factor').keyId).toBe('factor-1');
    expect(() => seal.keyRing.active('index')).toThrow(
      expect.objectContaining({ code: 'INTEGRITY_FAILURE' }),
    );
  });

  it('is refused when the stored envelope is no object', async () => {
    const seal = await initialised();
    await databases.owner.vault.run(
      'test.scalar',
      ({ raw }) => raw`update vault.seal set envelope = '7'::jsonb`,
    );
    await expect(seal.open(fileKeyService(file))).rejects.toMatchObject({ code: 'INTEGRITY_FAILURE' });
  });
});

describe('changing the method', () => {
  it('keeps every key, needs the present secret, and the old one no longer opens', async () => {
    const seal = await initialised();
    await seal.open(fileKeyService(file));
    const before = await rows();
    const bytes = Buffer.from(seal.keyRing.active('subject').key);
    const passphrase = passphraseService(Buffer.from('invented words for a test'));
    await expect(seal.reprotect(fileKeyService(other), passphrase)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(seal.failures).toBe(1);
    await seal.reprotect(fileKeyService(file), passphrase);
    expect(seal.state).toBe('open');
    expect(await rows()).toEqual(before);
    const restarted = await load();
    await expect(restarted.open(fileKeyService(file))).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
    const wrong = passphraseService(Buffer.from('other invented words'));
    await expect(restarted.open(wrong)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await restarted.open(passphrase);
    expect(Buffer.from(restarted.keyRing.active('subject').key)).toEqual(bytes);
  });
});

describe('the check value', () => {
  it('knows its root key and no other', () => {
    const rootKey = new Uint8Array(32).fill(3);
    const check = checkValue(rootKey);
    expect(isRootKey(rootKey, check)).toBe(true);
    expect(isRootKey(new Uint8Array(32).fill(4), check)).toBe(false);
    expect(isRootKey(rootKey, check.subarray(1))).toBe(false);
    expect(Buffer.from(check).includes(Buffer.from(rootKey))).toBe(false);
  });
});

async function rows(): Promise<unknown[]> {
  const found = await database.run(
    'test.rows',
    ({ raw }) => raw`select key_id, state, wrapped, wrap_nonce from vault.key order by key_id`,
  );
  return [...found];
}

describe('keys that were made for another environment', () => {
  const made = async () => {
    const seal = await load({ environment: 'test' });
    await seal.initialise(fileKeyService(file));
    return seal;
  };
  const refused = {
    code: 'CONFIGURATION_INVALID',
    message: expect.stringMatching(/KURAMORI_VAULT_ENVIRONMENT/) as string,
  };

  it('are not loaded, neither at the start nor by a vault whose database was put under it', async () => {
    const production = await load({ environment: 'production' });
    const seal = await made();
    await expect(load({ environment: 'production' })).rejects.toMatchObject(refused);
    await expect(production.open(fileKeyService(file))).rejects.toMatchObject(refused);
    await seal.open(fileKeyService(file));
    expect(seal.state).toBe('open');
    expect((await load({ environment: 'test' })).state).toBe('sealed');
  });

  it('stay theirs under another secret', async () => {
    const seal = await made();
    await seal.reprotect(fileKeyService(file), fileKeyService(other));
    await expect(load({ environment: 'production' })).rejects.toMatchObject(refused);
    const again = await load({ environment: 'test' });
    await again.open(fileKeyService(other));
    expect(again.state).toBe('open');
  });

  it('are taken as they are when they have no label, and get one with the next secret', async () => {
    await initialised();
    const seal = await load({ environment: 'production' });
    await seal.open(fileKeyService(file));
    await seal.reprotect(fileKeyService(file), fileKeyService(other));
    await expect(load({ environment: 'test' })).rejects.toMatchObject(refused);
  });
});
