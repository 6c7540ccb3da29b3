import { instantText } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { ROTATION_BATCH_RECORDS_MAX } from '../../../kernel/limits.js';
import { assertWrap, rewrapRecord } from '../../cipher/envelope.js';
import type { VaultRef } from '../../number/vaultRef.js';
import { placeOf, type SpoolRow } from '../../spool/item.js';
import type { KeyContext } from '../context.js';
import { shredKeyOf, shredKeysOf } from '../recordRow.js';
import { count, hex, isSound, type Batch, type BatchResult, type KeyedRows } from './rows.js';

/** Items of the spool: their data keys are wrapped anew. Those whose time is over stay as they are and go. */
export const spoolRows: KeyedRows = {
  under: (session, throughVersion) =>
    count(
      session.run(
        'rotation.spool.under',
        ({ raw }) =>
          raw<
            { n: bigint }[]
          >`select count(*) as n from vault.spool_item where kek_version <= ${throughVersion}`,
      ),
    ),
  total: (session, toVersion) => spoolRows.under(session, toVersion - 1),
  move,
  check,
};

async function move({ context, session, cursor }: Batch, toVersion: number): Promise<BatchResult> {
  const rows = await readBatch(session, context, cursor, toVersion);
  const last = rows.at(-1);
  if (last === undefined) return { cursor: cursor === '' ? undefined : '', done: 0, faults: [] };
  const shredKeys = await shredKeysOf(context.shred, refsOf(rows));
  const ring = context.seal.keyRing;
  const to = ring.of('spool', toVersion);
  const rewrapped = rows.map((row): SpoolRow => {
    const [from, shredKey] = [ring.of('spool', row.kekVersion), shredKeyOf(shredKeys, row.itemRef)];
    return { ...row, ...rewrapRecord(row, placeOf(row, context.municipality), from, to, shredKey) };
  });
  for (const row of await store(session, rewrapped))
    assertWrap(row, placeOf(row, context.municipality), to, shredKeyOf(shredKeys, row.itemRef));
  return { cursor: last.itemRef, done: rows.length, faults: [] };
}

async function check({ context, session, cursor }: Batch): Promise<BatchResult> {
  const rows = await readBatch(session, context, cursor);
  const shredKeys = await shredKeysOf(context.shred, refsOf(rows));
  const faulty = rows.filter(
    (row) =>
      !isSound(() => {
        const key = context.seal.keyRing.of('spool', row.kekVersion);
        assertWrap(row, placeOf(row, context.municipality), key, shredKeyOf(shredKeys, row.itemRef));
      }),
  );
  return { cursor: rows.at(-1)?.itemRef, done: rows.length, faults: refsOf(faulty) };
}

async function readBatch(
  session: Session,
  { clock }: Pick<KeyContext, 'clock'>,
  cursor: string,
  belowVersion?: number,
): Promise<readonly SpoolRow[]> {
  return session.run(
    'rotation.spool.read',
    ({ raw }) => raw<SpoolRow[]>`
      select item_ref as "itemRef", kind, key_id as "keyId", kek_version as "kekVersion", wrap_nonce as "wrapNonce",
        wrapped_dek as "wrappedDek", nonce, ciphertext
      from vault.spool_item where item_ref > ${cursor} and erase_after > ${instantText(clock)}
        and (${belowVersion ?? null}::integer is null or kek_version < ${belowVersion ?? null}::integer)
      order by item_ref limit ${ROTATION_BATCH_RECORDS_MAX} for update`,
  );
}

/** @returns what the database now holds */
async function store(session: Session, rows: readonly SpoolRow[]): Promise<readonly SpoolRow[]> {
  return session.run(
    'rotation.spool.store',
    ({ raw }) => raw<SpoolRow[]>`
      update vault.spool_item i set key_id = u.key_id, kek_version = u.version,
        wrap_nonce = decode(u.nonce, 'hex'), wrapped_dek = decode(u.dek, 'hex')
      from unnest(${refsOf(rows)}::text[], ${rows.map(({ keyId }) => keyId)}::text[],
        ${rows.map(({ kekVersion }) => kekVersion)}::integer[], ${rows.map((row) => hex(row.wrapNonce))}::text[],
        ${rows.map((row) => hex(row.wrappedDek))}::text[]) as u (item_ref, key_id, version, nonce, dek)
      where i.item_ref = u.item_ref
      returning i.item_ref as "itemRef", i.kind, i.key_id as "keyId", i.kek_version as "kekVersion",
        i.wrap_nonce as "wrapNonce", i.wrapped_dek as "wrappedDek", i.nonce, i.ciphertext`,
  );
}

function refsOf(rows: readonly SpoolRow[]): VaultRef[] {
  return rows.map(({ itemRef }) => itemRef);
}
