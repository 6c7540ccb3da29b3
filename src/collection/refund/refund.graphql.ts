import { and, eq, sql, type SQL } from 'drizzle-orm';
import { Field, ID, InputType, Resolver } from 'type-graphql';
import {
  addressees,
  changes,
  overpayments,
  pushRequests,
  refundDecisions,
  refundPayments,
  refunds,
  refundStandings,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany, QueryOne } from '../../access/schema/define.js';
import type { Columns } from '../../access/schema/entity.js';
import { DateScalar, DateTimeScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { Addressee } from '../addressee/addressee.graphql.js';
import { PushRequest } from '../push/push.graphql.js';
import { rowKey, type Maybe } from '../../access/schema/reading.js';
import { RefundOutcome, RefundState } from '../words.graphql.js';
import { Overpayment } from './overpayment.graphql.js';

const rule = needs('refund:read');

const decision = defineEntity('RefundDecision', refundDecisions, {
  description: '還付の決裁. The second person decides, once.',
  key: 'refundId',
  joins: [
    {
      table: changes,
      on: (row: Columns<typeof refundDecisions>, change: Columns<typeof changes>) =>
        eq(change.id, row.changeId),
    },
  ],
});

/** 還付の決裁. */
@decision.object
export class RefundDecision {
  @decision.column(() => RefundOutcome, refundDecisions.outcome, {
    rule,
    description: '決裁',
    nullable: false,
  })
  outcome!: string;

  @decision.column(() => String, refundDecisions.decidedBy, { rule, description: '決裁者', nullable: false })
  decidedBy!: string;

  @decision.column(() => DateScalar, refundDecisions.decidedOn, {
    rule,
    description: '支出決定日',
    nullable: false,
  })
  decidedOn!: string;

  @decision.column(() => String, refundDecisions.reason, { rule, description: '理由', nullable: false })
  reason!: string;

  @decision.column(() => DateTimeScalar, changes.at, { rule, description: '記録日時', nullable: false })
  recordedAt!: string;
}

const payment = defineEntity('RefundPayment', refundPayments, { description: '還付の支払', key: 'refundId' });

/** 還付の支払. */
@payment.object
export class RefundPayment {
  @payment.column(() => DateScalar, refundPayments.paidOn, { rule, description: '支払日', nullable: false })
  paidOn!: string;
}

const entity = defineEntity('Refund', refunds, {
  description: '還付. A proposal to pay an overpayment back, with its decision and payment.',
  key: 'id',
  subject: 'addresseeNo',
});

/** The state is that of the standing, which an index leads to. */
function isIn(refund: Columns<typeof refunds>, wanted: SQL): SQL {
  return sql`exists (select from ${refundStandings}
    where ${refundStandings.refundId} = ${refund.id} and ${refundStandings.state} = ${wanted})`;
}

/** 還付 (handbook 04 §1). */
@entity.object
export class Refund {
  @entity.column(() => ID, refunds.id, { rule, description: '還付番号', nullable: false })
  id!: string;

  @entity.computed(
    () => RefundState,
    ({ self }) => sql`(select s.state from records.refund_standing s where s.refund_id = ${self.id})`,
    { rule, description: '状態', nullable: false },
  )
  state!: string;

  @entity.column(() => YenScalar, refunds.amount, { rule, description: '還付額', nullable: false })
  amount!: bigint;

  @entity.column(() => String, refunds.proposedBy, { rule, description: '起案者', nullable: false })
  proposedBy!: string;

  @entity.column(() => DateScalar, refunds.proposedOn, { rule, description: '起案日', nullable: false })
  proposedOn!: string;

  @entity.column(() => String, refunds.reason, { rule, description: '理由', nullable: false })
  reason!: string;

  @entity.one(() => RefundDecision, refundDecisions, {
    rule,
    description: '決裁',
    where: ({ self, row }) => eq(row.refundId, self.id),
  })
  decision!: Maybe<RefundDecision>;

  @entity.one(() => RefundPayment, refundPayments, {
    rule,
    description: '支払',
    where: ({ self, row }) => eq(row.refundId, self.id),
  })
  payment!: Maybe<RefundPayment>;

  @entity.one(() => Overpayment, overpayments, {
    rule: needs('overpayment:read'),
    description: '過誤納金',
    where: ({ self, row }) => eq(row.id, self.overpaymentId),
  })
  overpayment!: Maybe<Overpayment>;

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '還付先となる者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;

  @entity.list(() => PushRequest, pushRequests, {
    rule: needs('push:read'),
    description: '公金受取口座の照会, newest first. What was inquired stays in the vault.',
    where: ({ self, row }) => eq(row.refundId, self.id),
    order: (row) => ({ columns: [row.pushRequestId], direction: 'desc' }),
  })
  accountInquiries!: readonly PushRequest[];
}

/** 還付検索条件. */
@InputType({ description: '還付検索条件. All conditions given must hold.' })
export class RefundFilter {
  @Field(() => RefundState, { nullable: true, description: '状態' })
  state?: string;

  @Field(() => String, { nullable: true, description: '宛名番号' })
  addresseeNo?: string;
}

@Resolver()
export class RefundQueries {
  @QueryOne<typeof refunds, { id: string }>(() => Refund, refunds, {
    rule,
    description: '還付照会',
    args: { id: { type: () => ID, description: '還付番号', required: true } },
    where: ({ row, args }) => args.id && eq(row.id, args.id.map(rowKey)),
  })
  refund!: Maybe<Refund>;

  @QueryMany<typeof refunds, { filter?: RefundFilter }>(() => Refund, refunds, {
    rule,
    description: '還付一覧, newest first',
    args: { filter: { type: () => RefundFilter, description: '条件' } },
    where: ({ row, args: { filter } }) =>
      and(
        filter?.state && isIn(row, filter.state.value),
        filter?.addresseeNo && eq(row.addresseeNo, filter.addresseeNo.value),
      ),
    order: (row) => ({ columns: [row.id], direction: 'desc' }),
  })
  refunds!: Connection<Refund>;
}
