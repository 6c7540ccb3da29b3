import { Temporal } from '../../kernel/dates.js';
import type { ApprovalState, ByAt, ContentDigest, DualControlRequest } from '../../kernel/dualControl.js';

/** 承認番号: `AP-` and a UUID. */
export type ApprovalId = `AP-${string}`;

/** Operations of the vault that two people decide (handbook 15 §6.3). */
export const APPROVAL_KINDS = [
  'erase',
  'hold',
  'releaseHold',
  'supersede',
  'severalSubjects',
  'packageAssemble',
  'packageAudit',
  'packageRelease',
  'transferSetting',
  'paymentFile',
  'paymentCompared',
  'paymentJournalCompared',
  'provisionOn',
  'provisionAudit',
  'raiseBudget',
  'grant',
  'destroyKey',
  'restore',
  'breakGlassOpening',
  'breakGlassReview',
] as const;

/** One kind of request; the ring rule looks at each kind by itself. */
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

/** What the approver is shown: counts, keys and words of the requester, never a number. */
export interface ApprovalSummary {
  /** Subjects (件数). */
  readonly count: number;
  readonly recipient?: string;
  readonly purpose: string;
  /** 根拠: what allows it. */
  readonly basis: string;
  /** In the requester's own words. */
  readonly reason: string;
  /** At most APPROVAL_SAMPLE_MAX cases or references. */
  readonly sample: readonly string[];
  /** Differences to the last time, one sentence each. */
  readonly differences?: readonly string[];
}

/** 二人承認: a request of one person and what another made of it. */
export interface Approval extends DualControlRequest {
  readonly approvalId: ApprovalId;
  readonly kind: ApprovalKind;
  readonly contentDigest: ContentDigest;
  readonly summary: ApprovalSummary;
  readonly consumedAt: Temporal.Instant | undefined;
}

/** A row of `vault.approval` as statements give it. */
export interface ApprovalRow {
  readonly approval_id: ApprovalId;
  readonly kind: ApprovalKind;
  readonly content_digest: ContentDigest;
  readonly summary: ApprovalSummary;
  readonly state: ApprovalState;
  readonly requested_by: string;
  readonly requested_at: string;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly consumed_at: string | null;
}

/** The approval in a row. */
export function approvalOf(row: ApprovalRow): Approval {
  return {
    approvalId: row.approval_id,
    kind: row.kind,
    contentDigest: row.content_digest,
    summary: row.summary,
    state: row.state,
    requested: { by: row.requested_by, at: Temporal.Instant.from(row.requested_at) },
    decided: byAt(row.decided_by, row.decided_at),
    consumedAt: row.consumed_at === null ? undefined : Temporal.Instant.from(row.consumed_at),
  };
}

function byAt(by: string | null, at: string | null): ByAt | undefined {
  return by === null || at === null ? undefined : { by, at: Temporal.Instant.from(at) };
}
