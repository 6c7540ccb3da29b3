import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { missing } from '../receipt/lock.store.js';
import { roundConfiguration, type RoundConfiguration } from './round.js';

/** 移管ラウンド as it stands. */
export interface Round {
  readonly id: bigint;
  readonly roundNo: string;
  readonly configuration: RoundConfiguration;
  readonly digest: string;
  readonly proposedBy: string;
  readonly approved: boolean;
  /** Set when the moment is fixed. */
  readonly freeze: { readonly draftId: string; readonly asOf: string } | undefined;
  readonly submitted: boolean;
  /** The vault's package, once it is known. */
  readonly packageId: string | undefined;
}

interface RoundRow {
  readonly id: bigint;
  readonly round_no: string;
  readonly configuration: unknown;
  readonly digest: string;
  readonly proposed_by: string;
  readonly approved: boolean;
  readonly draft_id: string | null;
  readonly as_of: string | null;
  readonly submitted: boolean;
  readonly package_id: string | null;
}

/** @throws KuramoriError NOT_FOUND */
export async function findRound(session: Session, roundNo: string): Promise<Round> {
  const [row] = await session.run(
    'transfer.round',
    ({ raw }) => raw<RoundRow[]>`
    select r.id, r.round_no, r.configuration, r.digest, r.proposed_by, a.round_id is not null as approved,
      f.draft_id, to_char(f.as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as as_of,
      s.round_id is not null as submitted,
      (select p.package_id from records.transfer_package_state p
        where p.round_id = r.id and p.package_id is not null limit 1) as package_id
    from records.transfer_round r
    left join records.transfer_round_approval a on a.round_id = r.id
    left join records.transfer_freeze f on f.round_id = r.id
    left join records.transfer_submission s on s.round_id = r.id
    where r.round_no = ${roundNo}`,
  );
  if (row === undefined) {
    throw new KuramoriError('NOT_FOUND', 'There is no such transfer round. Check its number.', {
      field: 'roundNo',
    });
  }
  const { draft_id: draftId, as_of: asOf } = row;
  return {
    id: row.id,
    roundNo: row.round_no,
    configuration: roundConfiguration(row.configuration),
    digest: row.digest,
    proposedBy: row.proposed_by,
    approved: row.approved,
    freeze: draftId === null || asOf === null ? undefined : { draftId, asOf },
    submitted: row.submitted,
    packageId: row.package_id ?? undefined,
  };
}

/** @throws KuramoriError DUAL_CONTROL_REQUIRED until a second person has approved the round */
export function assertApproved({ approved }: Round): void {
  if (approved) return;
  throw new KuramoriError(
    'DUAL_CONTROL_REQUIRED',
    'The round has not been approved. A second person must approve its configuration first.',
  );
}

/** The draft of a round that was frozen. @throws KuramoriError CONFLICT before the freeze */
export function frozenDraft({ freeze }: Round): { readonly draftId: string; readonly asOf: string } {
  if (freeze === undefined)
    throw new KuramoriError('CONFLICT', 'The round has not been frozen. Freeze it first.');
  return freeze;
}

/** Digest of a round by its number, or none. */
export async function findDigest(session: Session, roundNo: string): Promise<string | undefined> {
  const [row] = await session.run(
    'transfer.roundDigest',
    ({ raw }) => raw<{ digest: string }[]>`
    select digest from records.transfer_round where round_no = ${roundNo}`,
  );
  return row?.digest;
}

/** What a proposal is written with. */
export interface NewRound {
  readonly roundNo: string;
  readonly configuration: RoundConfiguration;
  readonly digest: string;
  readonly proposedBy: string;
  readonly proposedOn: IsoDate;
}

/** Writes a proposal. @returns its key */
export async function insertRound(tx: Session, round: NewRound, changeId: bigint): Promise<bigint> {
  const { fiscalYear, serialNo, month, quota, recipient } = round.configuration;
  const [row] = await tx.run(
    'transfer.propose',
    ({ raw }) => raw<{ id: bigint }[]>`
    insert into records.transfer_round (round_no, fiscal_year, serial_no, month, quota, recipient_code, configuration,
      digest, proposed_by, proposed_on, change_id)
    values (${round.roundNo}, ${fiscalYear}, ${serialNo}, ${month}, ${quota}, ${recipient},
      ${JSON.stringify(round.configuration)}::text::jsonb, ${round.digest}, ${round.proposedBy},
      ${round.proposedOn}::date, ${String(changeId)}::bigint)
    returning id`,
  );
  return row?.id ?? missing('transfer.propose');
}
