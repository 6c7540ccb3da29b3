import type { Session } from '../../../kernel/database/database.js';
import { arrayText } from '../../receipt/line.store.js';
import type { KnownDisposition, OrganizationDispositionEnd } from './disposition.js';

interface KnownRow extends Omit<KnownDisposition, 'claims' | 'end'> {
  /** `levy:amount`, with commas between. */
  readonly claims: string;
  readonly endKind: OrganizationDispositionEnd['kind'] | null;
  readonly endedOn: string | null;
}

/** Every disposition of the organization in the cases on which a result reports. */
export async function readKnownDispositions(
  tx: Session,
  transferIds: readonly bigint[],
): Promise<KnownDisposition[]> {
  const rows = await tx.run(
    'transfer.knownDispositions',
    ({ raw }) => raw<KnownRow[]>`
    select d.case_id as "caseId", d.addressee_no as "addresseeNo", d.organization_no as "organizationNo", d.kind,
      d.asset_class as "assetClass", d.object, d.third_party as "thirdParty", d.receipt_no as "receiptNo",
      d.executed_on as "executedOn", e.kind as "endKind", e.ended_on as "endedOn",
      (select string_agg(c.levy_id || ':' || c.amount, ',') from records.disposition_claim c
        where c.disposition_id = d.id) as claims
    from records.transfer_case t
    join records.disposition d on d.case_id = t.case_id and d.organization_no is not null
    left join records.disposition_end e on e.disposition_id = d.id
    where t.id = any (${arrayText(transferIds)}::text::bigint[])`,
  );
  return rows.map(({ claims, endKind: kind, endedOn, ...row }) => ({
    ...row,
    claims: claims.split(',').map((claim) => {
      const [levyId, amount] = claim.split(':') as [string, string];
      return { levyId: BigInt(levyId), amount: BigInt(amount) };
    }),
    end: kind === null || endedOn === null ? undefined : { kind, endedOn },
  }));
}
