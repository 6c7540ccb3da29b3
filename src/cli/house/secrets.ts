import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { writeSecret } from './secretFile.js';

/** Local secrets of the demonstration house, each a file only its owner may read, made when missing. */
export interface HouseSecrets {
  readonly signingKeyFile: string;
  readonly pepperFile: string;
  readonly credentialKeyFile: string;
  readonly gatewayPassword: string;
  readonly loaderPassword: string;
  readonly workerPassword: string;
}

/** Makes what is missing and leaves what is there. */
export async function houseSecrets(home: string): Promise<HouseSecrets> {
  const folder = join(home, 'keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(folder, name);
  await once(file('signing.jwk.json'), async () => {
    const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    return JSON.stringify({ ...(await exportJWK(privateKey)), kid: newId('sign') });
  });
  await once(file('pepper.json'), () => keyRing('pepper'));
  await once(file('credential.json'), () => keyRing('credential'));
  await once(file('gateway.password'), password);
  await once(file('loader.password'), password);
  await once(file('worker.password'), password);
  return {
    signingKeyFile: file('signing.jwk.json'),
    pepperFile: file('pepper.json'),
    credentialKeyFile: file('credential.json'),
    gatewayPassword: readFileSync(file('gateway.password'), 'utf8'),
    loaderPassword: readFileSync(file('loader.password'), 'utf8'),
    workerPassword: readFileSync(file('worker.password'), 'utf8'),
  };
}

async function once(path: string, make: () => string | Promise<string>): Promise<void> {
  if (!existsSync(path)) writeSecret(path, await make());
}

function keyRing(kind: string): string {
  return JSON.stringify({
    current: { id: newId(kind), key: randomBytes(32).toString('base64url') },
    former: [],
  });
}

function password(): string {
  return randomBytes(24).toString('base64url');
}

function newId(kind: string): string {
  return `${kind}-${randomBytes(4).toString('hex')}`;
}
