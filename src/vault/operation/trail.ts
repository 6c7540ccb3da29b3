import type { AuditEntry, AuditKind, AuditRecord } from '../../audit/record.js';
import type { Session } from '../../kernel/database/database.js';
import { instantText } from '../../kernel/clock.js';
import { isKuramoriError, type ErrorCode, type KuramoriError } from '../../kernel/errors.js';
import { CredentialRefusal, isRaised, type RefusalRule } from '../../kernel/token/refusal.js';
import type { Assertion } from '../assertion/assertion.js';
import { openingNamed } from '../breakGlass/named.js';
import { countsAsRefusal, noteRefusal } from '../budget/refusals.js';
import type { OperationRequest } from '../client/wire.js';
import type { VaultContext } from '../context.js';
import { VaultRefusal } from '../refusal.js';
import type { Actor } from '../staff/person.js';
import type { Watch } from './watch.js';

/** What an effect came to, for its entry. */
export interface Completed {
  /** Subjects disclosed or changed (件数). */
  readonly rows: number;
  readonly subjects: readonly string[];
  readonly reason?: string;
  /** Shown to the auditors without being asked for. */
  readonly raised?: true;
}

/** What a refusal leaves in the log beside its own entry. */
interface Noted {
  readonly raised: boolean;
  readonly entries: readonly AuditEntry[];
}

const NOBODY = 'unknown';

/** Coordinates of the entries that name the key, by the rule that refused. */
const SUSPECT: Readonly<Partial<Record<RefusalRule, string>>> = {
  signature: 'Credential.forged',
  counter: 'Credential.counter',
};

/**
 * The entries of one operation: its intent before the effect, its completion after it, or its refusal. Each names the
 * gateway's entry for the same request. A claim that was not verified is never written as a fact: who acts is unknown
 * until the signature was.
 */
export class Trail {
  readonly #context: VaultContext;
  readonly #request: OperationRequest;
  readonly #service: string;
  readonly #watch: Watch;
  #assertion: Assertion | undefined;
  #actor: Actor | undefined;

  constructor(context: VaultContext, request: OperationRequest, service: string, watch: Watch) {
    this.#context = context;
    this.#request = request;
    this.#service = service;
    this.#watch = watch;
  }

  asserts(assertion: Assertion): void {
    this.#assertion = assertion;
  }

  acts(actor: Actor): void {
    this.#actor = actor;
  }

  /** 着手: durable before the effect. @returns number of the entry. @throws KuramoriError AUDIT_UNAVAILABLE */
  intends(): Promise<string> {
    return this.#append('vaultOperation', {
      decision: 'allow',
      reason: 'intent',
      rows: 0,
      subjects: this.#subjects(),
    });
  }

  /** 完了, for effects that change nothing. @returns number of the entry. @throws KuramoriError AUDIT_UNAVAILABLE */
  completes(completed: Completed): Promise<string> {
    return this.#append('vaultOperation', doneEntry(completed));
  }

  /** 完了, with the change: both commit or neither does. Call it last in the transaction. @returns number of the entry */
  async completesIn(tx: Session, completed: Completed): Promise<string> {
    const record = this.#record('vaultOperation', doneEntry(completed));
    return String((await this.#context.audit.appendIn(tx, record)).firstSequence);
  }

  /** Whether the key that signed is backed up has changed: the change and its entry commit together. */
  async notesBackup(tx: Session, credentialId: string, backedUp: boolean): Promise<void> {
    const reason = `key:${credentialId} ${backedUp ? 'backedUp' : 'notBackedUp'}`;
    const changed = { decision: 'allow' as const, reason, rows: 1, subjects: [], raised: true };
    const record = this.#record('vaultOperation', { coordinate: 'Credential.backup', ...changed });
    await this.#context.audit.appendIn(tx, record);
  }

  /** The same operation was asked for again. @returns number of the entry */
  repeats(): Promise<string> {
    return this.#append('vaultOperation', {
      decision: 'allow',
      reason: 'repeated',
      rows: 0,
      subjects: this.#subjects(),
    });
  }

  /** 拒否: with the rule, which the caller does not learn. @returns number of the entry */
  async refuses(error: unknown): Promise<string> {
    const forged = this.#forged(error);
    const noted = await this.#noted(error);
    const refusal = {
      decision: 'refuse' as const,
      reason: reasonOf(error),
      rows: 0,
      subjects: this.#actor ? this.#subjects() : [],
      ...(isToBeRaised(error) || forged || noted?.raised ? { raised: true } : {}),
    };
    return this.#append('refusal', refusal, [...(forged ?? []), ...(noted?.entries ?? [])]);
  }

  /**
   * A signature that does not fit the key of the register it names was made by somebody without that key, and a
   * counter that did not go on perhaps by a copy of it: the log says which key. Keys that are not in force are raised
   * when there are many of them.
   */
  #forged(error: unknown): readonly AuditEntry[] | undefined {
    if (!(error instanceof CredentialRefusal) || !this.#assertion) return undefined;
    if (error.rule === 'key') return this.#watch.unknownKeys.note(this.#service) ? [] : undefined;
    const coordinate = SUSPECT[error.rule];
    return coordinate === undefined ? undefined : [suspicion(coordinate, this.#assertion.credentialId)];
  }

  /**
   * Refusals have their own ceiling, at which every grant of the person is suspended (handbook 15 §6.5). One that could
   * not be counted is in the log all the same, raised, so that nobody probes past the ceiling unseen.
   */
  async #noted(error: unknown): Promise<Noted | undefined> {
    const { person } = this.#actor ?? {};
    if (!person || !this.#assertion || !isKuramoriError(error)) return undefined;
    if (!countsAsRefusal(this.#assertion.op, error.code)) return this.#forbidden(person, error);
    const { database, clock } = this.#context;
    try {
      const { raised, suspendedGrants } = await noteRefusal(database, person, clock.now());
      const suspended = suspendedGrants.length;
      return { raised, entries: suspended === 0 ? [] : [suspension(suspended)] };
    } catch (cause) {
      return { raised: true, entries: [uncounted(reasonOf(cause))] };
    }
  }

  /** A purpose that is not held is asked for by mistake once; again and again, by somebody who tries (15 §10). */
  #forbidden({ personId }: Actor['person'], { code }: KuramoriError): Noted | undefined {
    if (code !== 'FORBIDDEN_PURPOSE') return undefined;
    return { raised: this.#watch.forbidden.note(personId), entries: [] };
  }

  #subjects(): readonly string[] {
    const ref = this.#assertion?.ref;
    return ref === undefined ? [] : [ref];
  }

  async #append(
    kind: AuditKind,
    entry: Omit<AuditEntry, 'coordinate'>,
    more: readonly AuditEntry[] = [],
  ): Promise<string> {
    return String((await this.#context.audit.append(this.#record(kind, entry, more))).firstSequence);
  }

  #record(
    kind: AuditKind,
    entry: Omit<AuditEntry, 'coordinate'> & Partial<Pick<AuditEntry, 'coordinate'>>,
    more: readonly AuditEntry[] = [],
  ): AuditRecord {
    const { requestId, gatewayEntry } = this.#request;
    const [assertion, actor] = [this.#actor && this.#assertion, this.#actor];
    return {
      kind,
      at: instantText(this.#context.clock),
      requestId,
      actorId: actor?.person.personId ?? NOBODY,
      roles: actor ? [actor.person.role] : [],
      department: actor?.person.unit ?? '',
      terminal: actor?.terminal.terminalId ?? NOBODY,
      sessionId: assertion?.jti ?? '',
      strength: assertion ? strengthOf(assertion) : '',
      clientApp: this.#service,
      purpose: assertion?.purpose ?? NOBODY,
      ...(assertion ? { caseRef: assertion.caseId, operationName: assertion.op } : {}),
      ...(gatewayEntry === undefined ? {} : { counterpart: gatewayEntry }),
      entries: [
        { coordinate: `Vault.${assertion?.op ?? 'operation'}`, ...marked(entry, assertion) },
        ...more,
      ],
    };
  }
}

/** By what the person was known: a terminal's key or an authenticator, and the code of a step-up. */
function strengthOf({ proof, stepUp }: Assertion): string {
  const signed = proof.by === 'jws' ? 'signature' : 'webauthn';
  return stepUp === undefined ? signed : `${signed}+totp`;
}

function suspension(rows: number): AuditEntry {
  const reason = 'tooManyRefusals';
  return { coordinate: 'Grant.suspend', decision: 'allow', reason, rows, subjects: [], raised: true };
}

function uncounted(reason: string): AuditEntry {
  const coordinate = 'Refusal.uncounted';
  return { coordinate, decision: 'refuse', reason, rows: 0, subjects: [], raised: true };
}

function suspicion(coordinate: string, credentialId: string): AuditEntry {
  const reason = `key:${credentialId}`;
  return { coordinate, decision: 'refuse', reason, rows: 0, subjects: [], raised: true };
}

function doneEntry({ rows, subjects, reason, raised }: Completed): Omit<AuditEntry, 'coordinate'> {
  return { decision: 'allow', reason: reason ?? 'done', rows, subjects, ...(raised && { raised }) };
}

/** 緊急時利用: whatever becomes of it, its entry says so, and is raised (handbook 15 §6.4). */
function marked<Entry extends Omit<AuditEntry, 'coordinate'>>(
  entry: Entry,
  assertion: Assertion | undefined,
): Entry {
  const opening = assertion && openingNamed(assertion);
  if (opening === undefined) return entry;
  return { ...entry, reason: `${String(entry.reason)} breakGlass:${opening}`, raised: true };
}

/** The rule by which an error refused, for its entry. */
export function reasonOf(error: unknown): string {
  if (error instanceof VaultRefusal || error instanceof CredentialRefusal) return error.rule;
  return isKuramoriError(error) ? error.code : 'INTERNAL';
}

/** Codes that are an alarm whatever their rule (handbook 15 §10, column Alert). */
const ALARMS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'INTEGRITY_FAILURE',
  'CLOCK_UNTRUSTED',
  'PACKAGE_REJECTED',
]);

/** Whether the entry of a refusal is shown to the auditors without being asked for. */
export function isToBeRaised(error: unknown): boolean {
  if (error instanceof VaultRefusal) return error.raised;
  if (error instanceof CredentialRefusal) return isRaised(error.rule);
  if (!isKuramoriError(error)) return true;
  return ALARMS.has(error.code) || (error.code === 'DUAL_CONTROL_REQUIRED' && isOneOfTwo(error));
}

/** Somebody would have been the second person beside himself. */
function isOneOfTwo({ facts }: KuramoriError): boolean {
  return facts['rule'] === 'samePerson';
}
