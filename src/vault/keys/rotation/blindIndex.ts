import { timingSafeEqual } from 'node:crypto';
import type { Session } from '../../../kernel/database/database.js';
import { ROTATION_BATCH_RECORDS_MAX } from '../../../kernel/limits.js';
import { blindIndex } from '../../cipher/blindIndex.js';
import { openRecord } from '../../cipher/envelope.js';
import { integrityFailure } from '../../cipher/integrity.js';
import { storedNumber } from '../../number/stored.js';
import type { KeyContext } from '../context.js';
import { contextOf, shredKeyOf, shredKeysOf, type NumberRow } from '../recordRow.js';
import { erasingAmong, withShredKeys } from './erasing.js';
import { count, hex, isSound, type Batch, type BatchResult, type KeyedRows } from './rows.js';

/** A record and its value under one version of the index key. */
interface IndexedRow extends NumberRow {
  readonly version: number;
  readonly value: Uint8Array;
}

/** The cursor once every record has its new value; no reference has this form. */
const DROP = 'drop';

/**
 * Index values (handbook 14 §4): the new ones are put beside the old ones, each number decrypted in here alone; when
 * none is missing, the old ones go. Searches look under all versions that still open, so a number is found throughout.
 */
export const indexRows: KeyedRows = {
  under: (session, throughVersion) =>
    count(
      session.run(
        'rotation.index.under',
        ({ raw }) => raw<{ n: bigint }[]>`
          select count(*) as n from vault.number_index where version <= ${throughVersion}`,
      ),
    ),
  /** Each value is made once and dropped once. */
  total: async (session, toVersion) => 2n * (await indexRows.under(session, toVersion - 1)),
  move: (batch, toVersion) => (batch.cursor === DROP ? drop(batch, toVersion) : backfill(batch, toVersion)),
  check,
};

async function backfill({ context, session, cursor }: Batch, toVersion: number): Promise<BatchResult> {
  const rows = await lockBatch(session, cursor, toVersion);
  const last = rows.at(-1);
  if (last === undefined) return { cursor: cursor === '' ? DROP : '', done: 0, faults: [] };
  const shredKeys = await shredKeysOf(context.shred, refsOf(rows));
  const whole = await withShredKeys(session, rows, shredKeys);
  const values = whole.map((row) => reindexed(context, row, shredKeyOf(shredKeys, row.vaultRef), toVersion));
  const stored = await store(session, refsOf(whole), values, toVersion);
  const made = new Set(values.map(hex));
  if (!stored.every(({ value }) => made.has(hex(value)))) throw integrityFailure();
  return { cursor: last.vaultRef, done: whole.length, faults: [] };
}

async function drop({ session }: Batch, toVersion: number): Promise<BatchResult> {
  const dropped = await session.run(
    'rotation.index.drop',
    ({ raw }) => raw`
      delete from vault.number_index where (version, value) in (
        select version, value from vault.number_index where version < ${toVersion}
        limit ${ROTATION_BATCH_RECORDS_MAX})`,
  );
  return { cursor: dropped.count === 0 ? undefined : DROP, done: dropped.count, faults: [] };
}

async function check({ context, session, cursor }: Batch): Promise<BatchResult> {
  const rows = await session.run(
    'rotation.index.read',
    ({ raw }) => raw<IndexedRow[]>`
      select n.vault_ref as "vaultRef", record_version as "recordVersion", key_id as "keyId",
        kek_version as "kekVersion", wrap_nonce as "wrapNonce", wrapped_dek as "wrappedDek", nonce, ciphertext,
        i.version, i.value
      from vault.number_index i join vault.number n on n.vault_ref = i.vault_ref
      where i.vault_ref > ${cursor} and n.ciphertext is not null
        and i.version = (select max(x.version) from vault.number_index x where x.vault_ref = i.vault_ref)
      order by i.vault_ref limit ${ROTATION_BATCH_RECORDS_MAX}`,
  );
  const shredKeys = await shredKeysOf(context.shred, refsOf(rows));
  const erasing = await erasingAmong(session, refsOf(rows));
  const faulty = rows.filter(
    (row) =>
      !erasing.has(row.vaultRef) &&
      !isSound(() => void reindexed(context, row, shredKeyOf(shredKeys, row.vaultRef), row.version)),
  );
  return { cursor: rows.at(-1)?.vaultRef, done: rows.length, faults: refsOf(faulty) };
}

/**
 * The value under a version of the index key. The value that is there is made again too, so that one which was altered
 * or belongs to another record is not carried on.
 * @throws KuramoriError INTEGRITY_FAILURE
 */
function reindexed(
  { seal, municipality }: KeyContext,
  row: IndexedRow,
  shredKey: Uint8Array,
  toVersion: number,
): Uint8Array {
  const ring = seal.keyRing;
  const kek = ring.of('subject', row.kekVersion);
  const number = storedNumber(openRecord(row, contextOf(row, municipality), kek, shredKey));
  try {
    const present = blindIndex(number, municipality, ring.of('index', row.version).key);
    if (row.value.length !== present.length || !timingSafeEqual(present, row.value)) throw integrityFailure();
    return blindIndex(number, municipality, ring.of('index', toVersion).key);
  } finally {
    number.dispose();
  }
}

/** The record is locked, so that an erasure cannot take its old value away while a new one is made. */
async function lockBatch(
  session: Session,
  cursor: string,
  toVersion: number,
): Promise<readonly IndexedRow[]> {
  return session.run(
    'rotation.index.lock',
    ({ raw }) => raw<IndexedRow[]>`
      select n.vault_ref as "vaultRef", record_version as "recordVersion", key_id as "keyId",
        kek_version as "kekVersion", wrap_nonce as "wrapNonce", wrapped_dek as "wrappedDek", nonce, ciphertext,
        i.version, i.value
      from vault.number_index i join vault.number n on n.vault_ref = i.vault_ref
      where i.version < ${toVersion} and i.vault_ref > ${cursor} and n.ciphertext is not null
        and not exists (select from vault.number_index x where x.vault_ref = i.vault_ref and x.version = ${toVersion})
        and not exists (select from vault.erasure e where e.vault_ref = n.vault_ref)
      order by i.vault_ref limit ${ROTATION_BATCH_RECORDS_MAX} for update of n`,
  );
}

async function store(
  session: Session,
  refs: readonly string[],
  values: readonly Uint8Array[],
  version: number,
): Promise<readonly Pick<IndexedRow, 'value'>[]> {
  return session.run(
    'rotation.index.store',
    ({ raw }) => raw<Pick<IndexedRow, 'value'>[]>`
      insert into vault.number_index (version, value, vault_ref)
      select ${version}::integer, decode(u.value, 'hex'), u.vault_ref
      from unnest(${[...refs]}::text[], ${values.map(hex)}::text[]) as u (vault_ref, value)
      returning value`,
  );
}

function refsOf(rows: readonly { readonly vaultRef: string }[]): string[] {
  return rows.map(({ vaultRef }) => vaultRef);
}
