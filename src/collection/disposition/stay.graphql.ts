import { eq, sql } from 'drizzle-orm';
import { ID } from 'type-graphql';
import { executionStays, levyLines } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar } from '../../kernel/graphql/scalars.js';
import { LevyLine } from '../levy/levy.graphql.js';
import type { Maybe } from '../../access/schema/reading.js';
import { StayGround } from '../words.graphql.js';

const rule = needs('disposition:read');

const entity = defineEntity('ExecutionStay', executionStays, {
  description: '執行停止. Stay of disposition for one levy line.',
  key: 'id',
  subject: 'addresseeNo',
});

/** 執行停止 (15条の7, handbook 03 §6). */
@entity.object
export class ExecutionStay {
  @entity.column(() => ID, executionStays.id, { rule, description: '番号', nullable: false })
  id!: string;

  @entity.column(() => StayGround, executionStays.ground, { rule, description: '事由', nullable: false })
  ground!: string;

  @entity.column(() => DateScalar, executionStays.decidedOn, { rule, description: '停止日', nullable: false })
  decidedOn!: string;

  @entity.computed(
    () => DateScalar,
    ({ self }) => sql`(select c.cancelled_on from records.stay_cancellation c where c.stay_id = ${self.id})`,
    { rule, description: '取消日（15条の8）. None while it lasts.' },
  )
  cancelledOn!: string | null;

  @entity.computed(
    () => String,
    ({ self }) => sql`(select c.reason from records.stay_cancellation c where c.stay_id = ${self.id})`,
    { rule, description: '取消の理由' },
  )
  cancellationReason!: string | null;

  @entity.one(() => LevyLine, levyLines, {
    rule: needs('ledger:read'),
    description: '調定（期別）',
    where: ({ self, row }) => eq(row.id, self.levyId),
  })
  levyLine!: Maybe<LevyLine>;
}
