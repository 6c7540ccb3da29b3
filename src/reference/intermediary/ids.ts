import { createHmac } from 'node:crypto';

/** What an identifier names; it is its first two letters. */
export type IdKind = 'permission' | 'processing' | 'acquisition' | 'provision' | 'record' | 'code';

const PREFIXES: Readonly<Record<IdKind, string>> = {
  permission: 'KY',
  processing: 'SN',
  acquisition: 'AN',
  provision: 'TK',
  record: 'KR',
  code: 'FG',
};

/**
 * Identifiers worked out of what they name and the seed: the same messages give the same identifiers, and a message
 * that is gone through a second time after a crash meets what the first time left.
 */
export class Ids {
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
  }

  of(kind: IdKind, ...parts: readonly (string | number)[]): string {
    const mac = createHmac('sha256', this.#seed).update(JSON.stringify([kind, ...parts]));
    return PREFIXES[kind] + mac.digest('hex').slice(0, 24).toUpperCase();
  }
}
