import { eq, sql } from 'drizzle-orm';
import { ID, Int, Resolver } from 'type-graphql';
import {
  addressees,
  allocations,
  dispositions,
  executionStays,
  levyAdjustments,
  levyBalances,
  levyCharges,
  levyLines,
  offsets,
  overpayments,
  reminders,
  taxItems,
  writeOffs,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryOne } from '../../access/schema/define.js';
import type { Columns } from '../../access/schema/entity.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { Addressee } from '../addressee/addressee.graphql.js';
import { Disposition } from '../disposition/disposition.graphql.js';
import { ExecutionStay } from '../disposition/stay.graphql.js';
import { rowKey, type Maybe } from '../../access/schema/reading.js';
import { Allocation } from '../receipt/allocation.graphql.js';
import { Offset } from '../refund/offset.graphql.js';
import { Overpayment } from '../refund/overpayment.graphql.js';
import { LevyAdjustment, LevyCharge, Reminder, WriteOff } from './entries.graphql.js';
import { outstandingIn } from './outstanding.graphql.js';
import { TaxItem } from './taxItem.graphql.js';

const rule = needs('ledger:read');
const DISPOSITION = needs('disposition:read');

/** A field that every line has, for everybody who may read lines. */
const always = (description: string) => ({ rule, description, nullable: false });

const entity = defineEntity('LevyLine', levyLines, {
  description: '調定（期別）. One instalment of a claim.',
  key: 'id',
  subject: 'addresseeNo',
  joins: [
    {
      table: levyBalances,
      on: (line: Columns<typeof levyLines>, balance: Columns<typeof levyBalances>) =>
        eq(balance.levyId, line.id),
    },
  ],
});

/** 調定（期別） (handbook 01 §2). */
@entity.object
export class LevyLine {
  @entity.column(() => ID, levyLines.id, always('調定番号'))
  id!: string;

  @entity.column(() => String, levyLines.municipalityCode, always('市区町村コード'))
  municipalityCode!: string;

  @entity.column(() => String, levyLines.formerMunicipalityCode, always('合併前市区町村コード'))
  formerMunicipalityCode!: string;

  @entity.column(() => Int, levyLines.assessmentYear, always('賦課年度'))
  assessmentYear!: number;

  @entity.column(() => Int, levyLines.taxYear, always('相当年度'))
  taxYear!: number;

  @entity.column(() => Int, levyLines.levyFiscalYear, always('会計年度（調定年度）'))
  fiscalYear!: number;

  @entity.column(() => String, levyLines.noticeNo, always('通知書番号'))
  noticeNo!: string;

  @entity.column(() => String, levyLines.taxItem, always('税目コード'))
  taxItemCode!: string;

  @entity.one(() => TaxItem, taxItems, {
    rule,
    description: '税目',
    where: ({ self, row }) => eq(row.code, self.taxItem),
  })
  taxItem!: Maybe<TaxItem>;

  @entity.column(() => String, levyLines.payrollAgentNo, always('特別徴収義務者指定番号'))
  payrollAgentNo!: string;

  @entity.column(() => Int, levyLines.instalmentNo, always('期別'))
  instalmentNo!: number;

  @entity.column(() => Int, levyLines.returnNo, always('申告履歴番号'))
  returnNo!: number;

  @entity.column(() => Int, levyLines.businessYearNo, always('事業年度番号'))
  businessYearNo!: number;

  @entity.column(() => String, levyLines.childAddresseeNo, always('児童宛名番号'))
  childAddresseeNo!: string;

  @entity.column(() => DateScalar, levyLines.nominalDueOn, always('納期限（休日補正前）'))
  nominalDueOn!: string;

  @entity.column(() => DateScalar, levyLines.dueOn, always('納期限'))
  dueOn!: string;

  @entity.column(() => DateScalar, levyLines.statutoryDueOn, always('法定納期限'))
  statutoryDueOn!: string;

  @entity.column(() => DateScalar, levyLines.priorityOn, always('法定納期限等'))
  priorityOn!: string;

  @entity.column(() => DateScalar, levyLines.decidedOn, always('調定日'))
  decidedOn!: string;

  @entity.column(() => DateScalar, levyLines.notifiedOn, always('通知日'))
  notifiedOn!: string;

  @entity.column(() => String, levyLines.paymentNo, always('納付番号'))
  paymentNo!: string;

  @entity.column(() => YenScalar, levyLines.taxAmount, always('当初調定額（本税）'))
  taxAmount!: bigint;

  @entity.column(() => YenScalar, levyBalances.levied, always('調定額（更正後、全内訳）'))
  levied!: bigint;

  @entity.column(() => YenScalar, levyBalances.received, always('収納額'))
  received!: bigint;

  @entity.column(() => YenScalar, levyBalances.offsetIn, always('充当額'))
  offsetIn!: bigint;

  @entity.column(() => YenScalar, levyBalances.writtenOff, always('不納欠損額'))
  writtenOff!: bigint;

  @entity.column(() => YenScalar, levyBalances.taxOutstanding, always('未納額（本税）'))
  taxOutstanding!: bigint;

  @entity.column(() => YenScalar, levyBalances.reminderFeeOutstanding, always('未納額（督促手数料）'))
  reminderFeeOutstanding!: bigint;

  @entity.column(() => YenScalar, levyBalances.lateChargeOutstanding, always('未納額（延滞金）'))
  lateChargeOutstanding!: bigint;

  @entity.column(() => YenScalar, levyBalances.penaltyOutstanding, always('未納額（加算金）'))
  penaltyOutstanding!: bigint;

  @entity.column(() => YenScalar, levyBalances.dispositionCostOutstanding, always('未納額（滞納処分費）'))
  dispositionCostOutstanding!: bigint;

  @entity.computed(
    () => YenScalar,
    ({ joined }) => outstandingIn(joined(levyBalances)),
    always('未納額（計）. Never below zero.'),
  )
  outstanding!: bigint;

  @entity.column(() => Boolean, levyBalances.settled, always('完納'))
  settled!: boolean;

  @entity.computed(
    () => Boolean,
    ({ self, joined, today }) => sql`(${self.dueOn} < ${today} and not ${joined(levyBalances).settled})`,
    always('滞納（納期限経過・未納）'),
  )
  overdue!: boolean;

  @entity.column(() => DateScalar, levyBalances.lastPaidOn, { rule, description: '最終納付日' })
  lastPaidOn!: string | null;

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '納税義務者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;

  @entity.list(() => LevyAdjustment, levyAdjustments, {
    rule,
    description: '更正',
    where: ({ self, row }) => eq(row.levyId, self.id),
    order: (row) => ({ columns: [row.decidedOn, row.id], direction: 'asc' }),
  })
  adjustments!: readonly LevyAdjustment[];

  @entity.list(() => LevyCharge, levyCharges, {
    rule,
    description: '督促手数料・延滞金・加算金・滞納処分費',
    where: ({ self, row }) => eq(row.levyId, self.id),
    order: (row) => ({ columns: [row.decidedOn, row.id], direction: 'asc' }),
  })
  charges!: readonly LevyCharge[];

  @entity.one(() => Reminder, reminders, {
    rule,
    description: '督促',
    where: ({ self, row }) => eq(row.levyId, self.id),
  })
  reminder!: Maybe<Reminder>;

  @entity.many(() => Allocation, allocations, {
    rule: needs('receipt:read'),
    description: '消込',
    where: ({ self, row }) => eq(row.levyId, self.id),
    order: (row) => ({ columns: [row.effectiveOn, row.id], direction: 'asc' }),
  })
  allocations!: Connection<Allocation>;

  @entity.list(() => Overpayment, overpayments, {
    rule: needs('overpayment:read'),
    description: '過誤納金',
    where: ({ self, row }) => eq(row.levyId, self.id),
    order: (row) => ({ columns: [row.aroseOn, row.id], direction: 'asc' }),
  })
  overpayments!: readonly Overpayment[];

  @entity.list(() => Offset, offsets, {
    rule: needs('overpayment:read'),
    description: '充当',
    where: ({ self, row }) => eq(row.levyId, self.id),
    order: (row) => ({ columns: [row.bookedOn, row.id], direction: 'asc' }),
  })
  offsets!: readonly Offset[];

  @entity.list(() => Disposition, dispositions, {
    rule: DISPOSITION,
    description: '滞納処分',
    where: ({ self, row }) =>
      sql`${row.id} in (select c.disposition_id from records.disposition_claim c where c.levy_id = ${self.id})`,
    order: (row) => ({ columns: [row.executedOn, row.id], direction: 'asc' }),
  })
  dispositions!: readonly Disposition[];

  @entity.list(() => ExecutionStay, executionStays, {
    rule: DISPOSITION,
    description: '執行停止',
    where: ({ self, row }) => eq(row.levyId, self.id),
    order: (row) => ({ columns: [row.decidedOn, row.id], direction: 'asc' }),
  })
  executionStays!: readonly ExecutionStay[];

  @entity.list(() => WriteOff, writeOffs, {
    rule,
    description: '不納欠損',
    where: ({ self, row }) => eq(row.levyId, self.id),
    order: (row) => ({ columns: [row.writtenOffOn, row.id], direction: 'asc' }),
  })
  writeOffs!: readonly WriteOff[];
}

@Resolver()
export class LevyQueries {
  @QueryOne<typeof levyLines, { id: string }>(() => LevyLine, levyLines, {
    rule,
    description: '調定照会',
    args: { id: { type: () => ID, description: '調定番号', required: true } },
    where: ({ row, args }) => args.id && eq(row.id, args.id.map(rowKey)),
  })
  levyLine!: Maybe<LevyLine>;
}
