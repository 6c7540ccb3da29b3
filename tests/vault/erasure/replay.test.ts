import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { openAuditLog } from '../../../src/audit/log.js';
import { Temporal } from '../../../src/kernel/dates.js';
import { openDatabase, type Database } from '../../../src/kernel/database/database.js';
import { ERASURE_REFS_MAX } from '../../../src/kernel/limits.js';
import { verifyCertificate } from '../../../src/vault/erasure/certificate.js';
import { findCertificate } from '../../../src/vault/erasure/certificate.store.js';
import { assertNotErased } from '../../../src/vault/erasure/erased.js';
import { ErasureJournal, type RecordedEntry } from '../../../src/vault/erasure/journal.js';
import { rebuildJournal } from '../../../src/vault/erasure/rebuild.js';
import { replayBeforeService } from '../../../src/vault/erasure/replay.js';
import { resumeErasures } from '../../../src/vault/erasure/resume.js';
import { SCRUBBED_TABLES, scrubErased } from '../../../src/vault/erasure/scrub.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import { withJournal } from './support/journal.js';
import {
  erase,
  erasureContext,
  MUNICIPALITY,
  registerNumber,
  tablesWith,
  temporaryFolder,
  type Traces,
} from './support/vault.js';

// Its own pools are never used: a database that somebody is connected to can be neither copied nor put back.
const { urls } = await testVaultDatabases();
const folder = temporaryFolder();
const PARTS = ['vault', 'shred'] as const;
type Part = (typeof PARTS)[number];

const nameOf = (part: Part) => new URL(urls[part]).pathname.slice(1);
const backupOf = (part: Part) => `${nameOf(part)}_backup`;

function adminUrl(database: string): string {
  const url = new URL(inject('adminUrl'));
  url.pathname = `/${database}`;
  return url.toString();
}

async function asAdmin<T>(work: (admin: Database) => Promise<T>, database = 'postgres'): Promise<T> {
  const admin = openDatabase({
    url: adminUrl(database),
    application: 'tests',
    connections: 2,
    statementMs: 0,
  });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

const statement = (sql: string) => asAdmin((admin) => admin.run('test.admin', ({ raw }) => raw.unsafe(sql)));

async function backUp(part: Part): Promise<void> {
  await statement(`drop database if exists ${backupOf(part)}`);
  await statement(`create database ${backupOf(part)} template ${nameOf(part)} strategy file_copy`);
}

afterAll(async () => {
  for (const part of PARTS) await statement(`drop database if exists ${backupOf(part)}`);
});

async function restore(part: Part): Promise<void> {
  await statement(`drop database ${nameOf(part)}`);
  await statement(`create database ${nameOf(part)} template ${backupOf(part)} strategy file_copy`);
}

/** Both databases, as the vault runs, for the length of some work. */
async function running<T>(work: (databases: Record<Part, Database>) => Promise<T>): Promise<T> {
  const open = (part: Part) => openDatabase({ url: urls[part], application: 'tests', connections: 4 });
  const databases = { vault: open('vault'), shred: open('shred') };
  try {
    return await work(databases);
  } finally {
    await Promise.all(PARTS.map((part) => databases[part].close()));
  }
}

/** Tables of both databases in which something of the number is. */
async function tracesIn(traces: Traces): Promise<readonly string[]> {
  const found = await Promise.all(
    PARTS.map((part) => asAdmin((admin) => tablesWith(admin, traces), nameOf(part))),
  );
  return found.flat();
}

const EVERYWHERE = ['vault.number', 'vault.number_index', 'shred.key'];
let vaults = 0;

/** A vault with one number in a backup that is then erased, and one that stays. */
async function erasedAfterBackup() {
  vaults += 1;
  const path = join(folder, `journal-${vaults}`);
  const { gone, kept } = await running(async (databases) => ({
    gone: await registerNumber(databases),
    kept: await registerNumber(databases),
  }));
  for (const part of PARTS) await backUp(part);
  const { certificate, context } = await running(async (databases) => {
    const context = await erasureContext(databases, path);
    const certificate = await erase(context, [gone.ref]);
    await context.close();
    return { certificate, context };
  });
  return { path, gone, kept, certificate, context };
}

const replay = (path: string) =>
  running((databases) => {
    const { vault, shred } = databases;
    const audit = openAuditLog(vault);
    const clock = { now: () => Temporal.Instant.from('2026-11-09T00:00:00Z') };
    return replayBeforeService({ database: vault, shred, audit, clock, municipality: MUNICIPALITY }, path);
  });

async function emptied(): Promise<void> {
  await asAdmin(
    (admin) =>
      admin.run('test.clear', ({ raw }) =>
        raw.unsafe(`truncate vault.number, vault.number_index, vault.hold, vault.erasure, vault.approval,
          vault.approval_opening, vault.erasure_certificate`),
      ),
    nameOf('vault'),
  );
}

describe('the replay of the journal', () => {
  it('erases again what an older backup of both databases brought back, and puts back the certificate', async () => {
    await emptied();
    const { path, gone, kept, certificate, context } = await erasedAfterBackup();
    expect(await tracesIn(gone)).toEqual([]);
    for (const part of PARTS) await restore(part);
    expect(await tracesIn(gone)).toEqual(EVERYWHERE);
    await running(({ vault }) => expect(assertNotErased(vault, [gone.ref])).resolves.toBeUndefined());

    expect(await replay(path)).toEqual({ erasures: 1, erasedAgain: 1 });
    expect(await tracesIn(gone)).toEqual([]);
    expect(await tracesIn(kept)).toEqual(EVERYWHERE);
    await running(async ({ vault, shred }) => {
      await expect(assertNotErased(vault, [gone.ref])).rejects.toMatchObject({ code: 'ERASED' });
      expect(await findCertificate(vault, certificate.certificateId)).toEqual(certificate);
      const [row] = await vault.run(
        'test.erasure',
        ({ raw }) =>
          raw<{ done_at: string; requested_by: string }[]>`select done_at, requested_by from vault.erasure`,
      );
      expect(row).toMatchObject({ requested_by: 'P-1', done_at: expect.any(String) as string });
      const [logged] = await vault.run(
        'test.log',
        ({ raw }) => raw<{ body: string }[]>`
        select convert_from(body, 'UTF8') as body from audit.written where kind = 'erasure' order by 1 desc limit 1`,
      );
      expect(logged!.body).toContain('Vault.erasedAgain');
      await withJournal(path, async (journal) => {
        expect(await resumeErasures({ ...context, database: vault, shred, journal })).toEqual([]);
      });
    });
  });

  it('erases again what a backup of one database alone brought back', async () => {
    for (const part of PARTS) {
      await emptied();
      const { path, gone } = await erasedAfterBackup();
      await restore(part);
      expect((await tracesIn(gone)).length).toBeGreaterThan(0);
      expect(await replay(path)).toEqual({ erasures: 1, erasedAgain: 1 });
      expect(await tracesIn(gone)).toEqual([]);
    }
  });

  it('changes nothing when nothing was restored', async () => {
    await emptied();
    const { path, kept } = await erasedAfterBackup();
    expect(await replay(path)).toEqual({ erasures: 1, erasedAgain: 0 });
    expect(await replay(path)).toEqual({ erasures: 1, erasedAgain: 0 });
    expect(await tracesIn(kept)).toEqual(EVERYWHERE);
  });

  it('finishes what was killed before the restore, and its certificate is issued when the vault is open', async () => {
    await emptied();
    const { gone, kept, path, context } = await erasedAfterBackup();
    for (const part of PARTS) await backUp(part);
    const sign = () => Promise.reject(new Error('dead'));
    const certifier = { ...context.certifier, sign };
    await running(({ vault, shred }) =>
      withJournal(path, async (journal) => {
        const dead = { ...context, database: vault, shred, journal, audit: openAuditLog(vault), certifier };
        await expect(erase(dead, [kept.ref])).rejects.toThrow('dead');
      }),
    );
    for (const part of PARTS) await restore(part);
    expect(await replay(path)).toEqual({ erasures: 2, erasedAgain: 1 });
    expect(await tracesIn(kept)).toEqual([]);
    expect(await tracesIn(gone)).toEqual([]);
    await running(async ({ vault, shred }) => {
      const [certificateId, ...more] = await withJournal(path, (journal) =>
        resumeErasures({ ...context, database: vault, shred, journal, audit: openAuditLog(vault) }),
      );
      expect(more).toEqual([]);
      const certificate = await findCertificate(vault, certificateId!);
      expect(verifyCertificate(certificate!.signed, { keys: [context.certifier.publicJwk] }).subjects).toBe(
        1,
      );
    });
  });

  it('goes through erasures of more numbers than one order may have, known to the backup or not', async () => {
    await emptied();
    const { path, gone } = await erasedAfterBackup();
    for (const part of PARTS) await restore(part);
    const [, line] = linesOf(path);
    const { v: _, digest: __, ...erasure } = line as RecordedEntry & { v: number; digest: string };
    await withJournal(path, async (journal) => {
      for (const certificateId of ['EC-1', 'EC-2']) {
        const refs = Array.from({ length: ERASURE_REFS_MAX - 1 }, newVaultRef);
        await journal.append({ ...erasure, certificateId, refs } as RecordedEntry);
      }
    });
    expect(await replay(path)).toEqual({ erasures: 3, erasedAgain: 1 });
    expect(await tracesIn(gone)).toEqual([]);
    const [row] = await running(({ vault }) =>
      vault.run(
        'test.count',
        ({ raw }) => raw<{ count: bigint }[]>`select count(*) as count from vault.erasure`,
      ),
    );
    expect(row!.count).toBe(BigInt(2 * ERASURE_REFS_MAX - 1));
  });

  it('does not open without the journal, with one of before the erasure, or with another', async () => {
    await emptied();
    const { path, certificate } = await erasedAfterBackup();
    const older = join(folder, 'older');
    await ErasureJournal.create(older, MUNICIPALITY);
    await expect(replay(older)).rejects.toMatchObject({
      code: 'INTEGRITY_FAILURE',
      facts: { certificate: certificate.certificateId },
    });
    const moved = `${path}.moved`;
    copyFileSync(path, moved);
    rmSync(path);
    await expect(replay(path)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    expect(await replay(moved)).toEqual({ erasures: 1, erasedAgain: 0 });
  });

  it('works with a journal made anew from the table when the file is lost', async () => {
    await emptied();
    const { path, certificate } = await erasedAfterBackup();
    const lines = linesOf(path);
    rmSync(path);
    const decision = { decidedBy: 'OFFICER-1', rebuiltAt: '2026-11-09T00:00:00.000Z' };
    const rebuild = () =>
      running(({ vault: database }) =>
        rebuildJournal({ database, municipality: MUNICIPALITY, decision }, path),
      );
    await rebuild();
    const [heading, rebuilt, ...erasures] = linesOf(path);
    expect([heading, ...erasures]).toEqual(lines);
    expect(rebuilt).toMatchObject({ kind: 'rebuilt', ...decision });
    expect(lines.at(-1)).toMatchObject(certificate);
    expect(await replay(path)).toEqual({ erasures: 1, erasedAgain: 0 });
    await expect(rebuild()).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('the files of the databases', () => {
  it('hold nothing of an erased number after the tables were written anew', async () => {
    await emptied();
    const { gone, kept } = await erasedAfterBackup();
    const secrets = (traces: Traces) => ({
      shred: [traces.shredKey],
      vault: [traces.ciphertext, traces.wrappedDek, traces.index],
    });
    const before = await filesWith(secrets(gone));
    // Deleted rows stay in their pages: the search sees them, so that finding none below means something.
    expect(before).toBeGreaterThan(0);
    const open = (part: Part) =>
      openDatabase({ url: adminUrl(nameOf(part)), application: 'tests', connections: 1, statementMs: 0 });
    const owners = { vault: open('vault'), shred: open('shred') };
    const done: string[] = [];
    await scrubErased(owners, (table) => done.push(table));
    expect(done).toEqual(SCRUBBED_TABLES);
    await Promise.all(PARTS.map((part) => owners[part].close()));
    expect(await filesWith(secrets(gone))).toBe(0);
    expect(await filesWith(secrets(kept))).toBe(4);
  });
});

function linesOf(path: string): unknown[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** Descriptions of system catalogues, which the server deletes and writes anew whenever somebody connects. */
const CATALOGUE_CACHE = 'pg_internal.init';

/** How many of the secrets are in any file of their database, after a checkpoint. */
async function filesWith(secrets: Record<Part, readonly Buffer[]>): Promise<number> {
  const folders = await asAdmin(async (admin) => {
    await admin.run('test.checkpoint', ({ raw }) => raw`checkpoint`);
    const folderOf = async (part: Part) => {
      const [row] = await admin.run(
        'test.folder',
        ({ raw }) => raw<{ folder: string }[]>`
        select current_setting('data_directory') || '/base/' || oid as folder from pg_database
        where datname = ${nameOf(part)}`,
      );
      return row!.folder;
    };
    return { vault: await folderOf('vault'), shred: await folderOf('shred') };
  });
  return PARTS.flatMap((part) => {
    const files = readdirSync(folders[part])
      .filter((name) => !name.startsWith(CATALOGUE_CACHE))
      .map((name) => readFileSync(join(folders[part], name)));
    return secrets[part].filter((secret) => files.some((bytes) => bytes.includes(secret)));
  }).length;
}
