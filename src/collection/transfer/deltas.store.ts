import type { Session } from '../../kernel/database/database.js';
import type { IsoDate } from '../../kernel/dates.js';
import { TRANSFER_DELTAS_PER_MESSAGE_MAX } from '../../kernel/limits.js';
import { maxYen, type Yen } from '../../kernel/yen.js';
import { PAYMENT_DELTA, type PaymentDelta, type PaymentDeltaLine } from '../../protocol/transfer/deltas.js';
import { arrayText } from '../receipt/line.store.js';
import { deltaEffect } from './delta.js';
import type { TransferStateWord } from './states.js';

/** Changes that no message tells of yet, at most TRANSFER_DELTAS_PER_MESSAGE_MAX. */
export interface UntoldDeltas {
  readonly deltaIds: readonly bigint[];
  readonly addresseeNos: readonly string[];
  /** Day in Japan on which the oldest of them was entered; today's when there is none. */
  readonly oldestOn: IsoDate;
}

/** Of what was rejected or returned the organization is told no more. */
export async function readUntold(session: Session, roundId: bigint): Promise<UntoldDeltas> {
  const rows = await session.run(
    'transfer.untold',
    ({ raw }) => raw<{ id: bigint; addressee_no: string; entered_on: IsoDate }[]>`
    select d.id, s.addressee_no, (c.at at time zone 'Asia/Tokyo')::date as entered_on
    from records.transfer_standing s
    join records.transfer_line l on l.transfer_id = s.transfer_id
    join records.transfer_delta d on d.line_id = l.id
    join records.change c on c.id = d.change_id
    where s.round_id = ${String(roundId)}::bigint and s.is_noted and not s.is_returned
      and not exists (select from records.transfer_delta_entry e where e.delta_id = d.id)
    order by d.id limit ${TRANSFER_DELTAS_PER_MESSAGE_MAX}`,
  );
  return {
    deltaIds: rows.map(({ id }) => id),
    addresseeNos: [...new Set(rows.map(({ addressee_no: addresseeNo }) => addresseeNo))].toSorted(),
    oldestOn: rows.map(({ entered_on: on }) => on).toSorted()[0] ?? '1970-01-01',
  };
}

/** The number of a round's next message. */
export async function nextDeltaNo(tx: Session, roundId: bigint): Promise<number> {
  const [row] = await tx.run(
    'transfer.deltaNo',
    ({ raw }) => raw<{ next: number }[]>`
    select coalesce(max(delta_no), 0) + 1 as next from records.transfer_delta_message
    where round_id = ${String(roundId)}::bigint`,
  );
  return row?.next ?? 1;
}

/** A message to be written. */
export interface NewMessage {
  readonly deltaIds: readonly bigint[];
  readonly content: PaymentDelta;
  readonly forwardBy: IsoDate;
  readonly changeId: bigint;
}

/** Writes a message with what it tells of. */
export async function insertMessage(tx: Session, roundId: bigint, message: NewMessage): Promise<void> {
  const { content, forwardBy } = message;
  const changeId = String(message.changeId);
  await tx.run(
    'transfer.message',
    ({ raw }) => raw`
    with message as (
      insert into records.transfer_delta_message (round_id, delta_no, content, forward_by, change_id)
      values (${String(roundId)}::bigint, ${content.deltaNo},
        ${JSON.stringify(PAYMENT_DELTA.form.encode(content))}::text::jsonb, ${forwardBy}::date, ${changeId}::bigint)
      returning id
    )
    insert into records.transfer_delta_entry (delta_id, message_id, change_id)
    select d.id, m.id, ${changeId}::bigint
    from unnest(${arrayText(message.deltaIds)}::text::bigint[]) as d (id), message m`,
  );
}

/** A message that the vault has not taken yet. */
export interface UnsentMessage {
  readonly id: bigint;
  readonly content: PaymentDelta;
  readonly forwardBy: IsoDate;
}

/** In the order of their numbers. */
export async function readUnsent(session: Session, roundId: bigint): Promise<readonly UnsentMessage[]> {
  const rows = await session.run(
    'transfer.unsent',
    ({ raw }) => raw<{ id: bigint; content: unknown; forward_by: IsoDate }[]>`
    select m.id, m.content, m.forward_by from records.transfer_delta_message m
    where m.round_id = ${String(roundId)}::bigint
      and not exists (select from records.transfer_delta_sending s where s.message_id = m.id)
    order by m.delta_no`,
  );
  return rows.map(({ id, content, forward_by: forwardBy }) => ({
    id,
    content: PAYMENT_DELTA.form.parse(content),
    forwardBy,
  }));
}

interface LineRow {
  readonly case_no: string;
  readonly line_no: number;
  readonly effective_on: IsoDate;
  readonly kind: 'PAID' | 'REDUCED' | 'REVERSED';
  readonly state: TransferStateWord;
  readonly tax: Yen;
  readonly late_charge: Yen;
  readonly fees: Yen;
  /** What is left of the tax after the message. */
  readonly remaining: Yen;
}

/**
 * The lines of a message: one for each line, day and kind of change. `unpaid` is what is left of the tax after
 * everything that was told before and is told now, and after what the organization has reported itself.
 * @param deltaIds what the message tells of
 */
export async function readLines(tx: Session, deltaIds: readonly bigint[]): Promise<PaymentDeltaLine[]> {
  const rows = await tx.run(
    'transfer.messageLines',
    ({ raw }) => raw<LineRow[]>`
    with telling as (
      select * from records.transfer_delta where id = any (${arrayText(deltaIds)}::text::bigint[])
    ), told as (
      select d.line_id, d.effective_on, min(d.id) as first_id,
        case when d.amount < 0 then 'REVERSED' when d.kind in ('payment', 'offset') then 'PAID' else 'REDUCED' end
          as kind,
        coalesce(sum(abs(d.amount)) filter (where d.component in ('tax', 'penalty')), 0)::bigint as tax,
        coalesce(sum(abs(d.amount)) filter (where d.component = 'lateCharge'), 0)::bigint as late_charge,
        coalesce(sum(abs(d.amount)) filter (where d.component in ('reminderFee', 'dispositionCost')), 0)::bigint
          as fees
      from telling d group by d.line_id, d.effective_on, 4
    )
    select c.case_no, l.line_no, t.effective_on, t.tax, t.late_charge, t.fees,
      t.kind, s.state, left_over.yen::bigint as remaining
    from told t
    join records.transfer_line l on l.id = t.line_id
    join records.transfer_standing s on s.transfer_id = l.transfer_id
    join records.delinquency_case c on c.id = s.case_id
    cross join lateral (
      select l.unpaid
        - coalesce((select sum(d.amount) from records.transfer_delta d
          where d.line_id = l.id and d.component in ('tax', 'penalty') and (d.id in (select id from telling)
            or exists (select from records.transfer_delta_entry e where e.delta_id = d.id))), 0)
        - coalesce((select sum(k.tax) from records.transfer_collection k where k.line_id = l.id), 0) as yen
    ) as left_over
    order by c.case_no collate "C", l.line_no, t.effective_on, t.first_id`,
  );
  return rows.map(messageLine);
}

function messageLine(row: LineRow): PaymentDeltaLine {
  const amount = row.kind === 'REVERSED' ? -row.tax : row.tax;
  const { effect, unpaid } = deltaEffect(row.state, row.remaining + amount, amount);
  return {
    caseNo: row.case_no,
    lineNo: row.line_no,
    receivedOn: row.effective_on,
    tax: row.tax,
    lateCharge: row.late_charge,
    fees: row.fees,
    unpaid: maxYen(0n, unpaid),
    kind: effect === 'drops' && amount > 0n ? 'WITHDRAWN' : row.kind,
  };
}

/** The vault has taken a message; noted once. */
export async function noteSending(
  tx: Session,
  messageId: bigint,
  sentOn: IsoDate,
  changeId: bigint,
): Promise<void> {
  await tx.run(
    'transfer.sent',
    ({ raw }) => raw`
    insert into records.transfer_delta_sending (message_id, sent_on, change_id)
    values (${String(messageId)}::bigint, ${sentOn}::date, ${String(changeId)}::bigint)
    on conflict (message_id) do nothing`,
  );
}
