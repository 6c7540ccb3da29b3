import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../../src/kernel/clock.js';
import { Temporal } from '../../../../src/kernel/dates.js';
import { BLIND_INDEX_BYTES, blindIndex } from '../../../../src/vault/cipher/blindIndex.js';
import { newKey, openRecord, sealRecord } from '../../../../src/vault/cipher/envelope.js';
import type { KeyContext } from '../../../../src/vault/keys/context.js';
import { sealFactor } from '../../../../src/vault/keys/factorSecret.js';
import { contextOf, shredKeyOf, shredKeysOf, type NumberRow } from '../../../../src/vault/keys/recordRow.js';
import { IndividualNumber } from '../../../../src/vault/number/individualNumber.js';
import { newVaultRef, type VaultRef } from '../../../../src/vault/number/vaultRef.js';
import { createKeyFile, fileKeyService } from '../../../../src/vault/seal/file.js';
import { VaultSeal } from '../../../../src/vault/seal/seal.js';
import { testVaultDatabases, type TestVaultDatabases } from '../../../support/vaultDatabase.js';
import { afterwards } from '../../../support/afterwards.js';

/** The municipality of the tests (handbook 10 §7). */
export const MUNICIPALITY = '131016';

/** A clock that stands until it is moved. */
export class StandingClock implements Clock {
  #now = Temporal.Instant.from('2026-11-22T03:41:50.123Z');

  now(): Temporal.Instant {
    return this.#now;
  }

  move(duration: Temporal.DurationLike): void {
    this.#now = this.#now.add(duration);
  }
}

/** An open vault, for one test file. */
export interface TestVault {
  readonly databases: TestVaultDatabases;
  readonly clock: StandingClock;
  readonly keyFile: string;
  readonly context: KeyContext;
  /** The state of a process that was started anew on the same databases, opened. */
  readonly restarted: () => Promise<KeyContext>;
}

export async function openTestVault(): Promise<TestVault> {
  const databases = await testVaultDatabases();
  const folder = temporaryFolder();
  const keyFile = join(folder, 'root.key');
  await createKeyFile(keyFile);
  const clock = new StandingClock();
  const restarted = async (): Promise<KeyContext> => {
    const { vault: database, shred } = databases;
    const seal = await VaultSeal.load({ database, clock, municipality: MUNICIPALITY });
    if (seal.state === 'uninitialised') await seal.initialise(fileKeyService(keyFile));
    await seal.open(fileKeyService(keyFile));
    return { database, shred, clock, seal, municipality: MUNICIPALITY };
  };
  return { databases, clock, keyFile, context: await restarted(), restarted };
}

/** Gone when the file's tests are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-vault-'));
  afterwards(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes numbers as a registration does, each with its index value. @returns their references, in the same order */
export async function register(context: KeyContext, numbers: readonly string[]): Promise<VaultRef[]> {
  const rows = await write(context, numbers);
  const values = await context.database.transaction('test.index', async (tx) => {
    const key = await context.seal.keyRing.activeIn(tx, 'index', numbers.length);
    return numbers.map((text, at) => {
      const number = IndividualNumber.ofDigits(Buffer.from(text));
      const value = Buffer.from(blindIndex(number, context.municipality, key.key));
      return { ref: rows[at], version: key.version, value: value.toString('hex') };
    });
  });
  await context.database.run(
    'test.index',
    ({ raw }) => raw`
      insert into vault.number_index (version, value, vault_ref)
      select u.version, decode(u.value, 'hex'), u.ref
      from unnest(${values.map(({ version }) => version)}::integer[], ${values.map(({ value }) => value)}::text[],
        ${rows}::text[]) as u (version, value, ref)`,
  );
  return rows;
}

/** Writes numbers without index values, so that one number may be there many times. */
export async function write(context: KeyContext, numbers: readonly string[]): Promise<VaultRef[]> {
  const { database, shred, municipality, seal } = context;
  return database.transaction('test.write', async (tx) => {
    const kek = await seal.keyRing.activeIn(tx, 'subject', numbers.length);
    const rows = numbers.map((text) => {
      const [vaultRef, shredKey] = [newVaultRef(), newKey()];
      const place = contextOf({ vaultRef, recordVersion: 1 }, municipality);
      return { vaultRef, shredKey, ...sealRecord(Buffer.from(text), place, kek, shredKey) };
    });
    const column = (bytes: (row: (typeof rows)[number]) => Uint8Array) =>
      rows.map((row) => Buffer.from(bytes(row)).toString('hex'));
    const refs = rows.map(({ vaultRef }) => vaultRef);
    await shred.run(
      'test.shred',
      ({ raw }) => raw`
        insert into shred.key (vault_ref, value)
        select u.ref, decode(u.value, 'hex')
        from unnest(${refs}::text[], ${column(({ shredKey }) => shredKey)}::text[]) as u (ref, value)`,
    );
    await tx.run(
      'test.number',
      ({ raw }) => raw`
        insert into vault.number (vault_ref, state, record_version, key_id, kek_version, wrap_nonce, wrapped_dek,
          nonce, ciphertext, registered_at)
        select u.ref, 'active', 1, ${kek.keyId}, ${kek.version}, decode(u.wn, 'hex'), decode(u.wd, 'hex'),
          decode(u.n, 'hex'), decode(u.c, 'hex'), now()
        from unnest(${refs}::text[], ${column((row) => row.wrapNonce)}::text[],
          ${column((row) => row.wrappedDek)}::text[], ${column((row) => row.nonce)}::text[],
          ${column((row) => row.ciphertext)}::text[]) as u (ref, wn, wd, n, c)`,
    );
    return refs;
  });
}

/** The number of a reference, opened as the vault would. */
export async function read(context: KeyContext, vaultRef: VaultRef): Promise<string> {
  const [row] = await context.database.run(
    'test.read',
    ({ raw }) => raw<NumberRow[]>`
      select vault_ref as "vaultRef", record_version as "recordVersion", key_id as "keyId",
        kek_version as "kekVersion", wrap_nonce as "wrapNonce", wrapped_dek as "wrappedDek", nonce, ciphertext
      from vault.number where vault_ref = ${vaultRef}`,
  );
  if (row === undefined) throw new Error('no such row');
  const shredKey = shredKeyOf(await shredKeysOf(context.shred, [vaultRef]), vaultRef);
  const kek = context.seal.keyRing.of('subject', row.kekVersion);
  return Buffer.from(openRecord(row, contextOf(row, context.municipality), kek, shredKey)).toString('ascii');
}

/** The references that a search for a number finds, under every key that still opens. */
export async function find(context: KeyContext, text: string): Promise<string[]> {
  const number = IndividualNumber.ofDigits(Buffer.from(text));
  const found = new Set<string>();
  for (const key of context.seal.keyRing.all('index')) {
    const value = Buffer.from(blindIndex(number, context.municipality, key.key));
    if (value.length !== BLIND_INDEX_BYTES) throw new Error('length');
    const rows = await context.database.run(
      'test.find',
      ({ raw }) => raw<{ ref: string }[]>`
        select vault_ref as ref from vault.number_index where version = ${key.version} and value = ${value}`,
    );
    for (const { ref } of rows) found.add(ref);
  }
  return [...found];
}

/** People with a second factor each. @returns their ids */
export async function enrol(
  context: KeyContext,
  owner: TestVaultDatabases['owner'],
  people: number,
): Promise<string[]> {
  const key = context.seal.keyRing.active('factor', people);
  const rows = Array.from({ length: people }, (_, at) => {
    const personId = `P-${String(at).padStart(5, '0')}`;
    return { personId, ...sealFactor(secretOf(personId), { municipality: MUNICIPALITY, personId }, key) };
  });
  const ids = rows.map(({ personId }) => personId);
  await owner.vault.run(
    'test.people',
    ({ raw }) => raw`
      insert into vault.person (person_id, unit, role, employment_from)
      select u, '収納課', 'handler', '2026-04-01' from unnest(${ids}::text[]) as u`,
  );
  await owner.vault.run(
    'test.factors',
    ({ raw }) => raw`
      insert into vault.factor (person_id, key_id, nonce, ciphertext)
      select u.id, ${key.keyId}, decode(u.n, 'hex'), decode(u.c, 'hex')
      from unnest(${ids}::text[], ${rows.map(({ nonce }) => Buffer.from(nonce).toString('hex'))}::text[],
        ${rows.map(({ ciphertext }) => Buffer.from(ciphertext).toString('hex'))}::text[]) as u (id, n, c)`,
  );
  return ids;
}

/** The TOTP secret of an invented person: 20 bytes. */
export function secretOf(personId: string): Buffer {
  return Buffer.from(personId.padEnd(20, '#'));
}
