import { Field, ID, InputType } from 'type-graphql';
import { DateScalar } from '../kernel/graphql/scalars.js';
import { REASON_CHARS_MAX } from '../kernel/limits.js';
import { enteredText } from '../kernel/text.js';
import type { AskedApproval } from './register/approval.store.js';
import type { RegisterChange } from './register/change.js';
import { ChangeInput, type ChangeContext } from './schema/change.js';

/** What every change of the register is asked with. */
@InputType({ description: '職員・権限の更新の共通入力' })
export class RegisterInput extends ChangeInput {
  @Field(() => String, { description: '理由. Kept with the event.' })
  reason!: string;
}

/** 職員の更新. */
@InputType({ description: '職員の更新' })
export class StaffInput extends RegisterInput {
  @Field(() => String, { description: '職員番号' })
  staffId!: string;
}

/** 権限付与の承認依頼. */
@InputType({ description: '権限付与の承認依頼' })
export class RequestRoleGrantInput extends StaffInput {
  @Field(() => String, { description: '役割' })
  role!: string;

  @Field(() => DateScalar, { description: '有効開始日' })
  validFrom!: string;

  @Field(() => DateScalar, { nullable: true, description: '有効終了日' })
  validTo?: string | null;
}

const APPROVAL = {
  description: '承認依頼番号. Approved by another administrator, for exactly this; serves once.',
};

/** 権限付与. */
@InputType({ description: '権限付与' })
export class GrantRoleInput extends RequestRoleGrantInput {
  @Field(() => ID, APPROVAL)
  approvalRequestId!: string;
}

/** 認証要素の再登録. */
@InputType({ description: '認証要素の再登録' })
export class ResetCredentialsInput extends StaffInput {
  @Field(() => ID, APPROVAL)
  approvalRequestId!: string;
}

/** 停止の解除. */
@InputType({ description: '停止の解除' })
export class ReactivateStaffInput extends StaffInput {
  @Field(() => ID, APPROVAL)
  approvalRequestId!: string;
}

/** 保管庫の職員との対応. */
@InputType({ description: '保管庫の職員との対応' })
export class VaultPersonInput extends StaffInput {
  @Field(() => String, { description: '保管庫の職員登録における個人識別番号' })
  vaultPersonId!: string;

  @Field(() => DateScalar, {
    description: '開始日. Of an end: the first day on which they belong together no longer.',
  })
  validFrom!: string;
}

/** 保管庫の職員との対応の登録. */
@InputType({ description: '保管庫の職員との対応の登録' })
export class LinkVaultPersonInput extends VaultPersonInput {
  @Field(() => ID, APPROVAL)
  approvalRequestId!: string;
}

/** Who changes the register, as the request says it. @throws KuramoriError BAD_INPUT for a reason that is none */
export function registerChange({ caller, facts, clock }: ChangeContext, reason: string): RegisterChange {
  return {
    actorId: caller.actorId,
    at: clock.now(),
    purpose: facts.purpose,
    caseRef: facts.caseRef,
    requestId: facts.requestId,
    reason: enteredText(reason, 'reason', REASON_CHARS_MAX),
  };
}

/** What is asked for with a role. */
export function askedGrant({ staffId, role, validFrom, validTo }: RequestRoleGrantInput): AskedApproval {
  const until = validTo === null || validTo === undefined ? {} : { validTo };
  return { kind: 'grantRole', staffId, role, validFrom, ...until };
}

/** What is asked for with new credentials. */
export function askedReset({ staffId }: StaffInput): AskedApproval {
  return { kind: 'resetCredentials', staffId };
}

/** What is asked for with the end of a suspension. */
export function askedReactivation({ staffId }: StaffInput): AskedApproval {
  return { kind: 'reactivateStaff', staffId };
}

/** What is asked for with a person of the vault. */
export function askedLink({ staffId, vaultPersonId, validFrom }: VaultPersonInput): AskedApproval {
  return { kind: 'linkVaultPerson', staffId, vaultPersonId, validFrom };
}
