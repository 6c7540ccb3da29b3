import { and, eq, sql, type SQL } from 'drizzle-orm';
import { Int } from 'type-graphql';
import type { levyLines } from '../../../schema/records/index.js';
import type { ArgSpec, BoundArgs, Columns } from '../../access/schema/entity.js';
import { fiscalYear } from '../../access/schema/reading.js';

/** Which levy lines of a person are wanted. */
export interface LevyFilter {
  fiscalYear?: number;
  taxItem?: string;
  unpaidOnly?: boolean;
  overdueOnly?: boolean;
}

/** The arguments of every list of levy lines, and what they ask of a row. */
export const LEVIES: {
  readonly args: { readonly [K in keyof LevyFilter]-?: ArgSpec };
  where(row: Columns<typeof levyLines>, args: BoundArgs<LevyFilter>, today: SQL): SQL | undefined;
} = {
  args: {
    fiscalYear: { type: () => Int, description: '会計年度（調定年度）' },
    taxItem: { type: () => String, description: '税目コード' },
    unpaidOnly: { type: () => Boolean, description: '未納のみ' },
    overdueOnly: { type: () => Boolean, description: '納期限を経過した未納のみ' },
  },
  where: (row, args, today) =>
    and(
      args.fiscalYear && eq(row.levyFiscalYear, args.fiscalYear.map(fiscalYear)),
      args.taxItem && eq(row.taxItem, args.taxItem.value),
      args.unpaidOnly && sql`(not ${args.unpaidOnly.value} or ${unsettled(row)})`,
      args.overdueOnly &&
        sql`(not ${args.overdueOnly.value} or (${row.dueOn} < ${today} and ${unsettled(row)}))`,
    ),
};

/** Whether anything of a line is still to be paid. Asked of a person's lines, it reads that person's open ones. */
export function unsettled(row: Columns<typeof levyLines>): SQL {
  return sql`exists (select from records.levy_balance b
    where b.levy_id = ${row.id} and b.addressee_no = ${row.addresseeNo} and not b.settled)`;
}
