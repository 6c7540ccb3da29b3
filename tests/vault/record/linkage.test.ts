import { describe, expect, test } from 'vitest';
import { byTwos, codeOf } from '../operation/support/two.js';
import { testService } from '../operation/support/vault.js';
import { acquireCodeRequest, newPushRequestId } from '../../../src/client/index.js';
import { assertLinked, carryLinkage, link } from '../../../src/vault/record/linkage.js';
import { newVaultRef } from '../../../src/vault/number/vaultRef.js';

const vault = await testService();
const { database } = vault.context;
const clerk = await vault.person('P-1029', ['register', 'push']);
const { register } = byTwos(vault);
const AT = '2026-11-22T03:41:50.123Z';
const NUMBERS = ['123456789018', '135792468015', '202020202000'] as const;
const isLinked = (ref: Parameters<typeof assertLinked>[1], unified: string) =>
  assertLinked(database, ref, unified).then(
    () => true,
    () => false,
  );

describe('a linkage of a number and a unified addressee number', () => {
  test('is made at the registration, or later, and is one to one', async () => {
    const one = await register(clerk, NUMBERS[0], { unifiedAddresseeNo: '000000000000001' });
    const two = await register(clerk, NUMBERS[1]);
    expect(await isLinked(one, '000000000000001')).toBe(true);
    expect(await isLinked(two, '000000000000002')).toBe(false);
    expect(await register(clerk, NUMBERS[1], { unifiedAddresseeNo: '000000000000002' })).toBe(two);
    expect(await isLinked(two, '000000000000002')).toBe(true);
    // Neither of them is taken away in passing.
    await register(clerk, NUMBERS[1], { unifiedAddresseeNo: '000000000000001' });
    await register(clerk, NUMBERS[2], { unifiedAddresseeNo: '000000000000001' });
    expect(await isLinked(one, '000000000000001')).toBe(true);
    expect(await isLinked(two, '000000000000002')).toBe(true);
    expect(await isLinked(two, '000000000000001')).toBe(false);
  });

  test('that many write at once is given to one of them', async () => {
    const refs = Array.from({ length: 8 }, () => newVaultRef());
    await Promise.all(
      refs.map((ref) =>
        database.transaction('test.link', (tx) =>
          link(tx, [{ ref, unifiedAddresseeNo: '000000000000077' }], AT),
        ),
      ),
    );
    const rows = await database.run(
      'test.linked',
      ({ raw }) => raw<{ ref: string }[]>`
      select vault_ref as ref from vault.addressee_linkage where unified_addressee_no = '000000000000077'`,
    );
    expect(rows).toHaveLength(1);
    expect(refs).toContain(rows[0]?.ref);
  });

  test('goes with a change of number, unless the new number has one', async () => {
    const [old, next, other] = [newVaultRef(), newVaultRef(), newVaultRef()];
    const linkages = [
      { ref: old, unifiedAddresseeNo: '000000000000081' },
      { ref: other, unifiedAddresseeNo: '000000000000082' },
    ];
    await link(database, linkages, AT);
    await carryLinkage(database, { ref: old, supersededBy: other, at: AT });
    await carryLinkage(database, { ref: old, supersededBy: next, at: AT });
    const rows = await database.run(
      'test.linked',
      ({ raw }) => raw`
      select vault_ref as ref, unified_addressee_no as no from vault.addressee_linkage
      where unified_addressee_no in ('000000000000081', '000000000000082') order by no`,
    );
    expect([...rows]).toEqual([
      { ref: next, no: '000000000000081' },
      { ref: other, no: '000000000000082' },
    ]);
  });
});

test('without an intermediary server no push is taken, and it is said why', async () => {
  const ref = await register(clerk, NUMBERS[0], { unifiedAddresseeNo: '000000000000001' });
  const pushRequestId = newPushRequestId(vault.clock.ms);
  const details = { ...clerk.context, ref, unifiedAddresseeNo: '000000000000001', pushRequestId };
  expect(codeOf(await vault.run(await acquireCodeRequest(clerk.key, details)))).toBe('CONFIGURATION_INVALID');
});
