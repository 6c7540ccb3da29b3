import { Arg, Ctx, Field, InputType, ObjectType, Resolver } from 'type-graphql';
import { needs } from '../../access/rules.js';
import {
  ChangeInput,
  type ChangeContext,
  type ChangeOutcome,
  type UserError,
} from '../../access/schema/change.js';
import { Change, Result, UserErrors } from '../../access/schema/define.js';
import { DateScalar, DateTimeScalar } from '../../kernel/graphql/scalars.js';
import { KuramoriError } from '../../kernel/errors.js';
import { outcomeOf } from '../../access/schema/outcome.js';
import { isWithinScope } from '../scope.graphql.js';
import type { Maybe } from '../../access/schema/reading.js';
import { ContactMethod } from '../words.graphql.js';
import { ContactRecord } from './contact.graphql.js';
import { assertNoCollection, contactEntry, type ContactMethodWord } from './contact.js';
import { findCase, insertContact } from './contact.store.js';

/** 折衝経過の入力. */
@InputType({ description: '折衝経過の入力' })
export class RecordContactInput extends ChangeInput {
  @Field(() => String, { description: '事案番号' })
  caseNo!: string;

  @Field(() => DateTimeScalar, { description: '折衝日時' })
  contactedAt!: string;

  @Field(() => ContactMethod, { description: '方法' })
  method!: ContactMethodWord;

  @Field(() => String, { description: '相手方' })
  counterpart!: string;

  @Field(() => String, { description: '内容' })
  summary!: string;

  @Field(() => DateScalar, { nullable: true, description: '次回予定日' })
  nextActionOn?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      '相手方からの連絡. While the case is with the collection organization, nothing else is recorded.',
  })
  cameFromCounterpart?: boolean | null;
}

@ObjectType({ description: '折衝経過記録の結果' })
export class RecordContactPayload {
  @Result(() => ContactRecord, { rule: needs('contact:read'), description: '記録した折衝経過' })
  contact!: Maybe<ContactRecord>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class ContactChanges {
  @Change(() => RecordContactPayload, { rule: needs('contact:write'), description: '折衝経過を記録する' })
  async recordContact(
    @Arg('input', () => RecordContactInput, INPUT) input: RecordContactInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const file = await findCase(tx, input.caseNo);
      if (file === undefined || !(await isWithinScope(tx, caller, file.addresseeNo))) {
        throw new KuramoriError('NOT_FOUND', 'There is no such case. Check its number.', { field: 'caseNo' });
      }
      if (file.closed) {
        throw new KuramoriError('CONFLICT', 'The case is closed. Record the contact in an open case.', {
          field: 'caseNo',
        });
      }
      const { contactedAt, method, counterpart, summary } = input;
      if (file.locked) assertNoCollection(input);
      const entry = contactEntry(
        { contactedAt, method, counterpart, summary, nextActionOn: input.nextActionOn ?? null },
        clock.now(),
      );
      return { contact: await insertContact(tx, file, entry, caller.actorId, changeId) };
    });
  }
}
