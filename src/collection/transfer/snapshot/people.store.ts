import type { Session } from '../../../kernel/database/database.js';
import { frozenCases, type SnapshotScope } from './rows.store.js';

/** 滞納者: who they are and how they are reached, as of the freeze. Debit accounts and refunds stay here. */
export async function freezeTaxpayers(tx: Session, { roundId, today }: SnapshotScope): Promise<void> {
  await tx.run(
    'transfer.freezeTaxpayers',
    ({ raw }) => raw`
    insert into records.transfer_snapshot_row (round_id, file, row_no, content)
    select ${String(roundId)}::bigint, '01_taxpayer.csv', row_number() over (order by f.case_no collate "C"),
      jsonb_build_object('caseNo', f.case_no, 'addresseeNo', a.addressee_no, 'name', a.name, 'kana', a.kana,
        'birthDate', a.birth_date,
        'sex', case a.sex when 'male' then 'M' when 'female' then 'F' when 'unknown' then 'X' end,
        'address', concat_ws(' ', '〒' || a.postal_code, a.address), 'phones', nullif(a.phone, ''),
        'mailingAddress', (select concat_ws(' ', '〒' || m.postal_code, m.address, m.recipient)
          from records.mailing_address m
          where m.addressee_no = a.addressee_no and m.valid_from <= ${today}::date
            and (m.valid_to is null or m.valid_to >= ${today}::date)
          order by m.tax_item nulls first, m.valid_from desc, m.id desc limit 1),
        'corporateNumber', a.corporate_no)
    from (${frozenCases(raw, roundId)}) as f join records.addressee a on a.addressee_no = f.addressee_no`,
  );
}

/** 関係人: tax managers, representatives of heirs, and the members of a joint debtor. */
export async function freezeRelated(tx: Session, { roundId, today }: SnapshotScope): Promise<void> {
  await tx.run(
    'transfer.freezeRelated',
    ({ raw }) => raw`
    insert into records.transfer_snapshot_row (round_id, file, row_no, content)
    select ${String(roundId)}::bigint, '02_related.csv',
      row_number() over (order by f.case_no collate "C", r.role, r.since, a.addressee_no),
      jsonb_build_object('caseNo', f.case_no, 'role', r.role, 'name', a.name,
        'address', concat_ws(' ', '〒' || a.postal_code, a.address), 'since', r.since)
    from (${frozenCases(raw, roundId)}) as f
    cross join lateral (
      select m.manager_no as related_no, case m.kind when 'taxManager' then 'TAX_AGENT' else 'HEIR' end as role,
        min(m.valid_from) as since
      from records.tax_manager m
      where m.addressee_no = f.addressee_no and m.valid_from <= ${today}::date
        and (m.valid_to is null or m.valid_to >= ${today}::date)
      group by m.manager_no, m.kind
      union all
      select o.member_no, 'RELATED', min(o.valid_from) from records.co_owner o
      where o.joint_no = f.addressee_no and o.valid_from <= ${today}::date
        and (o.valid_to is null or o.valid_to >= ${today}::date)
      group by o.member_no
    ) as r
    join records.addressee a on a.addressee_no = r.related_no`,
  );
}
