import { z } from 'zod';
import { dayInJapan, Temporal } from '../../kernel/dates.js';
import {
  INTERMEDIARY_SENT_AT_MS_MAX,
  INTERMEDIARY_STAFF_MAX,
  INTERMEDIARY_STEP_UP_MS_MAX,
} from '../../kernel/limits.js';
import type { Reason } from '../../protocol/intermediary/answer.js';
import { bodyCode, identifier, isoDay, procedureCode } from '../../protocol/intermediary/codes.js';
import { MESSAGE_KINDS, type Envelope, type MessageKind } from '../../protocol/intermediary/message.js';

/** A row of the staff table (職員認証・権限管理): whom a body's system may act for, and in what. */
const staffRowForm = z.strictObject({
  bodyCode,
  personId: identifier,
  unitCode: identifier,
  kinds: z.array(z.enum(MESSAGE_KINDS)).min(1),
  /** Of inquiries: the procedures (事務手続) they may be for. */
  procedureCodes: z.array(procedureCode),
  validFrom: isoDay,
  /** Inclusive. */
  validTo: isoDay,
});

export const staffTableForm = z.array(staffRowForm).max(INTERMEDIARY_STAFF_MAX);

export type StaffRow = z.output<typeof staffRowForm>;

/** Who acts, and in what. */
export interface Acting {
  readonly bodyCode: string;
  readonly personId: string;
  readonly unitCode: string;
  readonly kind: MessageKind;
  readonly procedureCodes: readonly string[];
}

/** Why the staff table allows nothing to somebody: nobody of that name, one who has left, or no right to this. */
export function staffFault(
  table: readonly StaffRow[],
  acting: Acting,
  now: Temporal.Instant,
): Reason | undefined {
  const { bodyCode, personId, unitCode, kind, procedureCodes } = acting;
  const rows = table.filter(
    (row) => row.bodyCode === bodyCode && row.personId === personId && row.unitCode === unitCode,
  );
  if (rows.length === 0) return 'STAFF_UNKNOWN';
  const day = dayInJapan(now).toString();
  const present = rows.filter((row) => row.validFrom <= day && day <= row.validTo);
  if (present.length === 0) return 'STAFF_ENDED';
  const mayAct = present.some(
    (row) => row.kinds.includes(kind) && procedureCodes.every((code) => row.procedureCodes.includes(code)),
  );
  return mayAct ? undefined : 'STAFF_WITHOUT_RIGHT';
}

/** As `staffFault`, for a message; the second factor must not have been proved too long ago, nor in the future. */
export function actorFault(
  table: readonly StaffRow[],
  envelope: Envelope,
  now: Temporal.Instant,
): Reason | undefined {
  const { sender, actAs, kind } = envelope;
  const acting = { bodyCode: sender.bodyCode, ...actAs, kind, procedureCodes: proceduresOf(envelope) };
  const fault = staffFault(table, acting, now);
  if (fault !== undefined) return fault;
  const age = now.epochMilliseconds - Temporal.Instant.from(actAs.stepUpAt).epochMilliseconds;
  const isFresh = age >= -INTERMEDIARY_SENT_AT_MS_MAX && age < INTERMEDIARY_STEP_UP_MS_MAX;
  return isFresh ? undefined : 'STEP_UP_REQUIRED';
}

function proceduresOf(envelope: Envelope): string[] {
  if (envelope.kind === 'inquiry') return [envelope.body.procedureCode];
  if (envelope.kind !== 'inquiry.batch') return [];
  return [...new Set(envelope.body.lines.map(({ procedureCode }) => procedureCode))];
}
