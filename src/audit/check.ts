import type { Session } from '../kernel/database/database.js';
import { verifySequence, type AuditCheck } from './verify.js';

/** What `kuramori audit check` prints. */
export interface AuditCheckReport extends AuditCheck {
  readonly clean: boolean;
}

/** The self-check of the log, as an operator runs it: `clean` when no fault was found. */
export async function checkAuditLog(session: Session): Promise<AuditCheckReport> {
  const check = await verifySequence(session);
  return { clean: check.faults.length === 0, ...check };
}
