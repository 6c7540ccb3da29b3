import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AUDIT_KINDS, type AuditRecord } from '../audit/record.js';
import { searchAuditEntries, type AuditFilter, type FoundAuditEntry } from '../audit/search.js';
import { instantText } from '../kernel/clock.js';
import { AUDIT_PAGE_SIZE_MAX, AUDIT_TEXT_CHARS_MAX, VAULT_LOG_SUBJECTS_SHOWN_MAX } from '../kernel/limits.js';
import type { VaultContext } from './context.js';
import { readEntry } from './entered.js';
import type { AdminHandler } from './http/admin.js';
import { loggedCommand } from './operatorLog.js';
import { isVaultRef } from './number/vaultRef.js';

type LogAdministrationContext = Pick<VaultContext, 'database' | 'audit' | 'clock'>;

/** An entry as JSON has it. */
export interface ToldEntry extends Omit<FoundAuditEntry, 'sequence' | 'recordNo'> {
  readonly sequence: string;
  /** Subjects in all; of many, only the first are named. */
  readonly subjectCount: number;
}

/** A page of the log, newest first. */
export interface ToldLog {
  readonly entries: readonly ToldEntry[];
  /** For `before` of the next page; absent at the end. A page may be short and yet not be the last. */
  readonly next?: string;
}

const word = z.string().min(1).max(AUDIT_TEXT_CHARS_MAX);
const form = z.strictObject({
  actorId: word.optional(),
  subject: z.string().refine(isVaultRef).optional(),
  coordinate: word.optional(),
  purpose: word.optional(),
  caseRef: word.optional(),
  kind: z.enum(AUDIT_KINDS).optional(),
  decision: z.enum(['allow', 'mask', 'refuse']).optional(),
  raised: z.literal(true).optional(),
  from: z.string().max(64).optional(),
  to: z.string().max(64).optional(),
  before: z
    .string()
    .regex(/^\d{1,18}$/)
    .transform(BigInt)
    .optional(),
  size: z.int().min(1).max(AUDIT_PAGE_SIZE_MAX),
});

/**
 * 監査: `log.read` {actorId, subject, coordinate, purpose, caseRef, kind, decision, raised, from, to, before, size}
 * shows a page of the vault's log, also of a sealed vault. The look is an entry itself, durable before anything is
 * shown, with the reference that was looked for.
 */
export function logAdministration(context: LogAdministrationContext): Readonly<Record<string, AdminHandler>> {
  const { database, audit } = context;
  return {
    'log.read': (input, operator) =>
      loggedCommand(context, 'Vault.log', operator, async (): Promise<ToldLog> => {
        const { size, before, ...filter } = readEntry(form, input);
        const sought = filter as AuditFilter;
        const page = await searchAuditEntries(database, sought, {
          size,
          ...(before === undefined ? {} : { before }),
        });
        await audit.append(readRecord(context, operator, sought, page.entries.length));
        const next = page.nextCursor === undefined ? {} : { next: String(page.nextCursor) };
        return { entries: page.entries.map(told), ...next };
      }),
  };
}

function told({ sequence, recordNo: _, subjects, ...entry }: FoundAuditEntry): ToldEntry {
  return {
    ...entry,
    sequence: String(sequence),
    subjects: subjects.slice(0, VAULT_LOG_SUBJECTS_SHOWN_MAX),
    subjectCount: subjects.length,
  };
}

/** Which members were given, not what they held; the reference stands among the subjects. */
function readRecord(
  { clock }: LogAdministrationContext,
  operator: string,
  filter: AuditFilter,
  rows: number,
): AuditRecord {
  const by = Object.keys(filter).toSorted();
  return {
    kind: 'auditRead',
    at: instantText(clock),
    requestId: randomUUID(),
    actorId: `operator:${operator}`,
    roles: [],
    department: '',
    terminal: '',
    sessionId: '',
    strength: 'hostAccount',
    clientApp: 'kuramori',
    purpose: 'AUDIT',
    entries: [
      {
        coordinate: 'Vault.log',
        decision: 'allow',
        reason: by.length === 0 ? 'read' : `read:${by.join(',')}`,
        rows,
        subjects: filter.subject === undefined ? [] : [filter.subject],
        raised: true,
      },
    ],
  };
}
