import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import type { SealedFactor } from '../keys/factorSecret.js';
import type { Failures } from './lockout.js';

/** 再認証の要素 of a person. */
export interface Factor {
  readonly sealed: SealedFactor;
  /** The last step whose code was taken. */
  readonly lastStep: number | undefined;
  readonly failures: Failures;
}

interface FactorRow {
  readonly key_id: string;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly last_step: bigint | null;
  readonly failures: bigint;
  readonly failed_at_ms: readonly bigint[];
  readonly locked_until: string | null;
}

/** A factor that nobody else tries or changes before the transaction's end, or none. */
export async function lockFactor(tx: Session, personId: string): Promise<Factor | undefined> {
  const [row] = await tx.run(
    'vault.factor.lock',
    ({ raw }) => raw<FactorRow[]>`
    select key_id, nonce, ciphertext, last_step, failures, failed_at_ms, locked_until
    from vault.factor where person_id = ${personId} for update`,
  );
  return row && factorOf(row);
}

/** Writes a secret; what was known of the one before is forgotten. */
export async function writeFactor(tx: Session, personId: string, sealed: SealedFactor): Promise<void> {
  await tx.run(
    'vault.factor.write',
    ({ raw }) => raw`
    insert into vault.factor (person_id, key_id, nonce, ciphertext)
    values (${personId}, ${sealed.keyId}, ${sealed.nonce}, ${sealed.ciphertext})
    on conflict (person_id) do update set key_id = excluded.key_id, nonce = excluded.nonce,
      ciphertext = excluded.ciphertext, last_step = null, failures = 0, failed_at_ms = '{}', locked_until = null`,
  );
}

/** Writes what a try has changed. */
export async function writeTry(
  tx: Session,
  personId: string,
  { lastStep, failures }: Pick<Factor, 'lastStep' | 'failures'>,
): Promise<void> {
  const lockedUntil = failures.lockedUntil === undefined ? null : instantText(failures.lockedUntil);
  await tx.run(
    'vault.factor.try',
    ({ raw }) => raw`
    update vault.factor set last_step = ${lastStep ?? null}, failures = ${failures.consecutive},
      failed_at_ms = ${[...failures.at]}::int8[], locked_until = ${lockedUntil}
    where person_id = ${personId}`,
  );
}

function factorOf(row: FactorRow): Factor {
  const { key_id: keyId, nonce, ciphertext, last_step: lastStep, locked_until: lockedUntil } = row;
  return {
    sealed: { keyId, nonce, ciphertext },
    lastStep: lastStep === null ? undefined : Number(lastStep),
    failures: {
      at: row.failed_at_ms.map(Number),
      consecutive: Number(row.failures),
      lockedUntil: lockedUntil === null ? undefined : Temporal.Instant.from(lockedUntil).epochMilliseconds,
    },
  };
}

function instantText(epochMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(epochMs).toString();
}
