import { Arg, Ctx, Field, ID, InputType, ObjectType, Resolver } from 'type-graphql';
import { DateScalar } from '../kernel/graphql/scalars.js';
import { STAFF_NAME_CHARS_MAX } from '../kernel/limits.js';
import { enteredText } from '../kernel/text.js';
import { useApproval } from './register/approval.js';
import type { RegisterChange } from './register/change.js';
import { grantRole, revokeRole } from './register/grants.js';
import {
  createStaff,
  moveDepartment,
  reactivateStaff,
  resetCredentials,
  revokeStaff,
  suspendStaff,
} from './register/staff.js';
import { linkVaultPerson, unlinkVaultPerson } from './register/vaultPerson.js';
import {
  askedGrant,
  askedLink,
  askedReactivation,
  askedReset,
  GrantRoleInput,
  LinkVaultPersonInput,
  ReactivateStaffInput,
  registerChange,
  RegisterInput,
  ResetCredentialsInput,
  StaffInput,
  VaultPersonInput,
} from './registerInput.graphql.js';
import { needs } from './rules.js';
import type { ChangeContext, ChangeOutcome, UserError } from './schema/change.js';
import { Structural } from './schema/connection.js';
import { Change, Given, Result, UserErrors } from './schema/define.js';
import { outcomeOf, outcomeWith } from './schema/outcome.js';
import { rowKey, type Maybe } from './schema/reading.js';
import { RoleGrant, Staff } from './staff.read.graphql.js';

export { StaffQueries } from './staff.read.graphql.js';

const READ = needs('staff:read');
const ADMINISTER = needs('staff:administer');
const GRANT = needs('role:grant');

/** 職員登録. */
@InputType({ description: '職員登録' })
export class CreateStaffInput extends StaffInput {
  @Field(() => String, { description: '個人識別番号. The same for all accounts of one natural person.' })
  personId!: string;

  @Field(() => String, { description: '氏名' })
  name!: string;

  @Field(() => String, { description: 'カナ' })
  kana!: string;

  @Field(() => String, { description: '所属コード' })
  department!: string;

  @Field(() => DateScalar, { description: '在職開始日' })
  employmentFrom!: string;

  @Field(() => DateScalar, { nullable: true, description: '在職終了日' })
  employmentTo?: string | null;
}

/** 異動. */
@InputType({ description: '異動' })
export class MoveStaffInput extends StaffInput {
  @Field(() => String, { description: '異動先の所属コード' })
  department!: string;

  @Field(() => DateScalar, { description: '異動日' })
  validFrom!: string;

  @Field(() => DateScalar, { nullable: true, description: '引継期間の終了日' })
  handoverTo?: string | null;
}

/** 権限取消. */
@InputType({ description: '権限取消' })
export class RevokeRoleInput extends RegisterInput {
  @Field(() => ID, { description: '付与番号' })
  grantId!: string;

  @Field(() => DateScalar, { description: '取消日. The first day without the role.' })
  effectiveOn!: string;
}

/** 初期登録コード. */
@ObjectType({ description: '初期登録コード. Shown once; hand it to the person on paper.' })
export class EnrolmentCodeShown {
  @Structural(() => String, { description: 'コード' })
  enrolmentCode!: string;
}

@ObjectType({ description: '職員の更新の結果' })
export class StaffPayload {
  @Result(() => Staff, { rule: READ, description: '職員' })
  staff!: Maybe<Staff>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

@ObjectType({ description: '職員の更新の結果（初期登録コードを伴うもの）' })
export class StaffEnrolmentPayload {
  @Result(() => Staff, { rule: READ, description: '職員' })
  staff!: Maybe<Staff>;

  @Given(() => EnrolmentCodeShown, { description: '初期登録コード. None when the request is a repeat.' })
  enrolment!: Maybe<EnrolmentCodeShown>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

@ObjectType({ description: '権限の更新の結果' })
export class RoleGrantPayload {
  @Result(() => RoleGrant, { rule: READ, description: '権限付与' })
  grant!: Maybe<RoleGrant>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class StaffMutations {
  @Change(() => StaffEnrolmentPayload, {
    rule: ADMINISTER,
    recordedAs: 'staffChange',
    description: '職員を登録する',
  })
  async createStaff(
    @Arg('input', () => CreateStaffInput, INPUT) input: CreateStaffInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeWith(async () => {
      const { staffId, personId, department, employmentFrom } = input;
      const enrolment = await createStaff(context.tx, registerChange(context, input.reason), {
        staffId,
        personId: enteredText(personId, 'personId', STAFF_NAME_CHARS_MAX),
        name: enteredText(input.name, 'name', STAFF_NAME_CHARS_MAX),
        kana: enteredText(input.kana, 'kana', STAFF_NAME_CHARS_MAX),
        department,
        employmentFrom,
        employmentTo: input.employmentTo ?? undefined,
      });
      return { keys: { staff: staffId }, given: { enrolment } };
    });
  }

  @Change(() => StaffPayload, { rule: ADMINISTER, recordedAs: 'staffChange', description: '職員を停止する' })
  async suspendStaff(
    @Arg('input', () => StaffInput, INPUT) input: StaffInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return changed(input, context, suspendStaff);
  }

  @Change(() => StaffPayload, {
    rule: ADMINISTER,
    recordedAs: 'staffChange',
    description: '職員の停止を解除する. By an approval of another administrator.',
  })
  async reactivateStaff(
    @Arg('input', () => ReactivateStaffInput, INPUT) input: ReactivateStaffInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return changed(input, context, async (tx, change, staffId) => {
      await useApproval(tx, change, BigInt(rowKey(input.approvalRequestId)), askedReactivation(input));
      await reactivateStaff(tx, change, staffId);
    });
  }

  @Change(() => StaffPayload, {
    rule: ADMINISTER,
    recordedAs: 'staffChange',
    description: '職員を抹消する. Final, and at once.',
  })
  async revokeStaff(
    @Arg('input', () => StaffInput, INPUT) input: StaffInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return changed(input, context, revokeStaff);
  }

  @Change(() => StaffPayload, {
    rule: ADMINISTER,
    recordedAs: 'staffChange',
    description: '職員を異動させる',
  })
  async moveStaff(
    @Arg('input', () => MoveStaffInput, INPUT) input: MoveStaffInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    const { department, validFrom } = input;
    const move = { department, validFrom, handoverTo: input.handoverTo ?? undefined };
    return changed(input, context, (tx, change, staffId) => moveDepartment(tx, change, staffId, move));
  }

  @Change(() => StaffPayload, {
    rule: ADMINISTER,
    recordedAs: 'staffChange',
    description:
      '保管庫の職員との対応を登録する. By an approval of another administrator. ' +
      'The gateway carries what that person signed, and of nobody else.',
  })
  async linkVaultPerson(
    @Arg('input', () => LinkVaultPersonInput, INPUT) input: LinkVaultPersonInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return changed(input, context, async (tx, change, staffId) => {
      await useApproval(tx, change, BigInt(rowKey(input.approvalRequestId)), askedLink(input));
      await linkVaultPerson(tx, change, staffId, input);
    });
  }

  @Change(() => StaffPayload, {
    rule: ADMINISTER,
    recordedAs: 'staffChange',
    description: '保管庫の職員との対応を終了する',
  })
  async unlinkVaultPerson(
    @Arg('input', () => VaultPersonInput, INPUT) input: VaultPersonInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return changed(input, context, (tx, change, staffId) => unlinkVaultPerson(tx, change, staffId, input));
  }

  @Change(() => StaffEnrolmentPayload, {
    rule: ADMINISTER,
    recordedAs: 'staffChange',
    description: '認証要素を再登録させる. By an approval of another administrator.',
  })
  async resetCredentials(
    @Arg('input', () => ResetCredentialsInput, INPUT) input: ResetCredentialsInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeWith(async () => {
      const change = registerChange(context, input.reason);
      await useApproval(context.tx, change, BigInt(rowKey(input.approvalRequestId)), askedReset(input));
      const enrolment = await resetCredentials(context.tx, change, input.staffId);
      return { keys: { staff: input.staffId }, given: { enrolment } };
    });
  }

  @Change(() => RoleGrantPayload, {
    rule: GRANT,
    recordedAs: 'roleChange',
    description: '役割を付与する. By an approval of another administrator.',
  })
  async grantRole(
    @Arg('input', () => GrantRoleInput, INPUT) input: GrantRoleInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const { role, validFrom } = input;
      const change = registerChange(context, input.reason);
      await useApproval(context.tx, change, BigInt(rowKey(input.approvalRequestId)), askedGrant(input));
      const grant = { role, validFrom, validTo: input.validTo ?? undefined };
      return { grant: await grantRole(context.tx, change, input.staffId, grant) };
    });
  }

  @Change(() => RoleGrantPayload, {
    rule: GRANT,
    recordedAs: 'roleChange',
    description: '役割の付与を取り消す',
  })
  async revokeRole(
    @Arg('input', () => RevokeRoleInput, INPUT) input: RevokeRoleInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const grantId = BigInt(rowKey(input.grantId));
      await revokeRole(context.tx, registerChange(context, input.reason), grantId, input.effectiveOn);
      return { grant: grantId };
    });
  }
}

async function changed(
  { staffId, reason }: StaffInput,
  context: ChangeContext,
  work: (tx: ChangeContext['tx'], change: RegisterChange, staffId: string) => Promise<void>,
): Promise<ChangeOutcome> {
  return outcomeOf(async () => {
    await work(context.tx, registerChange(context, reason), staffId);
    return { staff: staffId };
  });
}
