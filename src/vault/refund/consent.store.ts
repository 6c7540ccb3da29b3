import type { Session } from '../../kernel/database/database.js';
import type { ByAt } from '../../kernel/dualControl.js';
import type { ConsentChannel } from '../../protocol/refundAccount.js';
import type { VaultRef } from '../number/vaultRef.js';

/** 同意 as it was recorded. */
export interface Consent {
  readonly ref: VaultRef;
  readonly refundId: string;
  /** Seconds since the epoch. */
  readonly recordedAtSeconds: number;
  readonly withdrawn: boolean;
}

export interface NewConsent {
  readonly consentId: string;
  readonly ref: VaultRef;
  readonly refundId: string;
  readonly channel: ConsentChannel;
  readonly consentedOn: string;
  readonly evidenceDigest: string;
}

/** @returns false when there is one of that name */
export async function insertConsent(tx: Session, consent: NewConsent, recorded: ByAt): Promise<boolean> {
  const { consentId, ref, refundId, channel, consentedOn, evidenceDigest } = consent;
  const { count } = await tx.run(
    'vault.consent.insert',
    ({ raw }) => raw`
    insert into vault.refund_consent (consent_id, vault_ref, refund_id, channel, consented_on, evidence_digest,
      recorded_by, recorded_at)
    values (${consentId}, ${ref}, ${refundId}, ${channel}, ${consentedOn}, ${evidenceDigest}, ${recorded.by},
      ${recorded.at.toString()}) on conflict do nothing`,
  );
  return count === 1;
}

/** Keeps a consent from being withdrawn, or from being built on, by anybody else until the transaction ends. */
export async function lockConsent(tx: Session, consentId: string): Promise<void> {
  await tx.run(
    'vault.consent.lock',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended(${`consent:${consentId}`}, 0))`,
  );
}

/** @returns false when it was withdrawn before */
export async function insertWithdrawal(
  tx: Session,
  consentId: string,
  reason: string,
  withdrawn: ByAt,
): Promise<boolean> {
  const { count } = await tx.run(
    'vault.consent.withdraw',
    ({ raw }) => raw`
    insert into vault.refund_consent_withdrawal (consent_id, reason, withdrawn_by, withdrawn_at)
    values (${consentId}, ${reason}, ${withdrawn.by}, ${withdrawn.at.toString()}) on conflict do nothing`,
  );
  return count === 1;
}

export async function readConsent(session: Session, consentId: string): Promise<Consent | undefined> {
  const [row] = await session.run(
    'vault.consent.read',
    ({ raw }) => raw<Consent[]>`
    select c.vault_ref as ref, c.refund_id as "refundId",
      floor(extract(epoch from c.recorded_at))::float8 as "recordedAtSeconds",
      exists (select from vault.refund_consent_withdrawal w where w.consent_id = c.consent_id) as withdrawn
    from vault.refund_consent c where c.consent_id = ${consentId}`,
  );
  return row;
}
