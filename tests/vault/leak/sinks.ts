import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../../src/kernel/database/database.js';

const CHUNK_BYTES = 4 * 1024 * 1024;
const PAGE_BYTES = 4_096;

/** A place where something could be left, as the bytes that it holds. */
export type Sink = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The files as they are on the disk, one after the other. */
export function* filesIn(paths: readonly string[]): Generator<Uint8Array> {
  for (const path of paths) yield* opened(path, (file) => chunksOf(file, [[0, fstatSync(file).size]]));
}

/**
 * All memory of a process: heap, what lies outside of it, stacks, and what was given up and not yet written over. Pages
 * that were never touched are left out: V8 reserves half a gigabyte. Linux only.
 */
export function* memoryOf(pid: number): Generator<Uint8Array> {
  const ranges = opened(`/proc/${pid}/pagemap`, function* (pages) {
    for (const mapping of mappingsOf(pid)) yield* touched(pages, mapping);
  });
  yield* opened(`/proc/${pid}/mem`, (memory) => chunksOf(memory, [...ranges]));
}

type Range = readonly [from: number, to: number];

/** What may be read and written: of what was mapped from files, the rest is the files. */
function mappingsOf(pid: number): readonly Range[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm);
  return Array.from(lines, ([, from, to]) => [Number.parseInt(from!, 16), Number.parseInt(to!, 16)]);
}

/** The parts that have pages, in memory or swapped out. */
function* touched(pages: number, [from, to]: Range): Generator<Range> {
  const map = bytesAt(pages, (from / PAGE_BYTES) * 8, ((to - from) / PAGE_BYTES) * 8);
  let start: number | undefined;
  for (let at = from; at <= to; at += PAGE_BYTES) {
    // Bits 63 and 62: present, swapped.
    const isThere = at < to && (map.at(((at - from) / PAGE_BYTES) * 8 + 7)! & 0xc0) !== 0;
    if (isThere) start ??= at;
    else if (start !== undefined) {
      yield [start, at];
      start = undefined;
    }
  }
}

function* chunksOf(file: number, ranges: readonly Range[]): Generator<Uint8Array> {
  for (const [from, to] of ranges)
    for (let at = from; at < to; at += CHUNK_BYTES) yield bytesAt(file, at, Math.min(CHUNK_BYTES, to - at));
}

function* opened<T>(path: string, read: (file: number) => Iterable<T>): Generator<T> {
  const file = openSync(path, 'r');
  try {
    yield* read(file);
  } finally {
    closeSync(file);
  }
}

function bytesAt(file: number, at: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(file, buffer, 0, length, at));
}

/** Every row of every table of a database, as PostgreSQL writes rows as text: compressed values are unpacked in it. */
export async function* rowsOf(owner: Database): AsyncGenerator<Uint8Array> {
  const tables = await owner.run(
    'leak.tables',
    ({ raw }) => raw<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  for (const { name } of tables) {
    const rows = await owner.run('leak.rows', ({ raw }) =>
      raw.unsafe<{ row: string }[]>(`select t::text as row from ${name} t`),
    );
    for (const { row } of rows) {
      yield Buffer.from(row);
      // Bytes are written in hexadecimal: what lies in them is looked for as what it is.
      for (const [, hex] of row.matchAll(/\\x([0-9a-f]+)/g)) yield Buffer.from(String(hex), 'hex');
    }
  }
}

/** The files of a database and of the write-ahead log, from one moment on. */
export interface DiskOf {
  /** The log's segments since the moment. Nothing of it is thrown away before `end`. */
  journal(): Promise<readonly string[]>;
  /** Every file of a database, after a checkpoint: the first that is asked for makes it. */
  relations(database: string): Promise<readonly string[]>;
}

/**
 * Notes where the write-ahead log stands, and keeps what comes after it.
 * @param administrator superuser, of one connection: the log is kept for as long as it stands
 */
export async function watchDisk(administrator: Database): Promise<DiskOf> {
  const slot = `leak_${process.pid}`;
  const [found] = await administrator.run(
    'leak.start',
    ({ raw }) => raw<{ data: string; file: string; slot: string }[]>`
      select current_setting('data_directory') as data, pg_walfile_name(pg_current_wal_lsn()) as file,
        (pg_create_physical_replication_slot(${slot}, true, true)).slot_name as slot`,
  );
  const { data, file: first } = found!;
  let checkpoint: Promise<unknown> | undefined;
  return {
    journal: async () => {
      await administrator.run('leak.switch', ({ raw }) => raw`select pg_switch_wal()`);
      const folder = join(data, 'pg_wal');
      const [now] = await administrator.run(
        'leak.end',
        ({ raw }) => raw<{ file: string }[]>`select pg_walfile_name(pg_current_wal_lsn()) as file`,
      );
      const names = readdirSync(folder).filter((name) => /^[0-9A-F]{24}$/.test(name));
      return names.filter((name) => name >= first && name <= now!.file).map((name) => join(folder, name));
    },
    relations: async (database) => {
      await (checkpoint ??= administrator.run('leak.checkpoint', ({ raw }) => raw`checkpoint`));
      const [row] = await administrator.run(
        'leak.oid',
        ({ raw }) =>
          raw<{ oid: string }[]>`select oid::text as oid from pg_database where datname = ${database}`,
      );
      const folder = join(data, 'base', row!.oid);
      return readdirSync(folder)
        .map((name) => join(folder, name))
        .filter(existsSync);
    },
  };
}
