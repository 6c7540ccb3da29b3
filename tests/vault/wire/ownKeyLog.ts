import { Agent } from 'node:https';
import { vi } from 'vitest';
import { afterwards } from '../../support/afterwards.js';
import { readKeyLog, type KeyLog } from './tls13.js';

/** Has every agent of this process write the secrets of its sessions, as `--tls-keylog` does for a whole process. */
export function ownKeyLog(): () => KeyLog {
  const written: Buffer[] = [];
  const original = Object.getOwnPropertyDescriptor(Agent.prototype, 'createConnection')!;
  const createConnection = original.value as Agent['createConnection'];
  const spy = vi.spyOn(Agent.prototype, 'createConnection').mockImplementation(function (
    this: Agent,
    ...args
  ) {
    const socket = createConnection.apply(this, args);
    socket?.on('keylog', (line: Buffer) => written.push(line));
    return socket;
  });
  afterwards(() => spy.mockRestore());
  return () => readKeyLog(Buffer.concat(written).toString());
}
