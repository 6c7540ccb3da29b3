import { KuramoriError, type ErrorCode, type ErrorFacts } from '../kernel/errors.js';

interface Rule {
  readonly code: ErrorCode;
  /** 注意喚起: the entry is shown to the auditors without being asked for (handbook 15 §10, column Alert). */
  readonly raised: boolean;
}

const revoked = { code: 'ACCOUNT_REVOKED', raised: true } as const;
const replayed = { code: 'REPLAY_DETECTED', raised: true } as const;
const stepUp = { code: 'STEP_UP_REQUIRED', raised: false } as const;
const purpose = { code: 'FORBIDDEN_PURPOSE', raised: false } as const;
const glass = { code: 'FORBIDDEN_PURPOSE', raised: true } as const;
const budget = { code: 'BUDGET_EXCEEDED', raised: true } as const;

/**
 * Every rule by which the vault refuses someone whose assertion was genuine. The log names the rule; the caller learns
 * the code alone (handbook 15 §10). Defects of the assertion itself are `CredentialRefusal`.
 */
export const VAULT_RULES = {
  'employment-ended': revoked,
  'person-revoked': revoked,
  'replay-shown': replayed,
  'replay-other': replayed,
  /** An honest client asks again when it lost the answer. */
  'replay-unsettled': { code: 'REPLAY_DETECTED', raised: false },
  'step-up-missing': stepUp,
  'step-up-unknown': stepUp,
  'step-up-expired': stepUp,
  'step-up-purpose': stepUp,
  'step-up-binding': { code: 'STEP_UP_REQUIRED', raised: true },
  role: purpose,
  zone: purpose,
  'training-missing': purpose,
  'training-expired': purpose,
  'secrecy-missing': purpose,
  'grant-missing': purpose,
  'grant-operation': purpose,
  'grant-period': purpose,
  'grant-suspended': purpose,
  'grant-unconfirmed': purpose,
  'grant-unused': purpose,
  'unit-left': purpose,
  basis: purpose,
  'approval-purpose': purpose,
  /** Nobody reviews an analysis in which he is named himself. */
  'analysis-own': { code: 'FORBIDDEN_PURPOSE', raised: true },
  /** Nothing is given to other bodies until three people have decided so. */
  'provision-off': { code: 'FORBIDDEN_PURPOSE', raised: true },
  /** Whoever tries a broken, a strange or a disabled seal, or an opening that is not his. */
  'break-glass-code': glass,
  'break-glass-disabled': glass,
  'break-glass-none': glass,
  'break-glass-terminal': glass,
  'break-glass-purpose': glass,
  'break-glass-over': glass,
  'break-glass-withdrawn': glass,
  'budget-break-glass': budget,
  'budget-person-hour': budget,
  'budget-person-day': budget,
  'budget-unit-day': budget,
} as const satisfies Record<string, Rule>;

export type VaultRule = keyof typeof VAULT_RULES;

/** One sentence for each code, whatever the rule. */
const SENTENCES: Readonly<Record<(typeof VAULT_RULES)[VaultRule]['code'], string>> = {
  ACCOUNT_REVOKED: 'The account has ended or was withdrawn. Ask the access administrator.',
  REPLAY_DETECTED: 'The assertion has been used before. Sign a new one.',
  STEP_UP_REQUIRED: 'A fresh step-up for this purpose is needed. Enter a new code.',
  FORBIDDEN_PURPOSE: 'The purpose is not held, not in force, or not permitted here. Ask the unit officer.',
  BUDGET_EXCEEDED: 'No more subjects are permitted for the moment. Try again later, or ask the unit officer.',
};

/**
 * A refusal of the vault, with the rule for the log. `facts` go to the caller and hold the rule only where the caller
 * is an officer who may learn it.
 * @example
 * throw new VaultRefusal('budget-person-hour', { capacityReturnsAt: '2026-11-02T01:00:00Z' });
 */
export class VaultRefusal extends KuramoriError {
  readonly rule: VaultRule;
  readonly raised: boolean;

  constructor(rule: VaultRule, facts: ErrorFacts = {}) {
    const { code, raised } = VAULT_RULES[rule];
    super(code, SENTENCES[code], facts);
    this.rule = rule;
    this.raised = raised;
  }
}

/** A refusal told to an officer who registers and approves: with its rule. */
export function refusalToOfficer(rule: VaultRule): VaultRefusal {
  return new VaultRefusal(rule, { rule });
}
