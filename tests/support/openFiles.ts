import { readdirSync, readlinkSync } from 'node:fs';

const OWN = '/proc/self/fd';

/** How often this process has a file open. */
export function timesOpen(path: string): number {
  return readdirSync(OWN).filter((descriptor) => isOf(descriptor, path)).length;
}

function isOf(descriptor: string, path: string): boolean {
  try {
    return readlinkSync(`${OWN}/${descriptor}`) === path;
  } catch {
    // Closed since the folder was read, as the folder's own descriptor is.
    return false;
  }
}
