import { instalmentPromises, promiseEnds, promiseInstalments } from '../../../schema/records/index.js';
import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { maxYen, sumYen } from '../../kernel/yen.js';
import { readLimitations, readUntold } from '../limitation/limitation.store.js';
import { arrayText, readLedgerLines } from '../receipt/line.store.js';
import { lockLevies, missing } from '../receipt/lock.store.js';
import type { PromisedLine, PromisePlan } from './promise.js';

/** Where a promise stands (`records.promise_state`). */
export type PromiseStateWord = 'running' | 'kept' | 'broken' | 'cancelled' | 'replaced';

/** A promise as a change needs it. */
export interface FoundPromise {
  readonly id: bigint;
  readonly caseId: bigint;
  readonly addresseeNo: string;
  readonly state: PromiseStateWord;
}

/** A promise by its number, or none. */
export async function findPromise(
  tx: Session,
  id: bigint,
  today: IsoDate,
): Promise<FoundPromise | undefined> {
  const [row] = await tx.run(
    'promise.find',
    ({ raw }) => raw<FoundPromise[]>`
    select id, case_id as "caseId", addressee_no as "addresseeNo",
      records.promise_state(id, ${today}::date) as state
    from records.instalment_promise where id = ${String(id)}::bigint`,
  );
  return row;
}

/**
 * Locks levy lines and reads what each stands at for a promise. Two who promise one line wait for each other here.
 * @param replacedId a promise that does not count, because it is replaced
 */
export async function lockLines(
  tx: Session,
  levyIds: readonly bigint[],
  replacedId: bigint | undefined,
  today: IsoDate,
): Promise<readonly PromisedLine[]> {
  await lockLevies(tx, levyIds);
  const lines = await readLedgerLines(tx, levyIds);
  const limitations = await readLimitations(tx, levyIds);
  const untold = await readUntold(tx, levyIds);
  const promised = await readPromised(tx, levyIds, replacedId, today);
  const ended = await readStayEnded(tx, levyIds, today);
  return [...lines].flatMap(([levyId, { addresseeNo, outstanding }]) => {
    const limitation = limitations.get(levyId);
    if (limitation === undefined) return [];
    const owed = sumYen(Object.values(outstanding).map((yen) => maxYen(0n, yen)));
    return [
      {
        levyId,
        addresseeNo,
        outstanding: owed,
        isPromised: promised.has(levyId),
        limitation,
        isUntold: untold.has(levyId),
        isStayEnded: ended.has(levyId),
      },
    ];
  });
}

async function readStayEnded(
  tx: Session,
  levyIds: readonly bigint[],
  today: IsoDate,
): Promise<ReadonlySet<bigint>> {
  const rows = await tx.run(
    'promise.stayEnded',
    ({ raw }) => raw<{ levy_id: bigint }[]>`
    select s.levy_id from records.execution_stay s
    where s.levy_id = any (${arrayText(levyIds)}::text::bigint[])
      and records.stay_in_force(s.id) and records.stay_extinction(s.decided_on) <= ${today}::date`,
  );
  return new Set(rows.map(({ levy_id: levyId }) => levyId));
}

async function readPromised(
  tx: Session,
  levyIds: readonly bigint[],
  replacedId: bigint | undefined,
  today: IsoDate,
): Promise<ReadonlySet<bigint>> {
  const rows = await tx.run(
    'promise.promised',
    ({ raw }) => raw<{ levy_id: bigint }[]>`
    select c.levy_id from (
      select distinct levy_id, promise_id from records.promise_claim
      where levy_id = any (${arrayText(levyIds)}::text::bigint[])
        and promise_id is distinct from ${replacedId === undefined ? null : String(replacedId)}::bigint
    ) as c
    where records.promise_state(c.promise_id, ${today}::date) in ('running', 'broken')`,
  );
  return new Set(rows.map(({ levy_id: levyId }) => levyId));
}

/** Of whom, by whom, in the place of which. */
export interface PromiseContext {
  readonly caseId: bigint;
  readonly addresseeNo: string;
  readonly recordedBy: string;
  readonly replacesId: bigint | null;
}

/** Writes a plan that `assertPromisable` allowed, its lines and its instalments. @returns its number */
export async function insertPromise(
  tx: Session,
  { instalments, levyIds, ...plan }: PromisePlan,
  context: PromiseContext,
  changeId: bigint,
): Promise<bigint> {
  const promiseNo = await nextPromiseNo(tx, context.addresseeNo);
  const [row] = await tx.run('promise.insert', ({ orm }) =>
    orm
      .insert(instalmentPromises)
      .values({ ...plan, ...context, promiseNo, changeId })
      .onConflictDoNothing({ target: [instalmentPromises.addresseeNo, instalmentPromises.promiseNo] })
      .returning({ id: instalmentPromises.id }),
  );
  if (row === undefined)
    throw new KuramoriError(
      'CONFLICT',
      'Another promise of the person was made at this moment. Read it first.',
      {
        field: 'caseNo',
      },
    );
  await insertClaims(tx, row.id, levyIds);
  await tx.run('promise.instalments', ({ orm }) =>
    orm.insert(promiseInstalments).values(instalments.map((each) => ({ ...each, promiseId: row.id }))),
  );
  return row.id;
}

async function nextPromiseNo(tx: Session, addresseeNo: string): Promise<number> {
  const [row] = await tx.run(
    'promise.no',
    ({ raw }) => raw<{ next: number }[]>`
    select coalesce(max(promise_no), 0) + 1 as next from records.instalment_promise
    where addressee_no = ${addresseeNo}`,
  );
  return row?.next ?? missing('promise.no');
}

/** What each line owes by component, with what was paid and levied of it until now. */
async function insertClaims(tx: Session, promiseId: bigint, levyIds: readonly bigint[]): Promise<void> {
  await tx.run(
    'promise.claims',
    ({ raw }) => raw`
    insert into records.promise_claim (promise_id, levy_id, component, amount, paid_before, levied_before)
    select ${String(promiseId)}::bigint, b.levy_id, c.component, c.owed,
      coalesce((select sum(a.amount) from records.allocation a
        where a.levy_id = b.levy_id and a.component = c.component), 0),
      coalesce((select sum(f.amount) from records.levy_charge f
        where f.levy_id = b.levy_id and f.component = c.component), 0)
        + case when c.component = 'tax' then l.tax_amount + coalesce((select sum(d.tax_delta)
          from records.levy_adjustment d where d.levy_id = b.levy_id), 0) else 0 end
    from records.levy_balance b
    join records.levy_line l on l.id = b.levy_id
    cross join lateral (values ('tax', b.tax_outstanding), ('reminderFee', b.reminder_fee_outstanding),
      ('lateCharge', b.late_charge_outstanding), ('penalty', b.penalty_outstanding),
      ('dispositionCost', b.disposition_cost_outstanding)) as c (component, owed)
    where b.levy_id = any (${arrayText(levyIds)}::text::bigint[]) and c.owed > 0`,
  );
}

/** 取消・変更. */
export interface PromiseEnding {
  readonly kind: (typeof promiseEnds.$inferInsert)['kind'];
  readonly endedOn: IsoDate;
  readonly reason: string;
}

/** Ends a promise. @throws KuramoriError CONFLICT when somebody else was faster */
export async function insertEnd(
  tx: Session,
  promiseId: bigint,
  ending: PromiseEnding,
  changeId: bigint,
): Promise<void> {
  const written = await tx.run('promise.end', ({ orm }) =>
    orm
      .insert(promiseEnds)
      .values({ ...ending, promiseId, changeId })
      .onConflictDoNothing()
      .returning({ promiseId: promiseEnds.promiseId }),
  );
  if (written.length === 0)
    throw new KuramoriError(
      'CONFLICT',
      'The promise was ended by somebody else at this moment. Read it again.',
      {
        field: 'promiseId',
      },
    );
}
