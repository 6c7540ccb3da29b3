import { eq, sql } from 'drizzle-orm';
import { ID, Int, Resolver } from 'type-graphql';
import { receipts, taxItems } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany } from '../../access/schema/define.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { TaxItem } from '../levy/taxItem.graphql.js';
import type { Maybe } from '../../access/schema/reading.js';
import { ReceiptSource, UnidentifiedReason } from '../words.graphql.js';
import { Receipt } from './receipt.graphql.js';
import { unidentifiedRemainder } from './remainder.graphql.js';

const rule = needs('unidentified:read');

const entity = defineEntity('UnidentifiedReceipt', receipts, {
  description: '不明金. A receipt of which a part is explained by no levy.',
  key: 'id',
  subject: 'addresseeNo',
});

/** 不明金 (handbook 01 §4.3). */
@entity.object
export class UnidentifiedReceipt {
  @entity.column(() => ID, receipts.id, { rule, description: '収納番号', nullable: false })
  id!: string;

  @entity.computed(() => YenScalar, ({ self }) => unidentifiedRemainder(self.id), {
    rule,
    description: '不明金として残る額',
    nullable: false,
  })
  remaining!: bigint;

  @entity.computed(
    () => UnidentifiedReason,
    ({ self }) => sql`(select u.reason from records.unidentified_entry u
      where u.receipt_id = ${self.id} and u.amount > 0 order by u.id limit 1)`,
    { rule, description: '不明となった理由' },
  )
  reason!: string | null;

  @entity.column(() => YenScalar, receipts.amount, { rule, description: '収納金額', nullable: false })
  amount!: bigint;

  @entity.column(() => ReceiptSource, receipts.source, { rule, description: '収納経路', nullable: false })
  source!: string;

  @entity.column(() => String, receipts.channel, { rule, description: 'チャネル', nullable: false })
  channel!: string;

  @entity.column(() => String, receipts.collectingBank, { rule, description: '取扱金融機関' })
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

  @entity.one(() => Receipt, receipts, {
    rule: needs('receipt:read'),
    description: '収納',
    where: ({ self, row }) => eq(row.id, self.id),
  })
  receipt!: Maybe<Receipt>;
}

@Resolver()
export class UnidentifiedReceiptQueries {
  @QueryMany(() => UnidentifiedReceipt, receipts, {
    rule,
    description: '不明金一覧, oldest first',
    where: ({ row }) =>
      sql`${row.id} in (select u.receipt_id from records.unidentified_entry u group by u.receipt_id having
        sum(u.amount) > 0)`,
    order: (row) => ({ columns: [row.id], direction: 'asc' }),
  })
  unidentifiedReceipts!: Connection<UnidentifiedReceipt>;
}
