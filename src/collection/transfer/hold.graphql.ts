import { eq, sql, type SQLWrapper } from 'drizzle-orm';
import { ID, Int } from 'type-graphql';
import { transferHolds, transferSetAsides } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { TransferHoldCode, TransferHoldState, TransferSetAsideOutcome } from '../words.graphql.js';

const rule = needs('transfer:read');

/** A field that every row has, for everybody who may read transfers. */
const always = (description: string) => ({ rule, description, nullable: false });

/** A column of the second person's decision; none until there is one. */
function decided(column: string) {
  return ({ self }: { readonly self: { readonly id: SQLWrapper } }) =>
    sql`(select ${sql.raw(`d.${column}`)} from records.transfer_set_aside_decision d
      where d.set_aside_id = ${self.id})`;
}

const setAside = defineEntity('TransferSetAside', transferSetAsides, {
  description: '保留の除外の起案. A proposal to leave out, for good, what is held.',
  key: 'id',
});

/** 保留の除外の起案. */
@setAside.object
export class TransferSetAside {
  @setAside.column(() => ID, transferSetAsides.id, always('番号'))
  id!: string;

  @setAside.column(() => String, transferSetAsides.proposedBy, always('起案者'))
  proposedBy!: string;

  @setAside.column(() => DateScalar, transferSetAsides.proposedOn, always('起案日'))
  proposedOn!: string;

  @setAside.column(() => String, transferSetAsides.reason, always('理由'))
  reason!: string;

  @setAside.computed(() => TransferSetAsideOutcome, decided('outcome'), {
    rule,
    description: '決裁. None until a second person has decided, once.',
  })
  outcome!: string | null;

  @setAside.computed(() => String, decided('decided_by'), { rule, description: '決裁者' })
  decidedBy!: string | null;

  @setAside.computed(() => DateScalar, decided('decided_on'), { rule, description: '決裁日' })
  decidedOn!: string | null;

  @setAside.computed(() => String, decided('reason'), { rule, description: '決裁の理由' })
  decisionReason!: string | null;
}

const hold = defineEntity('TransferHold', transferHolds, {
  description: '実績の保留. What a result says of a case, or all of it, and the records have not taken.',
  key: 'id',
});

/** 実績の保留 (handbook 13 §8). */
@hold.object
export class TransferHold {
  @hold.column(() => ID, transferHolds.id, always('番号'))
  id!: string;

  @hold.column(() => String, transferHolds.resultId, always('実績パッケージ番号'))
  resultId!: string;

  @hold.column(() => Int, transferHolds.seriesNo, always('通番'))
  seriesNo!: number;

  @hold.column(() => String, transferHolds.caseNo, {
    rule,
    description: '事案番号. None when the whole result is held: nobody knows which cases it is about.',
  })
  caseNo!: string | null;

  @hold.column(() => TransferHoldCode, transferHolds.code, always('事由'))
  code!: string;

  @hold.column(() => String, transferHolds.file, { rule, description: 'ファイル' })
  file!: string | null;

  @hold.column(() => Int, transferHolds.rowNo, { rule, description: '行, without the heading, from 1' })
  rowNo!: number | null;

  @hold.column(() => YenScalar, transferHolds.collected, always('徴収額（報告）'))
  collected!: bigint;

  @hold.column(() => DateScalar, transferHolds.heldOn, always('保留日'))
  heldOn!: string;

  @hold.computed(
    () => TransferHoldState,
    ({ self }) => sql`records.transfer_hold_state(${self.id})`,
    always('状態'),
  )
  state!: string;

  @hold.list(() => TransferSetAside, transferSetAsides, {
    rule,
    description: '除外の起案, oldest first, at most 100',
    where: ({ self, row }) => eq(row.holdId, self.id),
    order: (row) => ({ columns: [row.id], direction: 'asc' }),
  })
  setAsides!: readonly TransferSetAside[];
}
