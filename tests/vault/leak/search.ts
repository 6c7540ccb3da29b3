/** What is looked for, and what it is called when it is found. */
export interface Needle {
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** Bytes of the window by which a needle is noticed; no needle is shorter. */
const WINDOW = 6;
const BLOCK = 3;
const BUCKETS = 1 << 18;

interface Placed extends Needle {
  /** Where its window begins. */
  readonly at: number;
}

/**
 * Looks for thousands of needles at once (Wu and Manber 1994): hundreds of megabytes of memory, files and journals are
 * gone through once, in about a second for each gigabyte.
 */
export class Search {
  readonly #shift = new Uint8Array(BUCKETS).fill(WINDOW - BLOCK + 1);
  readonly #buckets = new Map<number, Placed[]>();
  readonly #longest: number;

  constructor(needles: readonly Needle[]) {
    this.#longest = Math.max(...needles.map(({ bytes }) => bytes.length));
    for (const needle of needles) this.#place(needle);
  }

  /** @returns the labels of all that was found; a needle that lies over the border of two chunks is found as well */
  async in(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    let before: Uint8Array = new Uint8Array();
    for await (const chunk of chunks) {
      const bytes = Buffer.concat([before, chunk]);
      this.#scan(bytes, found);
      before = bytes.subarray(Math.max(0, bytes.length - this.#longest + 1));
    }
    return found;
  }

  #place({ label, bytes }: Needle): void {
    if (bytes.length < WINDOW) throw new Error(`too short to be told from chance: ${label}`);
    const at = tellingWindow(bytes);
    for (let end = BLOCK - 1; end < WINDOW; end += 1) {
      const hash = hashAt(bytes, at + end);
      this.#shift[hash] = Math.min(this.#shift[hash]!, WINDOW - 1 - end);
    }
    const last = hashAt(bytes, at + WINDOW - 1);
    this.#buckets.set(last, [...(this.#buckets.get(last) ?? []), { label, bytes, at }]);
  }

  #scan(bytes: Uint8Array, found: Set<string>): void {
    const shift = this.#shift;
    let end = WINDOW - 1;
    while (end < bytes.length) {
      const step = shift[hashAt(bytes, end)]!;
      if (step === 0) this.#lookAt(bytes, end - WINDOW + 1, found);
      end += Math.max(step, 1);
    }
  }

  #lookAt(bytes: Uint8Array, window: number, found: Set<string>): void {
    for (const needle of this.#buckets.get(hashAt(bytes, window + WINDOW - 1)) ?? [])
      if (liesAt(bytes, window - needle.at, needle.bytes)) found.add(needle.label);
  }
}

function hashAt(bytes: Uint8Array, end: number): number {
  return (bytes[end - 2]! << 10) ^ (bytes[end - 1]! << 5) ^ bytes[end]!;
}

function liesAt(bytes: Uint8Array, start: number, needle: Uint8Array): boolean {
  if (start < 0 || start + needle.length > bytes.length) return false;
  return needle.every((byte, at) => bytes[start + at] === byte);
}

/** The window with most different bytes: zeros are everywhere in memory. */
function tellingWindow(bytes: Uint8Array): number {
  let [best, most] = [0, 0];
  for (let at = 0; at + WINDOW <= bytes.length; at += 1) {
    const different = new Set(bytes.subarray(at, at + WINDOW)).size;
    if (different > most) [best, most] = [at, different];
  }
  return best;
}
