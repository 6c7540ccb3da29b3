import { z } from 'zod';
import { instantText, type Clock } from '../../../kernel/clock.js';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { countForm, sha256Form } from '../../../protocol/transfer/forms.js';
import { draftForm, totalsForm, type TransferDraft } from '../../client/transferWire.js';

/** What was counted of a complete draft: all that its manifest says of the content. */
export const countedForm = z.strictObject({
  files: z.array(z.strictObject({ name: z.string(), bytes: countForm, rows: countForm, sha256: sha256Form })),
  cases: countForm,
  totals: totalsForm,
  unmappable: z.array(z.string()),
});

export type CountedDraft = Readonly<z.output<typeof countedForm>>;

/** A case of a draft, by its numbers. */
export interface DraftCase {
  readonly caseNo: string;
  readonly addresseeNo: string;
}

/** A complete draft. */
export interface DraftCompletion {
  readonly draftDigest: string;
  readonly counted: CountedDraft;
}

/** Keeps what was announced. @returns whether it is new */
export async function insertDraft(tx: Session, clock: Clock, draft: TransferDraft): Promise<boolean> {
  const rows = await tx.run(
    'vault.transfer.draft.insert',
    ({ raw }) => raw`
    insert into vault.transfer_draft (package_id, announced, opened_at)
    values (${draft.draftId}, ${JSON.stringify(draft)}::jsonb, ${instantText(clock)})
    on conflict (package_id) do nothing returning package_id`,
  );
  return rows.length > 0;
}

/** What was announced. @throws KuramoriError NOT_FOUND */
export async function requireDraft(session: Session, packageId: string): Promise<TransferDraft> {
  const [row] = await session.run(
    'vault.transfer.draft.find',
    ({ raw }) => raw<{ announced: unknown }[]>`
    select announced from vault.transfer_draft where package_id = ${packageId}`,
  );
  if (row !== undefined) return draftForm.parse(row.announced);
  throw new KuramoriError('NOT_FOUND', 'The vault knows no such transfer. Check its id.');
}

/** The completion of a draft, or none. */
export async function findCompletion(
  session: Session,
  packageId: string,
): Promise<DraftCompletion | undefined> {
  const [row] = await session.run(
    'vault.transfer.completion.find',
    ({ raw }) => raw<{ draftDigest: string; counted: unknown }[]>`
    select draft_digest as "draftDigest", counted from vault.transfer_completion where package_id = ${packageId}`,
  );
  return row && { draftDigest: row.draftDigest, counted: countedForm.parse(row.counted) };
}

/** As `findCompletion`. @throws KuramoriError CONFLICT when files may still change */
export async function requireCompletion(session: Session, packageId: string): Promise<DraftCompletion> {
  const completion = await findCompletion(session, packageId);
  if (completion !== undefined) return completion;
  throw new KuramoriError('CONFLICT', 'The draft is not complete. Send its files and complete it first.');
}

/** Keeps the completion of a draft with its cases. */
export async function insertCompletion(
  tx: Session,
  clock: Clock,
  packageId: string,
  { draftDigest, counted }: DraftCompletion,
  cases: readonly DraftCase[],
): Promise<void> {
  await tx.run(
    'vault.transfer.completion.insert',
    ({ raw }) => raw`
    insert into vault.transfer_completion (package_id, draft_digest, counted, at)
    values (${packageId}, ${draftDigest}, ${JSON.stringify(countedForm.encode(counted))}::jsonb,
      ${instantText(clock)})`,
  );
  await tx.run(
    'vault.transfer.cases.insert',
    ({ raw }) => raw`
    insert into vault.transfer_case (package_id, case_no, addressee_no)
    select ${packageId}, u.case_no, u.addressee_no
    from unnest(${cases.map(({ caseNo }) => caseNo)}::text[], ${cases.map(({ addresseeNo }) => addresseeNo)}::text[])
      as u (case_no, addressee_no)`,
  );
}

/** The cases of a complete draft, in the order of their numbers. */
export async function casesOf(session: Session, packageId: string): Promise<readonly DraftCase[]> {
  const rows = await session.run(
    'vault.transfer.cases.of',
    ({ raw }) => raw<DraftCase[]>`
    select case_no as "caseNo", addressee_no as "addresseeNo" from vault.transfer_case
    where package_id = ${packageId} order by case_no collate "C"`,
  );
  return [...rows];
}
