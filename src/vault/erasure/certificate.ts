import type { JWK } from 'jose';
import { z } from 'zod';
import { KuramoriError } from '../../kernel/errors.js';
import { assertSignature, ed25519PublicKey, parseJws } from '../../kernel/token/jws.js';
import { RETENTION_CLASSES } from '../retention/rule.js';
import { refsDigest, type Erasure } from './order.js';

/** `typ` of an erasure certificate: no other kind of token stands for one. */
export const ERASURE_CERTIFICATE_TYPE = 'erasure-certificate+jws';

/** NIST SP 800-88: cryptographic erase; the rows are emptied besides. */
export const ERASURE_METHOD = 'cryptoErase';

const text = z.string().min(1);
const instant = z.iso.datetime();
const byAt = z.strictObject({ by: text, at: instant });
const claimsShape = z.strictObject({
  /** `vault:` and the municipality's code. */
  iss: z.string().regex(/^vault:[0-9]{6}$/),
  /** 証明書番号. */
  jti: z.string().regex(/^EC-[0-9a-f-]{36}$/),
  /** Seconds since the epoch. */
  iat: z.int().positive(),
  /** 特定個人情報ファイルの名称. */
  fileName: text,
  /** Number of subjects (件数). */
  subjects: z.int().positive(),
  /** SHA-256 of the sorted references as an RFC 8785 array, as {@link refsDigest} works it out. */
  refsDigest: z.string().regex(/^sha256:[A-Za-z0-9_-]{43}$/),
  method: z.literal(ERASURE_METHOD),
  basis: text,
  retentionClass: z.enum(RETENTION_CLASSES).optional(),
  reason: text,
  requested: byAt,
  approved: byAt.extend({ approvalId: text }),
  executed: byAt.extend({ startedAt: instant }),
  /** Every subject's own shred key was destroyed; these are the keys its data key was wrapped under besides. */
  destroyed: z.strictObject({ shredKeys: z.int().positive(), wrappedUnder: z.array(text) }),
  /** Last day on which a backup of the destroyed shred keys can exist. */
  backupsUntil: z.iso.date(),
  /** Numbers (通番) of the entries in the vault's log, decimal. */
  audit: z.strictObject({ intent: z.string().regex(/^\d+$/), done: z.string().regex(/^\d+$/) }),
});

/** What an erasure certificate says (消去証明書; handbook 11 §6 point 6). */
export type CertificateClaims = Readonly<z.output<typeof claimsShape>>;

/** What is known when an erasure is done. */
export interface ErasureEnd {
  /** Instant in UTC. */
  readonly doneAt: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Last day on which a backup of the shred keys can exist. */
  readonly backupsUntil: string;
  /** Number of the entry that says so. */
  readonly doneEntry: bigint;
}

/** What the certificate of an erasure says. */
export function certificateClaims(
  municipality: string,
  erasure: Erasure,
  end: ErasureEnd,
): CertificateClaims {
  const { refs, particulars } = erasure;
  return {
    iss: `vault:${municipality}`,
    jti: erasure.certificateId,
    iat: end.issuedAt,
    fileName: particulars.fileName,
    subjects: refs.length,
    refsDigest: refsDigest(refs),
    method: ERASURE_METHOD,
    basis: particulars.basis,
    ...(particulars.retentionClass !== undefined && { retentionClass: particulars.retentionClass }),
    reason: erasure.reason,
    requested: { by: erasure.requestedBy, at: particulars.requestedAt },
    approved: { by: erasure.approvedBy, at: particulars.approvedAt, approvalId: particulars.approvalId },
    executed: { by: particulars.executedBy, at: end.doneAt, startedAt: erasure.startedAt },
    destroyed: { shredKeys: refs.length, wrappedUnder: [...particulars.keyIds] },
    backupsUntil: end.backupsUntil,
    audit: { intent: particulars.intentEntry, done: String(end.doneEntry) },
  };
}

/**
 * Verifies a certificate, offline: with nothing but it and the municipality's published keys.
 * @param jwks Ed25519 public keys with their `kid`, taken from the municipality and not from whom the certificate
 *   came from
 * @returns what the certificate says
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function verifyCertificate(jws: string, jwks: { readonly keys: readonly JWK[] }): CertificateClaims {
  try {
    const parsed = parseJws(jws, [ERASURE_CERTIFICATE_TYPE]);
    const keys = jwks.keys.filter(({ kid }) => kid === parsed.kid);
    const [key] = keys;
    if (key === undefined || keys.length > 1) throw new Error('no such key, or two of one name');
    assertSignature(parsed, ed25519PublicKey(key));
    return claimsShape.parse(parsed.claims);
  } catch (cause) {
    throw new KuramoriError(
      'INTEGRITY_FAILURE',
      'The erasure certificate is not one that the municipality signed. Ask it for the original.',
      {},
      { cause },
    );
  }
}

/**
 * Whether a certificate is about exactly these references.
 * @param claims of a verified certificate
 * @param refs in any order
 */
export function certifies(claims: CertificateClaims, refs: readonly string[]): boolean {
  return claims.subjects === refs.length && claims.refsDigest === refsDigest(refs);
}
