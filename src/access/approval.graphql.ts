import { Arg, Ctx, Field, ID, InputType, ObjectType, Resolver } from 'type-graphql';
import { ApprovalRequest } from './approval.read.graphql.js';
import type { AskedApproval } from './register/approval.store.js';
import { decideApproval, openApproval, requestApproval, type Decision } from './register/approval.js';
import {
  askedGrant,
  askedLink,
  askedReactivation,
  askedReset,
  registerChange,
  RegisterInput,
  RequestRoleGrantInput,
  StaffInput,
  VaultPersonInput,
} from './registerInput.graphql.js';
import { needs } from './rules.js';
import { ChangeInput, type ChangeContext, type ChangeOutcome, type UserError } from './schema/change.js';
import { Change, Result, UserErrors } from './schema/define.js';
import { outcomeOf } from './schema/outcome.js';
import { rowKey, type Maybe } from './schema/reading.js';
import { published } from './schema/words.js';

export { ApprovalQueries } from './approval.read.graphql.js';

const GRANT = needs('role:grant');
const ADMINISTER = needs('staff:administer');

const ApprovalOutcome = published<Decision['outcome']>('ApprovalOutcome', '承認・否認', {
  approved: '承認',
  refused: '否認',
});

/** 内容の確認. */
@InputType({ description: '承認依頼の内容の確認' })
export class OpenApprovalRequestInput extends ChangeInput {
  @Field(() => ID, { description: '承認依頼番号' })
  approvalRequestId!: string;
}

/** 承認・否認. */
@InputType({ description: '承認・否認' })
export class DecideApprovalRequestInput extends RegisterInput {
  @Field(() => ID, { description: '承認依頼番号' })
  approvalRequestId!: string;

  @Field(() => ApprovalOutcome, { description: '承認又は否認' })
  outcome!: Decision['outcome'];
}

@ObjectType({ description: '承認依頼の結果' })
export class ApprovalRequestPayload {
  @Result(() => ApprovalRequest, { rule: needs('staff:read'), description: '承認依頼' })
  approvalRequest!: Maybe<ApprovalRequest>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };
/** An opening has no reason of its own: it is the look before the decision. */
const OPENED = '内容の確認';

@Resolver()
export class ApprovalMutations {
  @Change(() => ApprovalRequestPayload, {
    rule: GRANT,
    recordedAs: 'roleChange',
    description: '役割の付与の承認を依頼する. Another administrator decides.',
  })
  async requestRoleGrant(
    @Arg('input', () => RequestRoleGrantInput, INPUT) input: RequestRoleGrantInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return asked(input, context, askedGrant(input));
  }

  @Change(() => ApprovalRequestPayload, {
    rule: ADMINISTER,
    recordedAs: 'staffChange',
    description: '認証要素の再登録の承認を依頼する. Another administrator decides.',
  })
  async requestCredentialReset(
    @Arg('input', () => StaffInput, INPUT) input: StaffInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return asked(input, context, askedReset(input));
  }

  @Change(() => ApprovalRequestPayload, {
    rule: ADMINISTER,
    recordedAs: 'staffChange',
    description: '職員の停止の解除の承認を依頼する. Another administrator decides.',
  })
  async requestStaffReactivation(
    @Arg('input', () => StaffInput, INPUT) input: StaffInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return asked(input, context, askedReactivation(input));
  }

  @Change(() => ApprovalRequestPayload, {
    rule: ADMINISTER,
    recordedAs: 'staffChange',
    description: '保管庫の職員との対応の登録の承認を依頼する. Another administrator decides.',
  })
  async requestVaultPersonLink(
    @Arg('input', () => VaultPersonInput, INPUT) input: VaultPersonInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return asked(input, context, askedLink(input));
  }

  @Change(() => ApprovalRequestPayload, {
    rule: GRANT,
    recordedAs: 'roleChange',
    description: '承認依頼の内容を確認する. Comes before the approval, by the one who gives it.',
  })
  async openApprovalRequest(
    @Arg('input', () => OpenApprovalRequestInput, INPUT) input: OpenApprovalRequestInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const id = BigInt(rowKey(input.approvalRequestId));
      await openApproval(context.tx, registerChange(context, OPENED), id);
      return { approvalRequest: id };
    });
  }

  @Change(() => ApprovalRequestPayload, {
    rule: GRANT,
    recordedAs: 'roleChange',
    description: '承認依頼を承認又は否認する. Neither the one who asked nor the one it is about.',
  })
  async decideApprovalRequest(
    @Arg('input', () => DecideApprovalRequestInput, INPUT) input: DecideApprovalRequestInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const id = BigInt(rowKey(input.approvalRequestId));
      const { outcome } = input;
      await decideApproval(context.tx, registerChange(context, input.reason), id, { outcome });
      return { approvalRequest: id };
    });
  }
}

function asked(
  { reason }: RegisterInput,
  context: ChangeContext,
  what: AskedApproval,
): Promise<ChangeOutcome> {
  return outcomeOf(async () => {
    const change = registerChange(context, reason);
    return { approvalRequest: await requestApproval(context.tx, change, what) };
  });
}
