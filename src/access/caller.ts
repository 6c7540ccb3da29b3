import type { FunctionName } from './functions.js';
import type { PurposeName } from './purposes.js';

/** Who asks, with everything a decision may depend on, read from the register at this moment. */
export interface Caller {
  /** Staff id (職員番号) or client id of a service account. */
  readonly actorId: string;
  readonly kind: 'staff' | 'service';
  /** Role names in force today, sorted. */
  readonly roles: readonly string[];
  readonly functions: ReadonlySet<FunctionName>;
  readonly purposes: ReadonlySet<PurposeName>;
  readonly department: string;
  /** Set when every role held is limited to one branch: only that branch's people exist for the caller. */
  readonly branchCode: string | undefined;
  readonly sessionId: string;
  readonly terminal: string;
  /** How the session was opened, e.g. `password+totp`, `oidc`, `clientAssertion`. */
  readonly strength: string;
  /** The front-end application or job. */
  readonly clientApp: string;
  /** Purposes with a step-up in force. */
  readonly steppedUp: ReadonlySet<PurposeName>;
}

/** What one request is about, beside its caller. */
export interface RequestFacts {
  readonly requestId: string;
  readonly purpose: PurposeName;
  readonly caseRef: string | undefined;
}
