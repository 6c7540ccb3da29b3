import { businessDaysAfter } from '../../kernel/closedDays.js';
import { dayInJapan, Temporal, type IsoDate, type PlainDate } from '../../kernel/dates.js';
import { TRANSFER_ACCEPTANCE_BUSINESS_DAYS } from '../../kernel/limits.js';
import type { TransferStateName } from '../client/transferWire.js';
import type { VaultContext } from '../context.js';
import { requireDraft } from './draft/draft.store.js';
import type { StateLine } from './journal.js';
import { findSetting } from './setting/setting.store.js';

/** Days that follow from what happened to a transfer. */
export interface TransferDates {
  /** Last day for the acceptance receipt (handbook 13 §7). */
  readonly acceptanceDueOn?: IsoDate;
  /** Day by which our own spool and package are erased. */
  readonly eraseBy?: IsoDate;
}

const ENDED: readonly TransferStateName[] = ['ACCEPTED', 'PARTLY_ACCEPTED', 'REJECTED'];

/** The days of a transfer, by the setting of its recipient. */
export async function datesOf(
  context: Pick<VaultContext, 'database' | 'seal' | 'clock' | 'municipality'>,
  packageId: string,
  history: readonly StateLine[],
): Promise<TransferDates> {
  const delivered = dayOf(history, ['DELIVERED']);
  if (delivered === undefined || context.seal.state !== 'open') return {};
  const { database } = context;
  const { recipient } = await requireDraft(database, packageId);
  const round = await findSetting(database, context, 'round', recipient);
  if (round === undefined) return {};
  const answered = dayOf(history, ENDED);
  const holidays = new Set(round.holidays);
  return {
    acceptanceDueOn: businessDaysAfter(delivered, TRANSFER_ACCEPTANCE_BUSINESS_DAYS, holidays).toString(),
    ...(answered && { eraseBy: answered.add({ days: round.eraseDays }).toString() }),
  };
}

function dayOf(history: readonly StateLine[], states: readonly TransferStateName[]): PlainDate | undefined {
  const line = history.find(({ state }) => states.includes(state));
  return line && dayInJapan(Temporal.Instant.from(line.at));
}
