import { eq, sql } from 'drizzle-orm';
import { Int } from 'type-graphql';
import { taxItems } from '../../../schema/records/index.js';
import { ledgerSummaries } from '../../../schema/records/views.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import type { Maybe } from '../../access/schema/reading.js';
import { outstandingOf } from './outstanding.graphql.js';
import { TaxItem } from './taxItem.graphql.js';

const rule = needs('ledger:read');

const entity = defineEntity('LedgerSummary', ledgerSummaries, {
  description:
    '収納状況. Balances of a person by accounting year and tax item; outstanding amounts are never below zero.',
  key: 'key',
  subject: 'addresseeNo',
});

/** 収納状況 (handbook 06 §3). */
@entity.object
export class LedgerSummary {
  @entity.column(() => Int, ledgerSummaries.levyFiscalYear, {
    rule,
    description: '会計年度（調定年度）',
    nullable: false,
  })
  fiscalYear!: number;

  @entity.column(() => String, ledgerSummaries.taxItem, { rule, description: '税目コード', nullable: false })
  taxItemCode!: string;

  @entity.one(() => TaxItem, taxItems, {
    rule,
    description: '税目',
    where: ({ self, row }) => eq(row.code, self.taxItem),
  })
  taxItem!: Maybe<TaxItem>;

  @entity.column(() => Int, ledgerSummaries.lineCount, { rule, description: '期別の件数', nullable: false })
  lineCount!: number;

  @entity.column(() => Int, ledgerSummaries.openLineCount, {
    rule,
    description: '未納のある期別の件数',
    nullable: false,
  })
  openLineCount!: number;

  @entity.column(() => YenScalar, ledgerSummaries.levied, { rule, description: '調定額', nullable: false })
  levied!: bigint;

  @entity.column(() => YenScalar, ledgerSummaries.received, { rule, description: '収納額', nullable: false })
  received!: bigint;

  @entity.column(() => YenScalar, ledgerSummaries.offsetIn, { rule, description: '充当額', nullable: false })
  offsetIn!: bigint;

  @entity.column(() => YenScalar, ledgerSummaries.writtenOff, {
    rule,
    description: '不納欠損額',
    nullable: false,
  })
  writtenOff!: bigint;

  @entity.column(() => YenScalar, ledgerSummaries.outstanding, {
    rule,
    description: '未納額（計）',
    nullable: false,
  })
  outstanding!: bigint;

  @entity.column(() => YenScalar, ledgerSummaries.taxOutstanding, {
    rule,
    description: '未納額（本税）',
    nullable: false,
  })
  taxOutstanding!: bigint;

  @entity.column(() => YenScalar, ledgerSummaries.reminderFeeOutstanding, {
    rule,
    description: '未納額（督促手数料）',
    nullable: false,
  })
  reminderFeeOutstanding!: bigint;

  @entity.column(() => YenScalar, ledgerSummaries.lateChargeOutstanding, {
    rule,
    description: '未納額（延滞金）',
    nullable: false,
  })
  lateChargeOutstanding!: bigint;

  @entity.column(() => YenScalar, ledgerSummaries.penaltyOutstanding, {
    rule,
    description: '未納額（加算金）',
    nullable: false,
  })
  penaltyOutstanding!: bigint;

  @entity.column(() => YenScalar, ledgerSummaries.dispositionCostOutstanding, {
    rule,
    description: '未納額（滞納処分費）',
    nullable: false,
  })
  dispositionCostOutstanding!: bigint;

  @entity.computed(
    () => YenScalar,
    ({ self, today }) => sql`(select coalesce(sum(${outstandingOf(sql`b`)}), 0)::bigint
      from records.levy_line l join records.levy_balance b on b.levy_id = l.id
      where l.addressee_no = ${self.addresseeNo} and l.levy_fiscal_year = ${self.levyFiscalYear}
        and l.tax_item = ${self.taxItem} and l.due_on < ${today})`,
    { rule, description: '滞納額（納期限経過分）', nullable: false },
  )
  overdue!: bigint;

  @entity.column(() => DateScalar, ledgerSummaries.oldestOpenDueOn, {
    rule,
    description: '最も古い未納の納期限',
  })
  oldestOpenDueOn!: string | null;
}
