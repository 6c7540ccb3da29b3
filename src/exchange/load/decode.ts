import { startDecoding, type DecodedFile, type DecodedRecord } from '../layout/decoder.js';
import { assertNewIdentity, FileIdentity } from './identity.js';
import type { LoadJob } from './job.js';

/** Takes good records and writes them in batches. */
export interface Stage {
  /** @returns what is wrong with the record beside its form; nothing when it is taken */
  take(record: DecodedRecord): void;
  /** Whether a batch is full. */
  full(): boolean;
  /** Writes what was taken. */
  flush(): Promise<void>;
}

/** What a whole file said about itself, and which file it is (`FileIdentity`). */
export interface IdentifiedFile extends DecodedFile {
  readonly identity: string;
}

/**
 * Reads the file piece by piece into a stage. While PostgreSQL writes one batch, the next piece is decoded; never
 * are more than two pieces in memory.
 * @throws KuramoriError FILE_REJECTED for faults of framing, header, trailer, for bad records under `reject`, and for
 *   a file that was loaded before in other bytes
 */
export async function decodeInto(job: LoadJob, stage: Stage): Promise<IdentifiedFile> {
  const identity = new FileIdentity(job.layout);
  const decoder = startDecoding(job.layout, (record) => {
    identity.take(record.record);
    stage.take(record);
  });
  const total = job.file.byteCount;
  let done = 0;
  let writing: Promise<void> = Promise.resolve();
  for await (const piece of job.file.pieces()) {
    decoder.push(piece);
    done += piece.length;
    job.progress({ phase: 'reading', done, total });
    if (!stage.full()) continue;
    await writing;
    writing = stage.flush();
    // Its failure is met by the next await; until then it must not count as unhandled.
    writing.catch(() => undefined);
  }
  await writing;
  const decoded = decoder.finish();
  const identified = { ...decoded, identity: identity.finish(decoded.header) };
  await assertNewIdentity(job.tx, identified.identity);
  job.bad.judge();
  await stage.flush();
  return identified;
}
