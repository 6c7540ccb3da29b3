import { isMunicipalityCode, type MunicipalityCode } from '../number/municipalityCode.js';
import { isVaultRef, type VaultRef } from '../number/vaultRef.js';
import { canonicalBytes } from '../../kernel/canonical.js';
import { integrityFailure } from './integrity.js';

/** The place of a sealed value: in another place it does not open. */
export interface RecordContext {
  readonly municipality: MunicipalityCode;
  readonly vaultRef: VaultRef;
  /** Which value of the record, such as `number`. */
  readonly field: string;
  /** From 1; one more at each write of the record. */
  readonly recordVersion: number;
}

/** Which key wrapped a data key. */
export interface WrapKeyName {
  /** Class and version of the key, such as `subject-3`. */
  readonly keyId: string;
  readonly kekVersion: number;
}

/** Form of the envelope, bound by its associated data. Another form is another number and a column that tells it. */
export const ENVELOPE_VERSION = 1;

const FIELD = /^[a-z][A-Za-z0-9]{0,39}$/;
const KEY_ID = /^[a-z]{1,20}-[1-9][0-9]{0,8}$/;

/** Associated data of the value: without the key's name, so that a rewrap need not decrypt the value. */
export function dataAssociated(context: RecordContext): Uint8Array {
  assertContext(context);
  return canonicalBytes(contextMembers(context));
}

/** Associated data of the wrapped data key: the value's place and the wrapping key (handbook 14 §1). */
export function wrapAssociated(context: RecordContext, name: WrapKeyName): Uint8Array {
  assertContext(context);
  assertKeyName(name.keyId, name.kekVersion);
  return canonicalBytes({ ...contextMembers(context), kekVersion: name.kekVersion, keyId: name.keyId });
}

/**
 * A key's name is its class and its version, and they agree.
 * @throws KuramoriError INTEGRITY_FAILURE
 */
export function assertKeyName(keyId: string, version: number): void {
  if (!isVersion(version) || !KEY_ID.test(keyId) || !keyId.endsWith(`-${version}`)) throw integrityFailure();
}

function contextMembers(context: RecordContext): Record<string, string | number> {
  const { municipality, vaultRef, field, recordVersion } = context;
  return { v: ENVELOPE_VERSION, municipality, vaultRef, field, recordVersion };
}

function assertContext({ municipality, vaultRef, field, recordVersion }: RecordContext): void {
  if (!isMunicipalityCode(municipality) || !isVaultRef(vaultRef)) throw integrityFailure();
  if (!FIELD.test(field) || !isVersion(recordVersion)) throw integrityFailure();
}

function isVersion(version: number): boolean {
  return Number.isSafeInteger(version) && version >= 1;
}
