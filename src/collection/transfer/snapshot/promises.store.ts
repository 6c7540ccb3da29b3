import type { Session } from '../../../kernel/database/database.js';
import { frozenCases, type SnapshotScope } from './rows.store.js';

/** 分納誓約 of the person, a row for each instalment, as it stands on the day of the freeze (handbook 13 §2). */
export async function freezePromises(tx: Session, { roundId, today }: SnapshotScope): Promise<void> {
  await tx.run(
    'transfer.freezePromises',
    ({ raw }) => raw`
    insert into records.transfer_snapshot_row (round_id, file, row_no, content)
    select ${String(roundId)}::bigint, '08_promises.csv',
      row_number() over (order by f.case_no collate "C", p.promise_no, i.instalment_no),
      jsonb_build_object('caseNo', f.case_no, 'promiseNo', p.promise_no, 'dueOn', i.due_on, 'amount', i.amount,
        'state', case records.promise_instalment_state(p.id, i.instalment_no, ${today}::date)
          when 'paid' then 'KEPT' when 'missed' then 'BROKEN' when 'open' then 'RUNNING'
          else case when e.promise_id is null then 'BROKEN' else 'CANCELLED' end end,
        'legalGround', case p.form when 'written' then '民法第152条（承認）' end)
    from (${frozenCases(raw, roundId)}) as f
    join records.instalment_promise p on p.addressee_no = f.addressee_no
    join records.promise_instalment i on i.promise_id = p.id
    left join records.promise_end e on e.promise_id = p.id`,
  );
}
