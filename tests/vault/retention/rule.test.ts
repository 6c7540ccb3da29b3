import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Temporal } from '../../../src/kernel/dates.js';
import { lastKeptDay, RETENTION_RULES_AT_FOUNDING, ruleInForce } from '../../../src/vault/retention/rule.js';
import {
  addRetentionRule,
  installRetentionRules,
  readRetentionRules,
} from '../../../src/vault/retention/rule.store.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';

const { vault } = await testVaultDatabases();
const day = (text: string) => Temporal.PlainDate.from(text);
const sevenYears = (from: string) =>
  lastKeptDay(RETENTION_RULES_AT_FOUNDING, 'INFO_PROVISION_7Y', day(from))?.toString();

describe('the last day on which a thing is kept', () => {
  it.each([
    ['2026-11-02', '2033-11-02', 'the example of handbook 11 §4.4'],
    ['2024-02-29', '2031-02-28', 'from 29 February: the last day of February'],
    [
      '2024-02-28',
      '2031-02-28',
      'counted from 29 February, which the last year lacks: the last day of the month',
    ],
    ['2025-02-28', '2032-02-29', 'counted from 1 March: its eve is 29 February'],
    ['2021-02-28', '2028-02-29', 'the same in another leap year'],
    ['2026-12-31', '2033-12-31', 'over the end of a year'],
    ['2017-02-28', '2024-02-29', 'the same, into a leap year'],
  ])('is, from %s, %s: %s', (from, last) => {
    expect(sevenYears(from)).toBe(last);
  });

  it('is never before the same date of the last year, and at most one day after', () => {
    const days = fc.integer({ min: 0, max: 30_000 });
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 100 }), (offset, years) => {
        const from = day('2015-10-05').add({ days: offset });
        const rules = [{ class: 'TAX_LEDGER', years, validFrom: '2015-10-05', basis: '地方税法' }] as const;
        const plain = from.add({ years });
        const late = plain.until(lastKeptDay(rules, 'TAX_LEDGER', from)).days;
        expect([0, 1]).toContain(late);
        if (late === 1) expect([from.toString().slice(5), plain.inLeapYear]).toEqual(['02-28', true]);
      }),
    );
  });

  it('never comes for records of erasure', () => {
    expect(lastKeptDay([], 'ERASURE', day('2026-11-02'))).toBeUndefined();
  });

  it('follows the rule that is in force on the first day', () => {
    const rules = [
      ...RETENTION_RULES_AT_FOUNDING,
      { class: 'TAX_LEDGER', years: 10, validFrom: '2027-04-01', basis: '条例第3条' },
    ] as const;
    expect(lastKeptDay(rules, 'TAX_LEDGER', day('2027-03-31'))?.toString()).toBe('2032-03-31');
    expect(lastKeptDay(rules, 'TAX_LEDGER', day('2027-04-01'))?.toString()).toBe('2037-04-01');
    expect(ruleInForce(rules, 'TAX_LEDGER', day('2030-01-01')).basis).toBe('条例第3条');
  });

  it('is refused for a day without a rule', () => {
    expect(() => sevenYears('2015-10-04')).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
    );
  });
});

describe('the rules in the database', () => {
  it('are those of the founding, however often they are installed', async () => {
    await installRetentionRules(vault);
    await installRetentionRules(vault);
    const byClass = (a: { class: string }, b: { class: string }) => (a.class < b.class ? -1 : 1);
    expect(await readRetentionRules(vault)).toEqual(RETENTION_RULES_AT_FOUNDING.toSorted(byClass));
  });

  it('are added with their day and never changed', async () => {
    const rule = { class: 'MEDIA_CARRY', years: 10, validFrom: '2027-04-01', basis: '規程第9条' } as const;
    await addRetentionRule(vault, rule);
    expect(await readRetentionRules(vault)).toContainEqual(rule);
    await expect(addRetentionRule(vault, { ...rule, years: 5 })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(
      vault.run('test.change', ({ raw }) => raw`update vault.retention_rule set years = 1`),
    ).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
  });

  it.each([
    { class: 'AUDIT', years: 0, validFrom: '2027-04-01' },
    { class: 'AUDIT', years: 1.5, validFrom: '2027-04-01' },
    { class: 'AUDIT', years: 101, validFrom: '2027-04-01' },
    { class: 'AUDIT', years: 7, validFrom: '2027-02-29' },
    { class: 'ERASURE', years: 7, validFrom: '2027-04-01' },
  ] as const)('are not added when unsound: $class, $years years from $validFrom', async (rule) => {
    await expect(addRetentionRule(vault, { ...rule, basis: '規程' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
  });

  it('are not added when the database is not there', async () => {
    const away = { run: () => Promise.reject(new Error('away')) };
    const rule = { class: 'AUDIT', years: 7, validFrom: '2028-04-01', basis: '規程' } as const;
    await expect(addRetentionRule(away, rule)).rejects.toThrow('away');
  });
});
