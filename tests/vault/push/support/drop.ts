import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterwards } from '../../../support/afterwards.js';
import { fastestFolder } from '../../../support/folder.js';

/** A folder for an exchange by files, and the key of the server that they are sealed to. */
export interface Drop {
  readonly folder: string;
  /** PEM. */
  readonly publicKey: string;
  readonly privateKey: string;
  readonly privateKeyObject: KeyObject;
}

export function newDrop(): Drop {
  const home = mkdtempSync(join(fastestFolder(), 'kuramori-drop-'));
  afterwards(() => rmSync(home, { recursive: true, force: true }));
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return {
    folder: join(home, 'exchange'),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKeyObject: privateKey,
  };
}
