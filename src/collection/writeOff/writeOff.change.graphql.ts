import { Arg, Ctx, Field, ID, InputType, ObjectType, Resolver } from 'type-graphql';
import { needs } from '../../access/rules.js';
import {
  ChangeInput,
  type ChangeContext,
  type ChangeOutcome,
  type UserError,
} from '../../access/schema/change.js';
import { Change, Result, UserErrors } from '../../access/schema/define.js';
import { outcomeOf } from '../../access/schema/outcome.js';
import { rowKey, type Maybe } from '../../access/schema/reading.js';
import { today } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import { REASON_CHARS_MAX } from '../../kernel/limits.js';
import { enteredText } from '../../kernel/text.js';
import { personOf } from '../refund/refund.store.js';
import { isWithinScope } from '../scope.graphql.js';
import { WriteOffCause, WriteOffOutcome } from '../words.graphql.js';
import {
  assertDecidable,
  assertUnchanged,
  assertWritable,
  writeOffParts,
  type WriteOffCauseWord,
  type WriteOffDay,
} from './writeOff.js';
import {
  findProposal,
  insertDecision,
  insertProposal,
  lockStandings,
  readParts,
  readPendingDays,
} from './writeOff.store.js';
import type { FoundProposal } from './writeOff.store.js';
import { WriteOffProposal } from './writeOffProposal.graphql.js';

/** 不納欠損の起案. */
@InputType({ description: '不納欠損の起案' })
export class ProposeWriteOffInput extends ChangeInput {
  @Field(() => String, { description: '宛名番号' })
  addresseeNo!: string;

  @Field(() => WriteOffCause, { description: '事由. Of all lines alike; what came first is the cause.' })
  cause!: WriteOffCauseWord;

  @Field(() => [ID], { description: '不納欠損に係る期別の調定番号. Each is written off whole.' })
  levyIds!: string[];

  @Field(() => String, { description: '理由' })
  reason!: string;
}

/** 不納欠損の決裁. */
@InputType({ description: '不納欠損の決裁' })
export class DecideWriteOffInput extends ChangeInput {
  @Field(() => ID, { description: '不納欠損起案の番号' })
  proposalId!: string;

  @Field(() => WriteOffOutcome, { description: '決裁' })
  outcome!: 'approved' | 'rejected';

  @Field(() => String, { description: '理由' })
  reason!: string;
}

@ObjectType({ description: '不納欠損起案の結果' })
export class ProposeWriteOffPayload {
  @Result(() => WriteOffProposal, { rule: needs('writeOff:read'), description: '起案した不納欠損' })
  proposal!: Maybe<WriteOffProposal>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

@ObjectType({ description: '不納欠損決裁の結果' })
export class DecideWriteOffPayload {
  @Result(() => WriteOffProposal, { rule: needs('writeOff:read'), description: '決裁した不納欠損' })
  proposal!: Maybe<WriteOffProposal>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class WriteOffChanges {
  @Change(() => ProposeWriteOffPayload, {
    rule: needs('writeOff:propose'),
    description: '不納欠損を起案する',
  })
  async proposeWriteOff(
    @Arg('input', () => ProposeWriteOffInput, INPUT) input: ProposeWriteOffInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const { tx, caller, changeId } = context;
      const { addresseeNo, cause } = input;
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const levyIds = input.levyIds.map((id) => BigInt(rowKey(id)));
      if (!(await isWithinScope(tx, caller, addresseeNo)))
        throw new KuramoriError('NOT_FOUND', 'There is no such person. Check the number.', {
          field: 'addresseeNo',
        });
      const lines = await lockStandings(tx, levyIds);
      const day = await writeOffDay(context);
      const parts = writeOffParts(cause, levyIds, addresseeNo, lines, day);
      const by = { proposedBy: caller.actorId, proposedOn: day.today, reason };
      return { proposal: await insertProposal(tx, { addresseeNo, cause, parts, ...by }, changeId) };
    });
  }

  @Change(() => DecideWriteOffPayload, {
    rule: needs('writeOff:decide'),
    description: '不納欠損を決裁する. An approval books the write-off.',
  })
  async decideWriteOff(
    @Arg('input', () => DecideWriteOffInput, INPUT) input: DecideWriteOffInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const { tx, caller, clock, changeId } = context;
      const { outcome } = input;
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const proposal = await findProposal(tx, BigInt(rowKey(input.proposalId)));
      if (proposal === undefined || !(await isWithinScope(tx, caller, proposal.addresseeNo)))
        throw new KuramoriError('NOT_FOUND', 'There is no such write-off. Check its number.', {
          field: 'proposalId',
        });
      assertDecidable(proposal, await personOf(tx, caller.actorId));
      if (outcome === 'approved') await assertStillProposable(context, proposal);
      const by = { decidedBy: caller.actorId, decidedOn: today(clock), reason };
      await insertDecision(tx, { proposalId: proposal.id, outcome, ...by }, changeId);
      return { proposal: proposal.id };
    });
  }
}

/** Locks the lines until the decision is booked, and looks at them as if it were proposed today. */
async function assertStillProposable(
  context: ChangeContext,
  { id, cause, addresseeNo }: FoundProposal,
): Promise<void> {
  const { tx } = context;
  const proposed = await readParts(tx, id);
  const levyIds = [...new Set(proposed.map(({ levyId }) => levyId))];
  const lines = await lockStandings(tx, levyIds, id);
  const day = await writeOffDay(context);
  assertWritable(cause, lines, proposed, day, 'proposalId');
  assertUnchanged(proposed, () => writeOffParts(cause, levyIds, addresseeNo, lines, day));
}

async function writeOffDay({ tx, clock }: ChangeContext): Promise<WriteOffDay> {
  return { today: today(clock), pendingDays: await readPendingDays(tx, today(clock)) };
}
