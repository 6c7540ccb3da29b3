import type { FoundAuditEntry } from '../../audit/search.filter.js';
import type { IsoDate } from '../../kernel/dates.js';
import { isVaultOperation, operationRule, type VaultOperation } from '../assertion/operation.js';

/** What an entry of the log says to the rules. */
export interface LogFact {
  /** 通番 */
  readonly sequence: bigint;
  /** Milliseconds since the epoch. */
  readonly ms: number;
  /** In Japan. */
  readonly day: IsoDate;
  /** Minutes since 00:00 in Japan. */
  readonly minute: number;
  /** The person who acted; undefined where nobody was known. */
  readonly personId: string | undefined;
  /** Where nobody was known: service or address, as the log has it. */
  readonly source: string;
  readonly unit: string;
  /** Of a refusal before the assertion was read there is none. */
  readonly op: VaultOperation | undefined;
  readonly outcome: 'done' | 'refused';
  /** Rule of a refusal. */
  readonly rule: string;
  /** 件数; of refusals that were counted together, how many. */
  readonly rows: number;
  readonly subjects: readonly string[];
  /** 事案 */
  readonly caseRef: string;
}

/**
 * What an operation is to the rules: `shows` something of a number or looks for one, `acts` on a case, or is `neither`
 * a use of a number. A new operation says here what it is.
 */
const NATURE = {
  register: 'acts',
  resolve: 'shows',
  status: 'shows',
  reveal: 'shows',
  attachToDocument: 'shows',
  push: 'acts',
  cancelPush: 'acts',
  recordConsent: 'acts',
  withdrawConsent: 'acts',
  viewRefundAccount: 'shows',
  revealRefundAccount: 'shows',
  takeRefundAccount: 'acts',
  confirmRefundPayment: 'acts',
  packageAssemble: 'acts',
  packageRelease: 'acts',
  supersede: 'acts',
  hold: 'acts',
  releaseHold: 'acts',
  erase: 'acts',
  endTask: 'acts',
  resumeTask: 'acts',
  listCandidates: 'shows',
  stepUp: 'neither',
  requestApproval: 'acts',
  openApproval: 'neither',
  decideApproval: 'neither',
  evidence: 'neither',
  openAnalysis: 'neither',
  reviewAnalysis: 'neither',
  registerCopies: 'acts',
  deleteCopies: 'acts',
  listPendingProvisions: 'shows',
  decideProvision: 'acts',
  switchProvision: 'acts',
  openBreakGlass: 'neither',
  reviewBreakGlass: 'neither',
  listBreakGlass: 'neither',
} as const satisfies Record<VaultOperation, 'shows' | 'acts' | 'neither'>;

/** Entries of an operation that say nothing new: it was begun, or told again. */
const NOTHING_NEW: ReadonlySet<string> = new Set(['intent', 'repeated']);
const PREFIX = 'Vault.';
/** Japan has been nine hours ahead of UTC since 1951, without summer time; a calendar would cost most of a run. */
const JAPAN_OFFSET_MS = 9 * 3_600_000;
const MINUTE_MS = 60_000;

/** What an entry says, or nothing: only operations of people, and what was refused, are looked at. */
export function factOf(entry: FoundAuditEntry): LogFact | undefined {
  const { coordinate, kind, decision, actorId, roles } = entry;
  // What follows is about whom or under which opening.
  const [reason = ''] = (entry.reason ?? '').split(' ', 1);
  if (!coordinate.startsWith(PREFIX)) return undefined;
  const outcome = decision === 'refuse' ? 'refused' : 'done';
  if (outcome === 'refused' ? kind !== 'refusal' : kind !== 'vaultOperation' || NOTHING_NEW.has(reason))
    return undefined;
  const name = coordinate.slice(PREFIX.length);
  const op = isVaultOperation(name) ? name : undefined;
  const personId = roles.length > 0 ? actorId : undefined;
  if (outcome === 'done' && (op === undefined || personId === undefined)) return undefined;
  const ms = Date.parse(entry.at);
  const local = new Date(ms + JAPAN_OFFSET_MS).toISOString();
  return {
    sequence: entry.sequence,
    ms,
    day: local.slice(0, 10),
    minute: Math.floor(((ms + JAPAN_OFFSET_MS) % (24 * 60 * MINUTE_MS)) / MINUTE_MS),
    personId,
    source: entry.clientApp === '' ? entry.terminal : entry.clientApp,
    unit: entry.department,
    op,
    outcome,
    rule: outcome === 'refused' ? reason : '',
    rows: entry.rows,
    subjects: entry.subjects,
    caseRef: entry.caseRef ?? '',
  };
}

/** Whether a person used a number, or had one used: done, not only asked for. */
export function isUse({ op, outcome }: LogFact): boolean {
  return outcome === 'done' && op !== undefined && NATURE[op] !== 'neither';
}

/** Whether somebody who was known tried to. */
export function isAttempt({ op, personId }: LogFact): boolean {
  return personId !== undefined && op !== undefined && NATURE[op] !== 'neither';
}

/** Whether something was done in a case, beyond looking. */
export function isAction({ op, outcome }: LogFact): boolean {
  return outcome === 'done' && op !== undefined && NATURE[op] === 'acts';
}

/** Whether a number was shown, or looked for, so that it draws on that budget (handbook 15 §6.5). */
export function drawsOn({ op, outcome }: LogFact, budget: 'reveal' | 'lookup'): boolean {
  return outcome === 'done' && op !== undefined && operationRule(op).budget === budget;
}
