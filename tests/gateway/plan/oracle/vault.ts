/**
 * What the vault answers is no row of ours, and an assertion serves once: the same operation cannot be put to two
 * engines. tests/gateway/operation/number.test.ts is about it. Evidence is left out with it: of the gateway's log it is
 * one text of all that was asked before; tests/gateway/audit/evidence.graphql.test.ts is about both.
 */
const OF_THE_VAULT: ReadonlySet<string> = new Set([
  'Query.vaultKeys',
  'Query.vaultStepUp',
  'Query.addresseeOfNumber',
  'IndividualNumber.sealed',
  'Query.evidence',
  'Query.vaultEvidence',
]);
const TYPES_OF_THE_VAULT: ReadonlySet<string> = new Set([
  'VaultKeys',
  'VaultStepUp',
  'NumberSearch',
  'EvidencePart',
  'VaultEvidence',
]);

/** Whether only the vault can answer a field. */
export function isOfTheVault(type: string, field: string): boolean {
  return OF_THE_VAULT.has(`${type}.${field}`) || TYPES_OF_THE_VAULT.has(type);
}
