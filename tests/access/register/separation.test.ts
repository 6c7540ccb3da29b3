import { describe, expect, test } from 'vitest';
import { assertCompatible } from '../../../src/access/register/separation.js';
import { BUILT_IN_ROLES, type BuiltInRole } from '../../../src/access/roles.js';

const held = (...names: BuiltInRole[]) =>
  names.map((name) => ({ name, functions: BUILT_IN_ROLES[name].functions }));
const conflict = expect.objectContaining({ code: 'CONFLICT' }) as Error;

describe('roles that must be separate, handbook 15 §2', () => {
  test.each(Object.keys(BUILT_IN_ROLES) as BuiltInRole[])('%s alone is sound', (name) => {
    expect(() => assertCompatible(held(name))).not.toThrow();
  });

  test.each(Object.keys(BUILT_IN_ROLES).filter((name) => name !== 'auditor') as BuiltInRole[])(
    'an auditor is not %s as well',
    (other) => {
      expect(() => assertCompatible(held('auditor', other))).toThrow(conflict);
    },
  );

  test.each([
    'collectionClerk',
    'delinquencyOfficer',
    'refundOfficer',
    'counterClerk',
    'assessmentClerk',
    'branchClerk',
    'sectionChief',
    'transferJob',
  ] as const)('an access administrator is not %s as well', (handler) => {
    expect(() => assertCompatible(held('accessAdministrator', handler))).toThrow(conflict);
  });

  test('handlers may hold several roles, and the same role twice', () => {
    expect(() => assertCompatible(held('collectionClerk', 'refundOfficer', 'counterClerk'))).not.toThrow();
    expect(() => assertCompatible(held('auditor', 'auditor'))).not.toThrow();
    expect(() => assertCompatible(held('accessAdministrator', 'maintenanceContractor'))).not.toThrow();
  });

  test("a role of the municipality's own falls under the rule by what it can do", () => {
    expect(() =>
      assertCompatible([{ name: 'everything', functions: ['role:grant', 'ledger:read'] }]),
    ).toThrow(conflict);
    expect(() => assertCompatible([{ name: 'watcher', functions: ['audit:read', 'ledger:read'] }])).toThrow(
      conflict,
    );
    expect(() => assertCompatible([])).not.toThrow();
  });
});
