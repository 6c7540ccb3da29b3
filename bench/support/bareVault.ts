import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { KuramoriError } from '../../src/kernel/errors.js';

/** What AES-256-GCM made: nonce, ciphertext, tag. */
type Sealed = readonly [nonce: Buffer, ciphertext: Buffer, tag: Buffer];

/** A sealed number as the vault keeps one: the number under a key of its own, that key under a derived one. */
export interface BareRecord {
  readonly ref: string;
  readonly shredKey: Buffer;
  readonly wrap: Sealed;
  readonly value: Sealed;
  /** 索引値 */
  readonly index: Buffer;
}

const GCM = 'aes-256-gcm';
const CURVE = 'prime256v1';
/** As long as what the vault binds to a sealed number. */
const ASSOCIATED = Buffer.alloc(150, 'a');
const INFO = 'bench';

/**
 * The bare cryptography of the vault's operations by `node:crypto` alone, in one thread: the same algorithms and
 * the same number of them, with none of the rules. The floors of the vault are made of it.
 */
export class BareVault {
  readonly #terminal = generateKeyPairSync('ed25519');
  readonly #certificate = generateKeyPairSync('ed25519');
  readonly #input = createECDH(CURVE);
  readonly #reader = createECDH(CURVE);
  readonly #indexKey = randomBytes(32);
  /** Subject keys: the present one, and the one to come. */
  readonly #keys: readonly [Buffer, Buffer] = [randomBytes(32), randomBytes(32)];
  readonly #assertion = Buffer.alloc(700, 'c');
  readonly #signature: Buffer;
  readonly #sealedInput: readonly [ephemeral: Buffer, sealed: Sealed];

  constructor() {
    this.#signature = sign(null, this.#assertion, this.#terminal.privateKey);
    this.#reader.generateKeys();
    this.#sealedInput = sealTo(this.#input.generateKeys(), Buffer.alloc(90, 'i'));
  }

  /** The terminal's signature: Ed25519. */
  verify(): void {
    if (!verify(null, this.#assertion, this.#terminal.publicKey, this.#signature)) throw notOurs();
  }

  /** Number → record: index value, data key, shred key, two times AES-GCM, one HKDF. */
  seal(number: string): BareRecord {
    const digits = Buffer.from(number, 'ascii');
    const [shredKey, dataKey] = [randomBytes(32), randomBytes(32)];
    return {
      ref: `vr_${randomBytes(13).toString('hex').toUpperCase()}`,
      shredKey,
      wrap: sealGcm(wrapKey(this.#keys[0], shredKey), dataKey),
      value: sealGcm(dataKey, digits),
      index: createHmac('sha256', this.#indexKey).update(digits).digest().subarray(0, 16),
    };
  }

  /** Record → number: one HKDF, two times AES-GCM. */
  open({ shredKey, wrap, value }: BareRecord): Buffer {
    return openGcm(openGcm(wrapKey(this.#keys[0], shredKey), wrap), value);
  }

  /** Under the next subject key: two HKDF, two times AES-GCM. */
  rewrap({ shredKey, wrap }: BareRecord): Sealed {
    return sealGcm(wrapKey(this.#keys[1], shredKey), openGcm(wrapKey(this.#keys[0], shredKey), wrap));
  }

  /** What the vault signs and seals to a reader: Ed25519, then ECDH-ES with a new key, then AES-GCM. */
  sealToReader(number: Buffer): void {
    const claims = Buffer.concat([Buffer.alloc(120, 'r'), number]);
    const signed = Buffer.concat([claims, sign(null, claims, this.#certificate.privateKey)]);
    sealTo(this.#reader.getPublicKey(), signed);
  }

  /** A message that is signed, verified, answered, signed and verified: four times Ed25519. */
  exchangeSigned(): void {
    for (const { privateKey, publicKey } of [this.#certificate, this.#terminal]) {
      const signature = sign(null, this.#assertion, privateKey);
      if (!verify(null, this.#assertion, publicKey, signature)) throw notOurs();
    }
  }

  /** What a terminal sealed to the vault. */
  openInput(): void {
    const [ephemeral, sealed] = this.#sealedInput;
    openGcm(agreedKey(this.#input.computeSecret(ephemeral)), sealed);
  }
}

function sealTo(recipient: Buffer, plaintext: Buffer): readonly [ephemeral: Buffer, sealed: Sealed] {
  const ephemeral = createECDH(CURVE);
  const publicKey = ephemeral.generateKeys();
  return [publicKey, sealGcm(agreedKey(ephemeral.computeSecret(recipient)), plaintext)];
}

/** Concat KDF of RFC 7518 §4.6.2: one round of SHA-256. */
function agreedKey(secret: Buffer): Buffer {
  return createHash('sha256').update(secret).update(INFO).digest();
}

function wrapKey(key: Buffer, shredKey: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', key, shredKey, INFO, 32));
}

function sealGcm(key: Buffer, plaintext: Buffer): Sealed {
  const nonce = randomBytes(12);
  const cipher = createCipheriv(GCM, key, nonce);
  cipher.setAAD(ASSOCIATED);
  return [nonce, Buffer.concat([cipher.update(plaintext), cipher.final()]), cipher.getAuthTag()];
}

function openGcm(key: Buffer, [nonce, ciphertext, tag]: Sealed): Buffer {
  const decipher = createDecipheriv(GCM, key, nonce, { authTagLength: 16 });
  decipher.setAAD(ASSOCIATED);
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

function notOurs(): KuramoriError {
  return new KuramoriError('INTERNAL', 'The floor’s own signature does not verify.');
}
