import type { AuditEntry } from '../../audit/record.js';
import type { Session } from '../../kernel/database/database.js';
import { dayInJapan, type Temporal } from '../../kernel/dates.js';
import { INFO_PROVISION_YEARS, VAULT_PURGED_ROWS_MAX } from '../../kernel/limits.js';
import type { InquiryBody } from '../../protocol/intermediary/message.js';
import type { Body } from '../intermediary/intermediary.js';
import type { Verdict } from '../intermediary/verdict.js';
import type { PushRow } from './push.store.js';

/** One inquiry as it was sent, by itself or as a line of a batch. */
export interface AskedLine {
  readonly body: InquiryBody;
  /** What its envelope says of when it was sent. */
  readonly sentAt: string;
}

/** An inquiry that the intermediary server has carried out or refused, or of which that is not known. */
export interface Inquiry {
  readonly push: PushRow;
  readonly asked: AskedLine;
  readonly verdict: Verdict;
  /** 情報照会者 */
  readonly self: Body;
}

/** Names of providers that inquiries go to: the registry of accounts is the only one. */
const PROVIDER_NAME = '公金受取口座登録機関';

/**
 * 情報提供等記録 (番号法 23条; handbook 11 §4.3), one for each inquiry, also of one that gave nothing, or of which nobody
 * knows what it gave.
 * @returns the items of handbook 12 §7 for the log: numbers and codes, and names of what was delivered; never a value
 */
export async function recordProvision(
  tx: Session,
  now: Temporal.Instant,
  inquiry: Inquiry,
): Promise<readonly AuditEntry[]> {
  const { push, asked, verdict, self } = inquiry;
  const { body } = asked;
  const name = verdict.result?.names[0];
  const status = statusText(verdict);
  const recordedOn = dayInJapan(now);
  await tx.run(
    'vault.provision.insert',
    ({ raw }) => raw`
    insert into vault.info_provision_record (record_id, push_request_id, inquirer_body_code, inquirer_name,
      provider_body_code, provider_name, requested_at, provided_at, procedure_code, information_name_codes, item_codes,
      permission_id, processing_no, result_status, non_disclosure, unified_addressee_no, audit_sequence, recorded_on,
      kept_through)
    values (${body.recordId}, ${push.pushRequestId}, ${self.bodyCode}, ${self.name}, ${body.providerBodyCode},
      ${PROVIDER_NAME}, ${asked.sentAt}, ${name?.providedAt ?? null}, ${body.procedureCode},
      ${[body.informationNameCode]}::text[], ${body.itemCodes as string[]}::text[],
      ${verdict.result?.permissionId ?? null}, ${verdict.result?.processingNo ?? null}, ${status},
      ${body.nonDisclosure}, ${body.unifiedAddresseeNo}, ${String(push.intentEntry)}, ${recordedOn.toString()},
      ${recordedOn.add({ years: INFO_PROVISION_YEARS }).toString()})`,
  );
  const { providerBodyCode, procedureCode, informationNameCode } = body;
  return [
    entry(push, 'Inquiry.refund', `refund:${push.refundId} consent:${push.consentId}`),
    entry(push, 'Inquiry.bodies', `${self.bodyCode} ${providerBodyCode}`),
    entry(push, 'Inquiry.codes', `${procedureCode} ${informationNameCode}`),
    entry(push, 'Inquiry.permission', verdict.result?.permissionId ?? 'none'),
    entry(push, 'Inquiry.status', status),
    entry(push, 'Inquiry.providedAt', name?.providedAt ?? 'none'),
  ];
}

/** Forgets records after their seventh anniversary; the database refuses it before. @returns how many */
export async function purgeProvisionRecords(session: Session, now: Temporal.Instant): Promise<number> {
  const rows = await session.run(
    'vault.provision.purge',
    ({ raw }) => raw`
    delete from vault.info_provision_record where record_id in (
      select record_id from vault.info_provision_record where kept_through < ${dayInJapan(now).toString()}
      order by kept_through limit ${VAULT_PURGED_ROWS_MAX}) returning record_id`,
  );
  return rows.length;
}

/** What it came to, and both raw levels: `OK 09 01`. */
function statusText({ reason, result }: Verdict): string {
  return [reason, result?.lineStatus, result?.names[0]?.status]
    .filter((part) => part !== undefined)
    .join(' ');
}

function entry(push: PushRow, coordinate: string, reason: string): AuditEntry {
  return { coordinate, decision: 'allow', reason, rows: 0, subjects: [push.vaultRef] };
}
