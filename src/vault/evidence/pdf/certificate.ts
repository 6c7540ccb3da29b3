import { createPublicKey, randomBytes, type KeyObject, type webcrypto, X509Certificate } from 'node:crypto';
import type { Clock } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import type { Temporal } from '../../../kernel/dates.js';
import { EVIDENCE_CERTIFICATE_YEARS } from '../../../kernel/limits.js';
import { integrityFailure } from '../../cipher/integrity.js';
import { wipe } from '../../cipher/wipe.js';
import type { KeyPair } from '../../keys/key.js';

/** Of the class `document`. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
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
  const issued = await issueCertificate({
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
  return proven((await readCertificate(session, key.keyId)) as Buffer, key);
}

/** A certificate (RFC 5280) on P-256, signed by its own key. @returns DER */
export async function issueCertificate(wanted: DocumentCertificate): Promise<Buffer> {
  const { keyId, municipality, notBefore, notAfter } = wanted;
  const x509 = await import('@peculiar/x509');
  const { KeyUsageFlags, KeyUsagesExtension } = x509;
  const keys = await webKeys(wanted.key);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [
      { C: ['JP'] },
      { O: [`全国地方公共団体コード ${municipality}`] },
      { CN: [`蔵守 保管庫 文書署名鍵 ${keyId}`] },
    ],
    notBefore: new Date(notBefore * 1_000),
    notAfter: new Date(notAfter * 1_000),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return Buffer.from(certificate.rawData);
}

async function webKeys(key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = globalThis.crypto;
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
  try {
    return {
      publicKey: await subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
      privateKey: await subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    };
  } finally {
    wipe(pkcs8);
  }
}

/** Random, positive, as long as it may be read anywhere. @returns hexadecimal */
function serialNumber(): string {
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  return serial.toString('hex');
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
