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
import { findCase, type CaseStanding } from '../delinquency/contact.store.js';
import { readHolidays } from '../levy/holiday.store.js';
import { isWithinScope } from '../scope.graphql.js';
import { PromiseForm } from '../words.graphql.js';
import { InstalmentPromise } from './promise.graphql.js';
import { assertPromisable, promisePlan, type PromiseFormWord } from './promise.js';
import { findPromise, insertEnd, insertPromise, lockLines, type FoundPromise } from './promise.store.js';

/** 分納計画の一回分の入力. */
@InputType({ description: '分納計画の一回分' })
export class AgreedInstalmentInput {
  @Field(() => DateScalar, { description: '約束の日. A closed day is moved to the next open one.' })
  dueOn!: string;

  @Field(() => YenScalar, { description: '納付予定額' })
  amount!: bigint;
}

/** 分納誓約の登録. */
@InputType({ description: '分納誓約の登録' })
export class RegisterInstalmentPromiseInput extends ChangeInput {
  @Field(() => String, { description: '事案番号' })
  caseNo!: string;

  @Field(() => DateScalar, { description: '誓約日' })
  promisedOn!: string;

  @Field(() => String, { description: '誓約した者' })
  promisedBy!: string;

  @Field(() => PromiseForm, { description: '方式. Only a written promise renews limitation.' })
  form!: PromiseFormWord;

  @Field(() => Boolean, {
    nullable: true,
    description:
      '一部納付を全期別の承認とする特約. Whether each payment acknowledges all lines of a written promise.',
  })
  paymentsAcknowledgeAll?: boolean | null;

  @Field(() => [ID], { description: '誓約に係る期別の調定番号' })
  levyIds!: string[];

  @Field(() => [AgreedInstalmentInput], {
    description: '分納計画, in the order of days. Its sum is what the lines owe today.',
  })
  instalments!: AgreedInstalmentInput[];

  @Field(() => ID, {
    nullable: true,
    description: '変更前の分納誓約. It ends with this one and stays readable.',
  })
  replacesId?: string | null;

  @Field(() => String, { nullable: true, description: '変更の理由. Needed with `replacesId`.' })
  reason?: string | null;
}

/** 分納誓約の取消. */
@InputType({ description: '分納誓約の取消' })
export class CancelInstalmentPromiseInput extends ChangeInput {
  @Field(() => ID, { description: '分納誓約の番号' })
  promiseId!: string;

  @Field(() => String, { description: '理由' })
  reason!: string;
}

@ObjectType({ description: '分納誓約登録の結果' })
export class RegisterInstalmentPromisePayload {
  @Result(() => InstalmentPromise, { rule: needs('promise:read'), description: '登録した分納誓約' })
  promise!: Maybe<InstalmentPromise>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

@ObjectType({ description: '分納誓約取消の結果' })
export class CancelInstalmentPromisePayload {
  @Result(() => InstalmentPromise, { rule: needs('promise:read'), description: '取り消した分納誓約' })
  promise!: Maybe<InstalmentPromise>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class PromiseChanges {
  @Change(() => RegisterInstalmentPromisePayload, {
    rule: needs('promise:write'),
    description: '分納誓約を登録する',
  })
  async registerInstalmentPromise(
    @Arg('input', () => RegisterInstalmentPromiseInput, INPUT) input: RegisterInstalmentPromiseInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const { tx, caller, changeId } = context;
      const day = today(context.clock);
      const file = await openCase(context, input.caseNo);
      const replaced = await replacedPromise(context, file, input);
      const plan = promisePlan(entryOf(input), file.openedOn, day, await readHolidays(tx));
      const lines = await lockLines(tx, plan.levyIds, replaced?.id, day);
      assertPromisable(plan, file.addresseeNo, lines);
      if (replaced !== undefined) {
        const reason = enteredText(input.reason ?? '', 'reason', REASON_CHARS_MAX);
        await insertEnd(tx, replaced.id, { kind: 'replaced', endedOn: day, reason }, changeId);
      }
      const { id: caseId, addresseeNo } = file;
      const of = { caseId, addresseeNo, recordedBy: caller.actorId, replacesId: replaced?.id ?? null };
      return { promise: await insertPromise(tx, plan, of, changeId) };
    });
  }

  @Change(() => CancelInstalmentPromisePayload, {
    rule: needs('promise:write'),
    description: '分納誓約を取り消す',
  })
  async cancelInstalmentPromise(
    @Arg('input', () => CancelInstalmentPromiseInput, INPUT) input: CancelInstalmentPromiseInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const reason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const found = await standingPromise(context, input.promiseId, 'promiseId');
      const ending = { kind: 'cancelled', endedOn: today(context.clock), reason } as const;
      await insertEnd(context.tx, found.id, ending, context.changeId);
      return { promise: found.id };
    });
  }
}

/** The case in which a promise is made: open, within the caller's scope, and collected here. */
async function openCase({ tx, caller }: ChangeContext, caseNo: string): Promise<CaseStanding> {
  const file = await findCase(tx, caseNo);
  if (file === undefined || !(await isWithinScope(tx, caller, file.addresseeNo)))
    throw new KuramoriError('NOT_FOUND', 'There is no such case. Check its number.', { field: 'caseNo' });
  if (file.closed)
    throw new KuramoriError('CONFLICT', 'The case is closed. Register the promise in an open case.', {
      field: 'caseNo',
    });
  if (file.locked)
    throw new KuramoriError(
      'CONFLICT',
      'The case is with the collection organization, which alone collects it. Pass the promise on to it.',
      { field: 'caseNo' },
    );
  return file;
}

async function replacedPromise(
  context: ChangeContext,
  { addresseeNo }: CaseStanding,
  { replacesId }: RegisterInstalmentPromiseInput,
): Promise<FoundPromise | undefined> {
  if (replacesId === null || replacesId === undefined) return undefined;
  const found = await standingPromise(context, replacesId, 'replacesId');
  if (found.addresseeNo !== addresseeNo)
    throw new KuramoriError('NOT_FOUND', 'There is no such promise in the case. Check its number.', {
      field: 'replacesId',
    });
  return found;
}

/** A promise that can still be ended: it runs, or was broken. */
async function standingPromise(
  { tx, caller, clock }: ChangeContext,
  promiseId: string,
  field: 'promiseId' | 'replacesId',
): Promise<FoundPromise> {
  const found = await findPromise(tx, BigInt(rowKey(promiseId)), today(clock));
  if (found === undefined || !(await isWithinScope(tx, caller, found.addresseeNo)))
    throw new KuramoriError('NOT_FOUND', 'There is no such promise. Check its number.', { field });
  if (found.state !== 'running' && found.state !== 'broken')
    throw new KuramoriError('CONFLICT', 'The promise was kept or has ended already. Read it again.', {
      field,
    });
  return found;
}

function entryOf(input: RegisterInstalmentPromiseInput) {
  const { promisedOn, promisedBy, form, paymentsAcknowledgeAll, levyIds, instalments } = input;
  return {
    promisedOn,
    promisedBy,
    form,
    paymentsAcknowledgeAll: paymentsAcknowledgeAll ?? false,
    levyIds: levyIds.map((id) => BigInt(rowKey(id))),
    instalments: instalments.map(({ dueOn, amount }) => ({ dueOn, amount })),
  };
}
