import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { WATCH_CATEGORIES } from '../../../schema/vault/analysis.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { assertOfficer, officerId } from '../evidence/entering.js';
import type { EnteredAt } from '../operatorCommand.js';
import { isVaultRef, type VaultRef } from '../number/vaultRef.js';
import { requirePerson } from '../staff/staff.store.js';
import type { LogFact } from './fact.js';
import { findWatch, insertWatch, isRegistered } from './watchList.store.js';

/** 世帯員, 同僚, 著名人 (handbook 11 §5). */
export type WatchCategory = (typeof WATCH_CATEGORIES)[number];

/** 注視対象: whose use is looked at, and between which days. A reference, never a number. */
export interface WatchEntry {
  readonly watchId: string;
  readonly ref: VaultRef;
  readonly category: WatchCategory;
  /** 職員 whose household it is; the colleague himself; nobody of a public figure. */
  readonly personId: string | null;
  readonly validFrom: IsoDate;
  /** Inclusive. */
  readonly validTo: IsoDate | null;
}

const day = z.iso.date();

/** 注視対象の登録, by an officer. */
export const watchForm = z
  .strictObject({
    by: officerId,
    ref: z.custom<VaultRef>(isVaultRef),
    category: z.enum(WATCH_CATEGORIES),
    personId: officerId.optional(),
    validFrom: day,
    validTo: day.optional(),
  })
  .refine(({ category, personId }) => (category === 'publicFigure') === (personId === undefined))
  .refine(({ validFrom, validTo }) => validTo === undefined || validTo >= validFrom);

/** The end of an entry of the list, by an officer. */
export const watchEndForm = z.strictObject({
  by: officerId,
  watchId: z.string().regex(/^WL-[0-9a-f-]{36}$/),
  validTo: day,
});

/**
 * Enters somebody into the list.
 * @returns the number of the entry
 * @throws KuramoriError NOT_FOUND for an unknown reference or person; FORBIDDEN_PURPOSE when who enters it is no
 *   officer
 */
export async function watch(
  tx: Session,
  { by, ref, category, personId, validFrom, validTo }: z.output<typeof watchForm>,
  at: EnteredAt,
): Promise<{ readonly watchId: string }> {
  await assertOfficer(tx, by, at.day);
  if (personId !== undefined) await requirePerson(tx, personId);
  if (!(await isRegistered(tx, ref)))
    throw new KuramoriError('NOT_FOUND', 'The vault knows no such reference. Register the number first.');
  const watchId = `WL-${randomUUID()}`;
  const days = { validFrom, validTo: validTo ?? null };
  await insertWatch(tx, { watchId, ref, category, personId: personId ?? null, ...days }, by, at.instant);
  return { watchId };
}

/**
 * Ends an entry. Days that are past stay watched: an analysis of them would otherwise find something else tomorrow.
 * @throws KuramoriError NOT_FOUND; CONFLICT when it has ended before; BAD_INPUT for a day that is past;
 *   FORBIDDEN_PURPOSE when who enters it is no officer
 */
export async function endWatch(
  tx: Session,
  { by, watchId, validTo }: z.output<typeof watchEndForm>,
  at: EnteredAt,
): Promise<void> {
  await assertOfficer(tx, by, at.day);
  const entry = await findWatch(tx, watchId);
  if (entry === undefined)
    throw new KuramoriError('NOT_FOUND', 'There is no such entry of the watch list. Look its number up.');
  if (entry.validTo !== null && entry.validTo < at.day)
    throw new KuramoriError('CONFLICT', 'The entry has ended already. Enter the reference anew.');
  if (validTo < at.day || validTo < entry.validFrom)
    throw new KuramoriError('BAD_INPUT', 'An entry ends today at the earliest, and not before it begins.', {
      field: 'validTo',
    });
  await insertWatch(tx, { ...entry, validTo }, by, at.instant);
}

/** Entries by their reference, so that a run over many uses asks each list once. */
export type WatchIndex = ReadonlyMap<string, readonly WatchEntry[]>;

/** @see WatchIndex */
export function watchIndex(entries: readonly WatchEntry[]): WatchIndex {
  return Map.groupBy(entries, ({ ref }) => ref);
}

/**
 * Whether a use of a reference is one that the list watches: of a household by the person whose it is, of colleagues
 * and public figures by anybody.
 */
export function isWatchedUse(index: WatchIndex, { personId, day: on }: LogFact, ref: string): boolean {
  return (index.get(ref) ?? []).some(
    (entry) =>
      (entry.category !== 'household' || entry.personId === personId) &&
      on >= entry.validFrom &&
      (entry.validTo === null || on <= entry.validTo),
  );
}
