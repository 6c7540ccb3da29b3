import { eq } from 'drizzle-orm';
import { ID } from 'type-graphql';
import { levyLines, offsets, overpayments } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { LevyLine } from '../levy/levy.graphql.js';
import type { Maybe } from '../../access/schema/reading.js';
import { Overpayment } from './overpayment.graphql.js';

const rule = needs('overpayment:read');

const entity = defineEntity('Offset', offsets, {
  description: '充当. An overpayment applied to a due and unpaid levy of the same person.',
  key: 'id',
});

/** 充当 (17条の2, handbook 04 §2). */
@entity.object
export class Offset {
  @entity.column(() => ID, offsets.id, { rule, description: '充当番号', nullable: false })
  id!: string;

  @entity.column(() => YenScalar, offsets.amount, { rule, description: '充当額', nullable: false })
  amount!: bigint;

  @entity.column(() => DateScalar, offsets.offsetReadyOn, {
    rule,
    description: '充当適状日',
    nullable: false,
  })
  offsetReadyOn!: string;

  @entity.column(() => DateScalar, offsets.bookedOn, { rule, description: '充当処理日', nullable: false })
  bookedOn!: string;

  @entity.one(() => Overpayment, overpayments, {
    rule,
    description: '過誤納金',
    where: ({ self, row }) => eq(row.id, self.overpaymentId),
  })
  overpayment!: Maybe<Overpayment>;

  @entity.one(() => LevyLine, levyLines, {
    rule: needs('ledger:read'),
    description: '充当先の調定（期別）',
    where: ({ self, row }) => eq(row.id, self.levyId),
  })
  levyLine!: Maybe<LevyLine>;
}
