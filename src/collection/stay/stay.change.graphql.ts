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
import { ExecutionStay } from '../disposition/stay.graphql.js';
import { personOf } from '../refund/refund.store.js';
import { isWithinScope } from '../scope.graphql.js';
import { StayGround, StayOutcome } from '../words.graphql.js';
import { assertCancellable, assertDecidable, assertStayable, type StayGroundWord } from './stay.js';
import {
  findProposal,
  insertCancellation,
  insertDecision,
  insertProposal,
  lockStay,
  lockStayable,
  type FoundStayProposal,
} from './stay.store.js';
import { StayProposal } from './stayProposal.graphql.js';

/** 執行停止の起案. */
@InputType({ description: '執行停止の起案' })
export class ProposeStayInput extends ChangeInput {
  @Field(() => String, { description: '宛名番号' })
  addresseeNo!: string;

  @Field(() => StayGround, { description: '事由. Of all lines alike.' })
  ground!: StayGroundWord;

  @Field(() => [ID], { description: '執行停止に係る期別の調定番号' })
  levyIds!: string[];

  @Field(() => String, { description: '理由' })
  reason!: string;
}

/** 執行停止の決裁. */
@InputType({ description: '執行停止の決裁' })
export class DecideStayInput extends ChangeInput {
  @Field(() => ID, { description: '執行停止起案の番号' })
  proposalId!: string;

  @Field(() => StayOutcome, { description: '決裁' })
  outcome!: 'approved' | 'rejected';

  @Field(() => String, { description: '理由' })
  reason!: string;
}

/** 執行停止の取消. */
@InputType({ description: '執行停止の取消（15条の8）' })
export class CancelStayInput extends ChangeInput {
  @Field(() => ID, { description: '執行停止の番号' })
  stayId!: string;

  @Field(() => String, { description: '理由' })
  reason!: string;
}

@ObjectType({ description: '執行停止の起案・決裁の結果' })
export class StayProposalPayload {
  @Result(() => StayProposal, { rule: needs('disposition:read'), description: '執行停止の起案' })
  proposal!: Maybe<StayProposal>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

@ObjectType({ description: '執行停止の取消の結果' })
export class CancelStayPayload {
  @Result(() => ExecutionStay, { rule: needs('disposition:read'), description: '取り消した執行停止' })
  stay!: Maybe<ExecutionStay>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class StayChanges {
  @Change(() => StayProposalPayload, { rule: needs('stay:propose'), description: '執行停止を起案する' })
  async proposeStay(
    @Arg('input', () => ProposeStayInput, INPUT) input: ProposeStayInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const { addresseeNo, ground } = input;
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const levyIds = input.levyIds.map((id) => BigInt(rowKey(id)));
      if (!(await isWithinScope(tx, caller, addresseeNo)))
        throw notFound('There is no such person. Check the number.', 'addresseeNo');
      const day = today(clock);
      assertStayable(ground, levyIds, addresseeNo, await lockStayable(tx, levyIds), day);
      const by = { proposedBy: caller.actorId, proposedOn: day, reason };
      return { proposal: await insertProposal(tx, { addresseeNo, ground, levyIds, ...by }, changeId) };
    });
  }

  @Change(() => StayProposalPayload, {
    rule: needs('stay:decide'),
    description: '執行停止を決裁する. An approval enters the stays, from that day on.',
  })
  async decideStay(
    @Arg('input', () => DecideStayInput, INPUT) input: DecideStayInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const { tx, caller, clock, changeId } = context;
      const { outcome } = input;
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const proposal = await findProposal(tx, BigInt(rowKey(input.proposalId)));
      if (proposal === undefined || !(await isWithinScope(tx, caller, proposal.addresseeNo)))
        throw notFound('There is no such proposal of a stay. Check its number.', 'proposalId');
      assertDecidable(proposal, await personOf(tx, caller.actorId));
      if (outcome === 'approved') await assertStillStayable(context, proposal);
      const by = { decidedBy: caller.actorId, decidedOn: today(clock), reason };
      await insertDecision(tx, { proposalId: proposal.id, outcome, ...by }, changeId);
      return { proposal: proposal.id };
    });
  }

  @Change(() => CancelStayPayload, {
    rule: needs('stay:decide'),
    description: '執行停止を取り消す（15条の8）. Its lines are collected again from that day on.',
  })
  async cancelStay(
    @Arg('input', () => CancelStayInput, INPUT) input: CancelStayInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const stay = await lockStay(tx, BigInt(rowKey(input.stayId)));
      if (stay === undefined || !(await isWithinScope(tx, caller, stay.addresseeNo)))
        throw notFound('There is no such stay. Check its number.', 'stayId');
      const cancelledOn = today(clock);
      assertCancellable(stay, cancelledOn);
      await insertCancellation(tx, { stayId: stay.id, cancelledOn, reason }, changeId);
      return { stay: stay.id };
    });
  }
}

/** Locks the lines until the decision is entered, and looks at them as if it were proposed today. */
async function assertStillStayable({ tx, clock }: ChangeContext, proposal: FoundStayProposal): Promise<void> {
  const { id, ground, levyIds, addresseeNo } = proposal;
  const lines = await lockStayable(tx, levyIds, id);
  assertStayable(ground, levyIds, addresseeNo, lines, today(clock), 'proposalId');
}

function notFound(sentence: string, field: string): KuramoriError {
  return new KuramoriError('NOT_FOUND', sentence, { field });
}
