import type { Session } from '../../../kernel/database/database.js';
import { ROTATION_BATCH_RECORDS_MAX } from '../../../kernel/limits.js';
import { wipe } from '../../cipher/wipe.js';
import type { KeyContext } from '../context.js';
import { openFactor, sealFactor, type SealedFactor } from '../factorSecret.js';
import { count, hex, isSound, type Batch, type BatchResult, type KeyedRows } from './rows.js';

interface FactorRow extends SealedFactor {
  readonly personId: string;
}

/** Secrets of second factors: each is opened in here and sealed again. */
export const factorRows: KeyedRows = {
  under: (session, throughVersion) =>
    count(
      session.run(
        'rotation.factor.under',
        ({ raw }) => raw<{ n: bigint }[]>`
          select count(*) as n from vault.factor where split_part(key_id, '-', 2)::integer <= ${throughVersion}`,
      ),
    ),
  total: (session, toVersion) => factorRows.under(session, toVersion - 1),
  move,
  check,
};

async function move({ context, session, cursor }: Batch, toVersion: number): Promise<BatchResult> {
  const rows = await lockBatch(session, cursor, toVersion);
  const last = rows.at(-1);
  if (last === undefined) return { cursor: cursor === '' ? undefined : '', done: 0, faults: [] };
  const moved = rows.map((row) => resealed(context, row, toVersion));
  for (const row of await store(session, moved)) wipe(opened(context, row));
  return { cursor: last.personId, done: rows.length, faults: [] };
}

async function check({ context, session, cursor }: Batch): Promise<BatchResult> {
  const rows = await session.run(
    'rotation.factor.read',
    ({ raw }) => raw<FactorRow[]>`
      select person_id as "personId", key_id as "keyId", nonce, ciphertext from vault.factor
      where person_id > ${cursor} order by person_id limit ${ROTATION_BATCH_RECORDS_MAX}`,
  );
  const faulty = rows.filter((row) => !isSound(() => wipe(opened(context, row))));
  return {
    cursor: rows.at(-1)?.personId,
    done: rows.length,
    faults: faulty.map(({ personId }) => personId),
  };
}

function opened({ seal, municipality }: KeyContext, row: FactorRow): Uint8Array {
  return openFactor(row, { municipality, personId: row.personId }, seal.keyRing.named('factor', row.keyId));
}

function resealed(context: KeyContext, row: FactorRow, toVersion: number): FactorRow {
  const { municipality, seal } = context;
  const { personId } = row;
  const secret = opened(context, row);
  try {
    return {
      personId,
      ...sealFactor(secret, { municipality, personId }, seal.keyRing.of('factor', toVersion)),
    };
  } finally {
    wipe(secret);
  }
}

async function lockBatch(session: Session, cursor: string, toVersion: number): Promise<readonly FactorRow[]> {
  return session.run(
    'rotation.factor.lock',
    ({ raw }) => raw<FactorRow[]>`
      select person_id as "personId", key_id as "keyId", nonce, ciphertext from vault.factor
      where person_id > ${cursor} and split_part(key_id, '-', 2)::integer < ${toVersion}
      order by person_id limit ${ROTATION_BATCH_RECORDS_MAX} for update`,
  );
}

/** @returns what the database now holds */
async function store(session: Session, rows: readonly FactorRow[]): Promise<readonly FactorRow[]> {
  return session.run(
    'rotation.factor.store',
    ({ raw }) => raw<FactorRow[]>`
      update vault.factor f set key_id = u.key_id, nonce = decode(u.nonce, 'hex'),
        ciphertext = decode(u.ciphertext, 'hex')
      from unnest(${rows.map((row) => row.personId)}::text[], ${rows.map((row) => row.keyId)}::text[],
        ${rows.map((row) => hex(row.nonce))}::text[], ${rows.map((row) => hex(row.ciphertext))}::text[])
        as u (person_id, key_id, nonce, ciphertext)
      where f.person_id = u.person_id
      returning f.person_id as "personId", f.key_id as "keyId", f.nonce, f.ciphertext`,
  );
}
