import { createHash } from 'node:crypto';
import { rmdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { SOCKET_PATH_BYTES_MAX } from '../../kernel/limits.js';

/** Where the vault of the house is administered. A socket's path is short; a house may lie deep. */
export function houseVaultSocket(home: string): string {
  const wanted = join(home, 'run', 'vault.sock');
  if (Buffer.byteLength(wanted) <= SOCKET_PATH_BYTES_MAX) return wanted;
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  return join(tmpdir(), `kuramori-${name}`, 'vault.sock');
}

/** A folder that was made only for the socket goes with it; one that holds more, or is the house's own, stays. */
export function removeSocketFolder(home: string, socket: string): void {
  if (socket !== houseVaultSocket(home) || socket.startsWith(home)) return;
  try {
    rmdirSync(dirname(socket));
  } catch {
    // It is not empty, or gone already.
  }
}

/** Who types, as the operating system knows the account. */
export function operatorName(): string {
  return userInfo().username;
}
