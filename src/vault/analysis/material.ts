import { readLog } from '../../audit/evidence/log.js';
import { instantsOf, type EvidencePeriod } from '../../audit/evidence/period.js';
import type { Clock } from '../../kernel/clock.js';
import type { Session } from '../../kernel/database/database.js';
import { plainDate, dayInJapan, Temporal } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import {
  ANALYSIS_APPROVALS_MAX,
  ANALYSIS_FACTS_MAX,
  ANALYSIS_MS_MAX,
  WATCH_ENTRIES_MAX,
} from '../../kernel/limits.js';
import { readHolidays } from '../evidence/incident/incident.store.js';
import { allGrants } from '../grant/grant.store.js';
import { allPeople } from '../staff/staff.store.js';
import { factOf, type LogFact } from './fact.js';
import type { ApprovalDecision, Material } from './rule.js';
import type { Thresholds } from './thresholds.js';
import { watchIndex } from './watchList.js';
import { readWatchList } from './watchList.store.js';

/** With what the log is read; the clock ends what takes too long. */
export interface MaterialSource {
  readonly database: Session;
  readonly clock: Clock;
  /** Entries and subjects that are kept; ANALYSIS_FACTS_MAX where none are stated. */
  readonly factsMax?: number;
}

const HOURS_OF_A_DAY = 24;

/**
 * Reads what the rules look at: of the log the operations and refusals of the period, of the baseline's days before it
 * and of the hours after it, by the index of the kinds and the marks of time; of the registers what they hold now.
 * @throws KuramoriError PAYLOAD_TOO_LARGE when it is more than one run keeps; TIMEOUT
 */
export async function readMaterial(
  source: MaterialSource,
  period: EvidencePeriod,
  { volume, withoutAction }: Thresholds,
): Promise<Material> {
  const { database } = source;
  const daysAfter = Math.ceil(withoutAction.hours / HOURS_OF_A_DAY);
  const facts = await readFacts(source, {
    from: plainDate(period.from).subtract({ days: volume.baselineDays }).toString(),
    to: plainDate(period.to).add({ days: daysAfter }).toString(),
  });
  const watched = await readWatchList(database, { ...period, limit: WATCH_ENTRIES_MAX + 1 });
  if (watched.length > WATCH_ENTRIES_MAX) throw tooMuch('the watch list');
  return {
    period,
    facts: facts.toSorted((a, b) => a.ms - b.ms || Number(a.sequence - b.sequence)),
    people: new Map((await allPeople(database)).map((person) => [person.personId, person])),
    grants: await allGrants(database),
    decisions: await decisionsOf(database, period),
    watched: watchIndex(watched),
    holidays: await readHolidays(database),
  };
}

async function readFacts(
  { database, clock, factsMax = ANALYSIS_FACTS_MAX }: MaterialSource,
  period: EvidencePeriod,
): Promise<readonly LogFact[]> {
  const until = clock.now().epochMilliseconds + ANALYSIS_MS_MAX;
  const facts: LogFact[] = [];
  let [after, weight]: [bigint | undefined, number] = [undefined, 0];
  do {
    const page = await readLog(database, { kinds: ['vaultOperation', 'refusal'] }, { ...period, after });
    for (const fact of page.entries.flatMap((entry) => factOf(entry) ?? [])) {
      facts.push(fact);
      weight += 1 + fact.subjects.length;
    }
    if (weight > factsMax) throw tooMuch('the log of the period');
    if (clock.now().epochMilliseconds > until)
      throw new KuramoriError(
        'TIMEOUT',
        'The log of the period takes too long to read. Ask for a shorter one.',
      );
    after = page.next;
  } while (after !== undefined);
  return facts;
}

async function decisionsOf(session: Session, period: EvidencePeriod): Promise<readonly ApprovalDecision[]> {
  const { from, to } = instantsOf(period);
  const rows = await session.run(
    'vault.analysis.decisions',
    ({ raw }) => raw<(Omit<ApprovalDecision, 'day'> & { readonly decidedAt: string })[]>`
    select approval_id as "approvalId", requested_by as "requestedBy", decided_by as "decidedBy",
      decided_at as "decidedAt"
    from vault.approval
    where decided_at >= ${from}::text::timestamptz and decided_at < ${to}::text::timestamptz
      and state in ('approved', 'consumed', 'void')
    order by decided_at, approval_id limit ${ANALYSIS_APPROVALS_MAX + 1}`,
  );
  if (rows.length > ANALYSIS_APPROVALS_MAX) throw tooMuch('the approvals of the period');
  return rows.map(({ decidedAt, ...row }) => ({
    ...row,
    day: dayInJapan(Temporal.Instant.from(decidedAt)).toString(),
  }));
}

function tooMuch(what: string): KuramoriError {
  return new KuramoriError(
    'PAYLOAD_TOO_LARGE',
    `There is more in ${what} than one run keeps. Ask for shorter periods.`,
  );
}
