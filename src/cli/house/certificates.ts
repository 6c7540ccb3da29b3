import 'reflect-metadata';
import { createPrivateKey, randomBytes, X509Certificate, type webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.js';
import { writeSecret } from './secretFile.js';

/** A certificate with its private key, as files (PEM, mode 600). */
export interface CertificateFiles {
  readonly keyFile: string;
  readonly certificateFile: string;
}

/** Certificates of the house's local authority (認証局). */
export interface HouseCertificates {
  readonly caFile: string;
  readonly vault: CertificateFiles;
  readonly gateway: CertificateFiles;
  readonly worker: CertificateFiles;
  /** With which the vault asks servers of others. */
  readonly vaultClient: CertificateFiles;
  readonly organization: CertificateFiles;
  readonly intermediary: CertificateFiles;
}

const DAY_MS = 86_400_000;
/** Handbook 14 §3: certificates of services live 30 days. */
const CERTIFICATE_DAYS = 30;
const RENEWAL_DAYS = 10;
const AUTHORITY_DAYS = 3_650;
/** A clock of another host may be behind ours by this. */
const BACKDATED_MS = 5 * 60_000;
/** P-256, which every TLS library accepts. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Each certificate with the service it names, and whether it is shown by who listens or by who asks. */
const CERTIFICATES = {
  vault: { service: 'vault', isServer: true },
  gateway: { service: 'gateway', isServer: false },
  worker: { service: 'worker', isServer: false },
  vaultClient: { service: 'vault', isServer: false },
  organization: { service: 'organization', isServer: true },
  intermediary: { service: 'intermediary', isServer: true },
} as const;
const NAMES = Object.keys(CERTIFICATES) as Name[];

/** Names of this machine. */
export const VAULT_HOSTS: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

type Name = keyof typeof CERTIFICATES;

/**
 * The certificates of the house: made when missing, made anew when fewer than RENEWAL_DAYS are left or the authority
 * changed. The authority itself is renewed in the same way, and then everything it signed.
 * @param hosts addresses at which the servers of the house are asked
 */
export async function houseCertificates(
  home: string,
  clock: Clock,
  hosts: readonly string[] = VAULT_HOSTS,
): Promise<HouseCertificates> {
  const folder = join(home, 'keys', 'tls');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const now = clock.now().epochMilliseconds;
  const files = (name: string): CertificateFiles => ({
    keyFile: join(folder, `${name}.key.pem`),
    certificateFile: join(folder, `${name}.crt.pem`),
  });
  const authority = files('authority');
  if (!isFresh(authority, now)) await issueAuthority(authority, now);
  const ca = new X509Certificate(readFileSync(authority.certificateFile));
  for (const name of NAMES) {
    const own = files(name);
    if (!isFresh(own, now, ca, CERTIFICATES[name].isServer ? hosts : []))
      await issueService(name, own, authority, now, hosts);
  }
  const issued = Object.fromEntries(NAMES.map((name) => [name, files(name)])) as Record<
    Name,
    CertificateFiles
  >;
  return { caFile: authority.certificateFile, ...issued };
}

/** Looked at with what Node has: the library that issues takes longer to load than the whole check. */
function isFresh(
  files: CertificateFiles,
  now: number,
  ca?: X509Certificate,
  hosts: readonly string[] = [],
): boolean {
  if (!existsSync(files.keyFile) || !existsSync(files.certificateFile)) return false;
  const certificate = new X509Certificate(readFileSync(files.certificateFile));
  return (
    now < certificate.validToDate.getTime() - RENEWAL_DAYS * DAY_MS &&
    certificate.checkPrivateKey(createPrivateKey(readFileSync(files.keyFile))) &&
    (ca === undefined || certificate.verify(ca.publicKey)) &&
    hosts.every((host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)))
  );
}

async function issueAuthority(files: CertificateFiles, now: number): Promise<void> {
  const x509 = await import('@peculiar/x509');
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: 'CN=Kuramori house authority',
    ...validity(now, AUTHORITY_DAYS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await store(files, keys.privateKey, certificate.toString('pem'));
}

async function issueService(
  name: Name,
  files: CertificateFiles,
  authority: CertificateFiles,
  now: number,
  hosts: readonly string[],
): Promise<void> {
  const x509 = await import('@peculiar/x509');
  const ca = new x509.X509Certificate(readFileSync(authority.certificateFile, 'utf8'));
  const keys = await newKeys();
  const { service, isServer } = CERTIFICATES[name];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=Kuramori ${service}`,
    issuer: ca.subject,
    ...validity(now, CERTIFICATE_DAYS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      // What the vault shows can never be used to ask it, nor the other way about.
      new x509.ExtendedKeyUsageExtension([
        isServer ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'url', value: `urn:kuramori:service:${service}` },
        ...(isServer ? hosts.map(hostName) : []),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(ca),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await store(files, keys.privateKey, certificate.toString('pem'));
}

function hostName(value: string): { type: 'ip' | 'dns'; value: string } {
  return { type: isIP(value) === 0 ? 'dns' : 'ip', value };
}

function validity(now: number, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now + days * DAY_MS) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function signingKey({ keyFile }: CertificateFiles): Promise<webcrypto.CryptoKey> {
  const pkcs8 = createPrivateKey(readFileSync(keyFile)).export({ type: 'pkcs8', format: 'der' });
  return crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), ALGORITHM, false, ['sign']);
}

/** The key goes first: a certificate without its key is made anew. */
async function store(files: CertificateFiles, key: webcrypto.CryptoKey, certificate: string): Promise<void> {
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
  const pem = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({
    type: 'pkcs8',
    format: 'pem',
  });
  writeSecret(files.keyFile, pem.toString());
  writeSecret(files.certificateFile, `${certificate}\n`);
}

/** Positive, as RFC 5280 asks. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}
