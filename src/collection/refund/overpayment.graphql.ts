import { and, eq, sql } from 'drizzle-orm';
import { Field, ID, InputType, Resolver } from 'type-graphql';
import {
  addressees,
  levyLines,
  offsets,
  overpaymentBalances,
  overpayments,
  receipts,
  refunds,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany } from '../../access/schema/define.js';
import type { Columns } from '../../access/schema/entity.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { Addressee } from '../addressee/addressee.graphql.js';
import { LevyLine } from '../levy/levy.graphql.js';
import type { Maybe } from '../../access/schema/reading.js';
import { Receipt } from '../receipt/receipt.graphql.js';
import { OverpaymentCause } from '../words.graphql.js';
import { Offset } from './offset.graphql.js';
import { dueUnpaidOf } from './dueUnpaid.js';
import { Refund } from './refund.graphql.js';

const rule = needs('overpayment:read');

const entity = defineEntity('Overpayment', overpayments, {
  description:
    '過誤納金. Money to give back; a negative row takes back what a reversed receipt had left over.',
  key: 'id',
  subject: 'addresseeNo',
  joins: [
    {
      table: overpaymentBalances,
      on: (overpayment: Columns<typeof overpayments>, balance: Columns<typeof overpaymentBalances>) =>
        eq(balance.overpaymentId, overpayment.id),
    },
  ],
});

/** 過誤納金 (handbook 04). Interest (還付加算金, 17条の4) has its place here when it is calculated. */
@entity.object
export class Overpayment {
  @entity.column(() => ID, overpayments.id, { rule, description: '過誤納番号', nullable: false })
  id!: string;

  @entity.column(() => OverpaymentCause, overpayments.cause, { rule, description: '事由', nullable: false })
  cause!: string;

  @entity.column(() => YenScalar, overpayments.amount, { rule, description: '過誤納額', nullable: false })
  amount!: bigint;

  @entity.column(() => YenScalar, overpaymentBalances.offsetOut, {
    rule,
    description: '充当済額',
    nullable: false,
  })
  offsetAmount!: bigint;

  @entity.column(() => YenScalar, overpaymentBalances.refundProposed, {
    rule,
    description: '還付起案中の額',
    nullable: false,
  })
  refundProposedAmount!: bigint;

  @entity.column(() => YenScalar, overpaymentBalances.refundApproved, {
    rule,
    description: '還付決裁済の額（支払済を含む）',
    nullable: false,
  })
  refundApprovedAmount!: bigint;

  @entity.column(() => YenScalar, overpaymentBalances.remaining, {
    rule,
    description: '残額',
    nullable: false,
  })
  remaining!: bigint;

  @entity.computed(
    () => YenScalar,
    ({ self, today }) => dueUnpaidOf(sql`${self.addresseeNo}`, sql`${self.levyId}`, today),
    {
      rule: needs('ledger:read'),
      description:
        '充当すべき未納額. Due and unpaid of the same person; to be offset before a refund (17条の2). Lines that ' +
        'limitation or a stay of three years has extinguished owe nothing.',
    },
  )
  dueUnpaidAmount!: bigint | null;

  @entity.column(() => DateScalar, overpayments.aroseOn, { rule, description: '発生日', nullable: false })
  aroseOn!: string;

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '還付先となる者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;

  @entity.one(() => LevyLine, levyLines, {
    rule: needs('ledger:read'),
    description: '発生元の調定（期別）',
    where: ({ self, row }) => eq(row.id, self.levyId),
  })
  levyLine!: Maybe<LevyLine>;

  @entity.one(() => Receipt, receipts, {
    rule: needs('receipt:read'),
    description: '発生元の収納',
    where: ({ self, row }) => eq(row.id, self.receiptId),
  })
  receipt!: Maybe<Receipt>;

  @entity.list(() => Refund, refunds, {
    rule: needs('refund:read'),
    description: '還付',
    where: ({ self, row }) => eq(row.overpaymentId, self.id),
    order: (row) => ({ columns: [row.id], direction: 'asc' }),
  })
  refunds!: readonly Refund[];

  @entity.list(() => Offset, offsets, {
    rule,
    description: '充当',
    where: ({ self, row }) => eq(row.overpaymentId, self.id),
    order: (row) => ({ columns: [row.id], direction: 'asc' }),
  })
  offsets!: readonly Offset[];
}

/** 過誤納金検索条件. */
@InputType({ description: '過誤納金検索条件. All conditions given must hold.' })
export class OverpaymentFilter {
  @Field(() => String, { nullable: true, description: '宛名番号' })
  addresseeNo?: string;

  @Field(() => Boolean, { nullable: true, description: '残額のあるもののみ' })
  openOnly?: boolean;
}

@Resolver()
export class OverpaymentQueries {
  @QueryMany<typeof overpayments, { filter?: OverpaymentFilter }>(() => Overpayment, overpayments, {
    rule,
    description: '過誤納金一覧, newest first',
    args: { filter: { type: () => OverpaymentFilter, description: '条件' } },
    where: ({ row, args: { filter } }) =>
      and(
        filter?.addresseeNo && eq(row.addresseeNo, filter.addresseeNo.value),
        filter?.openOnly &&
          // Each has one balance. Within `exists`, because what is asked beside it in an `or` is asked of every row.
          sql`exists (select from records.overpayment_balance b
            where b.overpayment_id = ${row.id} and (not ${filter.openOnly.value} or b.remaining > 0))`,
      ),
    order: (row) => ({ columns: [row.id], direction: 'desc' }),
  })
  overpayments!: Connection<Overpayment>;
}
