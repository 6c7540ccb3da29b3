import { KuramoriError } from '../../kernel/errors.js';
import type { Session } from '../../kernel/database/database.js';
import type { KeyClass, KeyState } from './key.js';
import { assertTransition } from './states.js';

/** A row of vault.key. Instants are ISO text. */
export interface KeyRow {
  readonly keyId: string;
  readonly keyClass: KeyClass;
  readonly version: number;
  readonly state: KeyState;
  readonly wrapNonce: Uint8Array | null;
  /** With its tag; null once destroyed. */
  readonly wrapped: Uint8Array | null;
  /** JSON text. */
  readonly publicJwk: string | null;
  readonly uses: bigint;
  readonly createdAt: string;
  readonly activatedAt: string | null;
  readonly deactivatedAt: string | null;
  readonly destroyedAt: string | null;
}

/** All keys, and of each class the least version that still opens anything. */
export interface KeyRegister {
  readonly keys: readonly KeyRow[];
  readonly minVersions: ReadonlyMap<KeyClass, number>;
}

/** The least version of a class that still opens anything. */
export function minVersionOf({ minVersions }: KeyRegister, keyClass: KeyClass): number {
  return minVersions.get(keyClass) ?? 1;
}

/** A key that is not in the database yet. */
export type NewKeyRow = Pick<
  KeyRow,
  'keyId' | 'keyClass' | 'version' | 'wrapNonce' | 'wrapped' | 'publicJwk' | 'createdAt'
>;

export async function readRegister(session: Session): Promise<KeyRegister> {
  const keys = await session.run(
    'key.list',
    ({ raw }) => raw<KeyRow[]>`
      select key_id as "keyId", class as "keyClass", version, state, wrap_nonce as "wrapNonce", wrapped,
        public_jwk::text as "publicJwk", uses, created_at as "createdAt", activated_at as "activatedAt",
        deactivated_at as "deactivatedAt", destroyed_at as "destroyedAt"
      from vault.key order by class, version desc`,
  );
  const classes = await session.run(
    'key.classes',
    ({ raw }) => raw<{ keyClass: KeyClass; minVersion: number }[]>`
      select class as "keyClass", min_version as "minVersion" from vault.key_class`,
  );
  return {
    keys: [...keys],
    minVersions: new Map(classes.map(({ keyClass, minVersion }) => [keyClass, minVersion])),
  };
}

/** Puts a key there, pre-active, and its class if this is the first of it. */
export async function insertKey(tx: Session, row: NewKeyRow): Promise<void> {
  await tx.run(
    'key.class',
    ({ raw }) => raw`insert into vault.key_class (class) values (${row.keyClass}) on conflict do nothing`,
  );
  await tx.run(
    'key.insert',
    ({ raw }) => raw`
      insert into vault.key (key_id, class, version, state, wrap_nonce, wrapped, public_jwk, created_at)
      values (${row.keyId}, ${row.keyClass}, ${row.version}, 'preActive', ${row.wrapNonce}, ${row.wrapped},
        ${row.publicJwk}::jsonb, ${row.createdAt}::timestamptz)`,
  );
}

/**
 * Keeps the versions of a class from whoever else would change them, until the transaction ends. Writers go on.
 * @returns its keys, newest first
 */
export async function lockClass(tx: Session, keyClass: KeyClass): Promise<readonly KeyRow[]> {
  await tx.run(
    'key.lockClass',
    ({ raw }) => raw`select from vault.key_class where class = ${keyClass} for update`,
  );
  const { keys } = await readRegister(tx);
  return keys.filter((key) => key.keyClass === keyClass);
}

/** First half of the name of the locks below; any constant serves. */
const WRITERS_LOCK_KEY = 7_270_014;

/**
 * Makes sure that the active key of a class stays it until the transaction ends. The lock is one that queues: however
 * many writers come, a rotation has its turn.
 * @returns its id; undefined when none is active
 */
export async function holdActiveKey(tx: Session, keyClass: KeyClass): Promise<string | undefined> {
  await tx.run(
    'key.hold',
    ({ raw }) => raw`select pg_advisory_xact_lock_shared(${WRITERS_LOCK_KEY}, hashtext(${keyClass}))`,
  );
  // A statement of its own: it must see what was done while the lock was waited for.
  const [row] = await tx.run(
    'key.active',
    ({ raw }) => raw<{ keyId: string }[]>`
      select key_id as "keyId" from vault.key where class = ${keyClass} and state = 'active'`,
  );
  return row?.keyId;
}

/** Waits until whoever holds the active key has ended, and lets nobody else hold it until the transaction ends. */
export async function awaitWriters(tx: Session, keyClass: KeyClass): Promise<void> {
  await tx.run(
    'key.awaitWriters',
    ({ raw }) => raw`select pg_advisory_xact_lock(${WRITERS_LOCK_KEY}, hashtext(${keyClass}))`,
  );
}

/**
 * Reads a key and keeps it from whoever else would change it, until the transaction ends.
 * @throws KuramoriError NOT_FOUND
 */
export async function lockKey(tx: Session, keyClass: KeyClass, version: number): Promise<LockedKey> {
  const [row] = await tx.run(
    'key.lock',
    ({ raw }) => raw<LockedKey[]>`
      select key_id as "keyId", version, state, deactivated_at as "deactivatedAt" from vault.key
      where class = ${keyClass} and version = ${version} for update`,
  );
  if (row === undefined) {
    throw new KuramoriError('NOT_FOUND', `There is no version ${version} of the key ${keyClass}.`);
  }
  return row;
}

export type LockedKey = Pick<KeyRow, 'keyId' | 'version' | 'state' | 'deactivatedAt'>;

/**
 * Changes the state of a key that is locked. A destroyed key loses its bytes.
 * @param at ISO instant
 * @throws KuramoriError CONFLICT when it may not change so
 */
export async function moveKey(tx: Session, key: LockedKey, to: KeyState, at: string): Promise<void> {
  assertTransition(key.state, to);
  await tx.run(
    'key.move',
    ({ raw }) => raw`
      update vault.key set state = ${to}::text,
        activated_at = case when ${to}::text = 'active' then ${at}::timestamptz else activated_at end,
        deactivated_at = case when state = 'active' then ${at}::timestamptz else deactivated_at end,
        destroyed_at = case when ${to}::text = 'destroyed' then ${at}::timestamptz end,
        wrap_nonce = case when ${to}::text = 'destroyed' then null else wrap_nonce end,
        wrapped = case when ${to}::text = 'destroyed' then null else wrapped end
      where key_id = ${key.keyId}`,
  );
}
