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
import { DateScalar } from '../../kernel/graphql/scalars.js';
import { isWithinScope } from '../scope.graphql.js';
import { DispositionEndKind } from '../words.graphql.js';
import { Disposition } from './disposition.graphql.js';
import { organizationEnd, type OrganizationEnd } from './organizationEnd.js';
import { insertEnd, lockDisposition } from './organizationEnd.store.js';

/** 機構の処分の終了の入力. */
@InputType({ description: '機構の処分の終了の入力' })
export class EndOrganizationDispositionInput extends ChangeInput {
  @Field(() => ID, { description: '処分番号' })
  dispositionId!: string;

  @Field(() => DispositionEndKind, { description: '区分' })
  kind!: OrganizationEnd['kind'];

  @Field(() => DateScalar, { description: '終了日' })
  endedOn!: string;

  @Field(() => String, {
    description: '証拠. The notice of the organization that tells of it: number and day.',
  })
  evidence!: string;
}

@ObjectType({ description: '機構の処分の終了の結果' })
export class EndOrganizationDispositionPayload {
  @Result(() => Disposition, { rule: needs('disposition:read'), description: '終了した処分' })
  disposition!: Maybe<Disposition>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class OrganizationEndChanges {
  @Change(() => EndOrganizationDispositionPayload, {
    rule: needs('transfer:manage'),
    description:
      '機構の処分の終了を入力する. Of a case that the organization has given back, which no result of it tells about any more.',
  })
  async endOrganizationDisposition(
    @Arg('input', () => EndOrganizationDispositionInput, INPUT) input: EndOrganizationDispositionInput,
    @Ctx() { tx, caller, clock, changeId }: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const { kind, endedOn, evidence } = input;
      const dispositionId = BigInt(rowKey(input.dispositionId));
      const found = await lockDisposition(tx, dispositionId);
      if (found === undefined || !(await isWithinScope(tx, caller, found.addresseeNo)))
        throw new KuramoriError('NOT_FOUND', 'There is no such disposition. Check its number.', {
          field: 'dispositionId',
        });
      const entry = organizationEnd({ kind, endedOn, evidence }, found, today(clock));
      await insertEnd(tx, dispositionId, { ...entry, enteredBy: caller.actorId }, changeId);
      return { disposition: dispositionId };
    });
  }
}
