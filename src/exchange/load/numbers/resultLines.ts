import { KuramoriError } from '../../../kernel/errors.js';
import {
  FILE_FAULTS_REPORTED_MAX,
  NUMBER_RESULT_LINE_BYTES_MAX,
  NUMBER_REFERENCES_CHUNK_MAX,
} from '../../../kernel/limits.js';

/** First line of the result of a bulk registration (一括登録). */
export const REGISTRATION_RESULT_HEADING = 'line,outcome,unifiedAddresseeNo,vaultRef,rule';

/** A person with the reference of the person's number. */
export interface NumberReference {
  /** Line of the result file, from 1; the heading is the first. */
  readonly lineNo: number;
  /** 団体内統合宛名番号, 15 digits. */
  readonly unifiedAddresseeNo: string;
  /** 保管庫参照 */
  readonly vaultRef: string;
}

const REGISTERED = /^\d{1,9},(?:registered|known),(\d{15}),(vr_[0-9A-HJKMNP-TV-Z]{26}),$/;
const REFUSED = /^\d{1,9},refused,,,[A-Z_]{1,32}$/;
const LINE_END = 0x0a;

/**
 * Reads a result file as it comes. In one chunk neither a person nor a reference stands twice, so that a statement over
 * a chunk decides as if the lines came one by one.
 * @param pieces of the file, each valid until the next
 * @returns chunks of at most NUMBER_REFERENCES_CHUNK_MAX; lines that the vault had refused are left out
 * @throws KuramoriError FILE_REJECTED when it is no such file; `facts.faults` names the first lines at fault
 */
export async function* referencesIn(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly NumberReference[]> {
  const faults: string[] = [];
  let chunk = new Chunk();
  let lineNo = 0;
  for await (const line of linesOf(pieces)) {
    lineNo += 1;
    if (lineNo === 1) {
      if (line !== REGISTRATION_RESULT_HEADING) throw rejected(['line 1']);
      continue;
    }
    const [, unifiedAddresseeNo, vaultRef] = REGISTERED.exec(line) ?? [];
    if (unifiedAddresseeNo === undefined || vaultRef === undefined) {
      if (!REFUSED.test(line)) faults.push(`line ${lineNo}`);
      if (faults.length >= FILE_FAULTS_REPORTED_MAX) throw rejected(faults);
      continue;
    }
    const reference = { lineNo, unifiedAddresseeNo, vaultRef };
    if (!chunk.takes(reference)) {
      yield chunk.references;
      chunk = new Chunk();
      chunk.takes(reference);
    }
  }
  if (faults.length > 0 || lineNo === 0) throw rejected(lineNo === 0 ? ['line 1'] : faults);
  if (chunk.references.length > 0) yield chunk.references;
}

class Chunk {
  readonly references: NumberReference[] = [];
  readonly #seen = new Set<string>();

  /** @returns whether there was room for it */
  takes(reference: NumberReference): boolean {
    const { unifiedAddresseeNo, vaultRef } = reference;
    const isFull = this.references.length >= NUMBER_REFERENCES_CHUNK_MAX;
    if (isFull || this.#seen.has(unifiedAddresseeNo) || this.#seen.has(vaultRef)) return false;
    this.#seen.add(unifiedAddresseeNo).add(vaultRef);
    this.references.push(reference);
    return true;
  }
}

/** A last line without its end was cut off: the file is not whole. */
async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    let bytes = Buffer.concat([rest, piece]);
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END)) {
      yield bytes.toString('latin1', 0, Math.min(end, NUMBER_RESULT_LINE_BYTES_MAX));
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > NUMBER_RESULT_LINE_BYTES_MAX) throw rejected(['a line without an end']);
    rest = Buffer.from(bytes);
  }
  if (rest.length > 0) throw rejected(['the last line, which has no end']);
}

function rejected(faults: readonly string[]): KuramoriError {
  return new KuramoriError(
    'FILE_REJECTED',
    'The file is not the whole result of a bulk registration. Take it as kuramori vault register wrote it.',
    { faults: [...faults] },
  );
}
