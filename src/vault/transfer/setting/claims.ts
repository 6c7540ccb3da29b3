import type { JWK } from 'jose';
import { z } from 'zod';
import { assertSignature, ed25519PublicKey, parseJws } from '../../../kernel/token/jws.js';
import { integrityFailure } from '../../cipher/integrity.js';
import { settingForm } from './form.js';

/** `typ` of a setting of transfers as the vault signs it. */
export const TRANSFER_SETTING_TYPE = 'transfer-setting+jws';

const claimsForm = z.strictObject({
  /** `vault:` and the municipality's code. */
  iss: z.string(),
  /** Seconds since the epoch. */
  iat: z.int(),
  setting: settingForm,
  /** Person who asked for the approval and entered it, and who gave it. */
  enteredBy: z.string(),
  approvedBy: z.string(),
  approvalId: z.string(),
});

/** What the vault vouches for: a setting, and the two people who decided it. */
export type TransferSettingClaims = Readonly<z.output<typeof claimsForm>>;

/**
 * Reads a setting as the vault signed it: whoever writes to the database cannot put a key of his own there.
 * @param jwks public keys of the class `certificate`
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function readSignedSetting(
  signed: string,
  jwks: { readonly keys: readonly JWK[] },
  issuer: string,
): TransferSettingClaims {
  try {
    const parsed = parseJws(signed, [TRANSFER_SETTING_TYPE]);
    const key = jwks.keys.find(({ kid }) => kid === parsed.kid);
    if (key === undefined) throw integrityFailure();
    assertSignature(parsed, ed25519PublicKey(key));
    const claims = claimsForm.parse(parsed.claims);
    if (claims.iss !== issuer) throw integrityFailure();
    return claims;
  } catch {
    throw integrityFailure();
  }
}
