import { and, eq, sql, type SQL } from 'drizzle-orm';
import { Field, ID, InputType, Resolver } from 'type-graphql';
import {
  addressees,
  changes,
  levyLines,
  writeOffProposals,
  writeOffReversalDecisions,
  writeOffReversals,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany, QueryOne } from '../../access/schema/define.js';
import type { Columns } from '../../access/schema/entity.js';
import { rowKey, type Maybe } from '../../access/schema/reading.js';
import { DateScalar, DateTimeScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { Addressee } from '../addressee/addressee.graphql.js';
import { LevyLine } from '../levy/levy.graphql.js';
import { WriteOffOutcome, WriteOffReversalState } from '../words.graphql.js';
import { WriteOffProposal } from './writeOffProposal.graphql.js';

const rule = needs('writeOff:read');

/** A field that every proposal has, for everybody who may read them. */
const always = (description: string) => ({ rule, description, nullable: false });

const decision = defineEntity('WriteOffReversalDecision', writeOffReversalDecisions, {
  description: '不納欠損の取消の決裁. The second person decides, once.',
  key: 'reversalId',
  joins: [
    {
      table: changes,
      on: (row: Columns<typeof writeOffReversalDecisions>, change: Columns<typeof changes>) =>
        eq(change.id, row.changeId),
    },
  ],
});

/** 不納欠損の取消の決裁. */
@decision.object
export class WriteOffReversalDecision {
  @decision.column(() => WriteOffOutcome, writeOffReversalDecisions.outcome, always('決裁'))
  outcome!: string;

  @decision.column(() => String, writeOffReversalDecisions.decidedBy, always('決裁者'))
  decidedBy!: string;

  @decision.column(() => DateScalar, writeOffReversalDecisions.decidedOn, always('決裁日'))
  decidedOn!: string;

  @decision.column(() => String, writeOffReversalDecisions.reason, always('理由'))
  reason!: string;

  @decision.column(() => DateTimeScalar, changes.at, always('記録日時'))
  recordedAt!: string;
}

const entity = defineEntity('WriteOffReversal', writeOffReversals, {
  description:
    '不納欠損の取消の起案. A proposal to take back what was written off in error, with its decision.',
  key: 'id',
  subject: 'addresseeNo',
});

function stateOf(reversal: Columns<typeof writeOffReversals>): SQL {
  return sql`coalesce((select d.outcome from records.write_off_reversal_decision d
    where d.reversal_id = ${reversal.id}), 'proposed')`;
}

/** 不納欠損の取消の起案 (handbook 03 §6). */
@entity.object
export class WriteOffReversal {
  @entity.column(() => ID, writeOffReversals.id, always('番号'))
  id!: string;

  @entity.computed(() => WriteOffReversalState, ({ self }) => stateOf(self), always('状態'))
  state!: string;

  @entity.column(() => YenScalar, writeOffReversals.amount, always('取消額（計）'))
  amount!: bigint;

  @entity.column(() => String, writeOffReversals.proposedBy, always('起案者'))
  proposedBy!: string;

  @entity.column(() => DateScalar, writeOffReversals.proposedOn, always('起案日'))
  proposedOn!: string;

  @entity.column(() => String, writeOffReversals.reason, always('理由'))
  reason!: string;

  @entity.list(() => LevyLine, levyLines, {
    rule: needs('ledger:read'),
    description: '取消に係る調定（期別）. At most 100.',
    where: ({ self, row }) =>
      sql`exists (select from records.write_off_reversal_line c
        where c.reversal_id = ${self.id} and c.levy_id = ${row.id})`,
    order: (row) => ({ columns: [row.id], direction: 'asc' }),
  })
  levyLines!: readonly LevyLine[];

  @entity.one(() => WriteOffProposal, writeOffProposals, {
    rule,
    description: '取り消す不納欠損の起案',
    where: ({ self, row }) => eq(row.id, self.proposalId),
  })
  writeOffProposal!: Maybe<WriteOffProposal>;

  @entity.one(() => WriteOffReversalDecision, writeOffReversalDecisions, {
    rule,
    description: '決裁',
    where: ({ self, row }) => eq(row.reversalId, self.id),
  })
  decision!: Maybe<WriteOffReversalDecision>;

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '滞納者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;
}

/** 不納欠損の取消の検索条件. */
@InputType({ description: '不納欠損の取消の検索条件. All conditions given must hold.' })
export class WriteOffReversalFilter {
  @Field(() => WriteOffReversalState, { nullable: true, description: '状態' })
  state?: string;

  @Field(() => String, { nullable: true, description: '宛名番号' })
  addresseeNo?: string;
}

@Resolver()
export class WriteOffReversalQueries {
  @QueryOne<typeof writeOffReversals, { id: string }>(() => WriteOffReversal, writeOffReversals, {
    rule,
    description: '不納欠損の取消の照会',
    args: { id: { type: () => ID, description: '不納欠損の取消起案の番号', required: true } },
    where: ({ row, args }) => args.id && eq(row.id, args.id.map(rowKey)),
  })
  writeOffReversal!: Maybe<WriteOffReversal>;

  @QueryMany<typeof writeOffReversals, { filter?: WriteOffReversalFilter }>(
    () => WriteOffReversal,
    writeOffReversals,
    {
      rule,
      description: '不納欠損の取消一覧, newest first',
      args: { filter: { type: () => WriteOffReversalFilter, description: '条件' } },
      where: ({ row, args: { filter } }) =>
        and(
          filter?.state && sql`${stateOf(row)} = ${filter.state.value}`,
          filter?.addresseeNo && eq(row.addresseeNo, filter.addresseeNo.value),
        ),
      order: (row) => ({ columns: [row.id], direction: 'desc' }),
    },
  )
  writeOffReversals!: Connection<WriteOffReversal>;
}
