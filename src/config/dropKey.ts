import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { plainFile, secretFile } from './setting.js';

/** A public X25519 key (PEM) of a file, to which files of an exchange are sealed. */
export function publicDropKey(path: string): string {
  return assertX25519(plainFile(path), createPublicKey);
}

/** Its private half (PEM), of a file of mode 600. */
export function privateDropKey(path: string): string {
  return assertX25519(secretFile(path), createPrivateKey);
}

function assertX25519(pem: string, parse: (pem: string) => KeyObject): string {
  let type: string | undefined;
  try {
    type = parse(pem).asymmetricKeyType;
  } catch (cause) {
    throw new Error('names a file that is no key in PEM', { cause });
  }
  if (type !== 'x25519')
    throw new Error('names a key that is not of X25519: openssl genpkey -algorithm X25519');
  return pem;
}
