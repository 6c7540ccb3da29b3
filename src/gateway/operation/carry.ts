import { reachesNumbers, type PurposeName } from '../../access/purposes.js';
import { isVaultPersonOf } from '../../access/register/vaultPerson.js';
import type { AssertOwn, CarriedOperation, CarryToVault } from '../../access/schema/entity.js';
import { today } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import { OPERATION_BODY_BYTES_MAX, TOKEN_BYTES_MAX } from '../../kernel/limits.js';
import type { OperationDeps, OperationRequest } from './query.js';
import { auditRecord, type Trace } from './trace.js';

type CarrierDeps = Pick<OperationDeps, 'database' | 'vault' | 'audit' | 'clock'>;

/** Carries what terminals signed to the vault, for one request, and remembers which entry the vault's log has of it. */
export class Carrier {
  readonly #deps: CarrierDeps;
  readonly #facts: OperationRequest['facts'];
  readonly #trace: Trace;
  #carried = false;
  #entry: string | undefined;

  constructor(deps: CarrierDeps, request: Pick<OperationRequest, 'caller' | 'facts' | 'named'>) {
    const { caller, facts, named } = request;
    this.#deps = deps;
    this.#facts = facts;
    this.#trace = { caller, facts, operationName: named.operation.name?.value, documentHash: named.hash };
  }

  /** Number of the vault's entry, once something was carried. */
  get vaultEntry(): string | undefined {
    return this.#entry;
  }

  readonly carry: CarryToVault = async (operation) => {
    const vault = this.#assertMayCarry(operation);
    if (operation.auditing === true) await this.#assertSigner(operation);
    else await this.assertOwn(operation);
    const gatewayEntry = await this.#intends(operation);
    const { assertion, body } = operation;
    try {
      const { requestId } = this.#facts;
      const { result, entry } = await vault.operate({ assertion, body, requestId, gatewayEntry });
      this.#entry = entry;
      return { result, entry };
    } catch (error) {
      if (error instanceof KuramoriError && typeof error.facts['vaultEntry'] === 'string')
        this.#entry = error.facts['vaultEntry'];
      throw error;
    }
  };

  readonly vaultKeys = async (): Promise<unknown> => this.#vault().publishedKeys();

  #vault() {
    const { vault } = this.#deps;
    if (vault) return vault;
    throw new KuramoriError(
      'VAULT_UNAVAILABLE',
      'This gateway has no vault. An operator must set KURAMORI_VAULT_URL.',
    );
  }

  #assertMayCarry({ assertion, body, auditing }: CarriedOperation) {
    const vault = this.#vault();
    const { purpose, caseRef } = this.#facts;
    if (auditing === true) assertAuditing(purpose);
    else if (!reachesNumbers(purpose))
      throw new KuramoriError(
        'FORBIDDEN_PURPOSE',
        'The purpose in the header kuramori-purpose reaches no number.',
      );
    if (auditing !== true && caseRef === undefined)
      throw new KuramoriError(
        'BAD_INPUT',
        'A number belongs to a case. Name it in the header kuramori-case.',
      );
    if (this.#carried)
      throw new KuramoriError(
        'QUERY_TOO_COMPLEX',
        'One operation of the vault may be asked for in a request.',
      );
    if (
      assertion.length > TOKEN_BYTES_MAX ||
      Buffer.byteLength(JSON.stringify(body), 'utf8') > OPERATION_BODY_BYTES_MAX
    )
      throw new KuramoriError(
        'BAD_INPUT',
        'The assertion or what goes with it is over its limit. Sign it anew.',
      );
    this.#carried = true;
    return vault;
  }

  /**
   * Who is signed in carries what he signed himself. The claim is read as it stands: whether it is true, the vault
   * verifies; an untrue one gets nowhere. Of a job nobody is signed in: what it carries was signed by staff.
   * @throws KuramoriError UNAUTHENTICATED `otherPerson`; the entry is raised
   */
  readonly #assertSigner: AssertOwn = async ({ coordinate, assertion, subjects }) => {
    const { caller } = this.#trace;
    if (caller.kind === 'service') return;
    const { database, clock, audit } = this.#deps;
    const signer = signerOf(assertion);
    if (signer !== undefined && (await isVaultPersonOf(database, caller.actorId, signer, today(clock))))
      return;
    const entry = { coordinate, decision: 'refuse' as const, reason: 'otherPerson', rows: 0, subjects };
    await audit.append(auditRecord('refusal', this.#trace, [{ ...entry, raised: true }], clock));
    throw new KuramoriError(
      'UNAUTHENTICATED',
      'The assertion is that of another person than who is signed in. Sign in as yourself, or have an access ' +
        'administrator link your account with your person in the vault.',
      { rule: 'otherPerson' },
    );
  };

  /** Who signed it, and for which purpose and case: of what is carried now, and of what waits to be. */
  readonly assertOwn: AssertOwn = async (signed) => {
    await this.#assertSigner(signed);
    const { purpose, caseRef } = this.#facts;
    assertSignedFor(signed.assertion, purpose, caseRef);
  };

  /** 着手: the vault is asked only for what the log knows of. @returns number of the entry */
  async #intends({ coordinate, subjects }: CarriedOperation): Promise<string> {
    const entry = { coordinate, decision: 'allow' as const, reason: 'intent', rows: 0, subjects };
    const record = auditRecord('vaultOperation', this.#trace, [entry], this.#deps.clock);
    return String((await this.#deps.audit.append(record)).firstSequence);
  }
}

/** The person of the vault whom an assertion names, unverified. */
function signerOf(assertion: string): string | undefined {
  const { sub } = claimsOf(assertion);
  return typeof sub === 'string' ? /^person:(.+)$/.exec(sub)?.[1] : undefined;
}

/**
 * The two logs tell of one request by one purpose and one case: those of its headers are those that were signed.
 * @throws KuramoriError FORBIDDEN_PURPOSE, BAD_INPUT
 */
function assertSignedFor(assertion: string, purpose: PurposeName, caseRef: string | undefined): void {
  const claims = claimsOf(assertion);
  // What is no assertion at all is refused for that.
  if (claims['sub'] === undefined) return;
  if (claims['purpose'] !== purpose)
    throw new KuramoriError(
      'FORBIDDEN_PURPOSE',
      'The assertion was signed for another purpose than kuramori-purpose names. Sign it for that of the request.',
    );
  if (claims['case'] !== caseRef)
    throw new KuramoriError(
      'BAD_INPUT',
      'The assertion was signed for another case than kuramori-case names. Sign it for that of the request.',
    );
}

/** Unverified; none of what is no assertion. The payload is the second part of either form of one. */
function claimsOf(assertion: string): Readonly<Record<string, unknown>> {
  const [, payload = ''] = assertion.split('.');
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as unknown;
    return typeof claims === 'object' && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}

/** @throws KuramoriError FORBIDDEN_PURPOSE */
function assertAuditing(purpose: PurposeName): void {
  if (purpose === 'AUDIT') return;
  throw new KuramoriError('FORBIDDEN_PURPOSE', 'Evidence is for auditing: name AUDIT in kuramori-purpose.');
}
