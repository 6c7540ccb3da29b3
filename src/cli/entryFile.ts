import { readFileSync } from 'node:fs';
import { KuramoriError } from '../kernel/errors.js';

/**
 * What an operator enters, from a file of JSON or, for `-`, from standard input.
 * @throws KuramoriError BAD_INPUT
 */
export function readEntryFile(file: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new KuramoriError('BAD_INPUT', 'The entry cannot be read as JSON.', {}, { cause });
  }
}
