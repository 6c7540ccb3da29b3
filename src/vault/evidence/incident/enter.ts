import { z } from 'zod';
import { INCIDENT_STEPS } from '../../../../schema/vault/evidence.js';
import type { Session } from '../../../kernel/database/database.js';
import type { IsoDate } from '../../../kernel/dates.js';
import { dualControlRequired } from '../../../kernel/dualControl.js';
import { KuramoriError } from '../../../kernel/errors.js';
import type { EnteredAt } from '../../operatorCommand.js';
import { assertOfficer, entryText, officerId } from '../entering.js';
import { deadlinesOf, INCIDENT_ITEM_NAMES, type IncidentDeadlines, type IncidentItem } from './incident.js';
import {
  findIncident,
  insertIncidentEntry,
  lockIncident,
  newIncidentId,
  readHolidays,
} from './incident.store.js';

const said = z
  .partialRecord(z.enum(INCIDENT_ITEM_NAMES as [IncidentItem, ...IncidentItem[]]), z.string())
  .default({});

/** 事案の発生: what a person learned of, on which day. */
export const incidentForm = z.strictObject({
  by: officerId,
  learnedOn: z.iso.date(),
  malicious: z.boolean().default(false),
  said,
});

/** What became known later, or a step that was done on a day. */
export const incidentStepForm = z.strictObject({
  by: officerId,
  incidentId: z.string().regex(/^IN-[0-9a-f-]{36}$/),
  step: z.enum(INCIDENT_STEPS),
  doneOn: z.iso.date().optional(),
  malicious: z.boolean().optional(),
  /** The second person, where the duty to report ends. */
  approvedBy: officerId.optional(),
  said,
});

/**
 * Opens an incident (漏えい等の事案). Suspicion suffices, and every one is to be reported until two people decide
 * otherwise (handbook 11 §8).
 * @throws KuramoriError BAD_INPUT; NOT_FOUND, FORBIDDEN_PURPOSE when who enters it is no officer
 */
export async function openIncident(
  tx: Session,
  entry: z.output<typeof incidentForm>,
  at: EnteredAt,
): Promise<IncidentDeadlines & { readonly incidentId: string }> {
  await assertOfficer(tx, entry.by, at.day);
  assertNotLater(entry.learnedOn, at.day, 'learnedOn');
  const incidentId = newIncidentId();
  const { by, learnedOn, malicious } = entry;
  await insertIncidentEntry(
    tx,
    { incidentId, step: 'found', learnedOn, malicious, said: checked(entry.said), by },
    at.instant,
  );
  return { incidentId, ...deadlinesOf({ learnedOn, malicious }, await readHolidays(tx)) };
}

/**
 * Adds to an incident. That there is no duty to report, and that all is done, the chief officer decides and the audit
 * officer approves.
 * @throws KuramoriError BAD_INPUT; NOT_FOUND; CONFLICT when the step was done, or cannot be done yet;
 *   DUAL_CONTROL_REQUIRED; FORBIDDEN_PURPOSE
 */
export async function addToIncident(
  tx: Session,
  entry: z.output<typeof incidentStepForm>,
  at: EnteredAt,
): Promise<void> {
  const { incidentId, step, doneOn, malicious, by, approvedBy } = entry;
  await assertDeciders(tx, entry, at.day);
  if ((step === 'found') !== (doneOn === undefined))
    throw new KuramoriError('BAD_INPUT', 'A step that was done has a day, and a finding has none.', {
      field: 'doneOn',
    });
  await lockIncident(tx, incidentId);
  const incident = await findIncident(tx, incidentId);
  if (incident === undefined)
    throw new KuramoriError('NOT_FOUND', 'There is no such incident. Look its number up in the list.');
  if (doneOn !== undefined) {
    assertNotLater(doneOn, at.day, 'doneOn');
    if (doneOn < incident.learnedOn)
      throw new KuramoriError('BAD_INPUT', 'A step is not done before the incident is known.', {
        field: 'doneOn',
      });
  }
  const { done } = incident;
  if (done.closed !== undefined) throw conflict('The incident is closed. Open another.');
  if (step !== 'found' && done[step] !== undefined) throw conflict('This step was entered already.');
  if (step === 'closed' && done.finalReport === undefined && done.notReportable === undefined)
    throw conflict('Without a final report, or the decision that none is due, an incident is not closed.');
  const row = { incidentId, step, doneOn, malicious, said: checked(entry.said), by, approvedBy };
  await insertIncidentEntry(tx, row, at.instant);
}

async function assertDeciders(
  tx: Session,
  { step, by, approvedBy }: z.output<typeof incidentStepForm>,
  day: IsoDate,
): Promise<void> {
  if (step !== 'notReportable' && step !== 'closed') {
    if (approvedBy !== undefined)
      throw new KuramoriError('BAD_INPUT', 'This step needs no second person.', { field: 'approvedBy' });
    return assertOfficer(tx, by, day);
  }
  if (approvedBy === undefined) throw dualControlRequired('missing');
  if (approvedBy === by) throw dualControlRequired('samePerson');
  await assertOfficer(tx, by, day, ['chiefOfficer']);
  await assertOfficer(tx, approvedBy, day, ['auditOfficer']);
}

function checked(
  texts: Readonly<Partial<Record<IncidentItem, string>>>,
): Readonly<Partial<Record<IncidentItem, string>>> {
  return Object.fromEntries(Object.entries(texts).map(([item, text]) => [item, entryText(text, item)]));
}

function assertNotLater(day: IsoDate, today: IsoDate, field: string): void {
  if (day <= today) return;
  throw new KuramoriError('BAD_INPUT', 'The day has not come yet.', { field });
}

function conflict(sentence: string): KuramoriError {
  return new KuramoriError('CONFLICT', sentence);
}
