import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { KuramoriError } from '../kernel/errors.js';
import { VAULT_SERVICES_MAX } from '../kernel/limits.js';

/** One setting of a process: an environment variable with its meaning and the way it is read. */
export interface Setting<T> {
  readonly name: string;
  readonly description: string;
  /** Text shown as the default in the reference; without one the setting must be given. */
  readonly fallback?: string;
  /** @throws Error whose message says what form is asked for, never the value */
  readonly read: (text: string) => T;
}

type Values<S extends Readonly<Record<string, Setting<unknown>>>> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** Names that belong to us: one of them that no process knows is a mistake, not a wish. */
const OUR_PREFIX = 'KURAMORI_';

/**
 * Reads and checks all settings of a process at once.
 * @param known names that other processes of the house read
 * @throws KuramoriError CONFIGURATION_INVALID with a sentence for each setting that is missing, unknown or malformed
 */
export function readSettings<S extends Readonly<Record<string, Setting<unknown>>>>(
  settings: S,
  environment: Readonly<Record<string, string | undefined>>,
  known: readonly string[] = [],
): Values<S> {
  const faults = unknownNames(settings, environment, known);
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(settings)) {
    const text = environment[setting.name] ?? setting.fallback;
    if (text === undefined) faults.push(`${setting.name} is missing: ${setting.description}`);
    else {
      try {
        values[key] = setting.read(text);
      } catch (error) {
        faults.push(`${setting.name} ${error instanceof Error ? error.message : 'is malformed'}`);
      }
    }
  }
  if (faults.length > 0)
    throw new KuramoriError('CONFIGURATION_INVALID', `The configuration is not valid. ${faults.join('. ')}.`);
  return values as Values<S>;
}

function unknownNames(
  settings: Readonly<Record<string, Setting<unknown>>>,
  environment: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): string[] {
  const names = new Set([...Object.values(settings).map(({ name }) => name), ...known]);
  return Object.keys(environment)
    .filter((name) => name.startsWith(OUR_PREFIX) && !names.has(name))
    .map((name) => `${name} is not a setting of this release`);
}

/** An address with one of the given schemes. */
export function url(...schemes: string[]): (text: string) => string {
  return (text) => {
    if (!URL.canParse(text) || !schemes.includes(new URL(text).protocol.replace(':', ''))) {
      throw new Error(
        `must be an address beginning with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
      );
    }
    return text;
  };
}

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new Error(`must be a whole number from ${min} to ${max}`);
    return value;
  };
}

/** One of a few words. */
export function oneOf<const W extends string>(...words: W[]): (text: string) => W {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new Error(`must be one of ${words.join(', ')}`);
    return word;
  };
}

/** Any text that is not empty. */
export function text(value: string): string {
  if (value.trim() === '') throw new Error('must not be empty');
  return value;
}

/** A file that nobody but its owner may read. @returns its content */
export function secretFile(path: string): string {
  try {
    if ((statSync(path).mode & 0o077) !== 0)
      throw new Error('names a file that others may read; set its mode to 600');
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('names')) throw error;
    throw new Error('names a file that cannot be read', { cause: error });
  }
}

/** What may be left out: an empty text is no value. */
export function optional<T>(read: (value: string) => T): (value: string) => T | undefined {
  return (value) => (value === '' ? undefined : read(value));
}

/** A file that anybody may read. @returns its content */
export function plainFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error('names a file that cannot be read', { cause });
  }
}

/** Names would have to be looked up, and could come to every address. */
export function oneAddress(value: string): string {
  if (isIP(value) === 0) throw new Error('must be one IP address of this machine');
  return value;
}

/** Names of services, separated by commas, as certificates hold them. */
export function serviceNames(value: string): ReadonlySet<string> {
  const names = value.split(',').map((name) => name.trim());
  if (names.length > VAULT_SERVICES_MAX || !names.every((name) => /^[a-z][a-z0-9-]{0,31}$/.test(name)))
    throw new Error('must be names of small letters, digits and hyphens, separated by commas');
  return new Set(names);
}

/** A file whose content may be replaced while the process runs. */
export interface WatchedFile {
  /** As it was at start. */
  readonly content: string;
  /** As it is now. @throws Error when it cannot be read, or others may read it */
  readonly read: () => string;
}

/** Reads a file now, and lets it be read again. */
export function watched(read: (path: string) => string): (path: string) => WatchedFile {
  return (path) => ({ content: read(path), read: () => read(path) });
}
