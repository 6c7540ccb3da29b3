import {
  createHash,
  generateKeyPairSync,
  randomBytes,
  sign,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { canonicalJson } from '../audit/canonical.js';

/** Bits of WebAuthn §6.1. */
export const FLAG = {
  present: 0x01,
  verified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  keyAttached: 0x40,
  extensions: 0x80,
} as const;

export type Algorithm = 'ES256' | 'EdDSA';

/** What an authenticator does otherwise than it should. */
export interface Deviation {
  readonly rpId?: string;
  /** Bits that are set besides, and bits that are not set. */
  readonly set?: number;
  readonly unset?: number;
  readonly counter?: number;
  /** Members of the client data, in the place of the right ones; `undefined` leaves one out. */
  readonly client?: Readonly<Record<string, unknown>>;
  /** The client data as text, whatever it is. */
  readonly clientText?: string;
  /** Signs in the place of its own key. */
  readonly key?: KeyObject;
}

/** What `navigator.credentials.get` gives. */
export interface Signed {
  readonly authenticatorData: Buffer;
  readonly clientDataJSON: Buffer;
  readonly signature: Buffer;
}

interface SoftOptions {
  readonly algorithm?: Algorithm;
  readonly rpId: string;
  readonly origin: string;
  readonly backupEligible?: boolean;
  /** 0 counts nothing; 1 is what hardware does. */
  readonly step?: 0 | 1;
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
const hex = (text: string) => Buffer.from(text, 'hex');

/** An authenticator with one key, and the browser before it, written from WebAuthn on node:crypto alone. */
export class SoftAuthenticator {
  readonly algorithm: Algorithm;
  readonly rpId: string;
  readonly origin: string;
  readonly id = randomBytes(20);
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKey;
  readonly backupEligible: boolean;
  backedUp = false;
  counter: number;
  readonly #step: number;

  constructor({ algorithm = 'ES256', rpId, origin, backupEligible = false, step = 1 }: SoftOptions) {
    const pair =
      algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
    this.privateKey = pair.privateKey;
    this.jwk = pair.publicKey.export({ format: 'jwk' });
    [this.algorithm, this.rpId, this.origin] = [algorithm, rpId, origin];
    [this.backupEligible, this.#step, this.counter] = [backupEligible, step, step];
  }

  /** RFC 9053 §7.1.1, §7.2, in the canonical CBOR of CTAP2. */
  coseKey(): Buffer {
    const [x, y] = [this.jwk.x!, this.jwk.y ?? ''].map((text) => Buffer.from(text, 'base64url')) as [
      Buffer,
      Buffer,
    ];
    if (this.algorithm === 'EdDSA') return Buffer.concat([hex('a4010103272006215820'), x]);
    return Buffer.concat([hex('a5010203262001215820'), x, hex('225820'), y]);
  }

  /** Authenticator data of the new key. */
  made(deviation: Deviation = {}, id = this.id, key = this.coseKey(), behind = Buffer.alloc(0)): Buffer {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const head = this.head({ ...deviation, set: (deviation.set ?? 0) | FLAG.keyAttached });
    return Buffer.concat([head, Buffer.alloc(16, 7), length, id, key, behind]);
  }

  /** Signs a challenge as asked by a page. */
  get(challenge: Buffer, deviation: Deviation = {}): Signed {
    this.counter += this.#step;
    const client = {
      type: 'webauthn.get',
      challenge: challenge.toString('base64url'),
      origin: this.origin,
      crossOrigin: false,
      ...deviation.client,
    };
    const clientDataJSON = Buffer.from(deviation.clientText ?? JSON.stringify(client));
    const authenticatorData = this.head(deviation);
    const signed = Buffer.concat([authenticatorData, sha256(clientDataJSON)]);
    const hash = this.algorithm === 'ES256' ? 'sha256' : null;
    return {
      authenticatorData,
      clientDataJSON,
      signature: sign(hash, signed, deviation.key ?? this.privateKey),
    };
  }

  /** An assertion in the form in which it is carried. */
  assertion(kid: string, claims: Readonly<Record<string, unknown>>, deviation: Deviation = {}): string {
    const defined = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
    const payload = canonicalJson(defined);
    return carried(payload, kid, this.get(sha256(payload), deviation));
  }

  private head({ rpId = this.rpId, set = 0, unset = 0, counter = this.counter }: Deviation): Buffer {
    const own =
      FLAG.present |
      FLAG.verified |
      (this.backupEligible ? FLAG.backupEligible : 0) |
      (this.backedUp ? FLAG.backedUp : 0);
    const rest = Buffer.alloc(5);
    rest.writeUInt8((own | set) & ~unset & 0xff);
    rest.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(rpId), rest]);
  }
}

/** The parts of an assertion, as one text. */
export function carried(payload: string | Buffer, kid: string, signed: Signed): string {
  const { authenticatorData, clientDataJSON, signature } = signed;
  const [claims, ...rest] = [
    Buffer.from(payload as string),
    authenticatorData,
    clientDataJSON,
    signature,
  ].map((part) => part.toString('base64url'));
  return ['op+webauthn', claims, kid, ...rest].join('.');
}
