import { Arg, Ctx, Field, ID, InputType, ObjectType, Resolver } from 'type-graphql';
import { needs } from '../../access/rules.js';
import {
  ChangeInput,
  type ChangeContext,
  type ChangeOutcome,
  type UserError,
} from '../../access/schema/change.js';
import { Change, Result, UserErrors } from '../../access/schema/define.js';
import { today } from '../../kernel/clock.js';
import { KuramoriError } from '../../kernel/errors.js';
import { YenScalar } from '../../kernel/graphql/scalars.js';
import { REASON_CHARS_MAX } from '../../kernel/limits.js';
import { outcomeOf } from '../../access/schema/outcome.js';
import { isWithinScope } from '../scope.graphql.js';
import { rowKey, type Maybe } from '../../access/schema/reading.js';
import { enteredText } from '../../kernel/text.js';
import { RefundOutcome } from '../words.graphql.js';
import { Refund } from './refund.graphql.js';
import { assertDecidable, assertProposable } from './refund.js';
import { findRefund, insertDecision, insertRefund, lockOverpayment, personOf } from './refund.store.js';

/** 還付の起案. */
@InputType({ description: '還付の起案' })
export class ProposeRefundInput extends ChangeInput {
  @Field(() => ID, { description: '過誤納番号' })
  overpaymentId!: string;

  @Field(() => YenScalar, { description: '還付額. At most what the overpayment has left.' })
  amount!: bigint;

  @Field(() => String, { description: '理由' })
  reason!: string;

  @Field(() => String, {
    nullable: true,
    description:
      '充当できない理由. Needed when the person has due and unpaid levies (17条の2); kept with the reason.',
  })
  noOffsetReason?: string | null;
}

/** 還付の決裁. */
@InputType({ description: '還付の決裁' })
export class DecideRefundInput extends ChangeInput {
  @Field(() => ID, { description: '還付番号' })
  refundId!: string;

  @Field(() => RefundOutcome, { description: '決裁' })
  outcome!: 'approved' | 'rejected';

  @Field(() => String, { description: '理由' })
  reason!: string;
}

@ObjectType({ description: '還付起案の結果' })
export class ProposeRefundPayload {
  @Result(() => Refund, { rule: needs('refund:read'), description: '起案した還付' })
  refund!: Maybe<Refund>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

@ObjectType({ description: '還付決裁の結果' })
export class DecideRefundPayload {
  @Result(() => Refund, { rule: needs('refund:read'), description: '決裁した還付' })
  refund!: Maybe<Refund>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class RefundChanges {
  @Change(() => ProposeRefundPayload, { rule: needs('refund:propose'), description: '還付を起案する' })
  async proposeRefund(
    @Arg('input', () => ProposeRefundInput, INPUT) input: ProposeRefundInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const reason = reasonOf(input);
      const overpayment = await lockOverpayment(tx, BigInt(rowKey(input.overpaymentId)), today(clock));
      if (overpayment === undefined || !(await isWithinScope(tx, caller, overpayment.addresseeNo))) {
        throw new KuramoriError('NOT_FOUND', 'There is no such overpayment. Check its number.', {
          field: 'overpaymentId',
        });
      }
      assertProposable(overpayment, input.amount, isGiven(input.noOffsetReason));
      const proposal = {
        overpayment,
        amount: input.amount,
        reason,
        proposedBy: caller.actorId,
        proposedOn: today(clock),
      };
      return { refund: await insertRefund(tx, proposal, changeId) };
    });
  }

  @Change(() => DecideRefundPayload, { rule: needs('refund:decide'), description: '還付を決裁する' })
  async decideRefund(
    @Arg('input', () => DecideRefundInput, INPUT) input: DecideRefundInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const refund = await findRefund(tx, BigInt(rowKey(input.refundId)));
      if (refund === undefined || !(await isWithinScope(tx, caller, refund.addresseeNo))) {
        throw new KuramoriError('NOT_FOUND', 'There is no such refund. Check its number.', {
          field: 'refundId',
        });
      }
      assertDecidable(refund, await personOf(tx, caller.actorId));
      const entry = {
        refundId: refund.id,
        outcome: input.outcome,
        decidedBy: caller.actorId,
        decidedOn: today(clock),
        reason,
      };
      await insertDecision(tx, entry, changeId);
      return { refund: refund.id };
    });
  }
}

function isGiven(text: string | null | undefined): text is string {
  return text !== null && text !== undefined;
}

/** The reason as it is kept: why no offset is possible belongs to it. */
function reasonOf({ reason, noOffsetReason }: ProposeRefundInput): string {
  const kept = enteredText(reason, 'reason', REASON_CHARS_MAX);
  if (!isGiven(noOffsetReason)) return kept;
  return `${kept}（充当できない理由：${enteredText(noOffsetReason, 'noOffsetReason', REASON_CHARS_MAX)}）`;
}
