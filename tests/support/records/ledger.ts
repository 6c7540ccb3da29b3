import * as tables from '../../../schema/records/index.js';
import { foldAddress, foldKana, foldName } from '../../../src/collection/addressee/addressee.fold.js';
import { insert, Rows, type New } from './rows.js';

/** Addressees, and what they owe, paid, and are paid back. */
export class LedgerRecords extends Rows {
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
    await this.owner.run('seed.addressee', ({ orm }) =>
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
    return this.row(tables.levyLines, {
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
    return this.owner.transaction('seed.receipt', async (tx) => {
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
    return this.row(tables.refunds, {
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
    await this.noted(tables.refundDecisions, {
      refundId,
      outcome,
      decidedBy,
      decidedOn: '2026-10-05',
      reason: '適正と認める',
    });
  }

  async payment(refundId: bigint): Promise<void> {
    await this.noted(tables.refundPayments, { refundId, paidOn: '2026-10-20' });
  }

  async offset(overpaymentId: bigint, levyId: bigint, amount: bigint): Promise<bigint> {
    const changeId = await this.changeId();
    return this.owner.transaction('seed.offset', async (tx) => {
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
}
