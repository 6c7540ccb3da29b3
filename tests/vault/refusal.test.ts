import { expect, test } from 'vitest';
import { refusalToOfficer, VAULT_RULES, VaultRefusal, type VaultRule } from '../../src/vault/refusal.js';

const RULES = Object.keys(VAULT_RULES) as VaultRule[];

test('every refusal of one code says the same to the caller, and the log has the rule', () => {
  const answers = new Map<string, Set<string>>();
  for (const rule of RULES) {
    const refusal = new VaultRefusal(rule);
    expect(refusal).toMatchObject({ ...VAULT_RULES[rule], rule, facts: {} });
    const said = answers.get(refusal.code) ?? new Set();
    answers.set(refusal.code, said.add(refusal.message));
  }
  expect([...answers.values()].map((said) => said.size)).toEqual([1, 1, 1, 1, 1]);
});

test('former staff, replays and spent budgets are raised (handbook 15 §10, column Alert)', () => {
  for (const rule of RULES) {
    const { code, raised } = VAULT_RULES[rule];
    if (code === 'ACCOUNT_REVOKED' || code === 'BUDGET_EXCEEDED') expect(raised).toBe(true);
    // To give information before three people have begun it is no slip of a clerk, nor what is tried in an emergency,
    // nor to review what names oneself.
    const isNoSlip = ['provision-off', 'analysis-own'].includes(rule) || rule.startsWith('break-glass');
    if (code === 'FORBIDDEN_PURPOSE') expect(raised).toBe(isNoSlip);
  }
  expect(new VaultRefusal('replay-other').raised).toBe(true);
});

test('an officer learns the rule', () => {
  expect(refusalToOfficer('training-expired').facts).toEqual({ rule: 'training-expired' });
});
