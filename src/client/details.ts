import { OPERATION_APPROVALS_MAX, OPERATION_CLAIM_CHARS_MAX, OPERATION_REFS_MAX } from '../kernel/limits.js';
import { assertNoNumber } from '../kernel/suspectedNumber.js';
import { isVaultOperation, operationForm, type VaultOperation } from '../kernel/vaultOperations.js';
import { refuseInput } from './refusal.js';

/** Who acts at which terminal, and why: what every request to the vault says. */
export interface OperationContext {
  /** Id of the terminal's key in the vault's register. */
  readonly credentialId: string;
  /** `T-0417` */
  readonly terminalId: string;
  /** `P-1029` */
  readonly personId: string;
  /** The six digits of 全国地方公共団体コード. */
  readonly municipality: string;
  /** Id of the catalogue of purposes (利用目的). */
  readonly purpose: string;
  /** Id of the legal basis (根拠). */
  readonly basis: string;
  readonly caseId: string;
  /** The step-up (再認証) that the vault gave, `SU-…`. */
  readonly stepUp?: string;
  /** Approvals (二人承認) to use up, `AP-…`. */
  readonly approvals?: readonly string[];
  /**
   * Milliseconds since the epoch; the host's clock by default. The vault counts by its own clock: a terminal that
   * knows its difference hands in a corrected one.
   */
  readonly now?: () => number;
}

/** What a terminal asserts of one operation. */
export interface AssertionDetails extends OperationContext {
  readonly op: VaultOperation;
  /** The subject, `vr_…`. */
  readonly ref?: string;
  /** Several subjects in any order; the body must hold them, the assertion holds their digest. */
  readonly refs?: readonly string[];
  /** Thumbprint of the reader's key; for what is shown and there alone. */
  readonly sealTo?: string;
  /** From {@link newJti} when something in the body was sealed for this assertion; otherwise made inside. */
  readonly jti?: string;
}

const VAULT_REF = /^vr_[0-9A-HJKMNP-TV-Z]{26}$/;
const MUNICIPALITY = /^[0-9]{6}$/;
/** Of a terminal and of a person, as the vault's register takes them. */
const REGISTERED_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const PRINTABLE_ASCII = /^[!-~]+$/;
const BASE64URL_16_BYTES = /^[\w-]{21}[AQgw]$/;
const BASE64URL_32_BYTES = /^[\w-]{42}[AEIMQUYcgkosw048]$/;

/**
 * Refuses details that the vault would refuse for their form, before anything is signed.
 *
 * @throws KuramoriError BAD_INPUT, facts `{field}`
 */
export function checkDetails(details: AssertionDetails): void {
  const { op, credentialId, purpose, basis, caseId, stepUp, jti } = details;
  if (!isVaultOperation(op)) refuseInput('op', 'The operation is not one of the vault.');
  for (const [field, text] of Object.entries({ credentialId, purpose, basis, caseId })) {
    checkId(field, text);
    assertNoNumber(text, field);
  }
  checkForm('terminalId', details.terminalId, REGISTERED_ID);
  checkForm('personId', details.personId, REGISTERED_ID);
  checkForm('municipality', details.municipality, MUNICIPALITY);
  if (stepUp !== undefined) checkId('stepUp', stepUp);
  if (jti !== undefined) checkForm('jti', jti, BASE64URL_16_BYTES);
  checkApprovals(details);
  checkSubjects(details);
  checkReader(details);
}

function checkApprovals({ approvals = [] }: AssertionDetails): void {
  if (approvals.length > OPERATION_APPROVALS_MAX) refuseInput('approvals', 'There are too many approvals.');
  for (const approval of approvals) checkId('approvals', approval);
  if (new Set(approvals).size !== approvals.length)
    refuseInput('approvals', 'An approval is named twice; name each once.');
}

function checkSubjects({ op, ref, refs }: AssertionDetails): void {
  const { named } = operationForm(op);
  if (ref !== undefined) {
    if (named === 'none') refuseInput('ref', 'This operation is about a number, not about a reference.');
    checkForm('ref', ref, VAULT_REF);
  } else if (named === 'one') refuseInput('ref', 'This operation is about one subject; name it.');
  if (refs === undefined) return;
  if (named !== 'any' || ref !== undefined) refuseInput('refs', 'Several subjects do not go with the rest.');
  checkRefs(refs);
}

function checkRefs(refs: readonly string[]): void {
  if (refs.length === 0 || refs.length > OPERATION_REFS_MAX)
    refuseInput('refs', 'The number of subjects is outside its limits.');
  for (const ref of refs) checkForm('refs', ref, VAULT_REF);
  if (new Set(refs).size !== refs.length) refuseInput('refs', 'A subject is named twice; name each once.');
}

function checkReader({ op, sealTo }: AssertionDetails): void {
  if (operationForm(op).sealed) checkForm('sealTo', sealTo, BASE64URL_32_BYTES);
  else if (sealTo !== undefined) refuseInput('sealTo', 'Only what is shown is sealed to a reader.');
}

function checkId(field: string, text: unknown): void {
  checkForm(field, text, PRINTABLE_ASCII);
}

function checkForm(field: string, text: unknown, form: RegExp): void {
  if (typeof text !== 'string' || text.length > OPERATION_CLAIM_CHARS_MAX || !form.test(text))
    refuseInput(field, `The ${field} does not have its form.`);
}
