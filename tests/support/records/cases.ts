import { eq } from 'drizzle-orm';
import * as tables from '../../../schema/records/index.js';
import { LedgerRecords } from './ledger.js';
import { found, insert, type New } from './rows.js';

/** Delinquency cases, and what is done with them: promises, write-offs, hand-overs. */
export class CaseRecords extends LedgerRecords {
  #promiseNo = 0;
  #transferNo = 0;

  async case(
    addresseeNo: string,
    change: New<typeof tables.delinquencyCases> = {},
  ): Promise<{ caseId: bigint; caseNo: string }> {
    const caseNo = change.caseNo ?? this.serial('C');
    const caseId = await this.row(tables.delinquencyCases, {
      addresseeNo,
      officerId: 'staff-delinquencyOfficer',
      district: '東',
      openedOn: '2026-08-01',
      ...change,
      caseNo,
    });
    return { caseId, caseNo };
  }

  /** 分納誓約 of the tax of some lines, whole at the moment of writing. @returns its number */
  async promise(
    { caseId, addresseeNo }: { caseId: bigint; addresseeNo: string },
    levyIds: readonly bigint[],
    instalments: readonly { dueOn: string; amount: bigint }[],
    change: New<typeof tables.instalmentPromises> = {},
  ): Promise<bigint> {
    const changeId = change.changeId ?? (await this.changeId());
    this.#promiseNo += 1;
    const amount = instalments.reduce((sum, each) => sum + each.amount, 0n);
    const promise = {
      promiseNo: this.#promiseNo,
      promisedOn: '2026-09-01',
      promisedBy: '本人',
      form: 'written' as const,
      paymentsAcknowledgeAll: false,
      recordedBy: 'staff-delinquencyOfficer',
      ...change,
    };
    return this.owner.transaction('seed.promise', async (tx) => {
      const promiseId = await insert(tx, tables.instalmentPromises, {
        ...promise,
        caseId,
        addresseeNo,
        amount,
        changeId,
      });
      for (const levyId of levyIds)
        await tx.run(
          'seed.promiseClaim',
          ({ raw }) => raw`
          insert into records.promise_claim (promise_id, levy_id, component, amount, paid_before, levied_before)
          select ${String(promiseId)}::bigint, levy_id, 'tax', tax_outstanding, received + offset_in, levied
          from records.levy_balance where levy_id = ${String(levyId)}::bigint`,
        );
      await tx.run('seed.promiseInstalments', ({ orm }) =>
        orm.insert(tables.promiseInstalments).values(
          instalments.map(({ dueOn, amount: yen }, at) => ({
            promiseId,
            instalmentNo: at + 1,
            nominalDueOn: dueOn,
            dueOn,
            amount: yen,
          })),
        ),
      );
      return promiseId;
    });
  }

  /** 不納欠損の起案 of some claims. @returns its number */
  async writeOffProposal(
    change: New<typeof tables.writeOffProposals>,
    claims: readonly Omit<typeof tables.writeOffClaims.$inferInsert, 'proposalId'>[],
  ): Promise<bigint> {
    const changeId = await this.changeId();
    const proposal = { proposedBy: 'seed', proposedOn: '2026-10-27', reason: '消滅のため', ...change };
    return this.owner.transaction('seed.writeOff', async (tx) => {
      const amount = claims.reduce((sum, each) => sum + each.amount, 0n);
      const proposalId = await insert(tx, tables.writeOffProposals, { ...proposal, amount, changeId });
      await tx.run('seed.writeOffClaims', ({ orm }) =>
        orm.insert(tables.writeOffClaims).values(claims.map((each) => ({ ...each, proposalId }))),
      );
      return proposalId;
    });
  }

  /** 不納欠損の取消の起案 of some lines. @returns its number */
  async writeOffReversal(
    change: New<typeof tables.writeOffReversals>,
    levyIds: readonly bigint[],
  ): Promise<bigint> {
    const changeId = await this.changeId();
    const reversal = { proposedBy: 'seed', proposedOn: '2026-10-29', reason: '誤り', ...change, changeId };
    return this.owner.transaction('seed.reversal', async (tx) => {
      const reversalId = await insert(tx, tables.writeOffReversals, reversal);
      await tx.run('seed.reversalLines', ({ orm }) =>
        orm.insert(tables.writeOffReversalLines).values(levyIds.map((levyId) => ({ reversalId, levyId }))),
      );
      return reversalId;
    });
  }

  /** 執行停止の起案 of some lines. @returns its number */
  async stayProposal(change: New<typeof tables.stayProposals>, levyIds: readonly bigint[]): Promise<bigint> {
    const changeId = await this.changeId();
    const proposal = { proposedBy: 'seed', proposedOn: '2026-10-27', reason: '無財産のため', ...change };
    return this.owner.transaction('seed.stay', async (tx) => {
      const of = { ...proposal, lineCount: levyIds.length, changeId };
      const proposalId = await insert(tx, tables.stayProposals, of);
      await tx.run('seed.stayClaims', ({ orm }) =>
        orm.insert(tables.stayClaims).values(levyIds.map((levyId) => ({ proposalId, levyId }))),
      );
      return proposalId;
    });
  }

  /** Lines of 10,000 yen, handed over with their case, which came to a state. @returns its number in the round */
  async transfer(
    of: { caseId: bigint; addresseeNo: string },
    levyIds: readonly bigint[],
    state: (typeof tables.TRANSFER_STATES)[number],
  ): Promise<bigint> {
    this.#transferNo += 1;
    const roundId = await this.row(tables.transferRounds, {
      roundNo: this.serial('R'),
      fiscalYear: 2026,
      serialNo: this.#transferNo,
      month: 6,
      quota: 1,
      recipientCode: '990001',
      configuration: { criteria: { taxItems: ['001'] } },
      digest: 'd',
      proposedBy: 'S0001',
      proposedOn: '2026-05-01',
    });
    const none = { lateChargeFixed: 0n, reminderFee: 0n, dispositionCost: 0n };
    const transferId = await this.row(tables.transferCases, {
      ...of,
      roundId,
      rank: 1,
      reason: '',
      lineCount: levyIds.length,
      unpaid: 10_000n * BigInt(levyIds.length),
      lateChargeFixed: 0n,
      fees: 0n,
    });
    await this.enter(transferId, 1, state);
    for (const [at, levyId] of levyIds.entries()) {
      const line = { transferId, lineNo: at + 1, levyId, assessed: 10_000n, paid: 0n, reduced: 0n };
      await this.row(tables.transferLines, { ...line, unpaid: 10_000n, ...none });
    }
    return transferId;
  }

  /** A result of the organization on one case, the acts in it told or not. @returns its number */
  async result(
    transferId: bigint,
    endState: (typeof tables.TRANSFER_END_STATES)[number],
    { isFinal = false, areTold = true }: { isFinal?: boolean; areTold?: boolean } = {},
  ): Promise<bigint> {
    this.#transferNo += 1;
    const [transfer] = await this.owner.run('seed.transfer', ({ orm }) =>
      orm.select().from(tables.transferCases).where(eq(tables.transferCases.id, transferId)),
    );
    const resultId = await this.row(tables.transferResults, {
      resultId: crypto.randomUUID(),
      roundId: found(transfer).roundId,
      seriesNo: this.#transferNo,
      isFinal,
      receivedOn: '2026-07-01',
      collected: 0n,
    });
    await this.noted(tables.transferOutcomes, {
      resultId,
      transferId,
      endState,
      statedOn: '2026-06-30',
    });
    const rows = areTold ? { dispositions: 0, renewals: 0 } : { dispositions: 0 };
    await this.noted(tables.transferActs, { resultId, ...rows });
    return resultId;
  }

  /** A step of a case in its round. */
  async enter(
    transferId: bigint,
    step: number,
    state: (typeof tables.TRANSFER_STATES)[number],
  ): Promise<void> {
    await this.noted(tables.transferStates, {
      transferId,
      step,
      state,
      enteredAt: '2026-06-01T10:00:00+09:00',
    });
  }
}
