import { KuramoriError } from '../../kernel/errors.js';
import type { Session } from '../../kernel/database/database.js';
import type { Yen } from '../../kernel/yen.js';
import { writeCsv } from '../../protocol/transfer/csv.js';
import {
  TRANSFER_FILE_NAMES,
  TRANSFER_LAYOUT,
  type TransferFileName,
  type TransferRow,
} from '../../protocol/transfer/layout.js';
import { changeRound, recorded, type TransferJob } from './job.js';
import { findRound, frozenDraft, type Round } from './round.store.js';
import { countRows, readRows } from './snapshot/rows.store.js';
import { insertSubmission, readFrozenTotals, readSubmission, type FrozenTotals } from './submit.store.js';
import { Unmappable } from './unmappable.js';
import type { TransferVault } from './vault.js';

/** What a submission came to. */
export interface SubmittedRound {
  /** What two people approve in the vault. */
  readonly draftDigest: string;
  readonly cases: number;
  readonly unpaid: Yen;
  /** Characters outside JIS X 0213, for the converter. */
  readonly unmappable: readonly string[];
  readonly repeated: boolean;
}

/**
 * 移管データの引渡し: streams the frozen rows into the vault, where a person asks for the package and another approves it. It
 * may be run again whenever it was cut off: the vault takes a file anew, and a draft that is complete answers the same.
 * @throws KuramoriError NOT_FOUND; CONFLICT before the freeze; INTEGRITY_FAILURE when the vault counted something
 *   else than what was frozen; what the vault answers
 */
export async function submitRound(
  job: TransferJob,
  vault: TransferVault,
  roundNo: string,
): Promise<SubmittedRound> {
  return recorded(job, 'submit', roundNo, async () => {
    const { database } = job;
    const round = await findRound(database, roundNo);
    const { draftId, asOf } = frozenDraft(round);
    const earlier = await readSubmission(database, round.id);
    if (earlier !== undefined) return repeat(job, roundNo, earlier);
    const totals = await readFrozenTotals(database, round.id);
    const { complete } = await vault.openDraft(draftOf(round, draftId, asOf));
    // The vault has everything, and only its answer was lost.
    const taking = complete ? undefined : vault;
    const unmappable = await putFiles(job, taking, round, draftId);
    const completed = await vault.completeDraft(draftId, unmappable);
    assertSame(totals, completed);
    const { draftDigest, cases } = completed;
    return changeRound(job, 'submit', roundNo, async (tx, changeId) => {
      await insertSubmission(tx, round.id, { draftDigest, cases, unpaid: totals.unpaid }, changeId);
      const outcome = { draftDigest, cases, unpaid: totals.unpaid, unmappable, repeated: false };
      return { outcome, rows: totals.lines, subjects: await subjectsOf(tx, round.id) };
    });
  });
}

function repeat(
  job: TransferJob,
  roundNo: string,
  earlier: { readonly draftDigest: string; readonly cases: number; readonly unpaid: Yen },
): Promise<SubmittedRound> {
  return changeRound(job, 'submit', roundNo, () =>
    Promise.resolve({
      outcome: { ...earlier, unmappable: [], repeated: true },
      rows: 0,
      subjects: [],
      reason: 'repeated',
    }),
  );
}

function draftOf({ configuration }: Round, draftId: string, asOf: string) {
  const { serialNo: roundNo, recipient, profile, purpose, basis, outsideWindowReason } = configuration;
  return {
    draftId,
    roundNo,
    asOf,
    recipient,
    profile,
    purpose,
    basis: [...basis],
    ...(outsideWindowReason === undefined ? {} : { outOfWindowReason: outsideWindowReason }),
  };
}

/** @param vault none where the files are there, and are looked at alone */
async function putFiles(
  job: TransferJob,
  vault: TransferVault | undefined,
  round: Round,
  draftId: string,
): Promise<readonly string[]> {
  const counts = await countRows(job.database, round.id);
  const unmappable = new Unmappable();
  const named = round.configuration.files ?? TRANSFER_FILE_NAMES;
  const files = TRANSFER_FILE_NAMES.filter((file) => named.includes(file));
  for (const [done, file] of files.entries()) {
    job.onProgress?.({ phase: file, done, total: files.length });
    const rows = lookedAt(file, readRows(job.database, round.id, file), unmappable);
    const put =
      vault === undefined
        ? await counted(rows)
        : await vault.putFile(draftId, file, writeCsv(file, TRANSFER_LAYOUT[file], rows));
    if (put.rows !== (counts.get(file) ?? 0)) throw different();
  }
  job.onProgress?.({ phase: 'complete', done: files.length, total: files.length });
  return unmappable.list();
}

async function counted(passing: AsyncIterable<unknown>): Promise<{ readonly rows: number }> {
  let rows = 0;
  for await (const row of passing) rows += row === undefined ? 0 : 1;
  return { rows };
}

/** The rows as they pass, their texts looked at on the way. */
async function* lookedAt<F extends TransferFileName>(
  file: F,
  rows: AsyncIterable<TransferRow[F]>,
  unmappable: Unmappable,
): AsyncGenerator<never> {
  const texts = Object.entries(TRANSFER_LAYOUT[file]).filter(([, { kind }]) => kind === 'text');
  for await (const row of rows) {
    for (const [name] of texts) {
      const value = (row as Record<string, unknown>)[name];
      if (typeof value === 'string') unmappable.add(value);
    }
    yield row as never;
  }
}

/** Both sides have counted from their own books. */
function assertSame(
  ours: FrozenTotals,
  { cases, totals }: Awaited<ReturnType<TransferVault['completeDraft']>>,
): void {
  const same =
    cases === ours.cases &&
    totals.lines === ours.lines &&
    totals.assessed === ours.assessed &&
    totals.paid === ours.paid &&
    totals.reduced === ours.reduced &&
    totals.unpaid === ours.unpaid;
  if (!same) throw different();
}

function different(): KuramoriError {
  return new KuramoriError(
    'INTEGRITY_FAILURE',
    'The vault has counted other rows or sums than were frozen. Submit again; if it stays, ask who runs the vault.',
  );
}

async function subjectsOf(tx: Session, roundId: bigint): Promise<string[]> {
  const rows = await tx.run(
    'transfer.subjects',
    ({ raw }) => raw<{ addressee_no: string }[]>`
    select addressee_no from records.transfer_standing
    where round_id = ${String(roundId)}::bigint and is_noted order by addressee_no`,
  );
  return rows.map(({ addressee_no: addresseeNo }) => addresseeNo);
}
