import { and, eq, sql, type SQL } from 'drizzle-orm';
import { Field, ID, InputType, Int, Resolver } from 'type-graphql';
import {
  addressees,
  changes,
  executionStays,
  levyLines,
  stayDecisions,
  stayProposals,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany, QueryOne } from '../../access/schema/define.js';
import type { Columns } from '../../access/schema/entity.js';
import { rowKey, type Maybe } from '../../access/schema/reading.js';
import { DateScalar, DateTimeScalar } from '../../kernel/graphql/scalars.js';
import { Addressee } from '../addressee/addressee.graphql.js';
import { ExecutionStay } from '../disposition/stay.graphql.js';
import { LevyLine } from '../levy/levy.graphql.js';
import { StayGround, StayOutcome, StayState } from '../words.graphql.js';

const rule = needs('disposition:read');

/** A field that every proposal has, for everybody who may read them. */
const always = (description: string) => ({ rule, description, nullable: false });

const decision = defineEntity('StayDecision', stayDecisions, {
  description: '執行停止の決裁. The second person decides, once.',
  key: 'proposalId',
  joins: [
    {
      table: changes,
      on: (row: Columns<typeof stayDecisions>, change: Columns<typeof changes>) =>
        eq(change.id, row.changeId),
    },
  ],
});

/** 執行停止の決裁. */
@decision.object
export class StayDecision {
  @decision.column(() => StayOutcome, stayDecisions.outcome, always('決裁'))
  outcome!: string;

  @decision.column(() => String, stayDecisions.decidedBy, always('決裁者'))
  decidedBy!: string;

  @decision.column(() => DateScalar, stayDecisions.decidedOn, always('決裁日'))
  decidedOn!: string;

  @decision.column(() => String, stayDecisions.reason, always('理由'))
  reason!: string;

  @decision.column(() => DateTimeScalar, changes.at, always('記録日時'))
  recordedAt!: string;
}

const entity = defineEntity('StayProposal', stayProposals, {
  description: '執行停止の起案. A proposal to stay disposition for lines of a person, with its decision.',
  key: 'id',
  subject: 'addresseeNo',
});

function stateOf(proposal: Columns<typeof stayProposals>): SQL {
  return sql`coalesce((select d.outcome from records.stay_decision d where d.proposal_id = ${proposal.id}),
    'proposed')`;
}

/** 執行停止の起案 (handbook 03 §6). */
@entity.object
export class StayProposal {
  @entity.column(() => ID, stayProposals.id, always('番号'))
  id!: string;

  @entity.computed(() => StayState, ({ self }) => stateOf(self), always('状態'))
  state!: string;

  @entity.column(() => StayGround, stayProposals.ground, always('事由'))
  ground!: string;

  @entity.column(() => Int, stayProposals.lineCount, always('期別の件数'))
  lineCount!: number;

  @entity.column(() => String, stayProposals.proposedBy, always('起案者'))
  proposedBy!: string;

  @entity.column(() => DateScalar, stayProposals.proposedOn, always('起案日'))
  proposedOn!: string;

  @entity.column(() => String, stayProposals.reason, always('理由'))
  reason!: string;

  @entity.list(() => LevyLine, levyLines, {
    rule: needs('ledger:read'),
    description: '執行停止に係る調定（期別）. At most 100.',
    where: ({ self, row }) =>
      sql`exists (select from records.stay_claim c where c.proposal_id = ${self.id} and c.levy_id = ${row.id})`,
    order: (row) => ({ columns: [row.id], direction: 'asc' }),
  })
  levyLines!: readonly LevyLine[];

  @entity.one(() => StayDecision, stayDecisions, {
    rule,
    description: '決裁',
    where: ({ self, row }) => eq(row.proposalId, self.id),
  })
  decision!: Maybe<StayDecision>;

  @entity.list(() => ExecutionStay, executionStays, {
    rule,
    description: '決裁された執行停止',
    where: ({ self, row }) => eq(row.proposalId, self.id),
    order: (row) => ({ columns: [row.id], direction: 'asc' }),
  })
  stays!: readonly ExecutionStay[];

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '滞納者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;
}

/** 執行停止の起案の検索条件. */
@InputType({ description: '執行停止の起案の検索条件. All conditions given must hold.' })
export class StayProposalFilter {
  @Field(() => StayState, { nullable: true, description: '状態' })
  state?: string;

  @Field(() => String, { nullable: true, description: '宛名番号' })
  addresseeNo?: string;
}

@Resolver()
export class StayQueries {
  @QueryOne<typeof stayProposals, { id: string }>(() => StayProposal, stayProposals, {
    rule,
    description: '執行停止の起案の照会',
    args: { id: { type: () => ID, description: '執行停止起案の番号', required: true } },
    where: ({ row, args }) => args.id && eq(row.id, args.id.map(rowKey)),
  })
  stayProposal!: Maybe<StayProposal>;

  @QueryMany<typeof stayProposals, { filter?: StayProposalFilter }>(() => StayProposal, stayProposals, {
    rule,
    description: '執行停止の起案一覧, newest first',
    args: { filter: { type: () => StayProposalFilter, description: '条件' } },
    where: ({ row, args: { filter } }) =>
      and(
        filter?.state && sql`${stateOf(row)} = ${filter.state.value}`,
        filter?.addresseeNo && eq(row.addresseeNo, filter.addresseeNo.value),
      ),
    order: (row) => ({ columns: [row.id], direction: 'desc' }),
  })
  stayProposals!: Connection<StayProposal>;
}
