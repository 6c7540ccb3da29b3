import type { Session } from '../kernel/database/database.js';

/** Tables whose plain indexes are taken off. Guards of the others look rows up by index while the rows come in. */
const LARGE_TABLES = ['addressee', 'levy_line', 'levy_balance', 'receipt', 'allocation'] as const;
/** Their indexes that guards of the others need all the same: a write-off looks for payments of its lines. */
const NEEDED_MEANWHILE = ['allocation_levy'] as const;

/**
 * Takes foreign keys and plain indexes off inside the transaction: kept up row by row they cost more than the rows
 * themselves. They come back, checked and built as a whole, before the transaction ends; if that fails nothing of it
 * ever was. Primary keys, unique keys, checks and triggers stay.
 */
export async function takeOff(tx: Session): Promise<void> {
  await tx.run(
    'demonstration.takenOff',
    ({ raw }) => raw`
    create temporary table demonstration_taken_off on commit drop as
    select 1 as step, format('alter table %s drop constraint %I', conrelid::regclass, conname) as removal,
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as restoring
    from pg_constraint where contype = 'f' and connamespace = 'records'::regnamespace
    union all
    select 0, format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    from pg_index join pg_class as large on large.oid = indrelid join pg_class as own on own.oid = indexrelid
    where large.relnamespace = 'records'::regnamespace and not indisunique
      and large.relname = any (${[...LARGE_TABLES]}::text[])
      and own.relname <> all (${[...NEEDED_MEANWHILE]}::text[])`,
  );
  await tx.run(
    'demonstration.takeOff',
    ({ raw }) => raw`
    do $$ declare removal text; begin
      for removal in select t.removal from demonstration_taken_off as t order by t.step, t.removal loop
        execute removal;
      end loop;
    end $$`,
  );
}

/** Guards keep the plans they began with, which were made for tables with next to nothing in them. */
export async function planAnew(tx: Session): Promise<void> {
  await tx.run('demonstration.planAnew', ({ raw }) => raw`discard plans`);
}

/** Puts back what was taken off: indexes first, for the checks of the foreign keys. */
export async function putBack(tx: Session): Promise<void> {
  await tx.run(
    'demonstration.putBack',
    ({ raw }) => raw`
    do $$ declare restoring text; begin
      for restoring in select t.restoring from demonstration_taken_off as t order by t.step, t.restoring loop
        execute restoring;
      end loop;
    end $$`,
  );
}
