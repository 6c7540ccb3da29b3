import type { Session } from '../../kernel/database/database.js';
import { Temporal } from '../../kernel/dates.js';
import type { BreakGlassReview, Opening } from './breakGlass.js';

/** 封緘: the last one of a credential. */
export interface Seal {
  readonly id: bigint;
  readonly sealNo: string;
  readonly codeDigest: string;
  readonly isBroken: boolean;
  /** Whether any opening of the credential waits for its review. */
  readonly awaitsReview: boolean;
}

/** An opening with what was asked for under it. */
export interface OpeningWithUses extends Opening {
  readonly key: bigint;
  readonly basis: string;
  readonly caseRef: string;
  readonly reason: string;
  readonly uses: readonly GlassUseRow[];
}

/** One use, in the order of time. */
export interface GlassUseRow {
  readonly ref: string;
  /** ISO instant */
  readonly at: string;
  /** Given back: nothing was shown. */
  readonly isReturned: boolean;
}

/** One thing at a time happens to a credential, or to an opening: both are named. */
export async function lockBreakGlass(tx: Session, name: string): Promise<void> {
  await tx.run(
    'vault.breakGlass.lock',
    ({ raw }) => raw`select pg_advisory_xact_lock(hashtextextended(${`vault.breakGlass:${name}`}, 0))`,
  );
}

/** The last seal of a credential, or none. */
export async function lastSeal(tx: Session, breakGlassId: string): Promise<Seal | undefined> {
  const [row] = await tx.run(
    'vault.breakGlass.seal',
    ({ raw }) => raw<Seal[]>`
    select s.id, s.seal_no as "sealNo", s.code_digest as "codeDigest",
      exists (select from vault.break_glass_opening o where o.seal_id = s.id) as "isBroken",
      exists (select from vault.break_glass_opening o join vault.break_glass_seal e on e.id = o.seal_id
        where e.break_glass_id = s.break_glass_id
          and not exists (select from vault.break_glass_review r where r.opening_id = o.opening_id))
        as "awaitsReview"
    from vault.break_glass_seal s where s.break_glass_id = ${breakGlassId} order by s.id desc limit 1`,
  );
  return row;
}

/** @param at ISO instant. @returns false when the credential had that seal before */
export async function insertSeal(
  tx: Session,
  seal: {
    readonly breakGlassId: string;
    readonly sealNo: string;
    readonly codeDigest: string;
    readonly by: string;
  },
  at: string,
): Promise<boolean> {
  const rows = await tx.run(
    'vault.breakGlass.insertSeal',
    ({ raw }) => raw`
    insert into vault.break_glass_seal (break_glass_id, seal_no, code_digest, entered_by, entered_at)
    values (${seal.breakGlassId}, ${seal.sealNo}, ${seal.codeDigest}, ${seal.by}, ${at})
    on conflict do nothing returning id`,
  );
  return rows.length === 1;
}

/** What is written of an opening. */
export interface NewOpening
  extends
    Omit<Opening, 'breakGlassId' | 'sealNo' | 'review'>,
    Pick<OpeningWithUses, 'basis' | 'caseRef' | 'reason'> {
  readonly sealId: bigint;
}

export async function insertOpening(tx: Session, opening: NewOpening): Promise<void> {
  const { openingId, sealId, openedBy, secondedBy, terminalId, purpose, basis, caseRef, reason } = opening;
  await tx.run(
    'vault.breakGlass.open',
    ({ raw }) => raw`
    insert into vault.break_glass_opening (opening_id, seal_id, opened_by, seconded_by, terminal_id, purpose, basis,
      case_ref, reason, opened_at, until)
    values (${openingId}, ${String(sealId)}::int8, ${openedBy}, ${secondedBy}, ${terminalId}, ${purpose}, ${basis},
      ${caseRef}, ${reason}, ${opening.openedAt.toString()}, ${opening.until.toString()})`,
  );
}

interface OpeningRow {
  readonly key: bigint;
  readonly opening_id: string;
  readonly break_glass_id: string;
  readonly seal_no: string;
  readonly opened_by: string;
  readonly seconded_by: string;
  readonly terminal_id: string;
  readonly purpose: string;
  readonly basis: string;
  readonly case_ref: string;
  readonly reason: string;
  readonly opened_at: string;
  readonly until: string;
  readonly review: BreakGlassReview | null;
  readonly uses: readonly GlassUseRow[];
}

/** Which openings. */
export interface OpeningQuery {
  readonly openingId?: string;
  /** Opened at this instant or later, before that one; ISO. */
  readonly from?: string;
  readonly to?: string;
  readonly unreviewedOnly?: true;
  readonly after?: bigint | undefined;
  readonly limit: number;
}

/** An opening, or none. */
export async function findOpening(session: Session, openingId: string): Promise<OpeningWithUses | undefined> {
  const [opening] = await readOpenings(session, { openingId, limit: 1 });
  return opening;
}

/** Openings in their order, with their uses and reviews. */
export async function readOpenings(
  session: Session,
  { openingId, from, to, unreviewedOnly, after = 0n, limit }: OpeningQuery,
): Promise<readonly OpeningWithUses[]> {
  const rows = await session.run(
    'vault.breakGlass.read',
    ({ raw }) => raw<OpeningRow[]>`
    select o.id as key, o.*, s.break_glass_id, s.seal_no,
      case when r.opening_id is not null then jsonb_build_object('outcome', r.outcome, 'finding', r.finding,
        'reviewedBy', r.reviewed_by, 'approvedBy', r.approved_by, 'reviewedAt', r.reviewed_at) end as review,
      coalesce((select jsonb_agg(jsonb_build_object('ref', u.vault_ref, 'at', u.at,
          'isReturned', exists (select from vault.break_glass_return b where b.use_id = u.id)) order by u.id)
        from vault.break_glass_use u where u.opening_id = o.opening_id), '[]') as uses
    from vault.break_glass_opening o
    join vault.break_glass_seal s on s.id = o.seal_id
    left join vault.break_glass_review r using (opening_id)
    where o.id > ${String(after)}::int8
      and (${openingId ?? null}::text is null or o.opening_id = ${openingId ?? null})
      and (${from ?? null}::timestamptz is null or o.opened_at >= ${from ?? null}::timestamptz)
      and (${to ?? null}::timestamptz is null or o.opened_at < ${to ?? null}::timestamptz)
      and (not ${unreviewedOnly ?? false}::boolean or r.opening_id is null)
    order by o.id limit ${limit}`,
  );
  return rows.map(openingOf);
}

/** Writes a use, which counts from its commit on. @returns its number */
export async function insertGlassUse(
  tx: Session,
  use: {
    readonly openingId: string;
    readonly ref: string;
    readonly caseRef: string;
    readonly at: Temporal.Instant;
  },
): Promise<bigint> {
  const [row] = await tx.run(
    'vault.breakGlass.use',
    ({ raw }) => raw<[{ id: bigint }]>`
    insert into vault.break_glass_use (opening_id, vault_ref, case_ref, at)
    values (${use.openingId}, ${use.ref}, ${use.caseRef}, ${use.at.toString()}) returning id`,
  );
  return row.id;
}

/** Gives a use back; once. */
export async function insertGlassReturn(
  session: Session,
  useId: bigint,
  at: Temporal.Instant,
): Promise<void> {
  await session.run(
    'vault.breakGlass.return',
    ({ raw }) => raw`
    insert into vault.break_glass_return (use_id, at) values (${String(useId)}::int8, ${at.toString()})`,
  );
}

export async function insertReview(
  tx: Session,
  openingId: string,
  review: BreakGlassReview & { readonly approvalId: string },
): Promise<void> {
  await tx.run(
    'vault.breakGlass.review',
    ({ raw }) => raw`
    insert into vault.break_glass_review (opening_id, outcome, finding, reviewed_by, approved_by, approval_id,
      reviewed_at)
    values (${openingId}, ${review.outcome}, ${review.finding}, ${review.reviewedBy}, ${review.approvedBy},
      ${review.approvalId}, ${review.reviewedAt})`,
  );
}

function openingOf(row: OpeningRow): OpeningWithUses {
  return {
    key: row.key,
    openingId: row.opening_id,
    breakGlassId: row.break_glass_id,
    sealNo: row.seal_no,
    openedBy: row.opened_by,
    secondedBy: row.seconded_by,
    terminalId: row.terminal_id,
    purpose: row.purpose,
    basis: row.basis,
    caseRef: row.case_ref,
    reason: row.reason,
    openedAt: Temporal.Instant.from(row.opened_at),
    until: Temporal.Instant.from(row.until),
    review: row.review ?? undefined,
    uses: row.uses,
  };
}
