import type { Session } from '../../../kernel/database/database.js';
import { arrayText } from '../../receipt/line.store.js';
import { lineKey } from '../result.js';
import type { OrganizationContact } from './contact.js';
import type { OrganizationDisposition, OrganizationDispositionEnd } from './disposition.js';
import type { LineRenewal } from './renewal.js';
import type { ReportedCase, ReportedLine, ReportedStanding } from './standing.js';

/** The result whose acts are written. */
export interface ActsOf {
  readonly resultKey: bigint;
  readonly changeId: bigint;
}

/** The cases on which a result that was taken reports. */
export async function readReportedTransfers(tx: Session, resultKey: bigint): Promise<readonly bigint[]> {
  const rows = await tx.run(
    'transfer.reportedTransfers',
    ({ raw }) => raw<{ id: bigint }[]>`
    select transfer_id as id from records.transfer_outcome where result_id = ${String(resultKey)}::bigint`,
  );
  return rows.map(({ id }) => id);
}

/** Cases on which a result reports, with the lines of them that were handed over. */
export async function readReportedStanding(
  tx: Session,
  transferIds: readonly bigint[],
): Promise<ReportedStanding> {
  const rows = await tx.run(
    'transfer.reportedLines',
    ({ raw }) => raw<(ReportedCase & ReportedLine & { caseNo: string; lineNo: number })[]>`
    select d.case_no as "caseNo", l.line_no as "lineNo", l.id as "lineId", l.levy_id as "levyId",
      c.case_id as "caseId", c.addressee_no as "addresseeNo",
      (f.as_of at time zone 'Asia/Tokyo')::date as "handedOverOn"
    from records.transfer_case c
    join records.transfer_freeze f on f.round_id = c.round_id
    join records.delinquency_case d on d.id = c.case_id
    join records.transfer_line l on l.transfer_id = c.id
    where c.id = any (${arrayText(transferIds)}::text::bigint[])`,
  );
  return {
    cases: new Map(rows.map((row) => [row.caseNo, row])),
    lines: new Map(rows.map((row) => [lineKey(row), row])),
  };
}

/** Notes which files of a result were taken. */
export async function insertActs(
  tx: Session,
  { resultKey, changeId }: ActsOf,
  files: Readonly<Record<'dispositions' | 'renewals' | 'contacts', readonly unknown[] | undefined>>,
): Promise<void> {
  const { dispositions, renewals, contacts } = files;
  await tx.run(
    'transfer.acts',
    ({ raw }) => raw`
    insert into records.transfer_acts (result_id, dispositions, renewals, contacts, change_id)
    values (${String(resultKey)}::bigint, ${dispositions?.length ?? null}::integer,
      ${renewals?.length ?? null}::integer, ${contacts?.length ?? null}::integer, ${String(changeId)}::bigint)`,
  );
}

/** Writes dispositions of the organization with the claims that they cover. */
export async function insertDispositions(
  tx: Session,
  { resultKey, changeId }: ActsOf,
  begun: readonly OrganizationDisposition[],
): Promise<void> {
  const texts = (pick: (one: OrganizationDisposition) => string | null) =>
    begun.map((one) => pick(one) ?? '');
  const claims = begun.flatMap((one) => one.claims.map((claim) => ({ ...one, ...claim })));
  await tx.run(
    'transfer.dispositions',
    ({ raw }) => raw`
    with made as (
      insert into records.disposition (case_id, addressee_no, kind, asset_class, object, third_party, executed_on,
        result_id, organization_no, receipt_no, change_id)
      select case_id, addressee_no, kind, asset_class, object, nullif(third_party, ''), on_day::date,
        ${String(resultKey)}::bigint, organization_no, nullif(receipt_no, ''), ${String(changeId)}::bigint
      from unnest(${arrayText(begun.map(({ caseId }) => caseId))}::text::bigint[],
        ${texts(({ addresseeNo }) => addresseeNo)}::text[], ${texts(({ kind }) => kind)}::text[],
        ${texts(({ assetClass }) => assetClass)}::text[], ${texts(({ object }) => object)}::text[],
        ${texts(({ thirdParty }) => thirdParty)}::text[], ${texts(({ executedOn }) => executedOn)}::text[],
        ${texts(({ organizationNo }) => organizationNo)}::text[], ${texts(({ receiptNo }) => receiptNo)}::text[])
        with ordinality as t (case_id, addressee_no, kind, asset_class, object, third_party, on_day, organization_no,
          receipt_no, n) order by n
      returning id, case_id, organization_no
    )
    insert into records.disposition_claim (disposition_id, levy_id, amount)
    select made.id, k.levy_id, k.amount
    from unnest(${arrayText(claims.map(({ caseId }) => caseId))}::text::bigint[],
      ${claims.map(({ organizationNo }) => organizationNo)}::text[],
      ${arrayText(claims.map(({ levyId }) => levyId))}::text::bigint[],
      ${arrayText(claims.map(({ amount }) => amount))}::text::bigint[])
      as k (case_id, organization_no, levy_id, amount)
    join made using (case_id, organization_no)`,
  );
}

/** Writes ends of dispositions that are there. */
export async function insertEnds(
  tx: Session,
  { resultKey, changeId }: ActsOf,
  ended: readonly OrganizationDispositionEnd[],
): Promise<void> {
  await tx.run(
    'transfer.dispositionEnds',
    ({ raw }) => raw`
    insert into records.disposition_end (disposition_id, kind, ended_on, result_id, change_id)
    select d.id, t.kind, t.on_day::date, ${String(resultKey)}::bigint, ${String(changeId)}::bigint
    from unnest(${arrayText(ended.map(({ caseId }) => caseId))}::text::bigint[],
      ${ended.map(({ organizationNo }) => organizationNo)}::text[], ${ended.map(({ kind }) => kind)}::text[],
      ${ended.map(({ endedOn }) => endedOn)}::text[]) as t (case_id, organization_no, kind, on_day)
    join records.disposition d using (case_id, organization_no)`,
  );
}

/** Writes renewals that were not known. @returns how many */
export async function insertRenewals(
  tx: Session,
  { resultKey, changeId }: ActsOf,
  renewed: readonly LineRenewal[],
): Promise<number> {
  const rows = await tx.run(
    'transfer.renewals',
    ({ raw }) => raw`
    insert into records.transfer_renewal (result_id, line_id, kind, renewed_on, change_id)
    select ${String(resultKey)}::bigint, line_id, kind, on_day::date, ${String(changeId)}::bigint
    from unnest(${arrayText(renewed.map(({ lineId }) => lineId))}::text::bigint[],
      ${renewed.map(({ kind }) => kind)}::text[], ${renewed.map(({ renewedOn }) => renewedOn)}::text[])
      with ordinality as t (line_id, kind, on_day, n) order by n
    on conflict (line_id, kind, renewed_on) do nothing returning id`,
  );
  return rows.length;
}

/** Writes contacts that no earlier result told of in the same words. @returns how many */
export async function insertContacts(
  tx: Session,
  { resultKey, changeId }: ActsOf,
  contacts: readonly OrganizationContact[],
): Promise<number> {
  const texts = (pick: (one: OrganizationContact) => string) => contacts.map(pick);
  const rows = await tx.run(
    'transfer.contacts',
    ({ raw }) => raw`
    insert into records.contact_record (case_id, addressee_no, contacted_at, method, counterpart, summary, recorded_by,
      result_id, change_id)
    select t.case_id, t.addressee_no, t.at::timestamptz, t.method, t.counterpart, t.summary,
      'organization:' || u.recipient_code, ${String(resultKey)}::bigint, ${String(changeId)}::bigint
    from unnest(${arrayText(contacts.map(({ caseId }) => caseId))}::text::bigint[],
      ${texts(({ addresseeNo }) => addresseeNo)}::text[], ${texts(({ contactedAt }) => contactedAt)}::text[],
      ${texts(({ method }) => method)}::text[], ${texts(({ counterpart }) => counterpart)}::text[],
      ${texts(({ summary }) => summary)}::text[])
      with ordinality as t (case_id, addressee_no, at, method, counterpart, summary, n)
    cross join records.transfer_result r join records.transfer_round u on u.id = r.round_id
    where r.id = ${String(resultKey)}::bigint and not exists (
      select from records.contact_record b where b.case_id = t.case_id and b.contacted_at = t.at::timestamptz
        and b.result_id is not null and (b.method, b.counterpart, b.summary) = (t.method, t.counterpart, t.summary))
    order by n returning id`,
  );
  return rows.length;
}
