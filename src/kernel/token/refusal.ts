import { KuramoriError } from '../errors.js';

/** Why a credential was refused. The log names the rule; the caller never learns it (handbook 15 §3). */
export type RefusalRule =
  | 'missing'
  | 'oversized'
  | 'malformed'
  | 'duplicateMember'
  | 'type'
  | 'algorithm'
  | 'header'
  | 'key'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'time'
  | 'claims'
  | 'binding'
  | 'sessionUnknown'
  | 'sessionEnded'
  | 'sessionIdle'
  | 'sessionOver'
  | 'accountRevoked'
  | 'unknownAccount'
  | 'badPassword'
  | 'badSecondFactor'
  | 'replayedSecondFactor'
  | 'noCredential'
  | 'locked'
  | 'suspended'
  | 'pending'
  | 'revoked'
  | 'notEmployed'
  | 'badEnrolmentCode'
  | 'refreshUnknown'
  | 'refreshReused'
  | 'refreshRace'
  | 'assertionReplayed'
  | 'oidcState'
  | 'oidcProvider'
  | 'oidcPending'
  | 'addressThrottled'
  | 'queueFull'
  | 'purpose'
  | 'origin'
  | 'relyingParty'
  | 'userVerification'
  | 'counter';

/** One sentence for every defect of a credential. */
const SENTENCE = 'The credential is missing, wrong, expired or not accepted. Sign in again.';

/** Rules that show an attack rather than a mistake: the entry is raised (handbook 15 §10, column Alert). */
const RAISED: ReadonlySet<RefusalRule> = new Set<RefusalRule>([
  'algorithm',
  'header',
  'binding',
  'refreshReused',
  'assertionReplayed',
  'accountRevoked',
  'duplicateMember',
  'origin',
  'relyingParty',
  'counter',
]);

/** What is known beside the rule when a credential is refused. For the log only. */
export interface RefusalContext {
  /** The account, once it is known to exist. */
  readonly actorId?: string;
  readonly sessionId?: string;
  readonly cause?: unknown;
}

/** A refusal of a credential: same code and sentence whatever the rule. */
export class CredentialRefusal extends KuramoriError {
  readonly rule: RefusalRule;
  readonly actorId: string | undefined;
  readonly sessionId: string | undefined;

  constructor(rule: RefusalRule, known: RefusalContext = {}) {
    super('UNAUTHENTICATED', SENTENCE, {}, { cause: known.cause });
    this.rule = rule;
    this.actorId = known.actorId;
    this.sessionId = known.sessionId;
  }
}

/** Whether an entry of this rule is raised to the auditors. */
export function isRaised(rule: RefusalRule): boolean {
  return RAISED.has(rule);
}

/** The token was genuine, but the person or account has ended (handbook 15 §10). */
export function accountRevoked(): KuramoriError {
  return new KuramoriError(
    'ACCOUNT_REVOKED',
    'The account has ended or was withdrawn. Ask the access administrator.',
  );
}
