import type { Session } from '../../../kernel/database/database.js';
import { ROTATION_BATCH_RECORDS_MAX } from '../../../kernel/limits.js';
import { assertWrap, rewrapRecord, type RecordEnvelope } from '../../cipher/envelope.js';
import { contextOf, shredKeyOf, shredKeysOf, type NumberRow } from '../recordRow.js';
import { erasingAmong, withShredKeys } from './erasing.js';
import { count, hex, isSound, type Batch, type BatchResult, type KeyedRows } from './rows.js';

type Wrap = Pick<NumberRow, 'vaultRef' | 'wrapNonce' | 'wrappedDek'>;

/** Records: their data keys are wrapped anew. No number is decrypted. */
export const subjectRows: KeyedRows = {
  under: (session, throughVersion) =>
    count(
      session.run(
        'rotation.subject.under',
        ({ raw }) =>
          raw<{ n: bigint }[]>`select count(*) as n from vault.number where kek_version <= ${throughVersion}`,
      ),
    ),
  total: (session, toVersion) => subjectRows.under(session, toVersion - 1),
  move,
  check,
};

async function move({ context, session, cursor }: Batch, toVersion: number): Promise<BatchResult> {
  const rows = await lockBatch(session, cursor, toVersion);
  const last = rows.at(-1);
  // Behind the cursor nothing should be left; whatever is, is seen by one more round.
  if (last === undefined) return { cursor: cursor === '' ? undefined : '', done: 0, faults: [] };
  const shredKeys = await shredKeysOf(context.shred, refsOf(rows));
  const whole = await withShredKeys(session, rows, shredKeys);
  const ring = context.seal.keyRing;
  const to = ring.of('subject', toVersion);
  const rewrapped = whole.map((row): NumberRow => {
    const from = ring.of('subject', row.kekVersion);
    const shredKey = shredKeyOf(shredKeys, row.vaultRef);
    const place = contextOf(row, context.municipality);
    return { ...row, ...rewrapRecord(row, place, from, to, shredKey) };
  });
  const stored = new Map((await store(session, rewrapped)).map((row) => [row.vaultRef, row]));
  for (const row of rewrapped) {
    const envelope: RecordEnvelope = { ...row, ...stored.get(row.vaultRef) };
    assertWrap(envelope, contextOf(row, context.municipality), to, shredKeyOf(shredKeys, row.vaultRef));
  }
  return { cursor: last.vaultRef, done: rewrapped.length, faults: [] };
}

async function check({ context, session, cursor }: Batch): Promise<BatchResult> {
  const rows = await session.run(
    'rotation.subject.read',
    ({ raw }) => raw<NumberRow[]>`
      select vault_ref as "vaultRef", record_version as "recordVersion", key_id as "keyId",
        kek_version as "kekVersion", wrap_nonce as "wrapNonce", wrapped_dek as "wrappedDek", nonce, ciphertext
      from vault.number where vault_ref > ${cursor} and kek_version is not null
      order by vault_ref limit ${ROTATION_BATCH_RECORDS_MAX}`,
  );
  const shredKeys = await shredKeysOf(context.shred, refsOf(rows));
  const erasing = await erasingAmong(session, refsOf(rows));
  const ring = context.seal.keyRing;
  const faulty = rows.filter(
    (row) =>
      !erasing.has(row.vaultRef) &&
      !isSound(() => {
        const key = ring.of('subject', row.kekVersion);
        assertWrap(row, contextOf(row, context.municipality), key, shredKeyOf(shredKeys, row.vaultRef));
      }),
  );
  return { cursor: rows.at(-1)?.vaultRef, done: rows.length, faults: refsOf(faulty) };
}

/** Rows whose erasure has begun stay as they are. */
async function lockBatch(session: Session, cursor: string, toVersion: number): Promise<readonly NumberRow[]> {
  return session.run(
    'rotation.subject.lock',
    ({ raw }) => raw<NumberRow[]>`
      select vault_ref as "vaultRef", record_version as "recordVersion", key_id as "keyId",
        kek_version as "kekVersion", wrap_nonce as "wrapNonce", wrapped_dek as "wrappedDek", nonce, ciphertext
      from vault.number n where vault_ref > ${cursor} and kek_version < ${toVersion}
        and not exists (select from vault.erasure e where e.vault_ref = n.vault_ref)
      order by vault_ref limit ${ROTATION_BATCH_RECORDS_MAX} for update`,
  );
}

/** @returns what the database now holds */
async function store(session: Session, rows: readonly NumberRow[]): Promise<readonly Wrap[]> {
  const keyIds = rows.map(({ keyId }) => keyId);
  const versions = rows.map(({ kekVersion }) => kekVersion);
  return session.run(
    'rotation.subject.store',
    ({ raw }) => raw<Wrap[]>`
      update vault.number n set key_id = u.key_id, kek_version = u.version,
        wrap_nonce = decode(u.nonce, 'hex'), wrapped_dek = decode(u.dek, 'hex')
      from unnest(${refsOf(rows)}::text[], ${keyIds}::text[], ${versions}::integer[],
        ${rows.map((row) => hex(row.wrapNonce))}::text[], ${rows.map((row) => hex(row.wrappedDek))}::text[])
        as u (vault_ref, key_id, version, nonce, dek)
      where n.vault_ref = u.vault_ref
      returning n.vault_ref as "vaultRef", n.wrap_nonce as "wrapNonce", n.wrapped_dek as "wrappedDek"`,
  );
}

function refsOf(rows: readonly { readonly vaultRef: string }[]): string[] {
  return rows.map(({ vaultRef }) => vaultRef);
}
