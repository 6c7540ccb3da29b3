import type { Session } from '../../../kernel/database/database.js';
import { ROTATION_BATCH_RECORDS_MAX } from '../../../kernel/limits.js';
import { wipe } from '../../cipher/wipe.js';
import { unwrapSpoolKey, wrapSpoolKey, type WrappedSpoolKey } from '../../transfer/spoolKey.js';
import type { KeyContext } from '../context.js';
import { count, hex, isSound, type Batch, type BatchResult, type KeyedRows } from './rows.js';

interface SpoolRow extends WrappedSpoolKey {
  readonly spoolId: string;
}

/** Data keys of files in the spool: each is wrapped anew; the files stay as they lie. */
export const fileRows: KeyedRows = {
  under: (session, throughVersion) =>
    count(
      session.run(
        'rotation.file.under',
        ({ raw }) => raw<{ n: bigint }[]>`
          select count(*) as n from vault.transfer_spool
          where split_part(key_id, '-', 2)::integer <= ${throughVersion}`,
      ),
    ),
  total: (session, toVersion) => fileRows.under(session, toVersion - 1),
  move,
  check,
};

async function move({ context, session, cursor }: Batch, toVersion: number): Promise<BatchResult> {
  const rows = await lockBatch(session, cursor, toVersion);
  const last = rows.at(-1);
  if (last === undefined) return { cursor: cursor === '' ? undefined : '', done: 0, faults: [] };
  const moved = rows.map((row) => rewrapped(context, row, toVersion));
  for (const row of await store(session, moved)) wipe(opened(context, row));
  return { cursor: last.spoolId, done: rows.length, faults: [] };
}

async function check({ context, session, cursor }: Batch): Promise<BatchResult> {
  const rows = await session.run(
    'rotation.file.read',
    ({ raw }) => raw<SpoolRow[]>`
      select spool_id as "spoolId", key_id as "keyId", wrap_nonce as "wrapNonce", wrapped from vault.transfer_spool
      where spool_id > ${cursor} order by spool_id limit ${ROTATION_BATCH_RECORDS_MAX}`,
  );
  const faulty = rows.filter((row) => !isSound(() => wipe(opened(context, row))));
  return { cursor: rows.at(-1)?.spoolId, done: rows.length, faults: faulty.map(({ spoolId }) => spoolId) };
}

function opened({ seal, municipality }: KeyContext, row: SpoolRow): Uint8Array {
  return unwrapSpoolKey(row, { municipality, spoolId: row.spoolId }, seal.keyRing.named('file', row.keyId));
}

function rewrapped(context: KeyContext, row: SpoolRow, toVersion: number): SpoolRow {
  const { municipality, seal } = context;
  const { spoolId } = row;
  const dataKey = opened(context, row);
  try {
    const key = seal.keyRing.of('file', toVersion);
    return { spoolId, ...wrapSpoolKey(dataKey, { municipality, spoolId }, key) };
  } finally {
    wipe(dataKey);
  }
}

async function lockBatch(session: Session, cursor: string, toVersion: number): Promise<readonly SpoolRow[]> {
  return session.run(
    'rotation.file.lock',
    ({ raw }) => raw<SpoolRow[]>`
      select spool_id as "spoolId", key_id as "keyId", wrap_nonce as "wrapNonce", wrapped from vault.transfer_spool
      where spool_id > ${cursor} and split_part(key_id, '-', 2)::integer < ${toVersion}
      order by spool_id limit ${ROTATION_BATCH_RECORDS_MAX} for update`,
  );
}

/** @returns what the database now holds */
async function store(session: Session, rows: readonly SpoolRow[]): Promise<readonly SpoolRow[]> {
  return session.run(
    'rotation.file.store',
    ({ raw }) => raw<SpoolRow[]>`
      update vault.transfer_spool s set key_id = u.key_id, wrap_nonce = decode(u.nonce, 'hex'),
        wrapped = decode(u.wrapped, 'hex')
      from unnest(${rows.map((row) => row.spoolId)}::text[], ${rows.map((row) => row.keyId)}::text[],
        ${rows.map((row) => hex(row.wrapNonce))}::text[], ${rows.map((row) => hex(row.wrapped))}::text[])
        as u (spool_id, key_id, nonce, wrapped)
      where s.spool_id = u.spool_id
      returning s.spool_id as "spoolId", s.key_id as "keyId", s.wrap_nonce as "wrapNonce", s.wrapped`,
  );
}
