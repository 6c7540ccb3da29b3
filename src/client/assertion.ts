import { base64url, CompactSign } from 'jose';
import { utf8 } from '../kernel/canonical.js';
import { OPERATION_ASSERTION_SECONDS } from '../kernel/limits.js';
import { canonicalText, parseCanonical, sha256Digest } from './canonical.js';
import { hostClock } from './clock.js';
import { operationForm } from '../kernel/vaultOperations.js';
import { checkDetails, type AssertionDetails } from './details.js';
import type { JsonObject } from './json.js';
import type { TerminalKey } from './keys.js';
import { signByPasskey, type TerminalPasskey } from './passkey.js';
import { refuseInput } from './refusal.js';

const JTI_BYTES = 16;
const MS_PER_SECOND = 1_000;

/** What signs on a terminal: its own key (Ed25519), or one in an authenticator (WebAuthn), which asks the person. */
export type TerminalSigner = TerminalKey | TerminalPasskey;

/** What goes to the gateway or the vault: the assertion, and the body that its digest covers. */
export interface SignedOperation {
  /** Compact JWS of `typ` `op+jwt`, or what an authenticator signed; valid for 60 s, once. */
  readonly assertion: string;
  readonly body: JsonObject;
  /** The assertion's own number: what is sealed for it or answered to it repeats it. */
  readonly jti: string;
}

/** A number for one assertion: 128 random bits, base64url. */
export function newJti(): string {
  return base64url.encode(globalThis.crypto.getRandomValues(new Uint8Array(JTI_BYTES)));
}

/**
 * Signs one operation on the terminal (操作ごとの認証, handbook 15 §5). `jti`, `iat`, `exp` (60 s later), the digest of
 * the body and, for several subjects, the digest of their sorted references are worked out here.
 *
 * @returns the assertion with the body as it was digested: send this one
 * @throws KuramoriError BAD_INPUT, facts `{field}`: details without their form, or a body that JSON cannot carry;
 *   UNAUTHENTICATED when an authenticator did not sign
 *
 * @example
 * const { assertion, body } = await signAssertion(key, {
 *   credentialId: 'CR-0417', terminalId: 'T-0417', personId: 'P-1029', municipality: '242012',
 *   op: 'hold', ref, purpose: 'DELINQUENCY', basis: 'BASIS-24', caseId: 'C-2026-0098',
 * }, { reason: 'lawsuit' });
 */
export async function signAssertion(
  key: TerminalSigner,
  details: AssertionDetails,
  body: JsonObject,
): Promise<SignedOperation> {
  if (!isPasskey(key)) checkKey(key);
  checkDetails(details);
  const jti = details.jti ?? newJti();
  const bodyText = canonicalText(body);
  const claims = {
    ...partiesOf(details),
    ...timesOf(details),
    jti,
    op: details.op,
    ...(await subjectsOf(details)),
    purpose: details.purpose,
    basis: details.basis,
    case: details.caseId,
    bodyDigest: await sha256Digest(bodyText),
    sealTo: details.sealTo,
    approvals: details.approvals?.length === 0 ? undefined : details.approvals,
    stepUp: details.stepUp,
  };
  const claimsText = canonicalText(claims);
  const { credentialId } = details;
  const assertion = isPasskey(key)
    ? await signByPasskey(key, credentialId, claimsText)
    : await signByKey(key, credentialId, claimsText);
  return { assertion, body: parseCanonical(bodyText), jti };
}

function isPasskey(key: TerminalSigner): key is TerminalPasskey {
  return 'webauthnId' in key;
}

function signByKey({ privateKey }: TerminalKey, credentialId: string, claimsText: string): Promise<string> {
  return new CompactSign(utf8(claimsText))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'op+jwt', kid: credentialId })
    .sign(privateKey);
}

function checkKey({ privateKey }: TerminalKey): void {
  if (privateKey.algorithm.name !== 'Ed25519' || privateKey.type !== 'private')
    refuseInput('key', 'A terminal signs with its private Ed25519 key.');
}

function partiesOf({ terminalId, personId, municipality }: AssertionDetails) {
  return { iss: `terminal:${terminalId}`, sub: `person:${personId}`, aud: `vault:${municipality}` };
}

function timesOf({ now = hostClock }: AssertionDetails) {
  const iat = Math.floor(now() / MS_PER_SECOND);
  return { iat, exp: iat + OPERATION_ASSERTION_SECONDS };
}

async function subjectsOf({ op, ref, refs }: AssertionDetails) {
  if (ref !== undefined) return { ref, count: 1 };
  if (refs === undefined) return { count: operationForm(op).countWithoutRef };
  return { refsDigest: await sha256Digest(canonicalText(refs.toSorted())), count: refs.length };
}
