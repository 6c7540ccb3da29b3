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
import { WriteOffOutcome } from '../words.graphql.js';
import { WriteOffReversal } from './reversal.graphql.js';
import { reversedYen } from './reversal.js';
import {
  findReversal,
  insertReversal,
  insertReversalDecision,
  lockWrittenOff,
  type FoundReversal,
} from './reversal.store.js';
import { assertDecidable } from './writeOff.js';
import { findProposal } from './writeOff.store.js';

/** 不納欠損の取消の起案. */
@InputType({ description: '不納欠損の取消の起案' })
export class ProposeWriteOffReversalInput extends ChangeInput {
  @Field(() => ID, { description: '取り消す不納欠損起案の番号. It was approved.' })
  proposalId!: string;

  @Field(() => [ID], { description: '取消に係る期別の調定番号. Each is taken back whole.' })
  levyIds!: string[];

  @Field(() => String, { description: '理由' })
  reason!: string;
}

/** 不納欠損の取消の決裁. */
@InputType({ description: '不納欠損の取消の決裁' })
export class DecideWriteOffReversalInput extends ChangeInput {
  @Field(() => ID, { description: '不納欠損の取消起案の番号' })
  reversalId!: string;

  @Field(() => WriteOffOutcome, { description: '決裁' })
  outcome!: 'approved' | 'rejected';

  @Field(() => String, { description: '理由' })
  reason!: string;
}

@ObjectType({ description: '不納欠損の取消の起案・決裁の結果' })
export class WriteOffReversalPayload {
  @Result(() => WriteOffReversal, { rule: needs('writeOff:read'), description: '不納欠損の取消の起案' })
  reversal!: Maybe<WriteOffReversal>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class WriteOffReversalChanges {
  @Change(() => WriteOffReversalPayload, {
    rule: needs('writeOff:propose'),
    description: '不納欠損の取消を起案する. For what was written off in error.',
  })
  async proposeWriteOffReversal(
    @Arg('input', () => ProposeWriteOffReversalInput, INPUT) input: ProposeWriteOffReversalInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const levyIds = input.levyIds.map((id) => BigInt(rowKey(id)));
      const proposal = await findProposal(tx, BigInt(rowKey(input.proposalId)));
      if (proposal === undefined || !(await isWithinScope(tx, caller, proposal.addresseeNo)))
        throw notFound('There is no such write-off. Check its number.', 'proposalId');
      const { id: writeOffProposalId, addresseeNo } = proposal;
      const amount = reversedYen(levyIds, await lockWrittenOff(tx, writeOffProposalId, levyIds));
      const by = { proposedBy: caller.actorId, proposedOn: today(clock), reason };
      const reversal = { writeOffProposalId, addresseeNo, levyIds, amount, ...by };
      return { reversal: await insertReversal(tx, reversal, changeId) };
    });
  }

  @Change(() => WriteOffReversalPayload, {
    rule: needs('writeOff:decide'),
    description: '不納欠損の取消を決裁する. An approval books it; its lines are owed again.',
  })
  async decideWriteOffReversal(
    @Arg('input', () => DecideWriteOffReversalInput, INPUT) input: DecideWriteOffReversalInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const { outcome } = input;
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const reversal = await findReversal(tx, BigInt(rowKey(input.reversalId)));
      if (reversal === undefined || !(await isWithinScope(tx, caller, reversal.addresseeNo)))
        throw notFound('There is no such proposal to take a write-off back. Check its number.', 'reversalId');
      assertDecidable(reversal, await personOf(tx, caller.actorId), 'reversalId');
      if (outcome === 'approved') await assertStillReversible(tx, reversal);
      const by = { decidedBy: caller.actorId, decidedOn: today(clock), reason };
      await insertReversalDecision(tx, { reversalId: reversal.id, outcome, ...by }, changeId);
      return { reversal: reversal.id };
    });
  }
}

/** Locks the lines until the decision is booked, and looks at them as if it were proposed today. */
async function assertStillReversible(tx: ChangeContext['tx'], reversal: FoundReversal): Promise<void> {
  const { id, writeOffProposalId, levyIds } = reversal;
  reversedYen(levyIds, await lockWrittenOff(tx, writeOffProposalId, levyIds, id), 'reversalId');
}

function notFound(sentence: string, field: string): KuramoriError {
  return new KuramoriError('NOT_FOUND', sentence, { field });
}
