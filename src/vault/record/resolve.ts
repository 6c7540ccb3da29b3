import { z } from 'zod';
import { isKuramoriError } from '../../kernel/errors.js';
import { SEALED_CHARS_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import { integrityFailure } from '../cipher/integrity.js';
import type { IndividualNumber } from '../number/individualNumber.js';
import { parseNumber } from '../number/parse.js';
import type { VaultRef } from '../number/vaultRef.js';
import { readBody } from '../operation/body.js';
import type { Effect, EffectCall } from '../operation/effects.js';
import { openInput } from '../operation/input.js';
import { indexValues, openNumber } from './opened.js';
import { findByIndex } from './record.store.js';

const form = z.strictObject({ number: z.string().max(SEALED_CHARS_MAX) });

/** 番号検索: number → reference. The answer always has the same shape; `ref` is null where there is none. */
export async function resolve({ context, assertion, body }: EffectCall): Promise<Effect> {
  const sealed = readBody(form, body).number;
  const number = parseNumber(await openInput(context, assertion, sealed, 'number'), 'lenient');
  try {
    const ref = await confirmed(context, number);
    return {
      rows: ref === undefined ? 0 : 1,
      subjects: ref === undefined ? [] : [ref],
      result: { ref: ref ?? null },
    };
  } finally {
    number.dispose();
  }
}

/** A hit of the index is confirmed by opening the record (handbook 14 §4): 128 bits are a promise, not a proof. */
async function confirmed(context: VaultContext, number: IndividualNumber): Promise<VaultRef | undefined> {
  const ref = await findByIndex(context.database, indexValues(context, number));
  if (ref === undefined) return undefined;
  try {
    const stored = await openNumber(context, ref);
    const same = stored.equals(number);
    stored.dispose();
    if (!same) throw integrityFailure();
    return ref;
  } catch (error) {
    // It was replaced: for new work it is not there (handbook 10 §2).
    if (isKuramoriError(error, 'CONFLICT')) return undefined;
    throw error;
  }
}
