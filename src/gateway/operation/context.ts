import type { Caller } from '../../access/caller.js';

/** What the HTTP layer knows of a request before any document is read. */
export interface GatewayContext {
  readonly caller: Caller;
  readonly requestId: string;
  /** Header `kuramori-purpose` as it came. */
  readonly purpose: string;
  /** Header `kuramori-case` as it came. */
  readonly caseRef: string | undefined;
  /** Set once a record of this operation is in the audit log. */
  recorded: boolean;
}
