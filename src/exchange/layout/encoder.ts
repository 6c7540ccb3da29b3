import type { Layout, RecordCodec } from './compile.js';
import { csvCell } from './csv.js';
import type { DecodedFields } from './field.js';

/** What a file is made of; trailer totals and the fixed parts are the encoder's. */
export interface EncodableFile {
  readonly header?: DecodedFields;
  readonly data: Iterable<DecodedFields>;
}

export interface EncodingOptions {
  /** Line end of a fixed layout; CSV lines end in CRLF. */
  readonly eol?: 'CRLF' | 'none';
}

const CHUNK_CHARS = 256 * 1024;

/**
 * Writes a file as the layout says, in pieces, so that a large one needs no more memory than a small one. Counts and
 * sums of the trailer are computed from the data.
 * @throws KuramoriError BAD_INPUT naming a field that its value does not fit
 * @example for (const piece of encodeFile(layout, { header, data })) stream.write(piece);
 */
export function* encodeFile(
  layout: Layout,
  file: EncodableFile,
  options: EncodingOptions = {},
): Generator<Buffer> {
  let pending = '';
  const encoding = layout.descriptor.physical.form === 'csv' ? 'utf8' : 'latin1';
  for (const line of lines(layout, file)) {
    pending += layout.descriptor.physical.form === 'csv' || options.eol !== 'none' ? `${line}\r\n` : line;
    if (pending.length < CHUNK_CHARS) continue;
    yield Buffer.from(pending, encoding);
    pending = '';
  }
  yield Buffer.from(pending, encoding);
}

/** A whole file in memory: for small ones. */
export function encodeWhole(layout: Layout, file: EncodableFile, options: EncodingOptions = {}): Buffer {
  return Buffer.concat([...encodeFile(layout, file, options)]);
}

function* lines(layout: Layout, file: EncodableFile): Generator<string> {
  const csv = layout.descriptor.physical.form === 'csv';
  const write = (codec: RecordCodec, fields: DecodedFields) => {
    const texts = codec.encode(fields);
    return csv ? texts.map(csvCell).join(',') : texts.join('');
  };
  const { header, data, trailer, end } = layout.records;
  if (csv) yield data.fields.map(({ name }) => name).join(',');
  else if (header !== undefined) yield write(header, file.header ?? {});
  const sums = layout.totals.map(() => 0n);
  for (const record of file.data) {
    layout.totals.forEach(({ of }, index) => {
      sums[index] = (sums[index] ?? 0n) + of(record);
    });
    yield write(data, record);
  }
  const totals = layout.totals.map(({ trailerField }, index) => [trailerField, sums[index] ?? 0n] as const);
  if (trailer !== undefined) yield write(trailer, Object.fromEntries(totals));
  if (end !== undefined) yield write(end, {});
}
