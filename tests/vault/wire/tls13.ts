import { createDecipheriv, createHmac, type CipherGCMTypes } from 'node:crypto';
import type { Recorded } from './recording.js';

/** Content types of records (RFC 8446 §5.1), and of messages within (§4). */
const [CHANGE_CIPHER_SPEC, HANDSHAKE, APPLICATION_DATA] = [20, 22, 23];
const [CLIENT_HELLO, SERVER_HELLO] = [1, 2];
const SUPPORTED_VERSIONS = 43;
const TAG_BYTES = 16;
const RECORD_HEAD_BYTES = 5;

interface Suite {
  readonly cipher: CipherGCMTypes | 'chacha20-poly1305';
  readonly hash: 'sha256' | 'sha384';
  readonly keyBytes: number;
}

/** Cipher suites of TLS 1.3 (RFC 8446 B.4). */
const SUITES: Readonly<Record<number, Suite>> = {
  0x1301: { cipher: 'aes-128-gcm', hash: 'sha256', keyBytes: 16 },
  0x1302: { cipher: 'aes-256-gcm', hash: 'sha384', keyBytes: 32 },
  0x1303: { cipher: 'chacha20-poly1305', hash: 'sha256', keyBytes: 32 },
};

/** What two hellos agreed on, and what went on under it. */
export interface Opened {
  /** Versions that the client would have taken. */
  readonly offered: readonly number[];
  /** The version that was chosen. */
  readonly chosen: number | undefined;
  /** Types of the messages of the handshake that a client sent. */
  readonly clientMessages: readonly number[];
  /** Application data in the clear. */
  readonly toServer: Buffer;
  readonly toClient: Buffer;
}

/** Secrets of sessions by the client's random, as `--tls-keylog` writes them (NSS key log format). */
export type KeyLog = ReadonlyMap<string, ReadonlyMap<string, Buffer>>;

export function readKeyLog(text: string): KeyLog {
  const log = new Map<string, Map<string, Buffer>>();
  for (const line of text.split('\n')) {
    const [label = '', random = '', secret = ''] = line.split(' ');
    if (secret === '') continue;
    const secrets = log.get(random) ?? new Map<string, Buffer>();
    log.set(random, secrets.set(label, Buffer.from(secret, 'hex')));
  }
  return log;
}

/** Opens a session of TLS 1.3 that was recorded, as somebody who has its secrets. */
export function openSession(recorded: Recorded, keyLog: KeyLog): Opened {
  const [toServer, toClient] = [recordsOf(recorded.toServer), recordsOf(recorded.toClient)];
  const clientHello = helloOf(toServer[0], CLIENT_HELLO);
  const serverHello = helloOf(toClient[0], SERVER_HELLO);
  const suite = SUITES[serverHello.suite] ?? refuse('no suite of TLS 1.3');
  const secrets = keyLog.get(clientHello.random) ?? refuse('no secrets of this session');
  const phases = (side: 'CLIENT' | 'SERVER') =>
    [`${side}_HANDSHAKE_TRAFFIC_SECRET`, `${side}_TRAFFIC_SECRET_0`].map(
      (label) => new Keys(suite, secrets.get(label) ?? refuse(label)),
    );
  const fromClient = plaintexts(toServer, phases('CLIENT'));
  const fromServer = plaintexts(toClient, phases('SERVER'));
  return {
    offered: clientHello.versions,
    chosen: serverHello.versions[0],
    clientMessages: messageTypes(Buffer.concat(of(fromClient, HANDSHAKE))),
    toServer: Buffer.concat(of(fromClient, APPLICATION_DATA)),
    toClient: Buffer.concat(of(fromServer, APPLICATION_DATA)),
  };
}

interface TlsRecord {
  readonly type: number;
  readonly head: Buffer;
  readonly body: Buffer;
}

interface Plaintext {
  readonly type: number;
  readonly bytes: Buffer;
}

const of = (all: readonly Plaintext[], wanted: number) =>
  all.filter(({ type }) => type === wanted).map(({ bytes }) => bytes);

/** Whole records; the last may have been cut off. */
function recordsOf(chunks: readonly Buffer[]): readonly TlsRecord[] {
  const bytes = Buffer.concat(chunks);
  const records: TlsRecord[] = [];
  for (let at = 0; at + RECORD_HEAD_BYTES <= bytes.length;) {
    const end = at + RECORD_HEAD_BYTES + bytes.readUInt16BE(at + 3);
    if (end > bytes.length) break;
    const head = bytes.subarray(at, at + RECORD_HEAD_BYTES);
    records.push({ type: head[0]!, head, body: bytes.subarray(at + RECORD_HEAD_BYTES, end) });
    at = end;
  }
  return records;
}

/** What a hello says, which is never encrypted (RFC 8446 §4.1.2, §4.1.3). */
function helloOf(record: TlsRecord | undefined, wanted: number) {
  if (record?.type !== HANDSHAKE || record.body[0] !== wanted) return refuse('no hello');
  const { body } = record;
  const random = body.subarray(6, 38).toString('hex');
  let at = 39 + body[38]!;
  const suite = body.readUInt16BE(at);
  if (wanted === CLIENT_HELLO) {
    at += 2 + body.readUInt16BE(at);
    at += 1 + body[at]!;
  } else at += 3;
  const end = at + 2 + body.readUInt16BE(at);
  let versions: readonly number[] = [];
  for (at += 2; at < end; at += 4 + body.readUInt16BE(at + 2)) {
    if (body.readUInt16BE(at) !== SUPPORTED_VERSIONS) continue;
    const list = body.subarray(at + 4, at + 4 + body.readUInt16BE(at + 2));
    const pairs = wanted === CLIENT_HELLO ? list.subarray(1) : list;
    versions = Array.from({ length: pairs.length / 2 }, (_, n) => pairs.readUInt16BE(2 * n));
  }
  return { random, suite, versions };
}

/** Keys of one direction and phase (RFC 8446 §5.2, §7.1, §7.3). */
class Keys {
  readonly #suite: Suite;
  readonly #key: Buffer;
  readonly #iv: Buffer;
  #sequence = 0n;

  constructor(suite: Suite, secret: Buffer) {
    this.#suite = suite;
    const expand = (label: string, length: number) => {
      const full = Buffer.from(`tls13 ${label}`);
      const info = Buffer.from([0, length, full.length, ...full, 0, 1]);
      return createHmac(suite.hash, secret).update(info).digest().subarray(0, length);
    };
    [this.#key, this.#iv] = [expand('key', suite.keyBytes), expand('iv', 12)];
  }

  /** @returns nothing when it is not under these keys */
  open({ head, body }: TlsRecord): Plaintext | undefined {
    const nonce = Buffer.from(this.#iv);
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ this.#sequence, 4);
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv(this.#suite.cipher as 'aes-256-gcm', this.#key, nonce, options);
    decipher.setAAD(head).setAuthTag(body.subarray(-TAG_BYTES));
    try {
      const inner = Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]);
      this.#sequence += 1n;
      // The type stands last, before a padding of zeros.
      const end = inner.findLastIndex((byte) => byte !== 0);
      return { type: inner[end]!, bytes: inner.subarray(0, end) };
    } catch {
      return undefined;
    }
  }
}

function plaintexts(records: readonly TlsRecord[], phases: readonly Keys[]): readonly Plaintext[] {
  let [keys, ...later] = phases as [Keys, ...Keys[]];
  return records.flatMap((record) => {
    if (record.type === CHANGE_CIPHER_SPEC || record.type === HANDSHAKE) return [];
    let opened = keys.open(record);
    while (opened === undefined) {
      [keys, ...later] = later.length > 0 ? (later as [Keys, ...Keys[]]) : refuse('a record does not open');
      opened = keys.open(record);
    }
    return [opened];
  });
}

function messageTypes(bytes: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUIntBE(at + 1, 3)) types.push(bytes[at]!);
  return types;
}

function refuse(fault: string): never {
  throw new Error(`the recording cannot be opened: ${fault}`);
}
