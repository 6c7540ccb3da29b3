import { JAPAN_TIME_ZONE, plainDate, Temporal, type IsoDate } from '../../kernel/dates.js';
import { KuramoriError } from '../../kernel/errors.js';
import { EVIDENCE_DAYS_MAX } from '../../kernel/limits.js';

/** Days of an evidence in Japan, both included. */
export interface EvidencePeriod {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/**
 * A period that may be asked for at once.
 * @throws KuramoriError BAD_INPUT when it is longer than EVIDENCE_DAYS_MAX, ends before it begins, or is none
 */
export function evidencePeriod({ from, to }: EvidencePeriod): EvidencePeriod {
  const days = plainDate(from).until(plainDate(to), { largestUnit: 'days' }).days + 1;
  if (days >= 1 && days <= EVIDENCE_DAYS_MAX) return { from, to };
  throw new KuramoriError(
    'BAD_INPUT',
    `The period must have between 1 and ${EVIDENCE_DAYS_MAX} days. Ask for one month after the other.`,
    { field: 'to' },
  );
}

/** The instants at which a period begins and ends; the second does not belong to it. */
export function instantsOf({ from, to }: EvidencePeriod): { readonly from: string; readonly to: string } {
  const midnight = (day: Temporal.PlainDate) => day.toZonedDateTime(JAPAN_TIME_ZONE).toInstant().toString();
  return { from: midnight(plainDate(from)), to: midnight(plainDate(to).add({ days: 1 })) };
}

/** The calendar months of a longer period, cut at its ends: each may be asked for at once. */
export function monthsOf({ from, to }: EvidencePeriod): readonly EvidencePeriod[] {
  const [first, last] = [plainDate(from), plainDate(to)];
  const months: EvidencePeriod[] = [];
  for (let day = first; Temporal.PlainDate.compare(day, last) <= 0;) {
    const end = day.with({ day: day.daysInMonth });
    const until = Temporal.PlainDate.compare(end, last) < 0 ? end : last;
    months.push({ from: day.toString(), to: until.toString() });
    day = end.add({ days: 1 });
  }
  return months;
}

/** An instant as it is read in Japan, to the second: `2026-11-22 12:41:50`. */
export function japanTime(instant: string): string {
  const local = Temporal.Instant.from(instant).toZonedDateTimeISO(JAPAN_TIME_ZONE).toPlainDateTime();
  return local.toString({ smallestUnit: 'second' }).replace('T', ' ');
}
