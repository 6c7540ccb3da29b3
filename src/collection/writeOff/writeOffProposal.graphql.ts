import { and, eq, sql, type SQL } from 'drizzle-orm';
import { Field, ID, InputType, Int, Resolver } from 'type-graphql';
import {
  addressees,
  changes,
  executionStays,
  levyLines,
  writeOffClaims,
  writeOffDecisions,
  writeOffProposals,
  writeOffReversals,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany, QueryOne } from '../../access/schema/define.js';
import type { Columns } from '../../access/schema/entity.js';
import { rowKey, type Maybe } from '../../access/schema/reading.js';
import { DateScalar, DateTimeScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { Addressee } from '../addressee/addressee.graphql.js';
import { ExecutionStay } from '../disposition/stay.graphql.js';
import { LevyLine } from '../levy/levy.graphql.js';
import { Component, WriteOffCause, WriteOffOutcome, WriteOffState } from '../words.graphql.js';
import { WriteOffReversal } from './reversal.graphql.js';

const rule = needs('writeOff:read');

/** A field that every proposal has, for everybody who may read them. */
const always = (description: string) => ({ rule, description, nullable: false });

const claim = defineEntity('WriteOffClaim', writeOffClaims, {
  description: '不納欠損に係る期別. A component of a levy line that is written off.',
  // Unique only within its proposal: claims are read as a list of one proposal, never as pages.
  key: 'levyId',
});

/** 不納欠損に係る期別. */
@claim.object
export class WriteOffClaim {
  @claim.column(() => Component, writeOffClaims.component, always('内訳'))
  component!: string;

  @claim.column(() => YenScalar, writeOffClaims.amount, always('欠損額'))
  amount!: bigint;

  @claim.column(() => DateScalar, writeOffClaims.extinguishedOn, {
    rule,
    description: '債権の消滅日. None for 即時消滅, which takes effect with the decision.',
  })
  extinguishedOn!: string | null;

  @claim.one(() => ExecutionStay, executionStays, {
    rule: needs('disposition:read'),
    description: '根拠となる執行停止',
    where: ({ self, row }) => eq(row.id, self.stayId),
  })
  stay!: Maybe<ExecutionStay>;

  @claim.one(() => LevyLine, levyLines, {
    rule: needs('ledger:read'),
    description: '調定（期別）',
    where: ({ self, row }) => eq(row.id, self.levyId),
  })
  levyLine!: Maybe<LevyLine>;
}

const decision = defineEntity('WriteOffDecision', writeOffDecisions, {
  description: '不納欠損の決裁. The second person decides, once.',
  key: 'proposalId',
  joins: [
    {
      table: changes,
      on: (row: Columns<typeof writeOffDecisions>, change: Columns<typeof changes>) =>
        eq(change.id, row.changeId),
    },
  ],
});

/** 不納欠損の決裁. */
@decision.object
export class WriteOffDecision {
  @decision.column(() => WriteOffOutcome, writeOffDecisions.outcome, always('決裁'))
  outcome!: string;

  @decision.column(() => String, writeOffDecisions.decidedBy, always('決裁者'))
  decidedBy!: string;

  @decision.column(() => DateScalar, writeOffDecisions.decidedOn, always('決裁日'))
  decidedOn!: string;

  @decision.column(() => String, writeOffDecisions.reason, always('理由'))
  reason!: string;

  @decision.column(() => DateTimeScalar, changes.at, always('記録日時'))
  recordedAt!: string;
}

const entity = defineEntity('WriteOffProposal', writeOffProposals, {
  description:
    '不納欠損の起案. A proposal to remove extinguished claims from the accounts, with its decision.',
  key: 'id',
  subject: 'addresseeNo',
});

function stateOf(proposal: Columns<typeof writeOffProposals>): SQL {
  return sql`coalesce((select d.outcome from records.write_off_decision d where d.proposal_id = ${proposal.id}),
    'proposed')`;
}

/** 不納欠損の起案 (handbook 03 §6). */
@entity.object
export class WriteOffProposal {
  @entity.column(() => ID, writeOffProposals.id, always('番号'))
  id!: string;

  @entity.computed(() => WriteOffState, ({ self }) => stateOf(self), always('状態'))
  state!: string;

  @entity.column(() => WriteOffCause, writeOffProposals.cause, always('事由'))
  cause!: string;

  @entity.column(() => YenScalar, writeOffProposals.amount, always('欠損額（計）'))
  amount!: bigint;

  @entity.column(() => String, writeOffProposals.proposedBy, always('起案者'))
  proposedBy!: string;

  @entity.column(() => DateScalar, writeOffProposals.proposedOn, always('起案日'))
  proposedOn!: string;

  @entity.column(() => String, writeOffProposals.reason, always('理由'))
  reason!: string;

  @entity.computed(
    () => Int,
    ({ self }) => sql`(select count(*) from records.write_off_claim c where c.proposal_id = ${self.id})`,
    always('期別（内訳）の件数'),
  )
  claimCount!: number;

  @entity.list(() => WriteOffClaim, writeOffClaims, {
    rule,
    description: '不納欠損に係る期別. At most 100; `claimCount` tells of more.',
    where: ({ self, row }) => eq(row.proposalId, self.id),
    order: (row) => ({ columns: [row.levyId, row.component], direction: 'asc' }),
  })
  claims!: readonly WriteOffClaim[];

  @entity.one(() => WriteOffDecision, writeOffDecisions, {
    rule,
    description: '決裁',
    where: ({ self, row }) => eq(row.proposalId, self.id),
  })
  decision!: Maybe<WriteOffDecision>;

  @entity.list(() => WriteOffReversal, writeOffReversals, {
    rule,
    description: '取消の起案, newest first',
    where: ({ self, row }) => eq(row.proposalId, self.id),
    order: (row) => ({ columns: [row.id], direction: 'desc' }),
  })
  reversals!: readonly WriteOffReversal[];

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '滞納者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;
}

/** 不納欠損検索条件. */
@InputType({ description: '不納欠損検索条件. All conditions given must hold.' })
export class WriteOffProposalFilter {
  @Field(() => WriteOffState, { nullable: true, description: '状態' })
  state?: string;

  @Field(() => WriteOffCause, { nullable: true, description: '事由' })
  cause?: string;

  @Field(() => String, { nullable: true, description: '宛名番号' })
  addresseeNo?: string;
}

@Resolver()
export class WriteOffQueries {
  @QueryOne<typeof writeOffProposals, { id: string }>(() => WriteOffProposal, writeOffProposals, {
    rule,
    description: '不納欠損照会',
    args: { id: { type: () => ID, description: '不納欠損起案の番号', required: true } },
    where: ({ row, args }) => args.id && eq(row.id, args.id.map(rowKey)),
  })
  writeOffProposal!: Maybe<WriteOffProposal>;

  @QueryMany<typeof writeOffProposals, { filter?: WriteOffProposalFilter }>(
    () => WriteOffProposal,
    writeOffProposals,
    {
      rule,
      description: '不納欠損一覧, newest first',
      args: { filter: { type: () => WriteOffProposalFilter, description: '条件' } },
      where: ({ row, args: { filter } }) =>
        and(
          filter?.state && sql`${stateOf(row)} = ${filter.state.value}`,
          filter?.cause && eq(row.cause, filter.cause.value),
          filter?.addresseeNo && eq(row.addresseeNo, filter.addresseeNo.value),
        ),
      order: (row) => ({ columns: [row.id], direction: 'desc' }),
    },
  )
  writeOffProposals!: Connection<WriteOffProposal>;
}
