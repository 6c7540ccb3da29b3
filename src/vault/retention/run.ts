import { randomUUID } from 'node:crypto';
import type { AuditEntry, AuditRecord } from '../../audit/record.js';
import { instantText, today } from '../../kernel/clock.js';
import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { RETENTION_CANDIDATES_MAX, RETENTION_PAGE_SIZE_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import { refsDigest } from '../erasure/order.js';
import {
  erasureCandidates,
  type CandidateCursor,
  type ErasureCandidate,
  type OpenWork,
} from './candidates.js';
import { readRetentionRules } from './rule.store.js';
import { rulesInForce } from './rule.js';
import { clearLists, insertCandidates, insertRun, readRuns, type RetentionRun } from './run.store.js';

/** What a run needs: no key. */
export interface RetentionContext extends Pick<VaultContext, 'database' | 'audit' | 'clock' | 'clockGuard'> {
  readonly openWork: OpenWork;
}

const COORDINATE = 'Vault.retention';

interface Listed {
  readonly candidates: readonly ErasureCandidate[];
  readonly isWhole: boolean;
}

/**
 * Makes the list of candidates for erasure (handbook 11 §6 point 1) as an object of its own: period, versions of the
 * rules, count, digest, entries in the log; the list commits with it. It proposes; people decide.
 * @param startedBy SCHEDULE, or `operator:` and a name
 * @param candidatesMax of the list; default and ceiling RETENTION_CANDIDATES_MAX
 * @returns the run, or none when the schedule of another process was first
 * @throws KuramoriError CLOCK_UNTRUSTED: who is let go too early does not come back; AUDIT_UNAVAILABLE
 */
export async function runRetention(
  context: RetentionContext,
  startedBy: string,
  candidatesMax: number = RETENTION_CANDIDATES_MAX,
): Promise<RetentionRun | undefined> {
  const { database, audit, clock, clockGuard } = context;
  clockGuard.assertTrusted();
  const day = today(clock);
  const startedAt = clock.now().toString();
  const intent = await audit.append(retentionRecord(startedAt, startedBy, 'intent', 0));
  const rules = rulesInForce(await readRetentionRules(database), plainDate(day));
  const [last] = await readRuns(database, 1);
  const periodFrom = last === undefined ? null : plainDate(last.day).add({ days: 1 }).toString();
  const { candidates, isWhole } = await allCandidates(
    context,
    day,
    Math.min(candidatesMax, RETENTION_CANDIDATES_MAX),
  );
  const run = {
    day,
    periodFrom,
    startedBy,
    startedAt,
    rules: rules.map(({ class: of, validFrom, years }) => ({ class: of, validFrom, years })),
    candidates: candidates.length,
    newlyDue: candidates.filter(({ erasableFrom }) => periodFrom === null || erasableFrom >= periodFrom)
      .length,
    isWhole,
    refsDigest: refsDigest(candidates.map(({ ref }) => ref)),
    intentEntry: intent.firstSequence,
  };
  return database.transaction('vault.retention.run', async (tx) => {
    const id = await insertRun(tx, run);
    if (id === undefined) return undefined;
    for (let at = 0; at < candidates.length; at += RETENTION_PAGE_SIZE_MAX)
      await insertCandidates(tx, id, candidates.slice(at, at + RETENTION_PAGE_SIZE_MAX));
    await clearLists(tx);
    const reason = `run:${id}${isWhole ? '' : ':more'}`;
    await audit.appendIn(tx, retentionRecord(instantText(clock), startedBy, reason, candidates.length));
    return { id, ...run };
  });
}

async function allCandidates(
  { database, openWork }: RetentionContext,
  today: IsoDate,
  candidatesMax: number,
): Promise<Listed> {
  const candidates: ErasureCandidate[] = [];
  let after: CandidateCursor | undefined;
  do {
    const query = { today, pageSize: candidatesMax, ...(after && { after }) };
    const page = await erasureCandidates(database, openWork, query);
    candidates.push(...page.candidates);
    after = page.next;
  } while (after !== undefined && candidates.length <= candidatesMax);
  return { candidates: candidates.slice(0, candidatesMax), isWhole: candidates.length <= candidatesMax };
}

/** Its subjects are in the list: the run shows nobody to anybody. */
function retentionRecord(at: string, startedBy: string, reason: string, rows: number): AuditRecord {
  const entry: AuditEntry = { coordinate: COORDINATE, decision: 'allow', reason, rows, subjects: [] };
  return {
    kind: 'configuration',
    at,
    requestId: randomUUID(),
    actorId: startedBy,
    roles: [],
    department: '',
    terminal: '',
    sessionId: '',
    strength: '',
    clientApp: 'kuramori',
    purpose: 'MAINTENANCE',
    entries: [entry],
  };
}
