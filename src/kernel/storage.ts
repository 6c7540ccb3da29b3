import { KuramoriError } from './errors.js';

/** What a system says when a disk, or what an account may use of it, is full. */
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * What a full disk is told as, so that nobody looks for a defect.
 * @param thrown anything
 * @returns STORAGE_FULL, or nothing when something else was thrown
 */
export function storageFull(thrown: unknown): KuramoriError | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || !FULL.has(thrown.code)) return undefined;
  return new KuramoriError(
    'STORAGE_FULL',
    'A disk of the host is full, and nothing was kept of what was to be written. Make room on it, and try again.',
    {},
    { cause: thrown },
  );
}
