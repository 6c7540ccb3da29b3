import { cursorOf, keyInCursor } from './cursors.js';
import type { Located } from './rows.js';
import type { Concerned } from './tally.js';

/** Rows of a page whose size nobody said. */
export const PAGE_SIZE_UNSAID = 20;

/** An object of a row, as it was met. */
export class Met implements Concerned {
  readonly located: Located | undefined;
  readonly subject: string | undefined;
  readonly protection: number;

  constructor(located: Located | undefined, subject: string | undefined, protection: number) {
    this.located = located;
    this.subject = subject;
    this.protection = protection;
  }
}

/** A part of a page: it stands for rows, and has none of its own. */
export class Part {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly concerned: readonly Concerned[];

  constructor(fields: Readonly<Record<string, unknown>>, concerned: readonly Concerned[]) {
    this.fields = fields;
    this.concerned = concerned;
  }
}

/** The rows of one page, and what is said of the rest. */
export interface PageRows {
  readonly rows: readonly Located[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** A cursor that is no row of the same parent and scope is followed by nothing; it need not meet the filters. */
export function pageOf(
  found: readonly Located[],
  siblings: readonly Located[],
  { first, after }: Readonly<Record<string, unknown>>,
  type: string,
): PageRows {
  const size = typeof first === 'number' ? first : PAGE_SIZE_UNSAID;
  let following = found;
  if (typeof after === 'string') {
    const key = keyInCursor(after, type);
    const at = siblings.findIndex((row) => row.key[0] === key);
    const later = new Set(at < 0 ? [] : siblings.slice(at + 1).map((row) => row.key[0]));
    following = found.filter((row) => later.has(row.key[0]));
  }
  return {
    rows: following.slice(0, size),
    hasNextPage: following.length > size,
    hasPreviousPage: typeof after === 'string',
  };
}

/** A page in the Relay form. */
export function connection(
  type: string,
  nodes: readonly Met[],
  { hasNextPage, hasPreviousPage }: PageRows,
): Part {
  const cursors = nodes.map(({ located }) => cursorOf(type, located?.key[0] ?? ''));
  const edges = nodes.map((node, at) => new Part({ node, cursor: cursors[at] }, [node]));
  const ends = { startCursor: cursors[0] ?? null, endCursor: cursors.at(-1) ?? null };
  const pageInfo = new Part({ hasNextPage, hasPreviousPage, ...ends }, nodes);
  return new Part({ nodes, edges, pageInfo }, nodes);
}
