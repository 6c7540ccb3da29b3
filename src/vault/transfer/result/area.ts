import type { TemporaryArea } from '../../../protocol/transfer/container/area.js';
import { integrityFailure } from '../../cipher/integrity.js';
import type { Spool, SpoolingFile } from '../spool/spool.js';

/** An area whose files lie in the spool, encrypted under keys that are in memory alone until they are kept. */
export interface SpoolArea extends TemporaryArea {
  /** The files by name, once every check has passed. */
  readonly files: ReadonlyMap<string, SpoolingFile>;
}

/** Where a result package is opened (handbook 13 §5): its plaintext never touches the disk. */
export function spoolArea(spool: Spool): SpoolArea {
  const places = new Map<number, SpoolingFile>();
  const files = new Map<string, SpoolingFile>();
  return {
    files,
    write: async (at, bytes) => {
      const file = await spool.begin();
      places.set(at, file);
      for await (const piece of bytes) await file.write(piece);
      await file.end();
    },
    read: (at) => placeOf(places, at).read(),
    keep: async (names) => {
      for (const { at, name } of names) files.set(name, placeOf(places, at));
      const kept = new Set(files.values());
      await Promise.all([...places.values()].filter((file) => !kept.has(file)).map((file) => file.giveUp()));
    },
    erase: async () => {
      await Promise.all([...places.values()].map((file) => file.giveUp()));
      places.clear();
      files.clear();
    },
  };
}

function placeOf(places: ReadonlyMap<number, SpoolingFile>, at: number): SpoolingFile {
  const file = places.get(at);
  if (file === undefined) throw integrityFailure();
  return file;
}
