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
import { TransferSetAsideOutcome } from '../words.graphql.js';
import { TransferHold } from './hold.graphql.js';
import { assertMaySetAside, assertSetAsideDecidable } from './setAside.js';
import { findHold, findSetAside, insertSetAside, insertSetAsideDecision } from './setAside.store.js';

/** 保留の除外の起案. */
@InputType({ description: '保留の除外の起案' })
export class ProposeTransferSetAsideInput extends ChangeInput {
  @Field(() => ID, { description: '実績の保留の番号' })
  holdId!: string;

  @Field(() => String, { description: '理由' })
  reason!: string;
}

/** 保留の除外の決裁. */
@InputType({ description: '保留の除外の決裁' })
export class DecideTransferSetAsideInput extends ChangeInput {
  @Field(() => ID, { description: '保留の除外の起案の番号' })
  setAsideId!: string;

  @Field(() => TransferSetAsideOutcome, { description: '決裁' })
  outcome!: 'approved' | 'rejected';

  @Field(() => String, { description: '理由' })
  reason!: string;
}

@ObjectType({ description: '保留の除外の起案・決裁の結果' })
export class TransferSetAsidePayload {
  @Result(() => TransferHold, { rule: needs('transfer:read'), description: '実績の保留' })
  hold!: Maybe<TransferHold>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class TransferSetAsideChanges {
  @Change(() => TransferSetAsidePayload, {
    rule: needs('transfer:manage'),
    description:
      '実績の保留の除外を起案する. What is set aside is never taken, and holds nothing up any more.',
  })
  async proposeTransferSetAside(
    @Arg('input', () => ProposeTransferSetAsideInput, INPUT) input: ProposeTransferSetAsideInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const holdId = BigInt(rowKey(input.holdId));
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const found = await findHold(tx, holdId);
      if (found === undefined) throw notFound('There is no such hold. Check its number.', 'holdId');
      assertMaySetAside(found);
      const entry = { holdId, proposedBy: caller.actorId, proposedOn: today(clock), reason };
      await insertSetAside(tx, entry, changeId);
      return { hold: holdId };
    });
  }

  @Change(() => TransferSetAsidePayload, {
    rule: needs('transfer:approve'),
    description: '実績の保留の除外を決裁する. By another person than the one who proposed it.',
  })
  async decideTransferSetAside(
    @Arg('input', () => DecideTransferSetAsideInput, INPUT) input: DecideTransferSetAsideInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const setAsideId = BigInt(rowKey(input.setAsideId));
      const { outcome } = input;
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const found = await findSetAside(tx, setAsideId);
      if (found === undefined) throw notFound('There is no such proposal. Check its number.', 'setAsideId');
      assertSetAsideDecidable(found, outcome, await personOf(tx, caller.actorId));
      const by = { decidedBy: caller.actorId, decidedOn: today(clock), reason };
      await insertSetAsideDecision(tx, { setAsideId, outcome, ...by }, changeId);
      return { hold: found.holdId };
    });
  }
}

function notFound(sentence: string, field: string): KuramoriError {
  return new KuramoriError('NOT_FOUND', sentence, { field });
}
