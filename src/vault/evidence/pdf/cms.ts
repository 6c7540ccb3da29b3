import { createHash, sign, type KeyObject } from 'node:crypto';
import type { Attribute } from '@peculiar/asn1-cms';
import type { BaseBlock } from 'asn1js';

/** OIDs that the library does not name. */
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

/** SignerInfo and SignedData that name a signer by issuer and serial number (RFC 5652 §5.1, §5.3). */
const CMS_VERSION = 1;

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
export async function detachedSignature(
  digest: Uint8Array,
  { key, certificate }: DocumentSigner,
): Promise<Buffer> {
  const cms = await import('@peculiar/asn1-cms');
  const { AsnConvert, OctetString } = await import('@peculiar/asn1-schema');
  const { AlgorithmIdentifier, Certificate } = await import('@peculiar/asn1-x509');
  const parsed = AsnConvert.parse(certificate, Certificate);
  const { issuer, serialNumber } = parsed.tbsCertificate;
  const digestAlgorithm = new AlgorithmIdentifier({ algorithm: SHA256 });
  const signedAttrs = await signedAttributes(digest, certificate);
  const signerInfo = new cms.SignerInfo({
    version: CMS_VERSION,
    sid: new cms.SignerIdentifier({
      issuerAndSerialNumber: new cms.IssuerAndSerialNumber({ issuer, serialNumber }),
    }),
    digestAlgorithm,
    signedAttrs,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 }),
    signature: new OctetString(sign('sha256', await asSet(signedAttrs), key)),
  });
  const signedData = new cms.SignedData({
    version: CMS_VERSION,
    digestAlgorithms: new cms.DigestAlgorithmIdentifiers([digestAlgorithm]),
    encapContentInfo: new cms.EncapsulatedContentInfo({ eContentType: cms.id_data }),
    certificates: new cms.CertificateSet([new cms.CertificateChoices({ certificate: parsed })]),
    signerInfos: new cms.SignerInfos([signerInfo]),
  });
  const content = AsnConvert.serialize(signedData);
  return Buffer.from(AsnConvert.serialize(new cms.ContentInfo({ contentType: cms.id_signedData, content })));
}

/** In ascending order of their encodings, as DER demands of a SET OF: the shortest comes first. */
async function signedAttributes(digest: Uint8Array, certificate: Uint8Array): Promise<Attribute[]> {
  const cms = await import('@peculiar/asn1-cms');
  const { ObjectIdentifier, OctetString, Sequence } = await import('asn1js');
  const attribute = (attrType: string, value: BaseBlock) =>
    new cms.Attribute({ attrType, attrValues: [value.toBER()] });
  const sequence = (...value: readonly BaseBlock[]) => new Sequence({ value: [...value] });
  // SHA-256 is the default of ESSCertIDv2 and is left out in DER.
  const certificateId = sequence(new OctetString({ valueHex: sha256(certificate) }));
  return [
    attribute(cms.id_contentType, new ObjectIdentifier({ value: cms.id_data })),
    attribute(cms.id_messageDigest, new OctetString({ valueHex: digest })),
    attribute(SIGNING_CERTIFICATE_V2, sequence(sequence(certificateId))),
  ];
}

/** What is signed is not the attributes as they stand in SignerInfo but the same as a SET of their own (§5.4). */
async function asSet(attributes: readonly Attribute[]): Promise<Uint8Array> {
  const { AsnConvert } = await import('@peculiar/asn1-schema');
  const { fromBER, Set: AsnSet } = await import('asn1js');
  const value = attributes.map((attribute) => fromBER(AsnConvert.serialize(attribute)).result);
  return new Uint8Array(new AsnSet({ value }).toBER());
}
