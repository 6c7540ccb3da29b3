import { KuramoriError } from '../../kernel/errors.js';
import type { FunctionName } from '../functions.js';

/** A role with the functions it holds. */
export interface HeldRole {
  readonly name: string;
  readonly functions: readonly FunctionName[];
}

/** Functions that neither handle ledgers nor administer: they clash with nothing. */
const NEUTRAL: ReadonlySet<FunctionName> = new Set<FunctionName>(['staff:read', 'system:read', 'audit:read']);
const ADMINISTERING: ReadonlySet<FunctionName> = new Set<FunctionName>(['staff:administer', 'role:grant']);

/**
 * Roles that one person may not hold at one time (handbook 15 §2): an administrator handles no ledger, an auditor is
 * nothing else. Decided by what roles can do, not by their names, so that roles of a municipality's own fall under it.
 * @throws KuramoriError CONFLICT
 */
export function assertCompatible(roles: readonly HeldRole[]): void {
  const names = new Set(roles.map(({ name }) => name));
  const functions = roles.flatMap((role) => role.functions);
  const isAuditor = functions.includes('audit:read');
  if (isAuditor && (names.size > 1 || functions.some((name) => name !== 'audit:read'))) {
    throw new KuramoriError('CONFLICT', 'An auditor may hold no other role. Revoke the other role first.', {
      rule: 'auditorHoldsNothingElse',
    });
  }
  const isAdministrator = functions.some((name) => ADMINISTERING.has(name));
  const isHandler = functions.some((name) => !NEUTRAL.has(name) && !ADMINISTERING.has(name));
  if (isAdministrator && isHandler) {
    throw new KuramoriError(
      'CONFLICT',
      'An access administrator may hold no role that handles ledgers. Revoke one first.',
      {
        rule: 'administratorHandlesNothing',
      },
    );
  }
}
