import type { Session } from '../../../kernel/database/database.js';
import { frozenCases, type SnapshotScope } from './rows.store.js';

/** 折衝経過 of the case. */
export async function freezeContacts(tx: Session, { roundId }: SnapshotScope): Promise<void> {
  await tx.run(
    'transfer.freezeContacts',
    ({ raw }) => raw`
    insert into records.transfer_snapshot_row (round_id, file, row_no, content)
    select ${String(roundId)}::bigint, '05_contacts.csv',
      row_number() over (order by f.case_no collate "C", r.contacted_at, r.id),
      jsonb_build_object('caseNo', f.case_no,
        'at', to_char(r.contacted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'channel', case r.method when 'phone' then '電話' when 'visit' then '訪問' when 'counter' then '来庁'
          when 'letter' then '文書' when 'email' then '電子メール' else 'その他' end,
        'counterpart', replace(r.counterpart, E'\\r', ''), 'summary', replace(r.summary, E'\\r', ''),
        'promise', '次回予定日 ' || r.next_action_on, 'staffUnit', f.district)
    from (${frozenCases(raw, roundId)}) as f join records.contact_record r on r.case_id = f.case_id`,
  );
}

/** 財産情報 of the person, numbered within the case. */
export async function freezeAssets(tx: Session, { roundId }: SnapshotScope): Promise<void> {
  await tx.run(
    'transfer.freezeAssets',
    ({ raw }) => raw`
    insert into records.transfer_snapshot_row (round_id, file, row_no, content)
    select ${String(roundId)}::bigint, '06_assets.csv', row_number() over (order by f.case_no collate "C", a.id),
      jsonb_build_object('caseNo', f.case_no,
        'assetNo', row_number() over (partition by f.case_no order by a.id),
        'kind', case a.asset_class when 'deposit' then 'DEPOSIT' when 'salary' then 'SALARY'
          when 'lifeInsurance' then 'LIFE_INSURANCE' when 'realEstate' then 'REAL_ESTATE' when 'vehicle' then 'VEHICLE'
          else 'OTHER_CLAIM' end,
        'identification', replace(concat_ws(' ', a.institution, a.description), E'\\r', ''),
        'investigatedOn', a.found_on,
        'result', coalesce('見込額 ' || a.estimated_value || '円', '見込額 未評価'))
    from (${frozenCases(raw, roundId)}) as f join records.asset a on a.addressee_no = f.addressee_no`,
  );
}

/** 滞納処分・交付要求・参加差押 of the case, with the day of their end. */
export async function freezeDispositions(tx: Session, { roundId }: SnapshotScope): Promise<void> {
  await tx.run(
    'transfer.freezeDispositions',
    ({ raw }) => raw`
    insert into records.transfer_snapshot_row (round_id, file, row_no, content)
    select ${String(roundId)}::bigint, '07_dispositions.csv',
      row_number() over (order by f.case_no collate "C", d.executed_on, d.id),
      jsonb_build_object('caseNo', f.case_no,
        'kind', case d.kind when 'seizure' then 'SEIZURE' when 'participatingSeizure' then 'JOINED_SEIZURE'
          else 'DISTRIBUTION_DEMAND' end,
        'assetNo', null, 'registeredOn', d.executed_on, 'receiptNo', d.receipt_no, 'releasedOn', e.ended_on)
    from (${frozenCases(raw, roundId)}) as f
    join records.disposition d on d.case_id = f.case_id
    left join records.disposition_end e on e.disposition_id = d.id`,
  );
}
