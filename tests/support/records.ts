import * as tables from '../../schema/records/index.js';
import { foldAddress, foldKana, foldName } from '../../src/collection/addressee/addressee.fold.js';
import type { Database, Session } from '../../src/kernel/database/database.js';
import { newUuidV7 } from '../../src/kernel/uuid.js';

/** 2026-11-02, in milliseconds. */
const PUSHED_AT = 1_793_581_200_000;

type New<T extends { readonly $inferInsert: object }> = Partial<T['$inferInsert']>;

/** Writes small, believable rows as the owner of the database. Everything not said takes a sound default. */
export class Records {
  readonly #owner: Database;
  #changeId: bigint | undefined;
  #serial = 0;
  #promiseNo = 0;
  #transferNo = 0;

  constructor(owner: Database) {
    this.#owner = owner;
  }

  /** A text no other row has. */
  serial(prefix: string): string {
    this.#serial += 1;
    return `${prefix}${String(this.#serial).padStart(6, '0')}`;
  }

  /** The change that all rows of these records name. */
  async changeId(): Promise<bigint> {
    this.#changeId ??= await this.newChange();
    return this.#changeId;
  }

  async newChange(action = 'test', actorId = 'seed'): Promise<bigint> {
    const [row] = await this.#owner.run('seed.change', ({ orm }) =>
      orm
        .insert(tables.changes)
        .values({ actorId, purpose: 'COLLECTION', requestId: crypto.randomUUID(), action })
        .returning({ id: tables.changes.id }),
    );
    return found(row).id;
  }

  /** @returns the addressee number */
  async addressee(change: New<typeof tables.addressees> = {}): Promise<string> {
    const addresseeNo = change.addresseeNo ?? this.serial('A');
    const attributes = {
      name: '蔵守　太郎',
      kana: 'クラモリ　タロウ',
      residence: 'resident' as const,
      address: '蔵守市東町1丁目2番3号',
      postalCode: '999-0001',
      ...change,
    };
    await this.#owner.run('seed.addressee', ({ orm }) =>
      orm.insert(tables.addressees).values({
        kind: 'person',
        branchCode: '00',
        ...attributes,
        addresseeNo,
        nameFolded: foldName(attributes.name),
        kanaFolded: foldKana(attributes.kana),
        addressFolded: foldAddress(attributes.address),
      }),
    );
    return addresseeNo;
  }

  /** @returns the number of the levy line */
  async levy(addresseeNo: string, change: New<typeof tables.levyLines> = {}): Promise<bigint> {
    const dueOn = change.dueOn ?? '2026-06-30';
    return this.#insert(tables.levyLines, {
      municipalityCode: '999999',
      assessmentYear: 2026,
      taxYear: 2026,
      levyFiscalYear: 2026,
      noticeNo: this.serial('N'),
      taxItem: '001',
      instalmentNo: 1,
      addresseeNo,
      taxAmount: 10_000n,
      nominalDueOn: dueOn,
      dueOn,
      statutoryDueOn: dueOn,
      priorityOn: dueOn,
      decidedOn: '2026-06-01',
      notifiedOn: '2026-06-05',
      ...change,
    });
  }

  /**
   * A receipt that is wholly applied to the tax of a line, overpaid or unidentified, each as said.
   * @returns numbers of the receipt and of its overpayment, if there is one
   */
  async receipt(
    split: {
      levyId?: bigint;
      applied?: bigint;
      overpaid?: bigint;
      unidentified?: bigint;
      addresseeNo?: string;
    },
    change: New<typeof tables.receipts> = {},
  ): Promise<{ receiptId: bigint; overpaymentId: bigint | undefined }> {
    const { applied = 0n, overpaid = 0n, unidentified = 0n, levyId, addresseeNo } = split;
    const changeId = await this.changeId();
    return this.#owner.transaction('seed.receipt', async (tx) => {
      const receiptId = await insert(tx, tables.receipts, {
        source: 'counter',
        taxItem: '001',
        taxAmount: applied + overpaid + unidentified,
        channel: 'counter',
        paidOn: '2026-07-10',
        receivedOn: '2026-07-13',
        bookedOn: '2026-07-13',
        addresseeNo: addresseeNo ?? null,
        levyId: levyId ?? null,
        matchRule: levyId === undefined ? 'none' : 'person',
        changeId,
        ...change,
      });
      const { paidOn = '2026-07-10' } = change;
      if (applied > 0n) {
        await insert(tx, tables.allocations, {
          levyId,
          component: 'tax',
          amount: applied,
          receiptId,
          effectiveOn: paidOn,
          changeId,
        });
      }
      if (unidentified > 0n) {
        await insert(tx, tables.unidentifiedEntries, {
          receiptId,
          amount: unidentified,
          reason: 'noMatch',
          changeId,
        });
      }
      const overpaymentId =
        overpaid > 0n
          ? await insert(tx, tables.overpayments, {
              addresseeNo,
              levyId: levyId ?? null,
              receiptId,
              cause: 'doublePayment',
              amount: overpaid,
              aroseOn: paidOn,
              changeId,
            })
          : undefined;
      return { receiptId, overpaymentId };
    });
  }

  async refund(
    overpaymentId: bigint,
    addresseeNo: string,
    amount: bigint,
    proposedBy = 'seed',
  ): Promise<bigint> {
    return this.#insert(tables.refunds, {
      overpaymentId,
      addresseeNo,
      amount,
      proposedBy,
      proposedOn: '2026-10-01',
      reason: '二重納付のため',
    });
  }

  async decision(
    refundId: bigint,
    outcome: 'approved' | 'rejected',
    decidedBy = 'seed-chief',
  ): Promise<void> {
    await this.#insertBare(tables.refundDecisions, {
      refundId,
      outcome,
      decidedBy,
      decidedOn: '2026-10-05',
      reason: '適正と認める',
    });
  }

  async payment(refundId: bigint): Promise<void> {
    await this.#insertBare(tables.refundPayments, { refundId, paidOn: '2026-10-20' });
  }

  async offset(overpaymentId: bigint, levyId: bigint, amount: bigint): Promise<bigint> {
    const changeId = await this.changeId();
    return this.#owner.transaction('seed.offset', async (tx) => {
      const offsetId = await insert(tx, tables.offsets, {
        overpaymentId,
        levyId,
        amount,
        offsetReadyOn: '2026-09-30',
        bookedOn: '2026-10-01',
        changeId,
      });
      await insert(tx, tables.allocations, {
        levyId,
        component: 'tax',
        amount,
        offsetId,
        effectiveOn: '2026-09-30',
        changeId,
      });
      return offsetId;
    });
  }

  /** 支援措置 that reaches the person and the others named. @returns its number */
  async protection(
    addresseeNo: string,
    {
      staff = [],
      also = [],
      validTo = '2027-03-31',
    }: { staff?: string[]; also?: string[]; validTo?: string } = {},
  ): Promise<bigint> {
    const period = { validFrom: '2026-04-01', validTo };
    const protectionId = await this.#insert(tables.protections, {
      addresseeNo,
      kind: 'domesticViolence',
      source: '住民担当課',
      ...period,
    });
    for (const reached of [addresseeNo, ...also]) {
      await this.#owner.run('seed.reach', ({ orm }) =>
        orm.insert(tables.protectionReaches).values({ protectionId, addresseeNo: reached, ...period }),
      );
    }
    for (const staffId of staff)
      await this.#insertBare(tables.protectionStaff, { protectionId, staffId, ...period });
    return protectionId;
  }

  async case(
    addresseeNo: string,
    change: New<typeof tables.delinquencyCases> = {},
  ): Promise<{ caseId: bigint; caseNo: string }> {
    const caseNo = change.caseNo ?? this.serial('C');
    const caseId = await this.#insert(tables.delinquencyCases, {
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
    return this.#owner.transaction('seed.promise', async (tx) => {
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
    return this.#owner.transaction('seed.writeOff', async (tx) => {
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
    return this.#owner.transaction('seed.reversal', async (tx) => {
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
    return this.#owner.transaction('seed.stay', async (tx) => {
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
    const roundId = await this.#insert(tables.transferRounds, {
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
    const transferId = await this.#insert(tables.transferCases, {
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
      await this.#insert(tables.transferLines, { ...line, unpaid: 10_000n, ...none });
    }
    return transferId;
  }

  /** A step of a case in its round. */
  async enter(
    transferId: bigint,
    step: number,
    state: (typeof tables.TRANSFER_STATES)[number],
  ): Promise<void> {
    await this.#insertBare(tables.transferStates, {
      transferId,
      step,
      state,
      enteredAt: '2026-06-01T10:00:00+09:00',
    });
  }

  /** 連携依頼 that was signed once and came to these states. @returns its id */
  async push(
    addresseeNo: string,
    change: New<typeof tables.pushRequests> = {},
    states: readonly New<typeof tables.pushStates>[] = [],
  ): Promise<string> {
    const pushRequestId = change.pushRequestId ?? newUuidV7(PUSHED_AT);
    const base = { procedure: 'acquireCode', bodyDigest: `sha256:${'A'.repeat(43)}` };
    await this.#insertBare(tables.pushRequests, { ...base, ...change, pushRequestId, addresseeNo });
    await this.#insert(tables.pushSignatures, { pushRequestId, validUntil: '2026-11-02T10:01:00+09:00' });
    for (const state of [{ state: 'WAITING' as const }, ...states])
      await this.#insert(tables.pushStates, { pushRequestId, at: '2026-11-02T10:00:00+09:00', ...state });
    return pushRequestId;
  }

  /** A row of any other table with a numbered key. @returns its number */
  async row<T extends NumberedTable>(table: T, values: New<T>): Promise<bigint> {
    return this.#insert(table, values);
  }

  /** A row of a table whose key is not numbered. */
  async bare(table: AnyTable, values: object): Promise<void> {
    await this.#owner.run('seed.bare', ({ orm }) => orm.insert(table).values(values as never));
  }

  async #insert(table: NumberedTable, values: object): Promise<bigint> {
    const changeId = await this.changeId();
    return insert(this.#owner, table, { changeId, ...values });
  }

  async #insertBare(table: AnyTable, values: object): Promise<void> {
    await this.bare(table, { changeId: await this.changeId(), ...values });
  }
}

type AnyTable = Extract<(typeof tables)[keyof typeof tables], { readonly $inferInsert: object }>;
type NumberedTable = Extract<AnyTable, { readonly id: unknown }>;

async function insert(session: Session, table: NumberedTable, values: object): Promise<bigint> {
  const rows = await session.run('seed.insert', ({ orm }) =>
    orm
      .insert(table)
      .values(values as never)
      .returning({ id: (table as typeof tables.levyLines).id }),
  );
  return found(rows[0]).id;
}

function found<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('A row was not written.');
  return row;
}
