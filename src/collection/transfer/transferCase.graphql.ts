import { eq, sql } from 'drizzle-orm';
import { ID, Int } from 'type-graphql';
import {
  addressees,
  delinquencyCases,
  levyLines,
  transferCases,
  transferDeltas,
  transferLines,
  transferRenewals,
  transferRounds,
  transferStates,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity } from '../../access/schema/define.js';
import type { Maybe } from '../../access/schema/reading.js';
import { DateScalar, DateTimeScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { Addressee } from '../addressee/addressee.graphql.js';
import { DelinquencyCase } from '../delinquency/delinquency.graphql.js';
import { LevyLine } from '../levy/levy.graphql.js';
import {
  AcceptanceOutcome,
  Component,
  TransferDeltaKind,
  TransferEndState,
  TransferRenewalKind,
  TransferState,
} from '../words.graphql.js';
import { TransferRound } from './transferRound.graphql.js';

const rule = needs('transfer:read');

/** A field that every row has, for everybody who may read transfers. */
const always = (description: string) => ({ rule, description, nullable: false });

const step = defineEntity('TransferStep', transferStates, {
  description: '移管事案の経過. One step of its life, with the moment it was reached.',
  // Unique only within its case: steps are read as a list of one case, never as pages.
  key: 'step',
});

/** 移管事案の経過. */
@step.object
export class TransferStep {
  @step.column(() => TransferState, transferStates.state, always('状態'))
  state!: string;

  @step.column(() => String, transferStates.reason, { rule, description: '理由' })
  reason!: string | null;

  @step.column(() => DateTimeScalar, transferStates.enteredAt, always('日時'))
  enteredAt!: string;
}

const delta = defineEntity('TransferDelta', transferDeltas, {
  description: '入金連絡の対象. What changed of a line after the freeze; positive lowers what is owed.',
  key: 'id',
});

/** 入金連絡の対象. */
@delta.object
export class TransferDelta {
  @delta.column(() => ID, transferDeltas.id, always('番号'))
  id!: string;

  @delta.computed(
    () => Int,
    ({ self }) => sql`(select l.line_no from records.transfer_line l where l.id = ${self.lineId})`,
    always('明細番号'),
  )
  lineNo!: number;

  @delta.column(() => TransferDeltaKind, transferDeltas.kind, always('区分'))
  kind!: string;

  @delta.column(() => Component, transferDeltas.component, always('内訳'))
  component!: string;

  @delta.column(() => YenScalar, transferDeltas.amount, always('金額'))
  amount!: bigint;

  @delta.column(() => DateScalar, transferDeltas.effectiveOn, always('効力日'))
  effectiveOn!: string;

  @delta.computed(
    () => DateScalar,
    ({ self }) => sql`(select s.sent_on from records.transfer_delta_entry e
      join records.transfer_delta_sending s on s.message_id = e.message_id where e.delta_id = ${self.id})`,
    { rule, description: '連絡日. None until the organization was told.' },
  )
  toldOn!: string | null;
}

const renewal = defineEntity('TransferRenewal', transferRenewals, {
  description: '時効の更新. What the organization says has renewed the limitation of a line.',
  key: 'id',
});

/** 時効の更新（機構の報告） (handbook 03 §7). */
@renewal.object
export class TransferRenewal {
  @renewal.column(() => ID, transferRenewals.id, always('番号'))
  id!: string;

  @renewal.computed(
    () => Int,
    ({ self }) => sql`(select l.line_no from records.transfer_line l where l.id = ${self.lineId})`,
    always('明細番号'),
  )
  lineNo!: number;

  @renewal.column(() => TransferRenewalKind, transferRenewals.kind, always('事由'))
  kind!: string;

  @renewal.column(() => DateScalar, transferRenewals.renewedOn, always('更新日'))
  renewedOn!: string;
}

const line = defineEntity('TransferLine', transferLines, {
  description: '滞納明細（基準時点）. A levy line as it is handed over.',
  key: 'id',
});

/** 滞納明細（基準時点） (handbook 13 §2). */
@line.object
export class TransferLine {
  @line.column(() => Int, transferLines.lineNo, always('明細番号'))
  lineNo!: number;

  @line.column(() => YenScalar, transferLines.assessed, always('調定額'))
  assessed!: bigint;

  @line.column(() => YenScalar, transferLines.paid, always('収納額'))
  paid!: bigint;

  @line.column(() => YenScalar, transferLines.reduced, always('減額'))
  reduced!: bigint;

  @line.column(() => YenScalar, transferLines.unpaid, always('未納額'))
  unpaid!: bigint;

  @line.column(() => YenScalar, transferLines.lateChargeFixed, always('確定延滞金額'))
  lateChargeFixed!: bigint;

  @line.column(() => YenScalar, transferLines.reminderFee, always('督促手数料'))
  reminderFee!: bigint;

  @line.column(() => YenScalar, transferLines.dispositionCost, always('滞納処分費'))
  dispositionCost!: bigint;

  @line.computed(
    () => YenScalar,
    ({ self }) =>
      sql`(select coalesce(sum(k.tax), 0)::bigint from records.transfer_collection k where k.line_id = ${self.id})`,
    always('機構の徴収額（本税）'),
  )
  collected!: bigint;

  @line.one(() => LevyLine, levyLines, {
    rule: needs('ledger:read'),
    description: '調定（期別）',
    where: ({ self, row }) => eq(row.id, self.levyId),
  })
  levyLine!: Maybe<LevyLine>;
}

const entity = defineEntity('TransferCase', transferCases, {
  description: '移管事案. A delinquency case in a transfer round.',
  key: 'id',
  subject: 'addresseeNo',
});

/** 移管事案 (handbook 13 §3). */
@entity.object
export class TransferCase {
  @entity.column(() => ID, transferCases.id, always('移管事案番号'))
  id!: string;

  @entity.column(() => Int, transferCases.rank, always('順位'))
  rank!: number;

  @entity.column(() => String, transferCases.reason, always('選定の理由'))
  reason!: string;

  @entity.computed(
    () => TransferState,
    ({ self }) => sql`(select s.state from records.transfer_standing s where s.transfer_id = ${self.id})`,
    always('状態'),
  )
  state!: string;

  @entity.computed(
    () => Boolean,
    ({ self }) => sql`(select s.is_locked from records.transfer_standing s where s.transfer_id = ${self.id})`,
    always('徴収ロック. The organization alone collects.'),
  )
  collectionLocked!: boolean;

  @entity.column(() => Int, transferCases.lineCount, always('期別の件数（選定時）'))
  lineCount!: number;

  @entity.column(() => YenScalar, transferCases.unpaid, always('未納額（選定時）'))
  unpaid!: bigint;

  @entity.column(() => YenScalar, transferCases.lateChargeFixed, always('確定延滞金額（選定時）'))
  lateChargeFixed!: bigint;

  @entity.column(() => YenScalar, transferCases.fees, always('督促手数料・滞納処分費（選定時）'))
  fees!: bigint;

  @entity.computed(
    () => DateScalar,
    ({ self }) => sql`(select n.issued_on from records.transfer_notice n where n.transfer_id = ${self.id})`,
    { rule, description: '移管最終催告日' },
  )
  noticeIssuedOn!: string | null;

  @entity.computed(
    () => DateScalar,
    ({ self }) => sql`(select n.pay_by from records.transfer_notice n where n.transfer_id = ${self.id})`,
    { rule, description: '最終催告の納付期限' },
  )
  payBy!: string | null;

  @entity.computed(
    () => AcceptanceOutcome,
    ({ self }) => sql`(select a.outcome from records.transfer_acceptance a where a.transfer_id = ${self.id})`,
    { rule, description: '引受' },
  )
  acceptance!: string | null;

  @entity.computed(
    () => TransferEndState,
    ({ self }) => sql`(select o.end_state from records.transfer_outcome o
      join records.transfer_result r on r.id = o.result_id
      where o.transfer_id = ${self.id} order by r.series_no desc limit 1)`,
    { rule, description: '機構の結果区分. The judgement goes back; the mayor decides.' },
  )
  endState!: string | null;

  @entity.list(() => TransferStep, transferStates, {
    rule,
    description: '経過, oldest first',
    where: ({ self, row }) => eq(row.transferId, self.id),
    order: (row) => ({ columns: [row.step], direction: 'asc' }),
  })
  steps!: readonly TransferStep[];

  @entity.many(() => TransferLine, transferLines, {
    rule,
    description: '滞納明細（基準時点）',
    where: ({ self, row }) => eq(row.transferId, self.id),
    order: (row) => ({ columns: [row.lineNo, row.id], direction: 'asc' }),
  })
  lines!: Connection<TransferLine>;

  @entity.many(() => TransferDelta, transferDeltas, {
    rule,
    description: '基準時点後の異動, oldest first',
    where: ({ self, row }) =>
      sql`${row.lineId} in (select l.id from records.transfer_line l where l.transfer_id = ${self.id})`,
    order: (row) => ({ columns: [row.effectiveOn, row.id], direction: 'asc' }),
  })
  deltas!: Connection<TransferDelta>;

  @entity.many(() => TransferRenewal, transferRenewals, {
    rule,
    description: '時効の更新（機構の報告）, oldest first',
    where: ({ self, row }) =>
      sql`${row.lineId} in (select l.id from records.transfer_line l where l.transfer_id = ${self.id})`,
    order: (row) => ({ columns: [row.renewedOn, row.id], direction: 'asc' }),
  })
  renewals!: Connection<TransferRenewal>;

  @entity.one(() => TransferRound, transferRounds, {
    rule,
    description: '移管ラウンド',
    where: ({ self, row }) => eq(row.id, self.roundId),
  })
  round!: Maybe<TransferRound>;

  @entity.one(() => DelinquencyCase, delinquencyCases, {
    rule: needs('case:read'),
    description: '滞納事案',
    where: ({ self, row }) => eq(row.id, self.caseId),
  })
  delinquencyCase!: Maybe<DelinquencyCase>;

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '滞納者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;
}
