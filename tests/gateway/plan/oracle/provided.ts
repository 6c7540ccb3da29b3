import { FUNCTIONS } from '../../../../src/access/functions.js';
import type { Asker } from '../../../support/read.js';
import { cursorOf, keyInCursor } from './cursors.js';
import type { Log } from './log.js';
import { PAGE_SIZE_UNSAID } from './pages.js';

/** What comes from no row: the value, how many it counts for, and whom it was asked of. */
export interface ProvidedValue {
  readonly value: unknown;
  readonly rows: number;
  readonly subject: string | undefined;
  /** Whether the gateway must answer the same: a page of the log may be short. */
  readonly isSure: boolean;
}

/** A page of the audit log, newest first. @param below number of the first entry that was not yet there */
export function auditEntries(
  log: Log,
  args: Readonly<Record<string, unknown>>,
  below: bigint,
): ProvidedValue {
  const { first, after } = args;
  const filter = (args['filter'] ?? {}) as Record<string, unknown>;
  const size = typeof first === 'number' ? first : PAGE_SIZE_UNSAID;
  const before = typeof after === 'string' ? BigInt(keyInCursor(after, 'AuditEntry') ?? '0') : undefined;
  const limit = before !== undefined && before < below ? before : below;
  const { entries: found, isSure } = log.found(filter, limit, size + 1);
  const nodes = found.slice(0, size).map((entry) => ({ ...entry, raised: entry.raised ?? false }));
  const edges = nodes.map((node) => ({ node, cursor: cursorOf('AuditEntry', String(node.sequence)) }));
  const pageInfo = {
    hasNextPage: found.length > size,
    hasPreviousPage: before !== undefined,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
  const subject = filter['subject'];
  return {
    value: { nodes, edges, pageInfo },
    rows: nodes.length,
    subject: typeof subject === 'string' ? subject : undefined,
    isSure,
  };
}

/** The caller as he is told of himself. */
export function viewerOf({ caller }: Asker): ProvidedValue {
  const functions = [...caller.functions].toSorted().map((name) => ({ name, title: FUNCTIONS[name] }));
  const value = { ...caller, functions, purposes: [...caller.purposes] };
  return { value, rows: 1, subject: undefined, isSure: true };
}
