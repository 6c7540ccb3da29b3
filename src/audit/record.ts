/** 判定: what was decided about one coordinate. */
export type AuditDecision = 'allow' | 'mask' | 'refuse';

/** Kinds of operation that leave a record. Besides queries and mutations: what handbook 11 §2 wants logged as well. */
export const AUDIT_KINDS = [
  'query',
  'mutation',
  'signIn',
  'signOut',
  'signInFailure',
  'tokenRefused',
  'stepUp',
  'roleChange',
  'staffChange',
  'load',
  'export',
  'push',
  'erasure',
  'configuration',
  'auditRead',
  'refusal',
  'vaultOperation',
] as const;

/** One kind of operation (操作種別). */
export type AuditKind = (typeof AUDIT_KINDS)[number];

/**
 * アクセス記録: one coordinate with one decision, in one operation (handbook 11 §4.1). No personal data but `subjects`.
 * An entry's number (通番) is its record's `firstSequence` plus its place in `entries`.
 */
export interface AuditEntry {
  /** `Type.field`, e.g. `Addressee.levies`; dotted names for what is not GraphQL. */
  readonly coordinate: string;
  readonly decision: AuditDecision;
  /** Why, in a word of ours, e.g. the function that was missing. */
  readonly reason?: string;
  /** Rows (件数) that the coordinate gave. */
  readonly rows: number;
  /** Addressee numbers (宛名番号) the rows are about. Share one array between entries: it is then stored once. */
  readonly subjects: readonly string[];
  /** 注意喚起: the entry concerns 支援措置 people or another thing to be looked at without being asked. */
  readonly raised?: boolean;
}

/** One operation: the shared context once, and its entries, at least one. */
export interface AuditRecord {
  readonly kind: AuditKind;
  /** ISO instant in UTC, at most microseconds: `2026-11-22T03:41:50.123Z`. */
  readonly at: string;
  readonly requestId: string;
  readonly actorId: string;
  readonly roles: readonly string[];
  readonly department: string;
  readonly terminal: string;
  readonly sessionId: string;
  readonly strength: string;
  readonly clientApp: string;
  readonly purpose: string;
  readonly caseRef?: string;
  readonly operationName?: string;
  readonly documentHash?: string;
  /** 相手方の記録: number (通番) of the entry that the other log, the vault's or the gateway's, has of the same request. */
  readonly counterpart?: string;
  readonly entries: readonly AuditEntry[];
}

/** Where a record came to lie in the log. */
export interface Appended {
  readonly recordNo: bigint;
  /** Number (通番) of the record's first entry. */
  readonly firstSequence: bigint;
  /** The commit does not wait for the disk: nobody may be told before `AuditLog.flushed`. */
  readonly isAhead?: true;
}
