import { z } from 'zod';
import type { Session } from '../../../kernel/database/database.js';
import { KuramoriError } from '../../../kernel/errors.js';
import { PROCESSOR_LIST_MAX } from '../../../kernel/limits.js';
import { assertOfficer, entryText, officerId } from '../entering.js';
import type { EnteredAt } from '../../operatorCommand.js';
import { insertProcessor, insertProcessorAudit, readProcessors } from './processor.store.js';

const day = z.iso.date();
const processorId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/);
const list = z.array(z.string()).min(1).max(PROCESSOR_LIST_MAX);

/** 委託先の登録: everything of one contract, as it is from now on. */
export const processorForm = z.strictObject({
  by: officerId,
  processorId,
  name: z.string(),
  contractNo: z.string(),
  contractFrom: day,
  contractTo: day,
  scope: z.string(),
  basis: z.string(),
  responsible: z.string(),
  staff: list,
  places: list,
  devices: list,
  /** 再委託先, with the day on which the municipality consented: it is asked first. */
  subProcessor: z.strictObject({ name: z.string(), consentedOn: day }).optional(),
  trainedOn: day.optional(),
});

/** 委託先の監査の登録. */
export const processorAuditForm = z.strictObject({
  by: officerId,
  processorId,
  auditedOn: day,
  finding: z.string(),
});

/**
 * Enters a processor (委託先), anew or as it is from now on.
 * @throws KuramoriError BAD_INPUT; NOT_FOUND, FORBIDDEN_PURPOSE when who enters it is no officer
 */
export async function enterProcessor(
  tx: Session,
  entry: z.output<typeof processorForm>,
  at: EnteredAt,
): Promise<void> {
  const { by, subProcessor, contractFrom, contractTo, staff, places, devices, ...texts } = entry;
  await assertOfficer(tx, by, at.day);
  if (contractTo < contractFrom)
    throw new KuramoriError('BAD_INPUT', 'The contract ends before it begins.', { field: 'contractTo' });
  const row = {
    processorId: entry.processorId,
    name: entryText(texts.name, 'name'),
    contractNo: entryText(texts.contractNo, 'contractNo'),
    contractFrom,
    contractTo,
    scope: entryText(texts.scope, 'scope'),
    basis: entryText(texts.basis, 'basis'),
    responsible: entryText(texts.responsible, 'responsible'),
    staff: staff.map((name) => entryText(name, 'staff')),
    places: places.map((place) => entryText(place, 'places')),
    devices: devices.map((device) => entryText(device, 'devices')),
    subProcessor: subProcessor === undefined ? null : entryText(subProcessor.name, 'subProcessor'),
    consentedOn: subProcessor?.consentedOn ?? null,
    trainedOn: entry.trainedOn ?? null,
    enteredBy: by,
  };
  await insertProcessor(tx, row, at.instant);
}

/**
 * Enters the audit of a processor.
 * @throws KuramoriError BAD_INPUT; NOT_FOUND; FORBIDDEN_PURPOSE when who enters it is no officer
 */
export async function enterProcessorAudit(
  tx: Session,
  { finding, ...entry }: z.output<typeof processorAuditForm>,
  at: EnteredAt,
): Promise<void> {
  await assertOfficer(tx, entry.by, at.day);
  const [known] = await readProcessors(tx, { processorId: entry.processorId, limit: 1 });
  if (known === undefined)
    throw new KuramoriError('NOT_FOUND', 'There is no such processor in the register. Enter it first.');
  if (entry.auditedOn > at.day)
    throw new KuramoriError('BAD_INPUT', 'The day has not come yet.', { field: 'auditedOn' });
  await insertProcessorAudit(tx, { ...entry, finding: entryText(finding, 'finding') }, at.instant);
}
