import type { Fault } from './faults.js';
import { fileRejected } from './faults.js';
import { isJisX0201 } from './japanese.js';

const CR = 0x0d;
const LF = 0x0a;
const EOF_MARK = 0x1a;

/** One record of a file: its bytes without the line end, valid until the callback returns. */
export interface FramedRecord {
  readonly recordNo: number;
  /** 0-based byte in the file. */
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Cuts a file, chunk by chunk, into records. */
export interface Framing {
  /** @throws KuramoriError FILE_REJECTED at the first fault of level 1 */
  push(chunk: Buffer): void;
  /** @throws KuramoriError FILE_REJECTED when the file ends inside a record */
  finish(): void;
}

export interface FixedFramingOptions {
  readonly recordLength: number;
  readonly eol: readonly ('CRLF' | 'none')[];
  readonly eofMark: 'allow' | 'refuse';
  /** Double-byte text may stand in the records. */
  readonly doubleByte: boolean;
  /** @returns whether this is the end record, after which nothing may follow */
  readonly onRecord: (record: FramedRecord) => boolean;
}

/**
 * Level 1 of handbook 20 §7 for records of fixed length: CRLF after each or none at all, one 0x1A at the end at most.
 * A record is measured before it is read: trailing spaces are data.
 */
export function fixedFraming(options: FixedFramingOptions): Framing {
  return new FixedFraming(options);
}

class FixedFraming implements Framing {
  readonly #options: FixedFramingOptions;
  #rest: Buffer = Buffer.alloc(0);
  #eolBytes: number | undefined;
  #offset = 0;
  #recordNo = 0;
  #ended = false;

  constructor(options: FixedFramingOptions) {
    this.#options = options;
  }

  push(chunk: Buffer): void {
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const length = this.#options.recordLength;
    let position = 0;
    if (this.#eolBytes === undefined && buffer.length >= length + 2) this.#detect(buffer);
    if (this.#eolBytes !== undefined) {
      const step = length + this.#eolBytes;
      while (!this.#ended && buffer.length - position >= step) {
        this.#take(buffer, position, step);
        position += step;
      }
    }
    this.#offset += position;
    // Copied: the chunk's memory goes back to the reader.
    this.#rest = Buffer.from(buffer.subarray(position));
    if (this.#ended && this.#rest.length > 1)
      this.#refuse({ code: 'E_TRAILING_DATA', recordNo: this.#recordNo + 1 });
  }

  finish(): void {
    const { recordLength } = this.#options;
    let rest = this.#withoutEofMark(this.#rest);
    if (this.#recordNo === 0 && rest.every((byte) => byte === CR || byte === LF))
      this.#refuse({ code: 'E_EMPTY_FILE' });
    if (this.#ended && rest.length > 0)
      this.#refuse({ code: 'E_TRAILING_DATA', recordNo: this.#recordNo + 1 });
    if (rest.length === 0) return;
    if (this.#eolBytes === undefined) this.#detect(rest);
    if (rest.length === recordLength + 2 && this.#eolBytes === 2)
      rest = this.#checkedLine(rest, 0).subarray(0, recordLength);
    if (rest.length !== recordLength) this.#diagnose(rest, 0, 'E_TRUNCATED');
    this.#emit(rest, 0);
  }

  #withoutEofMark(rest: Buffer): Buffer {
    const marked = this.#options.eofMark === 'allow' && rest.at(-1) === EOF_MARK;
    return marked ? rest.subarray(0, -1) : rest;
  }

  /** The first terminator decides for the whole file. */
  #detect(buffer: Buffer): void {
    const length = this.#options.recordLength;
    const first = firstTerminator(buffer, 0, length + 1);
    const found = first === -1 ? 'none' : 'CRLF';
    if (first !== -1 && (first !== length || buffer[first] !== CR))
      this.#diagnose(buffer, 0, 'E_RECORD_LENGTH');
    if (!this.#options.eol.includes(found)) this.#refuse({ code: 'E_RECORD_LENGTH', recordNo: 1 });
    this.#eolBytes = found === 'CRLF' ? 2 : 0;
  }

  #take(buffer: Buffer, position: number, step: number): void {
    if (step > this.#options.recordLength) this.#checkedLine(buffer, position);
    this.#emit(buffer, position);
  }

  #checkedLine(buffer: Buffer, position: number): Buffer {
    const end = position + this.#options.recordLength;
    if (buffer[end] !== CR || buffer[end + 1] !== LF) this.#diagnose(buffer, position, 'E_RECORD_LENGTH');
    return buffer;
  }

  #emit(buffer: Buffer, position: number): void {
    const end = position + this.#options.recordLength;
    for (let index = position; index < end; index++) {
      const byte = buffer[index] as number;
      if (!isJisX0201(byte) && (!this.#options.doubleByte || byte < 0x20))
        this.#illegal(buffer, position, index);
    }
    this.#recordNo++;
    this.#ended = this.#options.onRecord({
      recordNo: this.#recordNo,
      offset: this.#offset + position,
      bytes: buffer.subarray(position, end),
    });
  }

  #illegal(buffer: Buffer, position: number, index: number): never {
    if (buffer[index] === CR || buffer[index] === LF) this.#diagnose(buffer, position, 'E_RECORD_LENGTH');
    this.#refuse({ code: 'E_ENCODING', recordNo: this.#recordNo + 1, offset: index - position + 1 });
  }

  /** A line end at the wrong place: a record of another length, or another kind of line end. */
  #diagnose(buffer: Buffer, position: number, otherwise: Fault['code']): never {
    const at = firstTerminator(buffer, position, buffer.length);
    const recordNo = this.#recordNo + 1;
    if (at === -1) this.#refuse({ code: otherwise, recordNo });
    const paired = buffer[at] === CR && buffer[at + 1] === LF;
    this.#refuse({ code: paired && this.#eolBytes !== 0 ? 'E_RECORD_LENGTH' : 'E_MIXED_EOL', recordNo });
  }

  #refuse(fault: Fault): never {
    throw fileRejected([fault]);
  }
}

function firstTerminator(buffer: Buffer, from: number, to: number): number {
  for (let index = from; index < Math.min(to, buffer.length); index++) {
    if (buffer[index] === CR || buffer[index] === LF) return index;
  }
  return -1;
}
