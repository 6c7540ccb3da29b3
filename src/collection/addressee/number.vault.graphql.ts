import { Arg, Ctx, Field, ID, InputType, ObjectType, Resolver } from 'type-graphql';
import { needs } from '../../access/rules.js';
import {
  ChangeInput,
  type ChangeContext,
  type ChangeOutcome,
  type UserError,
} from '../../access/schema/change.js';
import { carriedBody, carriedOperation, carriedRefs } from '../../access/schema/carried.js';
import { Structural } from '../../access/schema/connection.js';
import { Change, Given, QueryProvided, Result, UserErrors } from '../../access/schema/define.js';
import { outcomeOf, outcomeWith } from '../../access/schema/outcome.js';
import type { Maybe } from '../../access/schema/reading.js';
import { DateTimeScalar } from '../../kernel/graphql/scalars.js';
import type { VaultOperation } from '../../kernel/vaultOperations.js';
import { assertPaysOut } from '../refund/payout.js';
import { Addressee } from './addressee.graphql.js';
import { followVault } from './number.follow.js';
import { addresseeOfReference, keepReference, lockUnregistered } from './number.store.js';

/** 保管庫の公開鍵. */
@Structural.type('VaultKeys', '保管庫の公開鍵. What terminals seal to the vault with.')
export class VaultKeys {
  @Structural(() => String, {
    description:
      '鍵の一覧（保管庫の署名つき）, `{keys, signed}` as JSON. Terminals verify `signed` with their anchor.',
  })
  published!: string;
}

/** 保管庫の再認証. */
@Structural.type('VaultStepUp', '保管庫の再認証. For one person, terminal and purpose.')
export class VaultStepUp {
  @Structural(() => ID, { description: '再認証番号. Named in what the terminal signs next.' })
  stepUp!: string;

  @Structural(() => DateTimeScalar, { description: '有効期限（含まない）' })
  until!: string;
}

/** 番号検索の結果. */
@Structural.type('NumberSearch', '番号検索の結果')
export class NumberSearch {
  @Structural(() => String, {
    description: '宛名番号. Null when the number is not registered, or belongs to nobody here.',
    nullable: true,
  })
  addresseeNo!: string | null;
}

const ASSERTION = {
  type: () => String,
  description: '操作認証. Signed on the terminal, serves once, for 60 seconds.',
  required: true,
} as const;

/** What is asked of the vault. The gateway carries it and reads none of it. */
@Resolver()
export class NumberQueries {
  @QueryProvided(() => VaultKeys, {
    rule: needs('addressee:read'),
    description: '保管庫の公開鍵',
    provide: async ({ vaultKeys }) => ({
      value: { published: JSON.stringify(await vaultKeys()) },
      rows: 1,
      subjects: [],
    }),
  })
  vaultKeys!: VaultKeys;

  @QueryProvided(() => VaultStepUp, {
    rule: needs('addressee:identity'),
    description: '保管庫の再認証. Five minutes, for the purpose of the assertion.',
    args: {
      assertion: ASSERTION,
      factor: {
        type: () => String,
        description: '保管庫あてに封緘したワンタイムコード (JWE)',
        required: true,
      },
    },
    provide: async ({ carry }, { assertion, factor }) => {
      const asked = {
        coordinate: 'Query.vaultStepUp',
        assertion: String(assertion),
        body: { factor },
        subjects: [],
      };
      return { value: (await carry(asked)).result, rows: 1, subjects: [] };
    },
  })
  vaultStepUp!: VaultStepUp;

  @QueryProvided(() => NumberSearch, {
    rule: needs('number:search'),
    description: '番号検索. The answer has the same form whether the number is registered or not.',
    args: {
      assertion: ASSERTION,
      number: { type: () => String, description: '保管庫あてに封緘した個人番号 (JWE)', required: true },
    },
    provide: async ({ carry, session, caller }, { assertion, number }) => {
      const coordinate = 'Query.addresseeOfNumber';
      const { result } = await carry({
        coordinate,
        assertion: String(assertion),
        body: { number },
        subjects: [],
      });
      const { ref } = result as { ref: string | null };
      const addresseeNo = ref === null ? undefined : await addresseeOfReference(session, caller, ref);
      const subjects = addresseeNo === undefined ? [] : [addresseeNo];
      return { value: { addresseeNo: addresseeNo ?? null }, rows: subjects.length, subjects };
    },
  })
  addresseeOfNumber!: NumberSearch;
}

/** 個人番号の登録の入力. */
@InputType({ description: '個人番号の登録の入力' })
export class RegisterIndividualNumberInput extends ChangeInput {
  @Field(() => String, { description: '宛名番号' })
  addresseeNo!: string;

  @Field(() => String, { description: '操作認証. Signed on the terminal, serves once.' })
  assertion!: string;

  @Field(() => String, { description: '保管庫あてに封緘した個人番号 (JWE)' })
  number!: string;

  @Field(() => String, { nullable: true, description: '団体内統合宛名番号（15桁）' })
  unifiedAddresseeNo?: string | null;
}

@ObjectType({ description: '個人番号の登録の結果' })
export class RegisterIndividualNumberPayload {
  @Result(() => Addressee, { rule: needs('addressee:read'), description: '宛名' })
  addressee!: Maybe<Addressee>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

/** 保管庫の操作の入力. */
@InputType({ description: '保管庫の操作の入力' })
export class OperateVaultInput extends ChangeInput {
  @Field(() => String, { description: '操作認証. Signed on the terminal, serves once.' })
  assertion!: string;

  @Field(() => String, { description: '本文 (JSON) that the assertion’s digest covers' })
  body!: string;
}

/** 保管庫の回答. */
@Structural.type('VaultOutcome', '保管庫の回答')
export class VaultOutcome {
  @Structural(() => String, { description: '結果 (JSON)' })
  result!: string;

  @Structural(() => String, { description: '保管庫の記録の通番' })
  vaultEntry!: string;

  @Structural(() => String, {
    description:
      '警告. `REFERENCE_TAKEN`: the new number is another addressee’s here, so that nobody was referred to it; the ' +
      'auditors were told. Look for a person who was entered twice. `REFERENCE_LOST`: the vault does not know the ' +
      'reference, as after a restore; it was taken from the addressee, and the number must be registered again.',
    nullable: true,
  })
  alarm!: string | null;
}

@ObjectType({ description: '保管庫の操作の結果' })
export class OperateVaultPayload {
  @Given(() => VaultOutcome, {
    description: '保管庫の回答. Told once; the vault tells it again to the same assertion.',
  })
  outcome!: VaultOutcome | null;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class NumberChanges {
  @Change(() => RegisterIndividualNumberPayload, {
    rule: needs('number:register'),
    description: '個人番号を登録する. The number goes to the vault; its reference is kept here.',
  })
  async registerIndividualNumber(
    @Arg('input', () => RegisterIndividualNumberInput, INPUT) input: RegisterIndividualNumberInput,
    @Ctx() { tx, caller, carry }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const { addresseeNo, assertion, number, unifiedAddresseeNo } = input;
      await lockUnregistered(tx, caller, addresseeNo);
      const body = { number, ...(unifiedAddresseeNo ? { unifiedAddresseeNo } : {}) };
      const coordinate = 'Mutation.registerIndividualNumber';
      const { result } = await carry({ coordinate, assertion, body, subjects: [addresseeNo] });
      await keepReference(tx, addresseeNo, (result as { ref: string }).ref);
      return { addressee: addresseeNo };
    });
  }

  @Change(() => OperateVaultPayload, {
    rule: needs('number:administer'),
    carries: true,
    description:
      '保管庫の操作. Approvals (二人承認), reviews of analyses of the log (ログの分析), holds, supersession, the end of ' +
      'tasks, erasure, refund accounts (公金受取口座) and consents to their use, packages (移管データ), 情報提供: as the ' +
      'terminal signed them; the vault decides.',
  })
  async operateVault(
    @Arg('input', () => OperateVaultInput, INPUT) { assertion, body }: OperateVaultInput,
    @Ctx() { tx, caller, carry, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeWith(async () => {
      const operation = carriedOperation(assertion, CARRIED);
      const signed = carriedBody(body);
      if (operation === 'takeRefundAccount') await assertPaysOut(tx, caller, signed);
      const coordinate = 'Mutation.operateVault';
      const { result, entry } = await carry({ coordinate, assertion, body: signed, subjects: [] });
      const refs = carriedRefs(assertion, signed);
      const { taken, lost } = await followVault(tx, { operation, refs, result, changeId });
      const alarm = taken.length > 0 ? 'REFERENCE_TAKEN' : lost.length > 0 ? 'REFERENCE_LOST' : null;
      return {
        given: { outcome: { result: JSON.stringify(result), vaultEntry: entry, alarm } },
        raised: [
          ...taken.map(({ addresseeNo, holderNo }) => ({
            reason: 'referenceTaken',
            subjects: [addresseeNo, holderNo],
          })),
          ...lost.map((addresseeNo) => ({ reason: 'referenceLost', subjects: [addresseeNo] })),
        ],
      };
    });
  }

  @Change(() => OperateVaultPayload, {
    rule: needs('audit:read'),
    description:
      '監査責任者の承認・確認. Step-up, look and decision of the audit officer of the vault’s register, and review of an ' +
      'analysis of the log (ログの分析), for the purpose AUDIT: as the terminal signed them; the vault decides.',
  })
  async approveAsAuditor(
    @Arg('input', () => OperateVaultInput, INPUT) { assertion, body }: OperateVaultInput,
    @Ctx() { carry }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeWith(async () => {
      carriedOperation(assertion, DECIDED);
      const coordinate = 'Mutation.approveAsAuditor';
      const asked = { coordinate, assertion, body: carriedBody(body), subjects: [], auditing: true } as const;
      const { result, entry } = await carry(asked);
      return { given: { outcome: { result: JSON.stringify(result), vaultEntry: entry, alarm: null } } };
    });
  }
}

/** What the audit officer (監査責任者) of the vault's register decides: the vault sees to it that it is he. */
const DECIDED: ReadonlySet<VaultOperation> = new Set<VaultOperation>([
  'stepUp',
  'openApproval',
  'decideApproval',
  'openAnalysis',
  'reviewAnalysis',
]);

/**
 * What has no field of its own, and the number that is to come after another (番号変更), whose reference is answered.
 * Whoever asks for a number goes by the field that asks for its function.
 */
const CARRIED: ReadonlySet<VaultOperation> = new Set<VaultOperation>([
  'register',
  'requestApproval',
  'openApproval',
  'decideApproval',
  'openAnalysis',
  'reviewAnalysis',
  'hold',
  'releaseHold',
  'supersede',
  'erase',
  'endTask',
  'resumeTask',
  'listCandidates',
  'status',
  'recordConsent',
  'withdrawConsent',
  'viewRefundAccount',
  'revealRefundAccount',
  'takeRefundAccount',
  'confirmRefundPayment',
  'packageAssemble',
  'packageRelease',
  'registerCopies',
  'deleteCopies',
  'listPendingProvisions',
  'decideProvision',
  'switchProvision',
  'openBreakGlass',
  'reviewBreakGlass',
  'listBreakGlass',
]);
