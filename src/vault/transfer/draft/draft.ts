import { canonicalText } from '../../../kernel/canonical.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { ContentCheck } from '../../../protocol/transfer/content.js';
import { readCsv } from '../../../protocol/transfer/csv.js';
import { TAXPAYER_FILE, TRANSFER_LAYOUT } from '../../../protocol/transfer/layout.js';
import { draftDigest } from '../../../protocol/transfer/manifest.js';
import type { ControlTotals } from '../../../protocol/transfer/totals.js';
import type { CompletedDraft, TransferDraft, TransferState } from '../../client/transferWire.js';
import type { TransferContext } from '../context.js';
import { assertConverted } from '../convert/convert.store.js';
import { beginStates, currentState, lockTransfer } from '../journal.js';
import { transferRecord } from '../log.js';
import { spoolOf, type SpoolEntry } from '../spool/spool.store.js';
import { transferState } from '../transferState.js';
import {
  findCompletion,
  insertCompletion,
  insertDraft,
  requireDraft,
  type CountedDraft,
  type DraftCase,
} from './draft.store.js';
import { manifestDraft, settingsOf } from './manifest.js';

/**
 * Opens a draft (原案): from here on the transfer is FROZEN. Again, it changes nothing.
 * @param by service that asks
 * @throws KuramoriError as `settingsOf`; CONFLICT when the id is that of another draft
 */
export async function openDraft(
  context: TransferContext,
  draft: TransferDraft,
  by: string,
): Promise<TransferState> {
  const { database, audit, clock } = context;
  await settingsOf(database, context, draft);
  await database.transaction('vault.transfer.open', async (tx) => {
    if (!(await insertDraft(tx, clock, draft))) {
      if (!isSame(await requireDraft(tx, draft.draftId), draft)) throw anotherDraft();
      return;
    }
    await beginStates(tx, clock, draft.draftId, { by, reason: 'opened' });
    const event = { coordinate: 'Transfer.open', packageId: draft.draftId, by, reason: draft.recipient };
    await audit.appendIn(tx, transferRecord(clock, event));
  });
  return transferState(context, draft.draftId);
}

/**
 * A draft whose files may still change.
 * @throws KuramoriError NOT_FOUND; CONFLICT once it is complete, or was given up
 */
export async function assertOpenDraft(session: Session, packageId: string): Promise<void> {
  const { state } = await currentState(session, packageId);
  const complete = (await findCompletion(session, packageId)) !== undefined;
  if (state === 'FROZEN' && !complete) return;
  throw new KuramoriError('CONFLICT', 'The draft is complete or was given up. Open a new one to change it.');
}

/**
 * Completes a draft: everything in the spool is read once more, as the recipient will read it, and counted. What two
 * people approve is the digest of the manifest's draft.
 * @throws KuramoriError FILE_REJECTED; CONFLICT; as `manifestDraft`
 */
export async function completeDraft(
  context: TransferContext,
  packageId: string,
  unmappable: readonly string[],
  by: string,
): Promise<CompletedDraft> {
  const { database, audit, clock } = context;
  const announced = await requireDraft(database, packageId);
  const known = await findCompletion(database, packageId);
  if (known !== undefined) return completed(known.draftDigest, known.counted);
  await assertOpenDraft(database, packageId);
  const entries = await spoolOf(database, packageId);
  await assertFilesOfProfile(context, announced, entries);
  const { counted, cases } = await counting(context, entries, unmappable);
  await database.transaction('vault.transfer.complete', async (tx) => {
    await lockTransfer(tx, packageId);
    if ((await findCompletion(tx, packageId)) !== undefined) return;
    // A file that came meanwhile was not counted.
    if (!isSameSpool(await spoolOf(tx, packageId), entries)) throw changedMeanwhile();
    const digest = draftDigest(await manifestDraft(tx, context, announced, counted));
    await insertCompletion(tx, clock, packageId, { draftDigest: digest, counted }, cases);
    const event = { coordinate: 'Transfer.complete', packageId, by, reason: digest, rows: counted.cases };
    await audit.appendIn(tx, transferRecord(clock, event));
  });
  return completeDraft(context, packageId, unmappable, by);
}

async function assertFilesOfProfile(
  context: TransferContext,
  announced: TransferDraft,
  entries: readonly SpoolEntry[],
): Promise<void> {
  const { profile } = await settingsOf(context.database, context, announced);
  const converted = await assertConverted(context, profile, announced.draftId, entries);
  const sent = entries.map(({ name }) => name).join();
  if (sent === [...profile.files, ...converted].toSorted().join()) return;
  throw new KuramoriError(
    'FILE_REJECTED',
    'The files of the draft are not those of its profile. Send each file that the profile names, and no other.',
  );
}

async function counting(
  { spool }: TransferContext,
  entries: readonly SpoolEntry[],
  unmappable: readonly string[],
): Promise<{ readonly counted: CountedDraft; readonly cases: readonly DraftCase[] }> {
  const check = new ContentCheck('TRANSFER');
  const files = [];
  const cases: DraftCase[] = [];
  for (const entry of entries) {
    const passing = check.begin(entry.name);
    for await (const bytes of spool.read(entry)) passing.push(bytes);
    files.push(passing.end());
    if (entry.name === TAXPAYER_FILE) cases.push(...(await casesIn(spool.read(entry))));
  }
  const { cases: count, totals } = check.end();
  return {
    counted: { files, cases: count, totals: totals as ControlTotals, unmappable: [...unmappable] },
    cases,
  };
}

async function casesIn(bytes: AsyncIterable<Uint8Array>): Promise<DraftCase[]> {
  const cases: DraftCase[] = [];
  for await (const { caseNo, addresseeNo } of readCsv(TAXPAYER_FILE, TRANSFER_LAYOUT[TAXPAYER_FILE], bytes))
    cases.push({ caseNo, addresseeNo });
  return cases;
}

function completed(digest: string, { cases, totals }: CountedDraft): CompletedDraft {
  return { draftDigest: digest, cases, totals };
}

function isSame(one: unknown, other: unknown): boolean {
  const refuse = (): never => {
    throw anotherDraft();
  };
  const text = (value: unknown) => canonicalText(value, { refuse, undefinedMembers: 'leftOut' });
  return text(one) === text(other);
}

function isSameSpool(one: readonly SpoolEntry[], other: readonly SpoolEntry[]): boolean {
  const ids = (entries: readonly SpoolEntry[]) => entries.map(({ spoolId }) => spoolId).join();
  return ids(one) === ids(other);
}

function anotherDraft(): KuramoriError {
  return new KuramoriError('CONFLICT', 'The id is that of another draft. Give the new one an id of its own.');
}

function changedMeanwhile(): KuramoriError {
  return new KuramoriError('CONFLICT', 'A file was sent while the draft was completed. Complete it again.');
}
