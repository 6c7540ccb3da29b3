import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalText } from '../../kernel/canonical.js';
import { KuramoriError } from '../../kernel/errors.js';
import { TRANSFER_RECIPIENT_KEYS_MAX, TRANSFER_TEXT_CHARS_MAX } from '../../kernel/limits.js';
import { YEN_MAX } from '../../kernel/yen.js';

/** Parts that the records of a package share. Digests and fingerprints are SHA-256, 64 hexadecimal digits. */

const UUIDV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const packageIdForm = z.string().regex(UUIDV7);
export const sha256Form = z.string().regex(/^[0-9a-f]{64}$/);
export const textForm = z.string().min(1).max(TRANSFER_TEXT_CHARS_MAX);
/** A moment in UTC to the second or the millisecond. */
export const instantForm = z.iso.datetime();
export const dayForm = z.iso.date();
/** A number of the series that one sender has with one recipient, from 1. */
export const seriesNoForm = z.int().min(1);
export const countForm = z.int().min(0);

/** Whole yen, a JSON number, exact. */
export const yenForm = z.codec(z.int().min(0).max(Number(YEN_MAX)), z.bigint(), {
  decode: BigInt,
  encode: Number,
});

/** 団体コード of a municipality, or the code of an association. */
export const bodyForm = z.strictObject({ bodyCode: z.string().regex(/^[0-9]{6}$/), name: textForm });

/** Fingerprints of the keys to which a package is sealed. */
export const fingerprintsForm = z.array(sha256Form).min(1).max(TRANSFER_RECIPIENT_KEYS_MAX);

/** Where the sender's audit log stood. */
export const checkpointForm = z.strictObject({
  origin: textForm,
  size: z.string().regex(/^(0|[1-9][0-9]{0,18})$/),
  root: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

/** SHA-256, hexadecimal. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The bytes of a record as they are signed and digested (RFC 8785).
 * @throws KuramoriError BAD_INPUT when JSON does not carry it unchanged, or it is too large
 */
export function recordBytes(record: unknown): Uint8Array {
  const refuse = (): never => {
    throw new KuramoriError(
      'BAD_INPUT',
      'A record of a package has no canonical form or is too large. Split the package.',
    );
  };
  return Buffer.from(canonicalText(record, { refuse, undefinedMembers: 'leftOut' }), 'utf8');
}
