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
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { REASON_CHARS_MAX } from '../../kernel/limits.js';
import { enteredText } from '../../kernel/text.js';
import { personOf } from '../refund/refund.store.js';
import { isWithinScope } from '../scope.graphql.js';
import { findTransferCase, insertApproval, insertRemittance, insertWithdrawal } from './change.store.js';
import { remittance } from './remittance.js';
import { findRound } from './round.store.js';
import { assertMayWithdraw } from './states.js';
import { TransferCase } from './transferCase.graphql.js';
import { TransferResult } from './transferResult.graphql.js';
import { TransferRound } from './transferRound.graphql.js';

/** 移管ラウンドの承認. */
@InputType({ description: '移管ラウンドの承認' })
export class ApproveTransferRoundInput extends ChangeInput {
  @Field(() => String, { description: '移管ラウンド番号' })
  roundNo!: string;

  @Field(() => String, { description: '設定の要約値. The digest of the configuration that was read.' })
  digest!: string;
}

/** 移管候補の取下げ. */
@InputType({ description: '移管候補の取下げ' })
export class WithdrawTransferCaseInput extends ChangeInput {
  @Field(() => ID, { description: '移管事案番号' })
  transferCaseId!: string;

  @Field(() => String, { description: '理由' })
  reason!: string;
}

/** 機構からの払込. */
@InputType({ description: '機構からの払込' })
export class RecordTransferRemittanceInput extends ChangeInput {
  @Field(() => String, { description: '実績パッケージ番号' })
  resultId!: string;

  @Field(() => DateScalar, { description: '収入日' })
  receivedOn!: string;

  @Field(() => YenScalar, { description: '払込額. Negative to correct one that was entered wrongly.' })
  amount!: bigint;

  @Field(() => String, { description: '摘要' })
  reference!: string;
}

@ObjectType({ description: '移管ラウンド承認の結果' })
export class ApproveTransferRoundPayload {
  @Result(() => TransferRound, { rule: needs('transfer:read'), description: '承認したラウンド' })
  round!: Maybe<TransferRound>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

@ObjectType({ description: '移管候補取下げの結果' })
export class WithdrawTransferCasePayload {
  @Result(() => TransferCase, { rule: needs('transfer:read'), description: '取り下げた事案' })
  transferCase!: Maybe<TransferCase>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

@ObjectType({ description: '払込入力の結果' })
export class RecordTransferRemittancePayload {
  @Result(() => TransferResult, { rule: needs('transfer:read'), description: '払込のあった実績報告' })
  result!: Maybe<TransferResult>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class TransferChanges {
  @Change(() => ApproveTransferRoundPayload, {
    rule: needs('transfer:approve'),
    description: '移管ラウンドを承認する',
  })
  async approveTransferRound(
    @Arg('input', () => ApproveTransferRoundInput, INPUT) input: ApproveTransferRoundInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const round = await findRound(tx, input.roundNo);
      if (round.digest !== input.digest) {
        throw new KuramoriError('CONFLICT', 'The digest is not that of the configuration. Read it again.', {
          field: 'digest',
        });
      }
      if ((await personOf(tx, round.proposedBy)) === (await personOf(tx, caller.actorId))) {
        throw new KuramoriError(
          'DUAL_CONTROL_REQUIRED',
          'Who proposed a round does not approve it. Another person must.',
          { field: 'roundNo' },
        );
      }
      const approval = { digest: round.digest, approvedBy: caller.actorId, approvedOn: today(clock) };
      await insertApproval(tx, round.id, approval, changeId);
      return { round: round.id };
    });
  }

  @Change(() => WithdrawTransferCasePayload, {
    rule: needs('transfer:manage'),
    description: '移管候補を取り下げる',
  })
  async withdrawTransferCase(
    @Arg('input', () => WithdrawTransferCaseInput, INPUT) input: WithdrawTransferCaseInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const found = await findTransferCase(tx, BigInt(rowKey(input.transferCaseId)));
      if (found === undefined || !(await isWithinScope(tx, caller, found.addresseeNo))) {
        throw new KuramoriError('NOT_FOUND', 'There is no such case in a transfer. Check its number.', {
          field: 'transferCaseId',
        });
      }
      assertMayWithdraw(found.state);
      await insertWithdrawal(tx, found, { reason, at: clock.now().toString() }, changeId);
      return { transferCase: found.transferId };
    });
  }

  @Change(() => RecordTransferRemittancePayload, {
    rule: needs('transfer:manage'),
    description: '機構からの払込を入力する',
  })
  async recordTransferRemittance(
    @Arg('input', () => RecordTransferRemittanceInput, INPUT) input: RecordTransferRemittanceInput,
    @Ctx() { tx, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const { resultId, receivedOn, amount, reference } = input;
      const entry = remittance({ resultId, receivedOn, amount, reference }, today(clock));
      return { result: await insertRemittance(tx, entry, changeId) };
    });
  }
}
