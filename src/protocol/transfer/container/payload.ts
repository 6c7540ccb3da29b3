import { KuramoriError } from '../../../kernel/errors.js';
import { BytesDigest, ContentCheck, sameContent } from '../content.js';
import type { Manifest } from '../manifest.js';
import type { DataFile } from './build.js';
import { MANIFEST_FILE, MANIFEST_SIGNATURE_FILE } from './packageFiles.js';
import { TAR_END, tarHeader, tarPadding, USTAR_FILE_BYTES_MAX } from './tar.js';

/** What the tar of a package is made of. */
export interface Payload {
  readonly manifest: Manifest;
  readonly files: readonly DataFile[];
}

/**
 * The tar of a package as a stream: data files, manifest and signature, sorted by name. Every byte is compared with
 * what was announced while it passes, and all rows, cases and totals are checked as the receiver will check them.
 * @throws KuramoriError FILE_REJECTED, INTEGRITY_FAILURE
 */
export async function* payloadTar(
  { manifest, files }: Payload,
  manifestBytes: Uint8Array,
  signature: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const check = new ContentCheck(manifest.content);
  const own = [ownFile(MANIFEST_FILE, manifestBytes), ownFile(MANIFEST_SIGNATURE_FILE, signature)];
  for (const file of [...files, ...own].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (file.bytes > USTAR_FILE_BYTES_MAX) throw differs();
    yield tarHeader(file.name, file.bytes);
    yield* own.includes(file) ? file.open() : announced(file, check);
    yield tarPadding(file.bytes);
  }
  if (!sameContent(check.end(), manifest)) throw differs();
  yield TAR_END;
}

/** A file whose bytes must be those that were announced: the tar's header already says how many there are. */
async function* announced(file: DataFile, check: ContentCheck): AsyncGenerator<Uint8Array> {
  const passing = check.begin(file.name);
  const digest = new BytesDigest();
  for await (const piece of file.open()) {
    digest.push(piece);
    if (digest.bytes > file.bytes) throw differs();
    passing.push(piece);
    yield piece;
  }
  const told = passing.end();
  if (told.bytes !== file.bytes || told.sha256 !== file.sha256 || told.rows !== file.rows) throw differs();
}

function ownFile(name: string, bytes: Uint8Array): DataFile {
  return {
    name,
    bytes: bytes.length,
    rows: 0,
    sha256: '',
    open: async function* () {
      yield bytes;
    },
  };
}

function differs(): KuramoriError {
  return new KuramoriError(
    'INTEGRITY_FAILURE',
    'A file of the package is not the one that was announced. Complete the draft again.',
  );
}
