import { eq } from 'drizzle-orm';
import { ID } from 'type-graphql';
import { allocations, levyLines, offsets, receipts } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { LevyLine } from '../levy/levy.graphql.js';
import type { Maybe } from '../../access/schema/reading.js';
import { Offset } from '../refund/offset.graphql.js';
import { Component } from '../words.graphql.js';
import { Receipt } from './receipt.graphql.js';

const rule = needs('receipt:read');

const entity = defineEntity('Allocation', allocations, {
  description:
    '消込. Part of a receipt or offset applied to a component of a levy line; negative when reversed.',
  key: 'id',
});

/** 消込 (handbook 01 §5). */
@entity.object
export class Allocation {
  @entity.column(() => ID, allocations.id, { rule, description: '番号', nullable: false })
  id!: string;

  @entity.column(() => Component, allocations.component, { rule, description: '内訳', nullable: false })
  component!: string;

  @entity.column(() => YenScalar, allocations.amount, { rule, description: '金額', nullable: false })
  amount!: bigint;

  @entity.column(() => DateScalar, allocations.effectiveOn, {
    rule,
    description: '効力発生日',
    nullable: false,
  })
  effectiveOn!: string;

  @entity.one(() => LevyLine, levyLines, {
    rule: needs('ledger:read'),
    description: '調定（期別）',
    where: ({ self, row }) => eq(row.id, self.levyId),
  })
  levyLine!: Maybe<LevyLine>;

  @entity.one(() => Receipt, receipts, {
    rule,
    description: '収納. None when an offset was applied.',
    where: ({ self, row }) => eq(row.id, self.receiptId),
  })
  receipt!: Maybe<Receipt>;

  @entity.one(() => Offset, offsets, {
    rule: needs('overpayment:read'),
    description: '充当. None when a receipt was applied.',
    where: ({ self, row }) => eq(row.id, self.offsetId),
  })
  offset!: Maybe<Offset>;
}
