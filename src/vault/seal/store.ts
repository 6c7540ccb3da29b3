import { KuramoriError } from '../../kernel/errors.js';
import type { Session } from '../../kernel/database/database.js';
import { violates } from '../../kernel/database/errors.js';
import { integrityFailure } from '../cipher/integrity.js';
import type { JsonEnvelope } from './keyService.js';

/** The one row of vault.seal. */
export interface SealRow {
  /** Name of the key service. */
  readonly method: string;
  readonly envelope: JsonEnvelope;
  /** By which a wrong root key is known. */
  readonly check: Uint8Array;
  /** What the keys were made for, such as `production`; none of a vault from before there were such labels. */
  readonly environment: string | undefined;
}

export async function readSeal(session: Session): Promise<SealRow | undefined> {
  const [row] = await session.run(
    'seal.read',
    ({ raw }) => raw<{ method: string; envelope: string; check: Uint8Array }[]>`
      select method, envelope::text, check_value as "check" from vault.seal`,
  );
  if (row === undefined) return undefined;
  const { environment, ...envelope } = envelopeOf(row.envelope);
  return { ...row, envelope, environment: environment === undefined ? undefined : String(environment) };
}

/**
 * @param at ISO instant
 * @throws KuramoriError CONFLICT when the vault has a seal already
 */
export async function insertSeal(tx: Session, row: SealRow, at: string): Promise<void> {
  try {
    await tx.run(
      'seal.insert',
      ({ raw }) => raw`
        insert into vault.seal (method, envelope, check_value, created_at)
        values (${row.method}, ${labelled(row)}::jsonb, ${row.check}, ${at}::timestamptz)`,
    );
  } catch (error) {
    throw violates(error, 'seal_pkey') ? alreadyInitialised() : error;
  }
}

/** Puts the root key under another service; the check value stays. */
export async function replaceEnvelope(session: Session, row: Omit<SealRow, 'check'>): Promise<void> {
  await session.run(
    'seal.replace',
    ({ raw }) => raw`update vault.seal set method = ${row.method}, envelope = ${labelled(row)}::jsonb`,
  );
}

/** The label lies beside what the service keeps, of which it is no part. */
function labelled({ envelope, environment }: Pick<SealRow, 'envelope' | 'environment'>): string {
  return JSON.stringify({ ...envelope, ...(environment !== undefined && { environment }) });
}

export function alreadyInitialised(): KuramoriError {
  return new KuramoriError('CONFLICT', 'The vault is initialised already. Its root key is never replaced.');
}

function envelopeOf(text: string): JsonEnvelope {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw integrityFailure();
  return value as JsonEnvelope;
}
