import { createHash, sign, type KeyObject } from 'node:crypto';
import { context, contentOf, integer, octets, oid, sequence, setOf } from './der.js';

const OIDS = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  sha256: '2.16.840.1.101.3.4.2.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** Who signs. */
export interface DocumentSigner {
  /** P-256. */
  readonly key: KeyObject;
  /** X.509 of that key, DER. */
  readonly certificate: Uint8Array;
}

/**
 * A detached signature (CMS SignedData, RFC 5652) of the form that PAdES asks for (ETSI EN 319 142-1, level B-B): the
 * signer's certificate is in it and is itself signed (RFC 5035), so that no other can be put in its place.
 * @param digest SHA-256 of what is signed
 * @returns DER
 */
export function detachedSignature(digest: Uint8Array, { key, certificate }: DocumentSigner): Buffer {
  const attributes = signedAttributes(digest, certificate);
  const digestAlgorithm = sequence(oid(OIDS.sha256));
  const version = (n: number) => integer(Buffer.from([n]));
  const signerInfo = sequence(
    version(1),
    issuerAndSerial(certificate),
    digestAlgorithm,
    // [0] IMPLICIT: what is signed is the same content as a SET.
    context(0, contentOf(attributes)),
    sequence(oid(OIDS.ecdsaWithSha256)),
    octets(sign('sha256', attributes, key)),
  );
  const signedData = sequence(
    version(1),
    setOf(digestAlgorithm),
    sequence(oid(OIDS.data)),
    context(0, certificate),
    setOf(signerInfo),
  );
  return sequence(oid(OIDS.signedData), context(0, signedData));
}

function signedAttributes(digest: Uint8Array, certificate: Uint8Array): Buffer {
  const attribute = (type: string, value: Uint8Array) => sequence(oid(type), setOf(value));
  // SHA-256 is the default of ESSCertIDv2 and is left out in DER.
  const certificateId = sequence(octets(sha256(certificate)));
  return setOf(
    attribute(OIDS.contentType, oid(OIDS.data)),
    attribute(OIDS.messageDigest, octets(digest)),
    attribute(OIDS.signingCertificateV2, sequence(sequence(certificateId))),
  );
}

/** Taken out of the certificate as they stand there: version, serial number, algorithm, issuer. */
function issuerAndSerial(certificate: Uint8Array): Buffer {
  const toBeSigned = partsOf(contentOf(certificate))[0] as Uint8Array;
  const [, serial, , issuer] = partsOf(contentOf(toBeSigned)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  return sequence(issuer, serial);
}

/** The values that follow each other in the content of one, with their tags; of a certificate that we made. */
function partsOf(content: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let rest = content; rest.length > 0;) {
    const header = rest.length - contentOf(rest).length;
    const first = rest[1] as number;
    const length = first < 0x80 ? first : Buffer.from(rest).readUIntBE(2, first - 0x80);
    parts.push(rest.subarray(0, header + length));
    rest = rest.subarray(header + length);
  }
  return parts;
}
