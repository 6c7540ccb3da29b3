import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.js';
import { ORGANIZATION_KEY_DAYS } from '../../kernel/limits.js';
import { replaceDurably } from '../../protocol/transfer/container/disk.js';
import type { ReceiverIdentity } from '../../protocol/transfer/container/open.js';
import { keyFingerprint, recipientFingerprint } from '../../protocol/transfer/keys.js';
import type { Signer } from '../../protocol/transfer/message.js';

/** The organization's own keys. */
export interface OrganizationKeys {
  readonly identity: ReceiverIdentity;
  readonly signer: Signer;
}

/** What others register of them, after two people have confirmed the fingerprints. */
export interface PublishedKeys {
  /** `age1…`, to seal to. */
  readonly recipient: string;
  readonly recipientFingerprint: string;
  readonly validUntil: string;
  /** Ed25519, SPKI, PEM: by which receipts and results are verified. */
  readonly signingKey: string;
  readonly signingKeyFingerprint: string;
}

/** Reads the keys of a data folder; makes them when it has none. */
export async function organizationKeys(root: string, clock: Clock): Promise<OrganizationKeys> {
  const [identityFile, signingFile] = [
    join(root, 'keys', 'identity.json'),
    join(root, 'keys', 'signing.pem'),
  ];
  if (!existsSync(signingFile)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    await replaceDurably(signingFile, Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  }
  if (!existsSync(identityFile)) {
    const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
    const identity = await generateX25519Identity();
    const validUntil = clock
      .now()
      .add({ hours: 24 * ORGANIZATION_KEY_DAYS })
      .toString();
    const made: ReceiverIdentity = { identity, recipient: await identityToRecipient(identity), validUntil };
    await replaceDurably(identityFile, Buffer.from(JSON.stringify(made)));
  }
  const key = createPrivateKey(readFileSync(signingFile));
  return {
    identity: JSON.parse(readFileSync(identityFile, 'utf8')) as ReceiverIdentity,
    signer: { publicKey: createPublicKey(key), sign: (bytes) => sign(null, bytes, key) },
  };
}

/** What is registered elsewhere. */
export function publishedKeys({ identity, signer }: OrganizationKeys): PublishedKeys {
  const { recipient, validUntil } = identity;
  return {
    recipient,
    recipientFingerprint: recipientFingerprint(recipient),
    validUntil,
    signingKey: signer.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    signingKeyFingerprint: keyFingerprint(signer.publicKey),
  };
}
