import type { TASK_STATES } from '../../../schema/vault/retention.js';
import type { Session } from '../../kernel/database/database.js';
import { dayInJapan, plainDate, type IsoDate, type PlainDate } from '../../kernel/dates.js';
import type { ByAt } from '../../kernel/dualControl.js';
import { KuramoriError } from '../../kernel/errors.js';
import { REASON_CHARS_MAX } from '../../kernel/limits.js';
import { enteredWords } from '../entered.js';
import { assertNotErased, lockNumbers } from '../erasure/erased.js';
import type { VaultRef } from '../number/vaultRef.js';
import { readRetentionRules } from './rule.store.js';
import { lastKeptDay, type PeriodClass } from './rule.js';

/** Why the task of a number that was registered again goes on. */
export const REGISTERED_AGAIN = '再登録';

/** 事務: of whom something is said, for which purpose, in which case, and why. */
export interface TaskStatement {
  readonly refs: readonly VaultRef[];
  /** 利用目的: the task is that of this purpose; others may need the number as well. */
  readonly purpose: string;
  /** 事案 */
  readonly caseRef: string;
  /** In the person's own words. */
  readonly reason: string;
}

/** 事務の終了. */
export interface TaskEnd extends TaskStatement {
  readonly retentionClass: PeriodClass;
  /** Day on which the task ended and the period begins. */
  readonly endedOn: IsoDate;
}

/**
 * 事務の終了: the task of one purpose for which numbers were kept has ended. Retention runs once no purpose of which
 * anything was said goes on, to the last of their days.
 * @returns first day on which this purpose lets the numbers be erased
 * @throws KuramoriError BAD_INPUT for a day to come; NOT_FOUND, ERASED, CONFIGURATION_INVALID
 */
export async function endTask(tx: Session, end: TaskEnd, stated: ByAt): Promise<PlainDate> {
  const endedOn = plainDate(end.endedOn);
  if (end.endedOn > dayInJapan(stated.at).toString()) {
    throw new KuramoriError('BAD_INPUT', 'A task that ends in days to come has not ended. Say it then.', {
      field: 'endedOn',
    });
  }
  const erasableFrom = lastKeptDay(await readRetentionRules(tx), end.retentionClass, endedOn).add({
    days: 1,
  });
  const { retentionClass } = end;
  await state(tx, end, stated, {
    state: 'ended',
    retentionClass,
    endedOn: end.endedOn,
    erasableFrom: erasableFrom.toString(),
  });
  return erasableFrom;
}

/**
 * 事務の再開: the task of a purpose goes on after all, or this purpose needs the numbers, too: retention no longer runs.
 * @throws KuramoriError BAD_INPUT, NOT_FOUND, ERASED
 */
export async function resumeTask(tx: Session, statement: TaskStatement, stated: ByAt): Promise<void> {
  await state(tx, statement, stated, {
    state: 'resumed',
    retentionClass: null,
    endedOn: null,
    erasableFrom: null,
  });
}

/**
 * Numbers that are registered again are needed again: of those whose retention runs, the task is resumed. Others are
 * left alone, and so are numbers whose erasure has begun.
 */
export async function resumeRegistered(tx: Session, statement: TaskStatement, stated: ByAt): Promise<void> {
  const running = await tx.run(
    'vault.retention.running',
    ({ raw }) => raw<{ ref: VaultRef }[]>`
    select n.vault_ref as ref from vault.number n
    where n.vault_ref = any (${[...statement.refs]}::text[]) and n.retention_ends_on is not null
      and not exists (select from vault.erasure e where e.vault_ref = n.vault_ref)
    order by n.vault_ref for update of n`,
  );
  if (running.length === 0) return;
  await resumeTask(tx, { ...statement, refs: running.map(({ ref }) => ref) }, stated);
}

interface Said {
  readonly state: (typeof TASK_STATES)[number];
  readonly retentionClass: PeriodClass | null;
  readonly endedOn: IsoDate | null;
  readonly erasableFrom: IsoDate | null;
}

async function state(tx: Session, statement: TaskStatement, { by, at }: ByAt, said: Said): Promise<void> {
  const { refs, purpose, caseRef } = statement;
  const reason = enteredWords(statement.reason, 'reason', REASON_CHARS_MAX);
  await lockNumbers(tx, refs);
  await assertNotErased(tx, refs);
  await tx.run(
    'vault.task.state',
    ({ raw }) => raw`
    insert into vault.task_change
      (vault_ref, purpose, state, retention_class, ended_on, erasable_from, reason, case_ref, stated_by, stated_at)
    select ref, ${purpose}, ${said.state}, ${said.retentionClass}, ${said.endedOn}::date, ${said.erasableFrom}::date,
      ${reason}, ${caseRef}, ${by}, ${at.toString()}::timestamptz
    from unnest(${[...refs]}::text[]) as given (ref)`,
  );
  await setRetention(tx, refs);
}

/** The last word for each purpose counts; the purpose that keeps a number longest is the one that lets it go. */
async function setRetention(tx: Session, refs: readonly VaultRef[]): Promise<void> {
  await tx.run(
    'vault.retention.set',
    ({ raw }) => raw`
    with word as (
      select distinct on (vault_ref, purpose) vault_ref, purpose, state, retention_class, erasable_from
      from vault.task_change where vault_ref = any (${[...refs]}::text[]) order by vault_ref, purpose, id desc
    ), governing as (
      select distinct on (vault_ref) * from word
      order by vault_ref, state = 'resumed' desc, erasable_from desc, purpose
    )
    update vault.number n set retention_ends_on = g.erasable_from, retention_class = g.retention_class,
      retention_purpose = case g.state when 'ended' then g.purpose end
    from governing g where n.vault_ref = g.vault_ref`,
  );
}
