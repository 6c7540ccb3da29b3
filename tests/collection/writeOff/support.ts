import { expect } from 'vitest';
import * as tables from '../../../schema/records/index.js';
import type { ChangeOutcome } from '../../../src/access/schema/change.js';
import { WriteOffChanges } from '../../../src/collection/writeOff/writeOff.change.graphql.js';
import { testDatabase } from '../../support/database.js';
import { askerOf, makeChange } from '../../support/read.js';
import { Records } from '../../support/records.js';

export const officer = askerOf('delinquencyOfficer');
export const chief = askerOf('sectionChief', {}, 'DELINQUENCY');

/** A person with a case, and lines that limitation has ended. */
export interface Debtor {
  readonly addresseeNo: string;
  readonly levies: readonly bigint[];
  readonly caseId: bigint;
  readonly caseNo: string;
}

/** What was wrong with a change. */
export const problem = ({ userErrors }: ChangeOutcome) =>
  userErrors?.map(({ code, field }) => `${code} ${field}`);

/** The proposal that a change was about, which nothing was wrong with. */
export function proposalOf(outcome: ChangeOutcome): bigint {
  expect(problem(outcome)).toBeUndefined();
  return outcome.keys?.['proposal'] as bigint;
}

/** A database of a test file with debtors, and people who propose and decide. */
export async function writingOff() {
  const db = await testDatabase();
  const records = new Records(db.owner);
  const changes = new WriteOffChanges();
  return {
    db,
    records,
    /** Two lines that limitation has ended, one with a fee and a part payment long ago. */
    debtor: async (change: { branchCode?: string } = {}): Promise<Debtor> => {
      const addresseeNo = await records.addressee(change);
      const first = await records.levy(addresseeNo, { dueOn: '2020-06-30' });
      const second = await records.levy(addresseeNo, { dueOn: '2020-08-31', taxAmount: 6_000n });
      await records.receipt({ levyId: second, applied: 1_000n }, { paidOn: '2020-10-01' });
      await records.row(tables.levyCharges, {
        levyId: first,
        component: 'reminderFee',
        amount: 100n,
        decidedOn: '2020-07-20',
        reason: '督促',
      });
      return { addresseeNo, levies: [first, second], ...(await records.case(addresseeNo)) };
    },
    stay: ({ addresseeNo }: Debtor, levyId: bigint, decidedOn: string) =>
      records.row(tables.executionStays, { levyId, addresseeNo, ground: 'noProperty', decidedOn }),
    propose: (of: Debtor, change: object = {}, asker = officer): Promise<ChangeOutcome> => {
      const input = {
        idempotencyKey: 'key-00000001',
        addresseeNo: of.addresseeNo,
        cause: 'limitation' as const,
        levyIds: of.levies.map(String),
        reason: '時効完成のため',
        ...change,
      };
      return makeChange(db.gateway, asker, (context) => changes.proposeWriteOff(input, context));
    },
    decide: (id: unknown, outcome: 'approved' | 'rejected' = 'approved', asker = chief) => {
      const decision = { outcome, reason: '適正と認める' };
      const input = { idempotencyKey: 'key-00000002', proposalId: String(id), ...decision };
      return makeChange(db.gateway, asker, (context) => changes.decideWriteOff(input, context));
    },
    /** What was written off of a line and what it still owes, from the balance. */
    balance: async (levyId: bigint) => {
      const [row] = await db.gateway.run(
        'test.balance',
        ({ raw }) => raw<[{ written_off: bigint; owed: bigint; settled: boolean }]>`
        select written_off, tax_outstanding + reminder_fee_outstanding as owed, settled from records.levy_balance
        where levy_id = ${String(levyId)}::bigint`,
      );
      return row;
    },
  };
}
