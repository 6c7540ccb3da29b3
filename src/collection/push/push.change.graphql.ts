import { Arg, Ctx, Field, ID, InputType, ObjectType, Resolver } from 'type-graphql';
import { reachesNumbers } from '../../access/purposes.js';
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
import { instantText } from '../../kernel/clock.js';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import { isSameHolder } from '../../kernel/holder.js';
import { REASON_CHARS_MAX } from '../../kernel/limits.js';
import { enteredText } from '../../kernel/text.js';
import { isWithinScope } from '../scope.graphql.js';
import { assertInquirable, assertOpen, assertSignable } from './push.js';
import { pushKey, PushRequest } from './push.graphql.js';
import {
  findPush,
  findSubject,
  insertCancelled,
  insertPush,
  insertSigned,
  lockRefundToPay,
  withdrawSigned,
  type FoundPush,
  type NewPush,
  type SignedText,
} from './push.store.js';
import { badInput, noSuch, otherPerson, otherProcedure } from './refusal.js';
import { readSignedCancellation, readSignedPush, type SignedPush } from './signed.js';

/** What a terminal signed. */
@InputType({ description: '署名済の連携依頼' })
class SignedPushInput extends ChangeInput {
  @Field(() => String, {
    description: '操作認証 of the operation push. Signed on the terminal, serves once.',
  })
  assertion!: string;

  @Field(() => String, { description: '本文 (JSON) that the assertion’s digest covers; it names the push.' })
  body!: string;
}

/** 符号取得の依頼. */
@InputType({ description: '符号取得の依頼' })
export class AcquireCodeInput extends SignedPushInput {
  @Field(() => String, { description: '宛名番号' })
  addresseeNo!: string;
}

/** 公金受取口座の照会の依頼. */
@InputType({ description: '公金受取口座の照会の依頼' })
export class InquireRefundAccountInput extends SignedPushInput {
  @Field(() => ID, { description: '還付番号. Approved, not paid yet, of the person who consented.' })
  refundId!: string;
}

/** 連携依頼の再署名. */
@InputType({ description: '連携依頼の再署名' })
export class SignPushAgainInput extends SignedPushInput {}

/** 連携依頼の取消. */
@InputType({ description: '連携依頼の取消' })
export class CancelPushInput extends ChangeInput {
  @Field(() => ID, { description: '連携依頼番号' })
  pushRequestId!: string;

  @Field(() => String, {
    description: '操作認証 of the operation cancelPush. Signed on the terminal, serves once.',
  })
  assertion!: string;

  @Field(() => String, { description: '理由. Signed with the id, and kept with the state.' })
  reason!: string;
}

@ObjectType({ description: '連携依頼の結果' })
export class PushRequestPayload {
  @Result(() => PushRequest, { rule: needs('push:read'), description: '連携依頼' })
  pushRequest!: Maybe<PushRequest>;

  @UserErrors()
  userErrors!: readonly UserError[];
}

const INPUT = { description: '入力' };

@Resolver()
export class PushChanges {
  @Change(() => PushRequestPayload, {
    rule: needs('push:request'),
    description:
      '符号取得を依頼する. The worker hands it to the vault at once, the vault to the intermediary server.',
  })
  async acquireCode(
    @Arg('input', () => AcquireCodeInput, INPUT) input: AcquireCodeInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      assertOfACase(context);
      const text = signedText(input, context);
      const { body } = text.signed;
      if (body.procedure !== 'acquireCode') throw otherProcedure();
      await assertOfPerson(context, input.addresseeNo, text.signed, 'addresseeNo');
      await assertOwn(context, 'acquireCode', input, input.addresseeNo);
      const push = { ...asked(body, input.addresseeNo), refundId: null, consentId: null };
      await insertPush(context.tx, push, text);
      return { pushRequest: body.pushRequestId };
    });
  }

  @Change(() => PushRequestPayload, {
    rule: needs('push:request'),
    description:
      '公金受取口座を照会する. Once for a refund, with the consent that the vault keeps; the account stays in the vault.',
  })
  async inquireRefundAccount(
    @Arg('input', () => InquireRefundAccountInput, INPUT) input: InquireRefundAccountInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      assertOfACase(context);
      const text = signedText(input, context);
      const { body } = text.signed;
      if (body.procedure !== 'inquireRefundAccount') throw otherProcedure();
      const refundId = rowKey(input.refundId);
      if (body.refundId !== refundId) throw badInput('The body names another refund.', 'body');
      const refund = await lockRefundToPay(context.tx, BigInt(refundId));
      if (refund === undefined) throw noSuch('refund', 'refundId');
      await assertOfPerson(context, refund.addresseeNo, text.signed, 'refundId');
      await assertOwn(context, 'inquireRefundAccount', input, refund.addresseeNo);
      assertInquirable(refund);
      const push = asked(body, refund.addresseeNo);
      await insertPush(context.tx, { ...push, refundId: BigInt(refundId), consentId: body.consentId }, text);
      return { pushRequest: body.pushRequestId };
    });
  }

  @Change(() => PushRequestPayload, {
    rule: needs('push:request'),
    description:
      '連携依頼に再署名する. For one whose signature ended before the vault had it, or that the vault refused.',
  })
  async signPushAgain(
    @Arg('input', () => SignPushAgainInput, INPUT) input: SignPushAgainInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      assertOfACase(context);
      const text = signedText(input, context);
      const { body, bodyDigest } = text.signed;
      const push = await findOwn(context, body.pushRequestId, 'body');
      if (push.bodyDigest !== bodyDigest)
        throw new KuramoriError('CONFLICT', 'The body is not the one of the push. Sign the same again.', {
          field: 'body',
        });
      await assertOfPerson(context, push.addresseeNo, text.signed, 'body');
      await assertOwn(context, 'signPushAgain', input, push.addresseeNo);
      assertSignable(push, context.clock.now().epochMilliseconds);
      await withdrawSigned(context.tx, push.pushRequestId);
      await insertSigned(context.tx, push.pushRequestId, text);
      return { pushRequest: push.pushRequestId };
    });
  }

  @Change(() => PushRequestPayload, {
    rule: needs('push:cancel'),
    description: '連携依頼を取り消す. As long as nothing of it was transmitted; the vault decides.',
  })
  async cancelPush(
    @Arg('input', () => CancelPushInput, INPUT) input: CancelPushInput,
    @Ctx() context: ChangeContext,
  ): Promise<ChangeOutcome> {
    return outcomeOf(async () => {
      const cancelReason = enteredText(input.reason, 'reason', REASON_CHARS_MAX);
      const push = await findOwn(context, pushKey(input.pushRequestId), 'pushRequestId');
      await assertCancels(context, push, input);
      assertOpen(push);
      await withdrawSigned(context.tx, push.pushRequestId);
      if (await isCancelledAtVault(context, push, input)) return { pushRequest: push.pushRequestId };
      const noted = { at: instantText(context.clock), changeId: context.changeId };
      await insertCancelled(context.tx, push.pushRequestId, cancelReason, noted);
      return { pushRequest: push.pushRequestId };
    });
  }
}

/**
 * To whoever signed about another person the vault says that there is no such push; it must not be taken for its word
 * that it never had this one.
 * @throws KuramoriError BAD_INPUT, CONFLICT
 */
async function assertCancels(
  { tx }: ChangeContext,
  { pushRequestId, addresseeNo }: FoundPush,
  { assertion, reason }: CancelPushInput,
): Promise<void> {
  const ref = readSignedCancellation(assertion, { pushRequestId, reason });
  const person = await findSubject(tx, addresseeNo);
  if (person?.vaultRef !== ref) throw otherPerson();
}

/**
 * Carries the cancellation to the vault.
 * @returns false when the vault never had the push: then it ends here, for what was signed is out of the outbox
 */
async function isCancelledAtVault(
  { carry }: ChangeContext,
  { pushRequestId, addresseeNo, state, atVault }: FoundPush,
  { assertion, reason }: CancelPushInput,
): Promise<boolean> {
  // As it was signed: normalised, its digest would be another.
  const body = { pushRequestId, reason };
  try {
    await carry({ coordinate: 'Mutation.cancelPush', assertion, body, subjects: [addresseeNo] });
    return true;
  } catch (error) {
    if (isKuramoriError(error, 'NOT_FOUND') && !atVault && state !== 'HANDED_OVER') return false;
    throw error;
  }
}

/** @throws KuramoriError FORBIDDEN_PURPOSE, BAD_INPUT: what the vault could never do need not wait for it */
function assertOfACase({ facts }: ChangeContext): void {
  if (!reachesNumbers(facts.purpose))
    throw new KuramoriError(
      'FORBIDDEN_PURPOSE',
      'The purpose in the header kuramori-purpose reaches no number.',
    );
  if (facts.caseRef === undefined)
    throw new KuramoriError('BAD_INPUT', 'A push belongs to a case. Name it in the header kuramori-case.');
}

/** @throws KuramoriError UNAUTHENTICATED when somebody else signed than who is signed in */
function assertOwn(
  context: ChangeContext,
  change: string,
  { assertion }: SignedPushInput,
  addresseeNo: string,
): Promise<void> {
  return context.assertOwn({ coordinate: `Mutation.${change}`, assertion, subjects: [addresseeNo] });
}

function signedText({ assertion, body }: SignedPushInput, { clock, changeId }: ChangeContext): SignedText {
  const signed = readSignedPush(assertion, body, clock.now().epochMilliseconds);
  return { signed, assertion, body, changeId, at: instantText(clock) };
}

function asked(
  { pushRequestId, procedure }: SignedPush['body'],
  addresseeNo: string,
): Pick<NewPush, 'pushRequestId' | 'procedure' | 'addresseeNo'> {
  return { pushRequestId, procedure, addresseeNo };
}

/**
 * What was signed is about the person of the request: the vault, which knows references alone, could not tell.
 * @param field of the input that named the person
 * @throws KuramoriError NOT_FOUND, also for a person outside the caller's scope; CONFLICT
 */
async function assertOfPerson(
  { tx, caller }: ChangeContext,
  addresseeNo: string,
  { ref, body }: SignedPush,
  field: string,
): Promise<void> {
  const person = await findSubject(tx, addresseeNo);
  if (person === undefined || !(await isWithinScope(tx, caller, addresseeNo)))
    throw noSuch('addressee', field);
  if (person.vaultRef !== ref) throw otherPerson();
  if (person.unifiedAddresseeNo !== null && person.unifiedAddresseeNo !== body.unifiedAddresseeNo)
    throw new KuramoriError(
      'CONFLICT',
      'The body names another unified addressee number than the person has.',
      {
        field: 'body',
      },
    );
  // The vault compares the holder of the account with what was signed, and knows no name to compare that with.
  if (body.procedure === 'inquireRefundAccount' && !isSameHolder(body.holderKana, person.kana))
    throw new KuramoriError(
      'CONFLICT',
      'The body names another holder than the person’s kana. Sign it with the kana of the addressee.',
      { field: 'body' },
    );
}

async function findOwn(
  { tx, caller }: ChangeContext,
  pushRequestId: string,
  field: string,
): Promise<FoundPush> {
  const push = await findPush(tx, pushRequestId);
  if (push !== undefined && (await isWithinScope(tx, caller, push.addresseeNo))) return push;
  throw noSuch('push', field);
}
