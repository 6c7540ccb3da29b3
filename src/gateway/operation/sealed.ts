import { GraphQLError } from 'graphql';
import { isKuramoriError, KuramoriError } from '../../kernel/errors.js';
import type { CarryToVault } from '../../access/schema/entity.js';
import type { ArgumentValues } from '../plan/prepare.js';
import type { ObjectShape, SealedShape } from '../plan/shape.js';
import type { RootRow } from './gather.js';

/** A number that was asked for, and where. */
interface Asked {
  readonly field: SealedShape;
  /** None when no number is registered. */
  readonly ref: string | null;
  readonly subject: string | undefined;
  readonly path: readonly string[];
}

/** What came of it. */
export interface SealedValues {
  readonly sealed: ReadonlyMap<SealedShape, string>;
  /** The vault's refusal, in place of the value. */
  readonly refused: { readonly error: KuramoriError; readonly path: readonly string[] } | undefined;
}

const NOTHING: SealedValues = { sealed: new Map(), refused: undefined };

/**
 * Has the vault seal the one number that the operation asks for. A refusal of the vault takes the field away and
 * nothing else; that the log cannot be written takes the answer.
 * @throws KuramoriError AUDIT_UNAVAILABLE
 */
export async function sealedValues(
  shape: ObjectShape,
  row: RootRow,
  argumentsByField: readonly ArgumentValues[],
  carry: CarryToVault,
): Promise<SealedValues> {
  const asked = findAsked(shape, row, undefined, []);
  if (asked === undefined || asked.ref === null) return NOTHING;
  const { field, subject, path } = asked;
  try {
    const { assertion, readerKey } = argumentsByField[field.argumentsIndex] ?? {};
    const operation = {
      coordinate: field.coordinate,
      assertion: String(assertion),
      body: { readerKey: parsedKey(readerKey) },
      subjects: subject === undefined ? [] : [subject],
    };
    const { individualNumber } = (await carry(operation)).result as { individualNumber?: unknown };
    if (typeof individualNumber !== 'string')
      throw new KuramoriError('VAULT_UNAVAILABLE', 'The vault answered in a form that is not known here.');
    return { sealed: new Map([[field, individualNumber]]), refused: undefined };
  } catch (error) {
    if (!isKuramoriError(error) || error.code === 'AUDIT_UNAVAILABLE' || error.code === 'INTERNAL')
      throw error;
    return { sealed: new Map(), refused: { error, path } };
  }
}

/** The refusal as the answer tells it. */
export function sealedError(
  { error, path }: NonNullable<SealedValues['refused']>,
  requestId: string,
  auditEntry: bigint,
): GraphQLError {
  const extensions = { code: error.code, ...error.facts, requestId, auditEntry: String(auditEntry) };
  return new GraphQLError(error.message, { path: [...path], extensions });
}

/** Only along objects: the plan refuses one in a list. */
function findAsked(
  shape: ObjectShape,
  row: RootRow,
  inherited: string | undefined,
  path: readonly string[],
): Asked | undefined {
  const own = shape.subjectSlot === undefined ? undefined : (row[shape.subjectSlot] as string | null);
  const subject = own ?? inherited;
  for (const field of shape.fields) {
    if (field.kind === 'sealed')
      return { field, ref: row[field.slot] as string | null, subject, path: [...path, field.key] };
    if (field.kind !== 'object' || row[field.slot] === null) continue;
    const found = findAsked(field.shape, row[field.slot] as RootRow, subject, [...path, field.key]);
    if (found) return found;
  }
  return undefined;
}

function parsedKey(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    throw new KuramoriError('BAD_INPUT', 'The reader key is not a JWK. Make it with the client package.');
  }
}

/**
 * A number is shown by a query, which changes nothing.
 * @throws KuramoriError BAD_INPUT
 */
export function assertNothingSealed(shape: ObjectShape): void {
  for (const field of shape.fields) {
    if (field.kind === 'sealed')
      throw new KuramoriError(
        'BAD_INPUT',
        'A number is asked for in a query, not in the answer of a change.',
      );
    if (field.kind === 'object') assertNothingSealed(field.shape);
  }
}
