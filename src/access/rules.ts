import type { Caller } from './caller.js';
import { STEP_UP_FUNCTIONS, type FunctionName } from './functions.js';
import type { PurposeName } from './purposes.js';

/** What a masked value looks like. A constant: a part of a protected value is the value. */
export const MASKS = { text: '＊＊＊', null: null } as const;

/** A name of a mask. */
export type MaskName = keyof typeof MASKS;

/** The access rule of one field. Built with `needs`; a field without one fails the build of the schema. */
export interface Rule {
  /** `'signedIn'`: whoever is signed in, of himself alone. */
  readonly needs: FunctionName | 'signedIn';
  /** Who lacks `needs` but holds `by` sees the mask instead of a refusal. */
  readonly masked?: { readonly by: FunctionName; readonly as: MaskName };
  /** 支援措置: masked for protected people unless the caller is staff named for the protection. */
  readonly protectedBy?: MaskName;
}

/** What a rule says to a caller, before any row is seen. */
export type Verdict =
  | { readonly decision: 'allow' }
  | { readonly decision: 'mask'; readonly as: MaskName; readonly missing: FunctionName }
  | { readonly decision: 'refuse'; readonly missing: FunctionName; readonly reason: 'function' | 'stepUp' };

/** A rule in the making: `needs('addressee:contact').orMasked('addressee:read').protected()`. */
export class RuleBuilder implements Rule {
  readonly needs: FunctionName | 'signedIn';
  declare readonly masked?: { readonly by: FunctionName; readonly as: MaskName };
  declare readonly protectedBy?: MaskName;

  constructor(rule: Rule) {
    this.needs = rule.needs;
    if (rule.masked) this.masked = rule.masked;
    if (rule.protectedBy) this.protectedBy = rule.protectedBy;
  }

  /** Holders of `by` alone see a mask. */
  orMasked(by: FunctionName, as: MaskName = 'text'): RuleBuilder {
    return new RuleBuilder({ ...this, masked: { by, as } });
  }

  /** Masked for 支援措置 people, except to the staff named. Only for fields of objects that belong to an addressee. */
  protected(as: MaskName = 'text'): RuleBuilder {
    return new RuleBuilder({ ...this, protectedBy: as });
  }
}

/** The rule of a field that asks for one function. */
export function needs(name: FunctionName): RuleBuilder {
  return new RuleBuilder({ needs: name });
}

/** The rule of what everyone signed in may know of himself. */
export const OPEN: Rule = { needs: 'signedIn' };

/**
 * The pure decision of handbook 15 §7.1: same answer for every road to the field.
 * @param purpose the purpose the request names; step-ups hold for one purpose only
 */
export function decide(
  rule: Rule,
  caller: Pick<Caller, 'functions' | 'steppedUp'>,
  purpose: PurposeName,
): Verdict {
  if (rule.needs === 'signedIn') return { decision: 'allow' };
  if (caller.functions.has(rule.needs)) {
    if (STEP_UP_FUNCTIONS.has(rule.needs) && !caller.steppedUp.has(purpose)) {
      return { decision: 'refuse', missing: rule.needs, reason: 'stepUp' };
    }
    return { decision: 'allow' };
  }
  if (rule.masked && caller.functions.has(rule.masked.by)) {
    return { decision: 'mask', as: rule.masked.as, missing: rule.needs };
  }
  return { decision: 'refuse', missing: rule.needs, reason: 'function' };
}
