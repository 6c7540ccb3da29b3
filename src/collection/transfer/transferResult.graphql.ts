import { sql } from 'drizzle-orm';
import { ID, Int } from 'type-graphql';
import { transferResults } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';

const rule = needs('transfer:read');

/** A field that every row has, for everybody who may read transfers. */
const always = (description: string) => ({ rule, description, nullable: false });

/** Rows of a file about what the organization did; none while no such file was taken. */
const rowsOf = (file: string) => ({
  rule,
  description: `${file}の行数. None when the package had no such file, or it was not taken yet.`,
});

const result = defineEntity('TransferResult', transferResults, {
  description: '徴収実績報告. A result package of the organization, opened and verified by the vault.',
  key: 'id',
});

/** 徴収実績報告 (handbook 13 §7). */
@result.object
export class TransferResult {
  @result.column(() => ID, transferResults.id, always('番号'))
  id!: string;

  @result.column(() => String, transferResults.resultId, always('実績パッケージ番号'))
  resultId!: string;

  @result.column(() => Int, transferResults.seriesNo, always('通番'))
  seriesNo!: number;

  @result.column(() => Boolean, transferResults.isFinal, always('最終報告'))
  isFinal!: boolean;

  @result.column(() => DateScalar, transferResults.receivedOn, always('受領日'))
  receivedOn!: string;

  @result.column(() => YenScalar, transferResults.collected, always('徴収額（計）'))
  collected!: bigint;

  @result.computed(
    () => YenScalar,
    ({ self }) =>
      sql`(select coalesce(sum(m.amount), 0)::bigint from records.transfer_remittance m
        where m.result_id = ${self.id})`,
    always('払込額（計）. Not the sum collected: it does not close.'),
  )
  remitted!: bigint;

  @result.computed(
    () => Int,
    ({ self }) => sql`(select a.dispositions from records.transfer_acts a where a.result_id = ${self.id})`,
    rowsOf('滞納処分'),
  )
  dispositionRows!: number | null;

  @result.computed(
    () => Int,
    ({ self }) => sql`(select a.renewals from records.transfer_acts a where a.result_id = ${self.id})`,
    rowsOf('時効の更新'),
  )
  renewalRows!: number | null;

  @result.computed(
    () => Int,
    ({ self }) => sql`(select a.contacts from records.transfer_acts a where a.result_id = ${self.id})`,
    rowsOf('折衝経過'),
  )
  contactRows!: number | null;
}
