import { randomBytes } from 'node:crypto';
import { KuramoriError } from '../../kernel/errors.js';
import { canonicalBytes } from '../../kernel/canonical.js';
import { AES256_KEY_BYTES, SP800_38D_NONCE_BYTES, SP800_38D_TAG_BYTES } from '../cipher/gcm.js';
import { integrityFailure } from '../cipher/integrity.js';
import { bytesOf, numberOf, toMember } from './envelope.js';
import type { KeyService } from './keyService.js';
import { inSession, type TokenSession, type TokenSettings } from './token.js';

const NAME = 'pkcs11';
const VERSION = 1;
const ASSOCIATED = canonicalBytes({ v: VERSION, method: NAME });
const BITS = 8;

/**
 * The root key under an AES key that never leaves a token (PKCS #11 v2.40, CKM_AES_GCM): an HSM, or SoftHSM to try it.
 */
export function pkcs11Service(settings: TokenSettings): KeyService {
  return {
    name: NAME,
    protect: async (rootKey) =>
      inSession(settings, 'read', (session) => {
        const nonce = randomBytes(SP800_38D_NONCE_BYTES);
        return {
          v: VERSION,
          nonce: toMember(nonce),
          ciphertext: toMember(encrypt(session, settings, nonce, rootKey)),
        };
      }),
    recover: async (envelope) =>
      inSession(settings, 'read', (session) => {
        if (numberOf(envelope, 'v') !== VERSION) throw integrityFailure();
        const nonce = bytesOf(envelope, 'nonce');
        const ciphertext = bytesOf(envelope, 'ciphertext');
        if (nonce.length !== SP800_38D_NONCE_BYTES) throw integrityFailure();
        if (ciphertext.length !== AES256_KEY_BYTES + SP800_38D_TAG_BYTES) throw integrityFailure();
        return decrypt(session, settings, nonce, ciphertext);
      }),
  };
}

/**
 * Makes the AES-256 key in the token: sensitive, not extractable, for nothing but encryption.
 * @throws KuramoriError CONFLICT when a key of that label is there; CONFIGURATION_INVALID; UNAUTHENTICATED
 */
export async function createTokenKey(settings: TokenSettings): Promise<void> {
  inSession(settings, 'write', ({ pkcs11, api, session }) => {
    if (findKeys({ pkcs11, api, session }, settings.keyLabel).length > 0) {
      throw new KuramoriError('CONFLICT', 'The token has a key of that label already. It is never replaced.');
    }
    pkcs11.C_GenerateKey(session, { mechanism: api.CKM_AES_KEY_GEN }, [
      { type: api.CKA_CLASS, value: api.CKO_SECRET_KEY },
      { type: api.CKA_KEY_TYPE, value: api.CKK_AES },
      { type: api.CKA_VALUE_LEN, value: AES256_KEY_BYTES },
      { type: api.CKA_LABEL, value: settings.keyLabel },
      { type: api.CKA_TOKEN, value: true },
      { type: api.CKA_PRIVATE, value: true },
      { type: api.CKA_SENSITIVE, value: true },
      { type: api.CKA_EXTRACTABLE, value: false },
      { type: api.CKA_ENCRYPT, value: true },
      { type: api.CKA_DECRYPT, value: true },
    ]);
  });
}

function encrypt(
  token: TokenSession,
  { keyLabel }: TokenSettings,
  nonce: Buffer,
  rootKey: Uint8Array,
): Buffer {
  const { pkcs11, session } = token;
  pkcs11.C_EncryptInit(session, gcm(token, nonce), onlyKey(token, keyLabel));
  return pkcs11.C_Encrypt(
    session,
    Buffer.from(rootKey),
    Buffer.alloc(AES256_KEY_BYTES + SP800_38D_TAG_BYTES),
  );
}

function decrypt(
  token: TokenSession,
  { keyLabel }: TokenSettings,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  const { pkcs11, session } = token;
  pkcs11.C_DecryptInit(session, gcm(token, nonce), onlyKey(token, keyLabel));
  const room = Buffer.alloc(AES256_KEY_BYTES + SP800_38D_TAG_BYTES);
  try {
    return Uint8Array.from(pkcs11.C_Decrypt(session, Buffer.from(ciphertext), room));
  } catch {
    // Tokens answer a wrong tag with one code or another; nobody is to tell them apart.
    throw integrityFailure();
  } finally {
    room.fill(0);
  }
}

function gcm({ api }: TokenSession, nonce: Uint8Array) {
  return {
    mechanism: api.CKM_AES_GCM,
    parameter: {
      type: api.CK_PARAMS_AES_GCM_v240,
      iv: Buffer.from(nonce),
      aad: Buffer.from(ASSOCIATED),
      ivBits: SP800_38D_NONCE_BYTES * BITS,
      tagBits: SP800_38D_TAG_BYTES * BITS,
    },
  };
}

/** The one key of the label. A token that would give the key away is no better than a file. */
function onlyKey(token: TokenSession, label: string): Buffer {
  const { pkcs11, api, session } = token;
  const [key, second] = findKeys(token, label);
  if (key === undefined || second !== undefined) {
    throw new KuramoriError('CONFIGURATION_INVALID', 'The token must have exactly one AES key of the label.');
  }
  const attributes = pkcs11.C_GetAttributeValue(session, key, [
    { type: api.CKA_SENSITIVE },
    { type: api.CKA_EXTRACTABLE },
  ]);
  const [sensitive, extractable] = attributes.map(({ value }) => value[0] !== 0);
  if (sensitive !== true || extractable !== false) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      'The key of the token can be taken out of it. Make one that is sensitive and not extractable.',
    );
  }
  return key;
}

function findKeys({ pkcs11, api, session }: TokenSession, label: string): Buffer[] {
  pkcs11.C_FindObjectsInit(session, [
    { type: api.CKA_CLASS, value: api.CKO_SECRET_KEY },
    { type: api.CKA_KEY_TYPE, value: api.CKK_AES },
    { type: api.CKA_LABEL, value: label },
  ]);
  try {
    return pkcs11.C_FindObjects(session, 2);
  } finally {
    pkcs11.C_FindObjectsFinal(session);
  }
}
