import { createHash, type Hash } from 'node:crypto';
import type { Session } from '../../kernel/database/database.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { Layout } from '../layout/compile.js';
import type { DecodedFields } from '../layout/field.js';

/**
 * What makes a file the one it is, however its bytes are written: another line end or an end mark make another digest,
 * not another file. With a header it is what the header says (file kind, municipality, 収入日, creation, sequence
 * number, designated bank), so that a mended copy is known too; without one, a SHA-256 over the values of the data
 * records in order.
 */
export class FileIdentity {
  readonly #layout: Layout;
  readonly #hash: Hash | undefined;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#hash = layout.records.header === undefined ? createHash('sha256') : undefined;
  }

  /** Takes the next data record, good or bad. */
  take(record: DecodedFields): void {
    this.#hash?.update(`${valuesOf(this.#layout.records.data.fields, record)}\n`);
  }

  /** The identity, once the whole file was read. */
  finish(header: DecodedFields): string {
    if (this.#hash !== undefined) return `records ${this.#layout.descriptor.id} ${this.#hash.digest('hex')}`;
    return `header ${valuesOf(this.#layout.records.header?.fields ?? [], header)}`;
  }
}

function valuesOf(fields: readonly { readonly name: string }[], record: DecodedFields): string {
  return JSON.stringify(
    fields.filter(({ name }) => name in record).map(({ name }) => [name, textOf(record[name])]),
  );
}

function textOf(value: DecodedFields[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

/**
 * Two files of one identity go one after the other, and only the first is loaded.
 * @throws KuramoriError FILE_REJECTED when a file of this identity was loaded with other bytes
 */
export async function assertNewIdentity(tx: Session, identity: string): Promise<void> {
  await tx.run(
    'load.identityOnce',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended(${identity}, 1))`,
  );
  const rows = await tx.run(
    'load.identity',
    ({ raw }) => raw`select id from records.loaded_file where outcome ->> 'identity' = ${identity}`,
  );
  if (rows.length === 0) return;
  throw new KuramoriError(
    'FILE_REJECTED',
    'Nothing of the file was loaded. A file with the same header, or without one with the same records, was loaded ' +
      'before in other bytes. The bank must send what is still to be booked under a new sequence number.',
  );
}
