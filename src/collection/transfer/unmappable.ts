import { inflateSync } from 'node:zlib';
import { TRANSFER_UNMAPPABLE_MAX } from '../../kernel/limits.js';
import { JIS_X_0213_RUNS } from './jisX0213.data.js';

let repertoire: ReadonlySet<number> | undefined;

/** Unpacked when it is first asked for: most processes never do. */
function jisX0213(): ReadonlySet<number> {
  repertoire ??= new Set(codePoints(inflateSync(Buffer.from(JIS_X_0213_RUNS, 'base64'))));
  return repertoire;
}

function* codePoints(bytes: Uint8Array): Generator<number> {
  let at = 0;
  let codePoint = 0;
  const next = () => {
    let number = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      number += (byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
  };
  while (at < bytes.length) {
    codePoint += next();
    for (let left = next(); left > 0; left -= 1) yield codePoint++;
  }
}

/**
 * 外字の一覧: characters outside JIS X 0213 in the texts of a package. They are kept as they are and listed for the
 * converter of the recipient (handbook 13 §2).
 */
export class Unmappable {
  readonly #found = new Set<number>();

  /** Looks at a text. Line breaks and tabs are no characters of a text. */
  add(text: string): void {
    const known = jisX0213();
    for (const character of text) {
      const codePoint = character.codePointAt(0)!;
      if (codePoint >= 0x20 && !known.has(codePoint)) this.#found.add(codePoint);
    }
  }

  /** The characters as `U+9AD9`, ascending, at most TRANSFER_UNMAPPABLE_MAX. */
  list(): string[] {
    return [...this.#found]
      .toSorted((a, b) => a - b)
      .slice(0, TRANSFER_UNMAPPABLE_MAX)
      .map((codePoint) => `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`);
  }
}
