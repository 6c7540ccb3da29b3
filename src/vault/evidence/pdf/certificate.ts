import { createHash, createPublicKey, randomBytes, sign, type KeyObject, X509Certificate } from 'node:crypto';
import type { Clock } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import type { Temporal } from '../../../kernel/dates.js';
import { EVIDENCE_CERTIFICATE_YEARS } from '../../../kernel/limits.js';
import { integrityFailure } from '../../cipher/integrity.js';
import type { KeyPair } from '../../keys/key.js';
import { bits, context, integer, octets, oid, printable, sequence, setOf, time, utf8, yes } from './der.js';

const OIDS = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  country: '2.5.4.6',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  subjectKeyIdentifier: '2.5.29.14',
} as const;

/** digitalSignature and contentCommitment (RFC 5280 §4.2.1.3): two bits, six unused. */
const KEY_USAGE = { bytes: Buffer.from([0xc0]), unused: 6 };
const SERIAL_BYTES = 16;

/** What a certificate of documents says. */
export interface DocumentCertificate {
  readonly key: KeyObject;
  readonly keyId: string;
  /** 全国地方公共団体コード. */
  readonly municipality: string;
  /** Seconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * The certificate of a version of the class `document`, made when it is first needed and kept as it was made. It is
 * signed by its own key: the municipality publishes its fingerprint, and whoever verifies compares that.
 * @param key a key pair of the class `document`
 * @returns X.509, DER
 * @throws KuramoriError INTEGRITY_FAILURE when what is kept is not of this key
 */
export async function documentCertificate(
  session: Session,
  clock: Clock,
  municipality: string,
  key: KeyPair,
): Promise<Buffer> {
  const kept = await readCertificate(session, key.keyId);
  if (kept !== undefined) return proven(kept, key);
  const now = clock.now();
  const years = now.toZonedDateTimeISO('UTC').add({ years: EVIDENCE_CERTIFICATE_YEARS }).toInstant();
  const issued = issueCertificate({
    key: key.privateKey,
    keyId: key.keyId,
    municipality,
    notBefore: secondsOf(now),
    notAfter: secondsOf(years),
  });
  await session.run(
    'vault.documentCertificate.insert',
    ({ raw }) => raw`
    insert into vault.document_certificate (key_id, certificate, issued_at)
    values (${key.keyId}, ${issued}, ${now.toString()}::timestamptz) on conflict (key_id) do nothing`,
  );
  // Another call may have been first: what is kept counts.
  return proven((await readCertificate(session, key.keyId)) ?? issued, key);
}

/** A certificate (RFC 5280) on P-256, signed by its own key. @returns DER */
export function issueCertificate({
  key,
  keyId,
  municipality,
  notBefore,
  notAfter,
}: DocumentCertificate): Buffer {
  const algorithm = sequence(oid(OIDS.ecdsaWithSha256));
  const name = sequence(
    attribute(OIDS.country, printable('JP')),
    attribute(OIDS.organization, utf8(`全国地方公共団体コード ${municipality}`)),
    attribute(OIDS.commonName, utf8(`蔵守 保管庫 文書署名鍵 ${keyId}`)),
  );
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const serial = Buffer.from(randomBytes(SERIAL_BYTES));
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  const toBeSigned = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    publicKey,
    context(3, extensions(publicKey)),
  );
  return sequence(toBeSigned, algorithm, bits(sign('sha256', toBeSigned, key)));
}

function extensions(publicKey: Uint8Array): Buffer {
  const identifier = createHash('sha256').update(publicKey).digest().subarray(0, 20);
  const extension = (id: string, critical: boolean, value: Uint8Array) =>
    sequence(oid(id), ...(critical ? [yes()] : []), octets(value));
  return sequence(
    extension(OIDS.basicConstraints, true, sequence()),
    extension(OIDS.keyUsage, true, bits(KEY_USAGE.bytes, KEY_USAGE.unused)),
    extension(OIDS.subjectKeyIdentifier, false, octets(identifier)),
  );
}

function attribute(type: string, value: Uint8Array): Buffer {
  return setOf(sequence(oid(type), value));
}

/** An adversary who writes to the database could put a certificate of his own there. */
function proven(certificate: Buffer, { publicJwk }: KeyPair): Buffer {
  const { x, y } = new X509Certificate(certificate).publicKey.export({ format: 'jwk' });
  if (publicJwk.kty !== 'EC' || x !== publicJwk.x || y !== publicJwk.y) throw integrityFailure();
  return certificate;
}

async function readCertificate(session: Session, keyId: string): Promise<Buffer | undefined> {
  const [row] = await session.run(
    'vault.documentCertificate.read',
    ({ raw }) => raw<{ certificate: Uint8Array }[]>`
    select certificate from vault.document_certificate where key_id = ${keyId}`,
  );
  return row && Buffer.from(row.certificate);
}

function secondsOf(instant: Temporal.Instant): number {
  return Math.floor(instant.epochMilliseconds / 1_000);
}
