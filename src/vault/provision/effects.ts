import { KuramoriError } from '../../kernel/errors.js';
import {
  decideProvisionBodyForm,
  deleteCopiesBodyForm,
  registerCopiesBodyForm,
} from '../../protocol/provision.js';
import { z } from 'zod';
import { assertNotErased, lockNumbers } from '../erasure/erased.js';
import type { VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { subjectRefs } from '../operation/subjects.js';
import { assertLinked, refsLinkedWith } from '../record/linkage.js';
import { assertOwnCopies, keepCopies } from './copy.store.js';
import { carryMessage } from './message.js';
import { assertProvisionOn } from './switch.js';

/**
 * 副本登録: gives copies to the intermediary server, upserted by their record numbers (レコード識別番号). Answers
 * {@link ProvisionAnswer} with what became of each.
 * @throws KuramoriError FORBIDDEN_PURPOSE while nothing is given; CONFLICT when a reference and a unified addressee
 *   number are not linked, or a record number is another person's; BAD_INPUT, NOT_FOUND, ERASED
 */
export async function registerCopies(call: EffectCall): Promise<Effect> {
  const { messageId, copies } = readBody(registerCopiesBodyForm, call.body);
  if (copies.some(({ publishedFrom, publishedTo }) => publishedFrom > publishedTo))
    throw new KuramoriError('BAD_INPUT', 'A copy is published through a day before its first. Correct it.', {
      field: 'publishedTo',
    });
  const subjects = subjectsOf(call, copies);
  const assertMayBeGiven = async () => {
    const { context } = call;
    await assertProvisionOn(context);
    await context.database.transaction('vault.provision.subjects', async (tx) => {
      await lockNumbers(tx, subjects);
      await assertNotErased(tx, subjects);
      const pairs = new Map(copies.map((copy) => [`${copy.ref} ${copy.unifiedAddresseeNo}`, copy]));
      for (const { ref, unifiedAddresseeNo } of pairs.values())
        await assertLinked(tx, ref as VaultRef, unifiedAddresseeNo);
      await keepCopies(tx, copies, context.clock.now().toString());
    });
  };
  const given = copies.map(({ ref: _, ...copy }) => copy);
  const body = { copies: given };
  const message = { messageId, subjects, assertMayBeGiven };
  return carryMessage(call, { ...message, given: { kind: 'copy.register', body } });
}

/**
 * 副本削除, of copies that were registered for the person they are named with. Answers {@link ProvisionAnswer}.
 * @throws KuramoriError FORBIDDEN_PURPOSE while nothing is given; CONFLICT for a record number that is not the person's
 */
export async function deleteCopies(call: EffectCall): Promise<Effect> {
  const { context } = call;
  const { messageId, copies } = readBody(deleteCopiesBodyForm, call.body);
  const body = { recordIds: copies.map(({ recordId }) => recordId) };
  return carryMessage(call, {
    messageId,
    subjects: subjectsOf(call, copies),
    assertMayBeGiven: async () => {
      await assertProvisionOn(context);
      await assertOwnCopies(context.database, copies);
    },
    given: { kind: 'copy.delete', body },
  });
}

/** 提供の可否の決定, of what waits for a person (自動応答不可). Answers {@link ProvisionAnswer}. */
export async function decideProvision(call: EffectCall): Promise<Effect> {
  const { messageId, ...body } = readBody(decideProvisionBodyForm, call.body);
  const assertMayBeGiven = () => assertProvisionOn(call.context);
  const message = { messageId, subjects: [], assertMayBeGiven };
  return carryMessage(call, { ...message, given: { kind: 'provision.decide', body } });
}

/**
 * What waits for a person's decision, as the intermediary server tells the one who asks. Answers `{provisions}`.
 * @throws KuramoriError FORBIDDEN_PURPOSE while nothing is given, or when the server does not show it; TIMEOUT
 */
export async function listPendingProvisions(call: EffectCall): Promise<Effect> {
  const { context, actor } = call;
  await assertProvisionOn(context);
  readBody(z.strictObject({}), call.body);
  const { personId, unit } = actor.person;
  const { provisions } = await context.pushes.listed('pending-provisions', { person: { personId, unit } });
  const known = provisions.flatMap(({ unifiedAddresseeNo }) => unifiedAddresseeNo ?? []);
  const subjects = await refsLinkedWith(context.database, known);
  return { rows: provisions.length, subjects, result: { provisions } };
}

function subjectsOf(
  { assertion }: EffectCall,
  copies: readonly { readonly ref: string }[],
): readonly VaultRef[] {
  return subjectRefs(assertion, [...new Set(copies.map(({ ref }) => ref as VaultRef))]);
}
