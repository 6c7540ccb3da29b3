import { and, eq, sql } from 'drizzle-orm';
import { ID, Int, Resolver } from 'type-graphql';
import {
  transferCases,
  transferHolds,
  transferResults,
  transferRounds,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany, QueryOne } from '../../access/schema/define.js';
import { fiscalYear, type Maybe } from '../../access/schema/reading.js';
import { DateScalar } from '../../kernel/graphql/scalars.js';
import { TransferHoldState } from '../words.graphql.js';
import { TransferHold } from './hold.graphql.js';
import { TransferCase } from './transferCase.graphql.js';
import { TransferResult } from './transferResult.graphql.js';

const rule = needs('transfer:read');

/** A field that every row has, for everybody who may read transfers. */
const always = (description: string) => ({ rule, description, nullable: false });

const entity = defineEntity('TransferRound', transferRounds, {
  description: '移管ラウンド. One hand-over of cases to the collection organization.',
  key: 'id',
});

/** 移管ラウンド (handbook 13 §1, §3). */
@entity.object
export class TransferRound {
  @entity.column(() => ID, transferRounds.id, always('番号'))
  id!: string;

  @entity.column(() => String, transferRounds.roundNo, always('移管ラウンド番号'))
  roundNo!: string;

  @entity.column(() => Int, transferRounds.fiscalYear, always('年度'))
  fiscalYear!: number;

  @entity.column(() => Int, transferRounds.month, always('移管月'))
  month!: number;

  @entity.column(() => Int, transferRounds.quota, always('移管枠'))
  quota!: number;

  @entity.column(() => String, transferRounds.recipientCode, always('移管先の団体コード'))
  recipientCode!: string;

  @entity.computed(
    () => String,
    ({ self }) => sql`(${self.configuration})::text`,
    always('設定（基準・根拠）. The text that the digest is of, as JSON.'),
  )
  configuration!: string;

  @entity.column(() => String, transferRounds.digest, always('設定の要約値'))
  digest!: string;

  @entity.column(() => String, transferRounds.proposedBy, always('起案者'))
  proposedBy!: string;

  @entity.column(() => DateScalar, transferRounds.proposedOn, always('起案日'))
  proposedOn!: string;

  @entity.computed(
    () => String,
    ({ self }) =>
      sql`(select a.approved_by from records.transfer_round_approval a where a.round_id = ${self.id})`,
    { rule, description: '承認者. None until a second person has approved the configuration.' },
  )
  approvedBy!: string | null;

  @entity.computed(
    () => DateScalar,
    ({ self }) =>
      sql`(select a.approved_on from records.transfer_round_approval a where a.round_id = ${self.id})`,
    { rule, description: '承認日' },
  )
  approvedOn!: string | null;

  @entity.computed(
    () => String,
    ({ self }) =>
      sql`(select p.draft_digest from records.transfer_submission p where p.round_id = ${self.id})`,
    { rule, description: '原案の要約値. What two people approve in the vault.' },
  )
  draftDigest!: string | null;

  @entity.computed(
    () => String,
    ({ self }) => sql`(select p.state from records.transfer_package_state p where p.round_id = ${self.id}
      order by p.learned_at desc, p.state limit 1)`,
    { rule, description: 'パッケージの状態. As the vault last told it.' },
  )
  packageState!: string | null;

  @entity.many(() => TransferCase, transferCases, {
    rule,
    description: '移管事案, by rank',
    where: ({ self, row }) => eq(row.roundId, self.id),
    order: (row) => ({ columns: [row.rank, row.id], direction: 'asc' }),
  })
  cases!: Connection<TransferCase>;

  @entity.list(() => TransferResult, transferResults, {
    rule,
    description: '徴収実績報告, oldest first, at most 100',
    where: ({ self, row }) => eq(row.roundId, self.id),
    order: (row) => ({ columns: [row.seriesNo, row.id], direction: 'asc' }),
  })
  results!: readonly TransferResult[];

  @entity.many<typeof transferHolds, { state?: string }>(() => TransferHold, transferHolds, {
    rule,
    description: '実績の保留, oldest result first',
    args: { state: { type: () => TransferHoldState, description: '状態' } },
    where: ({ self, row, args }) =>
      and(
        eq(row.roundId, self.id),
        args.state && sql`records.transfer_hold_state(${row.id}) = ${args.state.value}`,
      ),
    order: (row) => ({ columns: [row.seriesNo, row.id], direction: 'asc' }),
  })
  holds!: Connection<TransferHold>;
}

@Resolver()
export class TransferQueries {
  @QueryOne<typeof transferRounds, { roundNo: string }>(() => TransferRound, transferRounds, {
    rule,
    description: '移管ラウンド照会',
    args: { roundNo: { type: () => String, description: '移管ラウンド番号', required: true } },
    where: ({ row, args }) => args.roundNo && eq(row.roundNo, args.roundNo.value),
  })
  transferRound!: Maybe<TransferRound>;

  @QueryMany<typeof transferRounds, { fiscalYear?: number }>(() => TransferRound, transferRounds, {
    rule,
    description: '移管ラウンド一覧, newest first',
    args: { fiscalYear: { type: () => Int, description: '年度' } },
    where: ({ row, args }) => and(args.fiscalYear && eq(row.fiscalYear, args.fiscalYear.map(fiscalYear))),
    order: (row) => ({ columns: [row.fiscalYear, row.serialNo, row.id], direction: 'desc' }),
  })
  transferRounds!: Connection<TransferRound>;
}
