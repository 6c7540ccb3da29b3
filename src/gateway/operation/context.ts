import type { Caller } from '../../access/caller.js';

/** What the HTTP layer knows of a request before any document is read. */
export interface GatewayContext {
  readonly caller: Caller;
  readonly requestId: string;
  /** Header `kuramori-purpose` as it came. */
  readonly purpose: string;
  /** Header `kuramori-case` as it came. */
  readonly caseRef: string | undefined;
  /** Longer than BODY_BYTES_MAX: taken for a change that carries what a terminal signed, and for nothing else. */
  readonly isLong: boolean;
  /** On the clock of `performance.now()`: until then what is asked for must have been read. */
  readonly deadlineMs: number;
  /** Set once a record of this operation is in the audit log. */
  recorded: boolean;
}
