import { setImmediate as turn } from 'node:timers/promises';
import type { Session } from '../../kernel/database/database.js';
import { isKuramoriError, KuramoriError, type ErrorCode } from '../../kernel/errors.js';
import { REGISTRATION_ATTEMPTS_MAX, REGISTRATION_TURN_NUMBERS } from '../../kernel/limits.js';
import { blindIndex } from '../cipher/blindIndex.js';
import { newKey, sealRecord } from '../cipher/envelope.js';
import { wipe } from '../cipher/wipe.js';
import type { VaultContext } from '../context.js';
import { deleteShredKeys } from '../erasure/erasure.store.js';
import { contextOf } from '../keys/recordRow.js';
import type { IndividualNumber } from '../number/individualNumber.js';
import { newVaultRef, type VaultRef } from '../number/vaultRef.js';
import { link } from './linkage.js';
import {
  findMany,
  insertIndexValues,
  insertRecords,
  insertShredKeys,
  valueKey,
  type HexIndexValue,
  type KnownNumber,
  type NewRecord,
} from './registerMany.store.js';

/** Errors after which the transaction may have been kept all the same. */
const UNDECIDED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['DATABASE_UNAVAILABLE', 'TIMEOUT', 'INTERNAL']);

export type RegisteringContext = Pick<VaultContext, 'database' | 'shred' | 'seal' | 'clock' | 'municipality'>;

/** A number to be registered. Whoever made it disposes of it. */
export interface NumberEntry {
  readonly number: IndividualNumber;
  /** 団体内統合宛名番号, 15 digits. */
  readonly unifiedAddresseeNo: string | undefined;
}

/** What an entry came to: only `registered` has changed anything. */
export type RegisteredAs =
  | 'registered'
  /** It was there already, or earlier in the same batch. */
  | 'known'
  /** It is there for another unified addressee number. */
  | 'otherAddressee'
  /** It was replaced by another number (番号変更) and is refused for new work. */
  | 'superseded'
  /** It is just being erased. */
  | 'erasing';

export interface Registered {
  readonly ref: VaultRef;
  readonly as: RegisteredAs;
}

/** What belongs into the transaction of a batch. */
export interface RegisterHooks<Result> {
  /** First of all, such as the check of an approval. */
  readonly begins?: (tx: Session) => Promise<unknown>;
  /** Last of all: writes the entry of the log. Given what each entry came to, in their order. */
  readonly completes: (tx: Session, registered: readonly Registered[]) => Promise<Result>;
}

/**
 * 登録: keeps numbers under new references, each number once: all of the batch with their entry, or none. Many at once
 * share every statement.
 * @param entries at most REGISTRATION_CHUNK_LINES_MAX
 * @returns what `completes` returned
 * @throws KuramoriError VAULT_SEALED; CONFLICT when others register the same numbers all the time; what a hook throws
 * @example
 * const entry = await registerMany(context, entries, { completes: (tx, registered) => appendEntry(tx, registered) });
 */
export async function registerMany<Result>(
  context: RegisteringContext,
  entries: readonly NumberEntry[],
  hooks: RegisterHooks<Result>,
): Promise<Result> {
  for (let attempt = 1; attempt <= REGISTRATION_ATTEMPTS_MAX; attempt += 1) {
    const written: NewRecord[] = [];
    try {
      return await context.database.transaction('vault.register', (tx) =>
        registerIn(context, tx, entries, hooks, written),
      );
    } catch (error) {
      if (isUndone(error))
        await deleteShredKeys(
          context.shred,
          written.map(({ vaultRef }) => vaultRef),
        );
      if (!(error instanceof AlreadyThere)) throw error;
    } finally {
      for (const { shredKey } of written) wipe(shredKey);
    }
  }
  throw new KuramoriError('CONFLICT', 'Others register the same numbers at this moment. Try again.');
}

/** @param written filled with the new records, for whoever has to clear up */
async function registerIn<Result>(
  context: RegisteringContext,
  tx: Session,
  entries: readonly NumberEntry[],
  { begins, completes }: RegisterHooks<Result>,
  written: NewRecord[],
): Promise<Result> {
  await begins?.(tx);
  const indexed = await indexValuesIn(context, tx, entries);
  const { registered, fresh } = classify(
    indexed,
    await findMany(
      tx,
      indexed.flatMap(({ values }) => values),
    ),
  );
  if (fresh.length > 0) {
    await sealNew(context, tx, fresh, written);
    // First: a record without its shred key could never be opened, a shred key without its record opens nothing.
    await insertShredKeys(context.shred, written);
    await insertRecords(tx, written, context.clock.now().toString());
    if (!(await insertIndexValues(tx, written))) throw new AlreadyThere();
  }
  await linkEntries(context, tx, entries, registered);
  return completes(tx, registered);
}

/** A number that has been there for long may be told its unified addressee number now. */
async function linkEntries(
  { clock }: RegisteringContext,
  tx: Session,
  entries: readonly NumberEntry[],
  registered: readonly Registered[],
): Promise<void> {
  const linkages = registered.flatMap(({ ref, as }, at) => {
    const unifiedAddresseeNo = entries[at]?.unifiedAddresseeNo;
    const isTheirs = as === 'registered' || as === 'known';
    return isTheirs && unifiedAddresseeNo !== undefined ? [{ ref, unifiedAddresseeNo }] : [];
  });
  await link(tx, linkages, clock.now().toString());
}

/** An entry with its value under every index key that is in use: two while it is rotated. */
interface IndexedEntry extends NumberEntry {
  readonly values: readonly [HexIndexValue, ...HexIndexValue[]];
}

/**
 * The active index key is held until the transaction ends: a rotation that began meanwhile would not find what is
 * written without a value of its own.
 */
async function indexValuesIn(
  { seal, municipality }: RegisteringContext,
  tx: Session,
  entries: readonly NumberEntry[],
): Promise<readonly IndexedEntry[]> {
  await seal.keyRing.activeIn(tx, 'index', entries.length);
  return inTurns(entries, (entry) => {
    const values = seal.keyRing.all('index').map((key) => ({
      version: key.version,
      hex: Buffer.from(blindIndex(entry.number, municipality, key.key)).toString('hex'),
    }));
    return { ...entry, values: values as [HexIndexValue, ...HexIndexValue[]] };
  });
}

/** A number that nobody has yet, under the reference that it gets. */
interface NewNumber extends IndexedEntry {
  readonly vaultRef: VaultRef;
}

/** What each entry comes to, and those that are to be written. A number twice in one batch is written once. */
function classify(indexed: readonly IndexedEntry[], known: ReadonlyMap<string, KnownNumber>) {
  const fresh = new Map<string, NewNumber>();
  const registered = indexed.map((entry): Registered => {
    const there = entry.values.map((value) => known.get(valueKey(value))).find((each) => each !== undefined);
    if (there !== undefined) return { ref: there.ref, as: knownAs(there, entry) };
    const first = valueKey(entry.values[0]);
    const before = fresh.get(first);
    if (before !== undefined) return { ref: before.vaultRef, as: sameAddressee(before, entry) };
    const made = { ...entry, vaultRef: newVaultRef() };
    fresh.set(first, made);
    return { ref: made.vaultRef, as: 'registered' };
  });
  return { registered, fresh: [...fresh.values()] };
}

function knownAs({ state, erasing, unifiedAddresseeNo }: KnownNumber, entry: NumberEntry): RegisteredAs {
  if (erasing) return 'erasing';
  if (state === 'superseded') return 'superseded';
  return sameAddressee({ unifiedAddresseeNo: unifiedAddresseeNo ?? undefined }, entry);
}

/** Where one of the two says nothing of the addressee, they do not contradict each other. */
function sameAddressee(
  { unifiedAddresseeNo: there }: Pick<NumberEntry, 'unifiedAddresseeNo'>,
  { unifiedAddresseeNo: given }: NumberEntry,
): RegisteredAs {
  return there === undefined || given === undefined || there === given ? 'known' : 'otherAddressee';
}

async function sealNew(
  { seal, municipality }: RegisteringContext,
  tx: Session,
  fresh: readonly NewNumber[],
  written: NewRecord[],
): Promise<void> {
  const kek = await seal.keyRing.activeIn(tx, 'subject', fresh.length);
  await inTurns(fresh, ({ number, vaultRef, unifiedAddresseeNo, values }) => {
    const shredKey = newKey();
    const place = { vaultRef, recordVersion: 1 };
    const envelope = number.withPlaintext((digits) =>
      sealRecord(digits, contextOf(place, municipality), kek, shredKey),
    );
    written.push({ ...place, ...envelope, unifiedAddresseeNo, shredKey, values });
  });
}

/** Works through many without keeping everybody else waiting. */
async function inTurns<In, Out>(all: readonly In[], work: (one: In) => Out): Promise<readonly Out[]> {
  const results: Out[] = [];
  for (const one of all) {
    if (results.length % REGISTRATION_TURN_NUMBERS === REGISTRATION_TURN_NUMBERS - 1) await turn();
    results.push(work(one));
  }
  return results;
}

/** Somebody registered one of the numbers at the same time: the transaction is given up and done anew. */
class AlreadyThere extends Error {}

/** Whether the transaction surely kept nothing: then the shred keys are of no use. */
function isUndone(error: unknown): boolean {
  if (error instanceof AlreadyThere) return true;
  return isKuramoriError(error) && !UNDECIDED.has(error.code);
}
