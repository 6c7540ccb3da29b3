import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { RETENTION_PAGE_SIZE_MAX } from '../../kernel/limits.js';
import type { VaultRef } from '../number/vaultRef.js';

/** 消去候補: a number that nothing keeps any longer. */
export interface ErasureCandidate {
  readonly ref: VaultRef;
  /** First day on which it may be erased. */
  readonly erasableFrom: IsoDate;
  /** 保存期間の種別, and the purpose whose task ended last; none where nobody has said it. */
  readonly retentionClass: string | null;
  readonly purpose: string | null;
}

/** Where a page ended. */
export type CandidateCursor = Pick<ErasureCandidate, 'ref' | 'erasableFrom'>;

export interface CandidatePage {
  readonly candidates: readonly ErasureCandidate[];
  /** Where to go on; none at the end. A page may be short, or empty, and yet not be the last. */
  readonly next: CandidateCursor | undefined;
}

/** Those of the references that a case, transfer, inquiry or push still needs. */
export type OpenWork = (refs: readonly VaultRef[]) => Promise<ReadonlySet<VaultRef>>;

export interface CandidateQuery {
  /** The day in Japan. */
  readonly today: IsoDate;
  readonly after?: CandidateCursor;
  /** Numbers looked at; default and ceiling RETENTION_PAGE_SIZE_MAX. */
  readonly pageSize?: number;
}

/**
 * The nightly list (handbook 11 §6 point 1), a page of it: retention ended, no hold, no open work, longest due first.
 * It proposes; people decide.
 */
export async function erasureCandidates(
  session: Session,
  openWork: OpenWork,
  query: CandidateQuery,
): Promise<CandidatePage> {
  const pageSize = Math.min(Math.max(query.pageSize ?? RETENTION_PAGE_SIZE_MAX, 1), RETENTION_PAGE_SIZE_MAX);
  const due = await readDue(session, query, pageSize);
  const needed = due.length === 0 ? new Set<VaultRef>() : await openWork(due.map(({ ref }) => ref));
  return {
    candidates: due.filter(({ ref }) => !needed.has(ref)),
    next: due.length < pageSize ? undefined : due.at(-1),
  };
}

async function readDue(
  session: Session,
  { today, after }: CandidateQuery,
  pageSize: number,
): Promise<readonly ErasureCandidate[]> {
  return session.run(
    'vault.retention.due',
    ({ raw }) => raw<ErasureCandidate[]>`
    select n.vault_ref as ref, n.retention_ends_on as "erasableFrom", n.retention_class as "retentionClass",
      n.retention_purpose as purpose from vault.number n
    where n.retention_ends_on is not null and n.state <> 'erased' and n.retention_ends_on <= ${today}
      and (${after?.erasableFrom ?? null}::date is null
        or (n.retention_ends_on, n.vault_ref) > (${after?.erasableFrom ?? null}::date, ${after?.ref ?? ''}))
      and not exists (select from vault.hold h where h.vault_ref = n.vault_ref and h.released_at is null)
      and not exists (select from vault.erasure e where e.vault_ref = n.vault_ref)
    order by n.retention_ends_on, n.vault_ref limit ${pageSize}`,
  );
}
