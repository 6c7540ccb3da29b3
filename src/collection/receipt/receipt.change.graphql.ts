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
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { BANK_CODE_CHARS_MAX } from '../../kernel/limits.js';
import { outcomeOf } from '../../access/schema/outcome.js';
import { isWithinScope } from '../scope.graphql.js';
import { LevyLine } from '../levy/levy.graphql.js';
import { rowKey, type Maybe } from '../../access/schema/reading.js';
import { enteredText } from '../../kernel/text.js';
import { EnteredSource } from '../words.graphql.js';
import { debtorOf, ownerOf, taxItemExists } from './subjects.graphql.js';
import { Receipt } from './receipt.graphql.js';
import { assignUnidentified, enterManualReceipt, reverseReceipt } from './receipt.store.js';

/** 収納入力. */
@InputType({ description: '収納入力' })
export class EnterManualReceiptInput extends ChangeInput {
  @Field(() => EnteredSource, { description: '収納経路' })
  source!: 'counter' | 'manual';

  @Field(() => ID, {
    nullable: true,
    description: '消込先の調定番号. None: the receipt is unidentified (不明金).',
  })
  levyId?: string | null;

  @Field(() => String, { nullable: true, description: '納付書の税目コード' })
  taxItem?: string | null;

  @Field(() => YenScalar, { description: '税額' })
  taxAmount!: bigint;

  @Field(() => YenScalar, { nullable: true, description: '延滞金額（既定 0）' })
  lateChargeAmount?: bigint | null;

  @Field(() => DateScalar, { description: '領収日（納付日）' })
  paidOn!: string;

  @Field(() => DateScalar, { nullable: true, description: '到着日（既定 本日）' })
  receivedOn?: string | null;

  @Field(() => DateScalar, { nullable: true, description: '収入日（既定 本日）' })
  bookedOn?: string | null;

  @Field(() => String, { nullable: true, description: '取扱金融機関' })
  collectingBank?: string | null;
}

/** 収納取消. */
@InputType({ description: '収納取消' })
export class ReverseReceiptInput extends ChangeInput {
  @Field(() => ID, { description: '収納番号' })
  receiptId!: string;
}

/** 不明金消込. */
@InputType({ description: '不明金消込' })
export class AssignUnidentifiedReceiptInput extends ChangeInput {
  @Field(() => ID, { description: '収納番号' })
  receiptId!: string;

  @Field(() => ID, { description: '消込先の調定番号' })
  levyId!: string;
}

@ObjectType({ description: '収納入力の結果' })
export class EnterManualReceiptPayload {
  @Result(() => Receipt, { rule: needs('receipt:read'), description: '入力した収納' })
  receipt!: Maybe<Receipt>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

@ObjectType({ description: '収納取消の結果' })
export class ReverseReceiptPayload {
  @Result(() => Receipt, { rule: needs('receipt:read'), description: '取り消された収納' })
  receipt!: Maybe<Receipt>;

  @Result(() => Receipt, { rule: needs('receipt:read'), description: '取消の収納' })
  reversal!: Maybe<Receipt>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

@ObjectType({ description: '不明金消込の結果' })
export class AssignUnidentifiedReceiptPayload {
  @Result(() => Receipt, { rule: needs('receipt:read'), description: '消し込んだ収納' })
  receipt!: Maybe<Receipt>;

  @Result(() => LevyLine, { rule: needs('ledger:read'), description: '消込先の調定（期別）' })
  levyLine!: Maybe<LevyLine>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class ReceiptChanges {
  @Change(() => EnterManualReceiptPayload, { rule: needs('receipt:enter'), description: '収納を入力する' })
  async enterManualReceipt(
    @Arg('input', () => EnterManualReceiptInput, INPUT) input: EnterManualReceiptInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const { tx, clock, changeId } = context;
      const levy = isGiven(input.levyId) ? await knownLevy(context, input.levyId) : null;
      const day = today(clock);
      const receivedOn = input.receivedOn ?? day;
      if (receivedOn > day) {
        throw new KuramoriError('BAD_INPUT', 'A receipt cannot arrive later than today. Correct the day.', {
          field: 'receivedOn',
        });
      }
      const { receiptId } = await enterManualReceipt(
        tx,
        {
          source: input.source,
          levyId: levy?.levyId ?? null,
          taxItem: await knownTaxItem(context, input.taxItem ?? null, levy?.taxItem),
          taxAmount: input.taxAmount,
          lateChargeAmount: input.lateChargeAmount ?? 0n,
          paidOn: input.paidOn,
          receivedOn,
          bookedOn: input.bookedOn ?? day,
          collectingBank: isGiven(input.collectingBank)
            ? enteredText(input.collectingBank, 'collectingBank', BANK_CODE_CHARS_MAX)
            : null,
        },
        changeId,
        day,
      );
      return { receipt: receiptId };
    });
  }

  @Change(() => ReverseReceiptPayload, { rule: needs('receipt:reverse'), description: '収納を取り消す' })
  async reverseReceipt(
    @Arg('input', () => ReverseReceiptInput, INPUT) input: ReverseReceiptInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const id = await knownReceipt(context, input.receiptId);
      const { receiptId, reversalId } = await reverseReceipt(context.tx, id, context.changeId);
      return { receipt: receiptId, reversal: reversalId };
    });
  }

  @Change(() => AssignUnidentifiedReceiptPayload, {
    rule: needs('receipt:assign'),
    description: '不明金を消し込む',
  })
  async assignUnidentifiedReceipt(
    @Arg('input', () => AssignUnidentifiedReceiptInput, INPUT) input: AssignUnidentifiedReceiptInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const receiptId = await knownReceipt(context, input.receiptId);
      const { levyId } = await knownLevy(context, input.levyId);
      await assignUnidentified(context.tx, receiptId, levyId, context.changeId);
      return { receipt: receiptId, levyLine: levyId };
    });
  }
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

/** @throws KuramoriError NOT_FOUND also for a line of a person the caller may not know of */
async function knownLevy(
  { tx, caller }: ChangeContext,
  id: string,
): Promise<{ levyId: bigint; taxItem: string }> {
  const levyId = BigInt(rowKey(id));
  const debtor = await debtorOf(tx, levyId);
  if (debtor === undefined || !(await isWithinScope(tx, caller, debtor.addresseeNo))) {
    throw new KuramoriError('NOT_FOUND', 'There is no such levy line. Check its number.', {
      field: 'levyId',
    });
  }
  return { levyId, taxItem: debtor.taxItem };
}

async function knownReceipt({ tx, caller }: ChangeContext, id: string): Promise<bigint> {
  const receiptId = BigInt(rowKey(id));
  const owner = await ownerOf(tx, receiptId);
  if (owner === undefined || !(await isWithinScope(tx, caller, owner.addresseeNo))) {
    throw new KuramoriError('NOT_FOUND', 'There is no such receipt. Check its number.', {
      field: 'receiptId',
    });
  }
  return receiptId;
}

/**
 * The slip's item; one that contradicts the line it is applied to is a slip of the keys.
 * @param levied the line's item
 */
async function knownTaxItem(
  { tx }: ChangeContext,
  code: string | null,
  levied: string | undefined,
): Promise<string | null> {
  if (code === null) return levied ?? null;
  if (!(await taxItemExists(tx, code))) {
    throw new KuramoriError('NOT_FOUND', 'There is no such tax item. Choose one from the list.', {
      field: 'taxItem',
    });
  }
  if (levied !== undefined && levied !== code) {
    throw new KuramoriError('BAD_INPUT', 'The levy line is of another tax item. Correct one of them.', {
      field: 'taxItem',
    });
  }
  return code;
}
