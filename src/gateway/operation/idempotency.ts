import { createHash } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { idempotencyKeys } from '../../../schema/records/index.js';
import { KuramoriError } from '../../kernel/errors.js';
import type { Session } from '../../kernel/database/database.js';
import { violates } from '../../kernel/database/errors.js';

/** Keys of what a change changed, by payload field. */
export type OutcomeKeys = Readonly<Record<string, string>>;

/** A change as its idempotency key names it. */
export interface KeyedChange {
  readonly actorId: string;
  readonly key: string;
  readonly action: string;
  /** SHA-256 of the input. */
  readonly inputDigest: string;
}

const KEY_FORM = /^[A-Za-z0-9_-]{8,64}$/;

/**
 * Names a change by its input's idempotency key. A program makes it, of a day and a serial number as it likes: one in
 * eleven of twelve digits would pass for an individual number, and no program could choose another word.
 * @throws KuramoriError BAD_INPUT when the key has not 8 to 64 letters, digits, hyphens or underscores
 */
export function keyedChange(
  actorId: string,
  action: string,
  input: Readonly<Record<string, unknown>>,
): KeyedChange {
  const key = input['idempotencyKey'];
  if (typeof key !== 'string' || !KEY_FORM.test(key)) {
    throw new KuramoriError(
      'BAD_INPUT',
      'The idempotencyKey must have 8 to 64 letters, digits, hyphens or underscores.',
    );
  }
  return { actorId, key, action, inputDigest: createHash('sha256').update(stableText(input)).digest('hex') };
}

/**
 * The outcome of an earlier request with the same key.
 * @throws KuramoriError CONFLICT when the key was used for another change
 */
export async function earlierOutcome(
  session: Session,
  change: KeyedChange,
): Promise<OutcomeKeys | undefined> {
  const [row] = await session.run('idempotency.find', ({ orm }) =>
    orm
      .select()
      .from(idempotencyKeys)
      .where(and(eq(idempotencyKeys.actorId, change.actorId), eq(idempotencyKeys.key, change.key))),
  );
  if (!row) return undefined;
  if (row.action !== change.action || row.inputDigest !== change.inputDigest) {
    throw new KuramoriError('CONFLICT', 'The idempotencyKey was used for another change. Choose a new one.');
  }
  return JSON.parse(row.outcome) as OutcomeKeys;
}

/** Keeps the outcome, in the change's own transaction. */
export async function keepOutcome(tx: Session, change: KeyedChange, keys: OutcomeKeys): Promise<void> {
  await tx.run('idempotency.keep', ({ orm }) =>
    orm.insert(idempotencyKeys).values({ ...change, outcome: JSON.stringify(keys) }),
  );
}

/** Whether a change failed because another request with the same key was faster. */
export function lostRace(error: unknown): boolean {
  return violates(error, 'idempotency_key_once');
}

function stableText(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${stableText(member)}`)
    .join(',')}}`;
}
