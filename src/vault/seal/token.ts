import { createRequire } from 'node:module';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { notOpened } from './refusal.js';

/** Where the token is, and how it is entered. */
export interface TokenSettings {
  /** Path of the maker's PKCS #11 library, such as libsofthsm2.so. */
  readonly library: string;
  readonly tokenLabel: string;
  readonly keyLabel: string;
  /** UTF-8; wiping it stays with the caller. */
  readonly pin: Uint8Array;
  /** The npm package or its folder; it is compiled on installation, so that only those who need it install it. */
  readonly binding?: string;
}

/** What of the package `pkcs11js` is used: names of PKCS #11 v2.40. */
export interface Pkcs11Api {
  readonly PKCS11: new () => Pkcs11;
  readonly CKF_SERIAL_SESSION: number;
  readonly CKF_RW_SESSION: number;
  readonly CKF_OS_LOCKING_OK: number;
  readonly CKU_USER: number;
  readonly CKO_SECRET_KEY: number;
  readonly CKK_AES: number;
  readonly CKM_AES_GCM: number;
  readonly CKM_AES_KEY_GEN: number;
  readonly CK_PARAMS_AES_GCM_v240: number;
  readonly CKA_CLASS: number;
  readonly CKA_KEY_TYPE: number;
  readonly CKA_VALUE_LEN: number;
  readonly CKA_LABEL: number;
  readonly CKA_TOKEN: number;
  readonly CKA_PRIVATE: number;
  readonly CKA_SENSITIVE: number;
  readonly CKA_EXTRACTABLE: number;
  readonly CKA_ENCRYPT: number;
  readonly CKA_DECRYPT: number;
}

interface Mechanism {
  readonly mechanism: number;
  readonly parameter?: Readonly<Record<string, number | Buffer>>;
}

interface Attribute {
  readonly type: number;
  readonly value?: number | boolean | string;
}

interface Pkcs11 {
  load(path: string): void;
  close(): void;
  C_Initialize(options: { readonly flags: number }): void;
  C_Finalize(): void;
  C_GetSlotList(tokenPresent: boolean): Buffer[];
  C_GetTokenInfo(slot: Buffer): { readonly label: string };
  C_OpenSession(slot: Buffer, flags: number): Buffer;
  C_CloseSession(session: Buffer): void;
  C_Login(session: Buffer, user: number, pin: string): void;
  C_GenerateKey(session: Buffer, mechanism: Mechanism, template: readonly Attribute[]): Buffer;
  C_FindObjectsInit(session: Buffer, template: readonly Attribute[]): void;
  C_FindObjects(session: Buffer, most: number): Buffer[];
  C_FindObjectsFinal(session: Buffer): void;
  C_GetAttributeValue(
    session: Buffer,
    object: Buffer,
    template: readonly Attribute[],
  ): { readonly value: Buffer }[];
  C_EncryptInit(session: Buffer, mechanism: Mechanism, key: Buffer): void;
  C_Encrypt(session: Buffer, input: Buffer, output: Buffer): Buffer;
  C_DecryptInit(session: Buffer, mechanism: Mechanism, key: Buffer): void;
  C_Decrypt(session: Buffer, input: Buffer, output: Buffer): Buffer;
}

/** A session in which the user is logged in. */
export interface TokenSession {
  readonly api: Pkcs11Api;
  readonly pkcs11: Pkcs11;
  readonly session: Buffer;
}

const BINDING = 'pkcs11js';

/** PKCS #11 v2.40 §5: the answers to a PIN that is not taken. */
const CKR_PIN_INCORRECT = 0xa0;
const CKR_PIN_INVALID = 0xa1;
const CKR_PIN_LEN_RANGE = 0xa2;
const CKR_PIN_LOCKED = 0xa4;
const PIN_REFUSED: readonly number[] = [
  CKR_PIN_INCORRECT,
  CKR_PIN_INVALID,
  CKR_PIN_LEN_RANGE,
  CKR_PIN_LOCKED,
];

/**
 * Enters the token for one piece of work and leaves it again: nothing stays logged in while the vault is open.
 * @throws KuramoriError UNAUTHENTICATED when the PIN is refused; CONFIGURATION_INVALID when the token cannot be used
 */
export function inSession<Result>(
  settings: TokenSettings,
  access: 'read' | 'write',
  work: (session: TokenSession) => Result,
): Result {
  const api = loadBinding(settings.binding ?? BINDING);
  const pkcs11 = new api.PKCS11();
  try {
    return withLibrary(api, pkcs11, settings, access, work);
  } catch (error) {
    throw isKuramoriError(error) ? error : refusedBy(error);
  }
}

function withLibrary<Result>(
  api: Pkcs11Api,
  pkcs11: Pkcs11,
  settings: TokenSettings,
  access: 'read' | 'write',
  work: (session: TokenSession) => Result,
): Result {
  pkcs11.load(settings.library);
  try {
    pkcs11.C_Initialize({ flags: api.CKF_OS_LOCKING_OK });
    try {
      const rights = api.CKF_SERIAL_SESSION | (access === 'write' ? api.CKF_RW_SESSION : 0);
      const session = pkcs11.C_OpenSession(slotOf(pkcs11, settings.tokenLabel), rights);
      // Closing the only session logs the user out (PKCS #11 v2.40 §5.6).
      try {
        pkcs11.C_Login(session, api.CKU_USER, Buffer.from(settings.pin).toString('utf8'));
        return work({ api, pkcs11, session });
      } finally {
        pkcs11.C_CloseSession(session);
      }
    } finally {
      pkcs11.C_Finalize();
    }
  } finally {
    pkcs11.close();
  }
}

function slotOf(pkcs11: Pkcs11, label: string): Buffer {
  const [slot, second] = pkcs11
    .C_GetSlotList(true)
    .filter((each) => pkcs11.C_GetTokenInfo(each).label.trimEnd() === label);
  if (slot === undefined || second !== undefined) {
    throw new KuramoriError('CONFIGURATION_INVALID', 'There must be exactly one token of the label.');
  }
  return slot;
}

function loadBinding(binding: string): Pkcs11Api {
  try {
    return createRequire(import.meta.url)(binding) as Pkcs11Api;
  } catch (cause) {
    throw new KuramoriError(
      'CONFIGURATION_INVALID',
      `The package ${BINDING}, which reaches the token, cannot be loaded. Install it with its build, or choose ` +
        'another way to open the vault.',
      {},
      { cause },
    );
  }
}

/** The library's own words stay in the cause. */
function refusedBy(cause: unknown): KuramoriError {
  const code = (cause as { readonly code?: unknown }).code;
  if (typeof code === 'number' && PIN_REFUSED.includes(code)) return notOpened();
  return new KuramoriError(
    'CONFIGURATION_INVALID',
    'The token refused. Check its library, its label and the label of its key.',
    typeof code === 'number' ? { ckr: code } : {},
    { cause },
  );
}
