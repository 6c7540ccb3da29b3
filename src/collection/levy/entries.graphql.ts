import { eq } from 'drizzle-orm';
import { ID } from 'type-graphql';
import {
  levyAdjustments,
  levyCharges,
  reminders,
  writeOffProposals,
  writeOffReversals,
  writeOffs,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import type { Maybe } from '../../access/schema/reading.js';
import { Component, WriteOffCause } from '../words.graphql.js';
import { WriteOffReversal } from '../writeOff/reversal.graphql.js';
import { WriteOffProposal } from '../writeOff/writeOffProposal.graphql.js';

const rule = needs('ledger:read');

const adjustment = defineEntity('LevyAdjustment', levyAdjustments, {
  description: '更正. A decision that raises or lowers a levy.',
  key: 'id',
});

/** 更正 (handbook 01 §2). */
@adjustment.object
export class LevyAdjustment {
  @adjustment.column(() => ID, levyAdjustments.id, { rule, description: '番号', nullable: false })
  id!: string;

  @adjustment.column(() => YenScalar, levyAdjustments.taxDelta, {
    rule,
    description: '増減額（本税）',
    nullable: false,
  })
  taxDelta!: bigint;

  @adjustment.column(() => String, levyAdjustments.reason, { rule, description: '更正事由', nullable: false })
  reason!: string;

  @adjustment.column(() => DateScalar, levyAdjustments.decidedOn, {
    rule,
    description: '更正決定日',
    nullable: false,
  })
  decidedOn!: string;

  @adjustment.column(() => DateScalar, levyAdjustments.notifiedOn, {
    rule,
    description: '通知日',
    nullable: false,
  })
  notifiedOn!: string;
}

const charge = defineEntity('LevyCharge', levyCharges, {
  description:
    '督促手数料・延滞金・加算金・滞納処分費の調定. Levied beside the tax; a negative amount withdraws.',
  key: 'id',
});

/** 督促手数料・延滞金・加算金・滞納処分費. */
@charge.object
export class LevyCharge {
  @charge.column(() => ID, levyCharges.id, { rule, description: '番号', nullable: false })
  id!: string;

  @charge.column(() => Component, levyCharges.component, { rule, description: '内訳', nullable: false })
  component!: string;

  @charge.column(() => YenScalar, levyCharges.amount, { rule, description: '金額', nullable: false })
  amount!: bigint;

  @charge.column(() => DateScalar, levyCharges.decidedOn, { rule, description: '調定日', nullable: false })
  decidedOn!: string;

  @charge.column(() => String, levyCharges.reason, { rule, description: '事由', nullable: false })
  reason!: string;
}

const reminder = defineEntity('Reminder', reminders, {
  description: '督促. The statutory reminder, once per levy line.',
  key: 'id',
});

/** 督促 (handbook 03 §1). */
@reminder.object
export class Reminder {
  @reminder.column(() => ID, reminders.id, { rule, description: '番号', nullable: false })
  id!: string;

  @reminder.column(() => DateScalar, reminders.sentOn, { rule, description: '発付日', nullable: false })
  sentOn!: string;

  @reminder.column(() => DateScalar, reminders.returnedOn, { rule, description: '返戻日' })
  returnedOn!: string | null;
}

const writeOff = defineEntity('WriteOff', writeOffs, {
  description: '不納欠損. Removal of an extinguished claim from the accounts.',
  key: 'id',
});

/** 不納欠損 (handbook 03 §6). */
@writeOff.object
export class WriteOff {
  @writeOff.column(() => ID, writeOffs.id, { rule, description: '番号', nullable: false })
  id!: string;

  @writeOff.column(() => Component, writeOffs.component, { rule, description: '内訳', nullable: false })
  component!: string;

  @writeOff.column(() => YenScalar, writeOffs.amount, {
    rule,
    description: '金額. Below 0 where it was taken back.',
    nullable: false,
  })
  amount!: bigint;

  @writeOff.column(() => WriteOffCause, writeOffs.cause, { rule, description: '事由', nullable: false })
  cause!: string;

  @writeOff.column(() => DateScalar, writeOffs.writtenOffOn, {
    rule,
    description: '欠損処分日',
    nullable: false,
  })
  writtenOffOn!: string;

  @writeOff.one(() => WriteOffProposal, writeOffProposals, {
    rule: needs('writeOff:read'),
    description: '起案. None for what was entered before there were proposals.',
    where: ({ self, row }) => eq(row.id, self.proposalId),
  })
  proposal!: Maybe<WriteOffProposal>;

  @writeOff.one(() => WriteOffReversal, writeOffReversals, {
    rule: needs('writeOff:read'),
    description: '取消の起案, of what was taken back',
    where: ({ self, row }) => eq(row.id, self.reversalId),
  })
  reversal!: Maybe<WriteOffReversal>;
}
