import type { TERMINAL_ZONES, VAULT_ROLES } from '../../../schema/vault/staff.js';
import { dayInJapan, type IsoDate, type Temporal } from '../../kernel/dates.js';
import { CredentialRefusal } from '../../kernel/token/refusal.js';
import { operationRule, type VaultOperation } from '../assertion/operation.js';
import { VaultRefusal } from '../refusal.js';

/** 役割: one role per person, so that incompatible ones never meet (handbook 15 §2). */
export type VaultRole = (typeof VAULT_ROLES)[number];
export type TerminalZone = (typeof TERMINAL_ZONES)[number];

/** 職員 in the vault's own register. Days are ISO texts, inclusive, through 24:00 in Japan. */
export interface Person {
  readonly personId: string;
  readonly unit: string;
  /** Last day in the unit, of a person about to move (異動). */
  readonly unitUntil: IsoDate | undefined;
  readonly role: VaultRole;
  readonly employmentFrom: IsoDate;
  readonly employmentTo: IsoDate | undefined;
  readonly trainedOn: IsoDate | undefined;
  readonly secrecyAcceptedOn: IsoDate | undefined;
  readonly revokedAt: Temporal.Instant | undefined;
}

/** 端末 */
export interface Terminal {
  readonly terminalId: string;
  readonly zone: TerminalZone;
  readonly unit: string;
  readonly revokedAt: Temporal.Instant | undefined;
}

/** 操作認証鍵: the key of one person on one terminal. */
export interface Credential {
  readonly credentialId: string;
  readonly personId: string;
  readonly terminalId: string;
  /** JWK: Ed25519, of an authenticator also P-256. */
  readonly publicJwk: unknown;
  /** Of a key that an authenticator holds (WebAuthn); none of an Ed25519 key of the terminal. */
  readonly authenticator: Authenticator | undefined;
  readonly validFrom: Temporal.Instant;
  /** Exclusive. */
  readonly validTo: Temporal.Instant;
  readonly revokedAt: Temporal.Instant | undefined;
}

/** 認証器: what is known of a key beside its public half. */
export interface Authenticator {
  /** Its id at the authenticator, base64url. */
  readonly webauthnId: string;
  /** Of the last signature; 0 where none are counted. */
  readonly counter: bigint;
  /** Whether the key may leave the authenticator: fixed when it is made. */
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
}

/** Who acts, with which key, on which terminal. */
export interface Actor {
  readonly person: Person;
  readonly credential: Credential;
  readonly terminal: Terminal;
}

export type PersonState = 'notYet' | 'employed' | 'ended' | 'revoked';

/**
 * The state of a person on a day in Japan. Withdrawal is final and holds whatever day is asked for: a clock that was
 * set back brings nobody back.
 * @example
 * personState({ …, employmentTo: '2027-03-31' }, '2027-04-01'); // 'ended', from 00:00:00.000 in Japan
 */
export function personState(person: Person, day: IsoDate): PersonState {
  if (person.revokedAt !== undefined) return 'revoked';
  if (day < person.employmentFrom) return 'notYet';
  return person.employmentTo !== undefined && day > person.employmentTo ? 'ended' : 'employed';
}

/** The person is employed on a day and not withdrawn. @throws KuramoriError ACCOUNT_REVOKED */
export function assertEmployed(person: Person, day: IsoDate): void {
  const state = personState(person, day);
  if (state === 'revoked') throw new VaultRefusal('person-revoked');
  if (state !== 'employed') throw new VaultRefusal('employment-ended');
}

/** The unit of a person on a day; none from the day after the last one in the old unit until the new one is entered. */
export function unitOn({ unit, unitUntil }: Person, day: IsoDate): string | undefined {
  return unitUntil !== undefined && day > unitUntil ? undefined : unit;
}

/**
 * The person is employed and not withdrawn, and so is the terminal, now (handbook 15 §5, §6.2). Nothing is cached:
 * what the register says at this moment holds.
 * @throws KuramoriError ACCOUNT_REVOKED for former staff; UNAUTHENTICATED for a person who has not begun and for a
 *   terminal that was withdrawn
 */
export function assertInForce({ person, terminal }: Actor, now: Temporal.Instant): void {
  const state = personState(person, dayInJapan(now).toString());
  if (state === 'revoked') throw new VaultRefusal('person-revoked');
  if (state === 'ended') throw new VaultRefusal('employment-ended');
  if (state === 'notYet') throw new CredentialRefusal('notEmployed');
  if (terminal.revokedAt !== undefined) throw new CredentialRefusal('revoked');
}

/** Numbers are shown on terminals of a 取扱区域 alone. @throws KuramoriError FORBIDDEN_PURPOSE */
export function assertZone({ zone }: Terminal, op: VaultOperation): void {
  if (operationRule(op).workZoneOnly && zone !== 'workZone') throw new VaultRefusal('zone');
}

/** Whether a person may stop another at once (即時停止): the unit's officer, the audit officer or the chief. */
export function mayRevoke(officer: Person, person: Person, day: IsoDate): boolean {
  if (personState(officer, day) !== 'employed') return false;
  if (officer.role === 'auditOfficer' || officer.role === 'chiefOfficer') return true;
  return officer.role === 'unitOfficer' && unitOn(officer, day) === person.unit;
}
