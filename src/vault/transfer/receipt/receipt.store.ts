import type { Session } from '../../../kernel/database/database.js';
import type { CaseOutcome } from '../../client/transferWire.js';

/** A receipt as it was taken. */
export interface KeptReceipt {
  readonly kind: 'DELIVERY' | 'ACCEPTANCE' | 'ERASURE';
  /** SHA-256 of what was signed, hexadecimal. */
  readonly digest: string;
  /** Compact JWS of the organization. */
  readonly signed: string;
  readonly at: string;
}

/** Receipts of a package, oldest first. */
export async function receiptsOf(session: Session, packageId: string): Promise<readonly KeptReceipt[]> {
  const rows = await session.run(
    'vault.transfer.receipts',
    ({ raw }) => raw<KeptReceipt[]>`
    select kind, digest, signed, at from vault.transfer_receipt where package_id = ${packageId} order by at, kind desc`,
  );
  return [...rows];
}

export async function insertReceipt(tx: Session, packageId: string, receipt: KeptReceipt): Promise<void> {
  await tx.run(
    'vault.transfer.receipt.insert',
    ({ raw }) => raw`
    insert into vault.transfer_receipt (package_id, kind, digest, signed, at)
    values (${packageId}, ${receipt.kind}, ${receipt.digest}, ${receipt.signed}, ${receipt.at})`,
  );
}

/** 引受・返還 of a package, by case. */
export async function outcomesOf(session: Session, packageId: string): Promise<readonly CaseOutcome[]> {
  const rows = await session.run(
    'vault.transfer.outcomes',
    ({ raw }) => raw<{ caseNo: string; outcome: CaseOutcome['outcome']; reason: string | null }[]>`
    select case_no as "caseNo", outcome, reason from vault.transfer_outcome where package_id = ${packageId}
    order by case_no collate "C"`,
  );
  return rows.map(({ reason, ...rest }) => ({ ...rest, ...(reason !== null && { reason }) }));
}

export async function insertOutcomes(
  tx: Session,
  packageId: string,
  outcomes: readonly CaseOutcome[],
): Promise<void> {
  await tx.run(
    'vault.transfer.outcomes.insert',
    ({ raw }) => raw`
    insert into vault.transfer_outcome (package_id, case_no, outcome, reason)
    select ${packageId}, u.case_no, u.outcome, nullif(u.reason, '')
    from unnest(${outcomes.map(({ caseNo }) => caseNo)}::text[], ${outcomes.map(({ outcome }) => outcome)}::text[],
      ${outcomes.map(({ reason }) => reason ?? '')}::text[]) as u (case_no, outcome, reason)`,
  );
}
