import {
  OPERATION_APPROVALS_MAX,
  OPERATION_CLAIM_CHARS_MAX,
  OPERATION_REFS_MAX,
} from '../../kernel/limits.js';
import { assertNoNumber } from '../../kernel/suspectedNumber.js';
import type { JsonObject } from '../../kernel/token/json.js';
import { parseOperation, type ParsedOperation } from '../../kernel/token/operation.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import { isVaultOperation, operationForm, type VaultOperation } from '../../kernel/vaultOperations.js';
import { isVaultRef, type VaultRef } from '../number/vaultRef.js';

/** 操作認証: what a terminal asserts of one operation (handbook 15 §5). Proves nothing before `authenticate`. */
export interface Assertion {
  readonly credentialId: string;
  readonly terminalId: string;
  readonly personId: string;
  readonly audience: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Seconds since the epoch, exclusive. */
  readonly expiresAt: number;
  readonly jti: string;
  readonly op: VaultOperation;
  readonly ref: VaultRef | undefined;
  /** `sha256:…` over the sorted references. */
  readonly refsDigest: string | undefined;
  readonly count: number;
  readonly purpose: string;
  readonly basis: string;
  readonly caseId: string;
  /** `sha256:…` over the RFC 8785 bytes of the body. */
  readonly bodyDigest: string;
  /** RFC 7638 thumbprint of the reader's key; with what is shown and there alone. */
  readonly sealTo: string | undefined;
  readonly approvals: readonly string[];
  readonly stepUp: string | undefined;
  /** By which of its two forms it is to be proved. */
  readonly proof: ParsedOperation;
}

/** Every claim there is; another one would be a meaning that nobody checks. */
const CLAIMS: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'iat',
  'exp',
  'jti',
  'op',
  'ref',
  'refsDigest',
  'count',
  'purpose',
  'basis',
  'case',
  'bodyDigest',
  'sealTo',
  'approvals',
  'stepUp',
]);

/** Printable ASCII without a space: neither a database nor a log can stumble over it. */
const ID = /^[!-~]+$/;
const REGISTERED_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const AUDIENCE = /^vault:[0-9]{6}$/;
/** Base64url of 16 and of 32 bytes, in the one spelling whose spare bits are zero. */
const JTI = /^[\w-]{21}[AQgw]$/;
const THUMBPRINT = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
const DIGEST = /^sha256:[\w-]{42}[AEIMQUYcgkosw048]$/;

/**
 * Takes an assertion apart, a compact JWS of `typ` `op+jwt` or what an authenticator signed: header and claims exact,
 * each claim in its form, subjects and their count as the operation asks. Nothing is proved yet.
 * @throws KuramoriError UNAUTHENTICATED (CredentialRefusal); BAD_INPUT when a name may be an individual number
 * @example
 * const assertion = readAssertion(token);
 * const actor = await authenticate(context, assertion);
 */
export function readAssertion(token: string): Assertion {
  const proof = parseOperation(token);
  const { claims, kid } = proof;
  if (Object.keys(claims).some((name) => !CLAIMS.has(name))) refuse();
  if (!isForm(kid, ID)) throw new CredentialRefusal('key');
  const op = text(claims, 'op', ID);
  if (!isVaultOperation(op)) refuse();
  return {
    credentialId: kid,
    terminalId: prefixed(claims, 'iss', 'terminal:'),
    personId: prefixed(claims, 'sub', 'person:'),
    audience: text(claims, 'aud', AUDIENCE),
    issuedAt: whole(claims, 'iat'),
    expiresAt: whole(claims, 'exp'),
    jti: text(claims, 'jti', JTI),
    op,
    ...subjectsOf(claims, op),
    purpose: name(claims, 'purpose'),
    basis: name(claims, 'basis'),
    caseId: name(claims, 'case'),
    bodyDigest: text(claims, 'bodyDigest', DIGEST),
    sealTo: sealToOf(claims, op),
    approvals: approvalsOf(claims),
    stepUp: claims['stepUp'] === undefined ? undefined : text(claims, 'stepUp', ID),
    proof,
  };
}

/** What an assertion is about, as one text: the reference, or the digest of several, or nothing. */
export function subjectsText({ ref, refsDigest }: Pick<Assertion, 'ref' | 'refsDigest'>): string {
  return ref ?? refsDigest ?? '';
}

function subjectsOf(claims: JsonObject, op: VaultOperation) {
  const ref = claims['ref'];
  const refsDigest = claims['refsDigest'] === undefined ? undefined : text(claims, 'refsDigest', DIGEST);
  const count = whole(claims, 'count');
  if (ref !== undefined && !isVaultRef(ref)) refuse();
  if (!mayName(op, ref, refsDigest) || !isCount(op, ref, refsDigest, count)) refuse();
  return { ref, refsDigest, count };
}

function mayName(op: VaultOperation, ref: VaultRef | undefined, refsDigest: string | undefined): boolean {
  const { named } = operationForm(op);
  if (named === 'none') return ref === undefined && refsDigest === undefined;
  if (named === 'one') return ref !== undefined && refsDigest === undefined;
  return ref === undefined || refsDigest === undefined;
}

function isCount(
  op: VaultOperation,
  ref: VaultRef | undefined,
  refsDigest: string | undefined,
  count: number,
): boolean {
  if (ref !== undefined) return count === 1;
  if (refsDigest !== undefined) return count >= 1 && count <= OPERATION_REFS_MAX;
  return count === operationForm(op).countWithoutRef;
}

function sealToOf(claims: JsonObject, op: VaultOperation): string | undefined {
  if (operationForm(op).sealed) return text(claims, 'sealTo', THUMBPRINT);
  if (claims['sealTo'] !== undefined) refuse();
  return undefined;
}

function approvalsOf(claims: JsonObject): readonly string[] {
  const approvals = claims['approvals'];
  if (approvals === undefined) return [];
  if (!Array.isArray(approvals) || approvals.length === 0 || approvals.length > OPERATION_APPROVALS_MAX)
    refuse();
  if (!approvals.every((each) => isForm(each, ID)) || new Set(approvals).size !== approvals.length) refuse();
  return approvals;
}

function prefixed(claims: JsonObject, name: string, prefix: string): string {
  const value = text(claims, name, ID);
  const id = value.slice(prefix.length);
  if (!value.startsWith(prefix) || !REGISTERED_ID.test(id)) throw new CredentialRefusal('issuer');
  return id;
}

function text(claims: JsonObject, name: string, form: RegExp): string {
  const value = claims[name];
  if (!isForm(value, form)) refuse();
  return value;
}

/** Words of whoever signs, which stand in the log in the clear. */
function name(claims: JsonObject, claim: string): string {
  const value = text(claims, claim, ID);
  assertNoNumber(value, claim);
  return value;
}

function isForm(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && value.length <= OPERATION_CLAIM_CHARS_MAX && form.test(value);
}

function whole(claims: JsonObject, name: string): number {
  const value = claims[name];
  if (!Number.isSafeInteger(value) || (value as number) < 0) refuse();
  return value as number;
}

function refuse(): never {
  throw new CredentialRefusal('claims');
}
