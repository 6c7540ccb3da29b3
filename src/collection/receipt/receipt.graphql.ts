import { and, eq, gte, lte } from 'drizzle-orm';
import { Field, ID, InputType, Int, Resolver } from 'type-graphql';
import {
  addressees,
  allocations,
  changes,
  levyLines,
  overpayments,
  receipts,
  taxItems,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany, QueryOne } from '../../access/schema/define.js';
import type { Columns } from '../../access/schema/entity.js';
import { DateScalar, DateTimeScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { Addressee } from '../addressee/addressee.graphql.js';
import { LevyLine } from '../levy/levy.graphql.js';
import { TaxItem } from '../levy/taxItem.graphql.js';
import { rowKey, type Maybe } from '../../access/schema/reading.js';
import { Overpayment } from '../refund/overpayment.graphql.js';
import { MatchRule, ReceiptSource } from '../words.graphql.js';
import { Allocation } from './allocation.graphql.js';
import { unidentifiedRemainder } from './remainder.graphql.js';

const rule = needs('receipt:read');

const entity = defineEntity('Receipt', receipts, {
  description: '収納. Money received, one per slip; a reversal is a receipt of negative amount.',
  key: 'id',
  subject: 'addresseeNo',
  joins: [
    {
      table: changes,
      on: (receipt: Columns<typeof receipts>, change: Columns<typeof changes>) =>
        eq(change.id, receipt.changeId),
    },
  ],
});

/** 収納 (handbook 01 §4). */
@entity.object
export class Receipt {
  @entity.column(() => ID, receipts.id, { rule, description: '収納番号', nullable: false })
  id!: string;

  @entity.column(() => ReceiptSource, receipts.source, { rule, description: '収納経路', nullable: false })
  source!: string;

  @entity.column(() => String, receipts.channel, { rule, description: 'チャネル', nullable: false })
  channel!: string;

  @entity.column(() => ID, receipts.fileId, { rule, description: '取込ファイル番号' })
  fileId!: string | null;

  @entity.column(() => Int, receipts.recordNo, { rule, description: 'ファイル内のレコード番号' })
  recordNo!: number | null;

  @entity.column(() => String, receipts.taxItem, { rule, description: '納付書の税目コード' })
  taxItemCode!: string | null;

  @entity.one(() => TaxItem, taxItems, {
    rule: needs('ledger:read'),
    description: '納付書の税目',
    where: ({ self, row }) => eq(row.code, self.taxItem),
  })
  taxItem!: Maybe<TaxItem>;

  @entity.column(() => Int, receipts.levyFiscalYear, { rule, description: '納付書の調定年度' })
  fiscalYear!: number | null;

  @entity.column(() => Int, receipts.instalmentNo, { rule, description: '納付書の期別' })
  instalmentNo!: number | null;

  @entity.column(() => String, receipts.noticeNo, { rule, description: '納付書の通知書番号' })
  noticeNo!: string | null;

  @entity.column(() => YenScalar, receipts.billedAmount, { rule, description: '請求金額' })
  billedAmount!: bigint | null;

  @entity.column(() => YenScalar, receipts.taxAmount, { rule, description: '税額', nullable: false })
  taxAmount!: bigint;

  @entity.column(() => YenScalar, receipts.lateChargeAmount, {
    rule,
    description: '延滞金額',
    nullable: false,
  })
  lateChargeAmount!: bigint;

  @entity.column(() => YenScalar, receipts.amount, { rule, description: '収納金額', nullable: false })
  amount!: bigint;

  @entity.column(() => String, receipts.collectingBank, {
    rule: rule.protected(),
    description: '取扱金融機関',
  })
  collectingBank!: string | null;

  @entity.column(() => DateScalar, receipts.paidOn, {
    rule,
    description: '領収日（納付日）',
    nullable: false,
  })
  paidOn!: string;

  @entity.column(() => DateScalar, receipts.receivedOn, {
    rule,
    description: '収納日（到着日）',
    nullable: false,
  })
  receivedOn!: string;

  @entity.column(() => DateScalar, receipts.bookedOn, { rule, description: '収入日', nullable: false })
  bookedOn!: string;

  @entity.column(() => MatchRule, receipts.matchRule, { rule, description: '消込の根拠', nullable: false })
  matchRule!: string;

  @entity.computed(() => YenScalar, ({ self }) => unidentifiedRemainder(self.id), {
    rule,
    description: '不明金として残る額',
    nullable: false,
  })
  unidentifiedAmount!: bigint;

  @entity.column(() => DateTimeScalar, changes.at, { rule, description: '記録日時', nullable: false })
  recordedAt!: string;

  @entity.column(() => String, changes.actorId, { rule, description: '記録した職員', nullable: false })
  recordedBy!: string;

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '納付者の宛名',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;

  @entity.one(() => LevyLine, levyLines, {
    rule: needs('ledger:read'),
    description: '消込先の調定（期別）',
    where: ({ self, row }) => eq(row.id, self.levyId),
  })
  levyLine!: Maybe<LevyLine>;

  @entity.many(() => Allocation, allocations, {
    rule,
    description: '消込',
    where: ({ self, row }) => eq(row.receiptId, self.id),
    order: (row) => ({ columns: [row.id], direction: 'asc' }),
  })
  allocations!: Connection<Allocation>;

  @entity.list(() => Overpayment, overpayments, {
    rule: needs('overpayment:read'),
    description: '過誤納金',
    where: ({ self, row }) => eq(row.receiptId, self.id),
    order: (row) => ({ columns: [row.id], direction: 'asc' }),
  })
  overpayments!: readonly Overpayment[];

  @entity.one(() => Receipt, receipts, {
    rule,
    description: '取消. The receipt that reverses this one.',
    where: ({ self, row }) => eq(row.reversesId, self.id),
  })
  reversal!: Maybe<Receipt>;

  @entity.one(() => Receipt, receipts, {
    rule,
    description: '取消の対象. The receipt that this one reverses.',
    where: ({ self, row }) => eq(row.id, self.reversesId),
  })
  reverses!: Maybe<Receipt>;
}

/** 収納検索条件. */
@InputType({ description: '収納検索条件. All conditions given must hold.' })
export class ReceiptFilter {
  @Field(() => String, { nullable: true, description: '宛名番号' })
  addresseeNo?: string;

  @Field(() => DateScalar, { nullable: true, description: '領収日（から）' })
  paidFrom?: string;

  @Field(() => DateScalar, { nullable: true, description: '領収日（まで）' })
  paidTo?: string;

  @Field(() => ReceiptSource, { nullable: true, description: '収納経路' })
  source?: string;
}

@Resolver()
export class ReceiptQueries {
  @QueryOne<typeof receipts, { id: string }>(() => Receipt, receipts, {
    rule,
    description: '収納照会',
    args: { id: { type: () => ID, description: '収納番号', required: true } },
    where: ({ row, args }) => args.id && eq(row.id, args.id.map(rowKey)),
  })
  receipt!: Maybe<Receipt>;

  @QueryMany<typeof receipts, { filter?: ReceiptFilter }>(() => Receipt, receipts, {
    rule,
    description: '収納一覧, newest first',
    args: { filter: { type: () => ReceiptFilter, description: '条件' } },
    where: ({ row, args: { filter } }) =>
      and(
        filter?.addresseeNo && eq(row.addresseeNo, filter.addresseeNo.value),
        filter?.paidFrom && gte(row.paidOn, filter.paidFrom.value),
        filter?.paidTo && lte(row.paidOn, filter.paidTo.value),
        filter?.source && eq(row.source, filter.source.value),
      ),
    order: (row) => ({ columns: [row.paidOn, row.id], direction: 'desc' }),
  })
  receipts!: Connection<Receipt>;
}
