import { and, eq, sql } from 'drizzle-orm';
import { Field, ID, InputType, Resolver } from 'type-graphql';
import { changes, referenceChanges } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany } from '../../access/schema/define.js';
import { DateTimeScalar } from '../../kernel/graphql/scalars.js';

const rule = needs('audit:read');

const always = (description: string) => ({ rule, description, nullable: false });

const entity = defineEntity('ReferenceChange', referenceChanges, {
  description:
    '保管庫参照の異動. A reference of the vault that an addressee was given, was moved to, or lost, as the database saw it.',
  key: 'id',
  subject: 'addresseeNo',
});

/** 保管庫参照の異動: written by the database itself, whoever changed it, so also past the application. */
@entity.object
export class ReferenceChange {
  @entity.column(() => ID, referenceChanges.id, always('異動番号'))
  id!: string;

  @entity.column(() => String, referenceChanges.addresseeNo, always('宛名番号'))
  addresseeNo!: string;

  @entity.column(() => ID, referenceChanges.oldRef, { rule, description: '異動前の保管庫参照' })
  oldRef!: string | null;

  @entity.column(() => ID, referenceChanges.newRef, { rule, description: '異動後の保管庫参照' })
  newRef!: string | null;

  @entity.column(() => DateTimeScalar, referenceChanges.recordedAt, always('記録日時'))
  recordedAt!: string;

  @entity.column(() => String, referenceChanges.databaseUser, always('データベース利用者'))
  databaseUser!: string;

  @entity.computed(
    () => String,
    ({ self }) => sql`(select c.action from ${changes} c where c.id = ${self.changeId})`,
    {
      rule,
      description: '操作. The change of the same transaction; null when it was made past the application.',
    },
  )
  action!: string | null;

  @entity.computed(
    () => ID,
    ({ self }) => sql`(select c.request_id::text from ${changes} c where c.id = ${self.changeId})`,
    { rule, description: '要求番号. As in the audit log.' },
  )
  requestId!: string | null;
}

/** 保管庫参照の異動の条件. */
@InputType({ description: '保管庫参照の異動の条件. All conditions given must hold.' })
export class ReferenceChangeFilter {
  @Field(() => String, { nullable: true, description: '宛名番号' })
  addresseeNo?: string;

  @Field(() => Boolean, { nullable: true, description: '更新記録のないもののみ. Made past the application.' })
  unexplainedOnly?: boolean;
}

/** What the audit officer compares with the audit log and with the vault's. */
@Resolver()
export class ReferenceChangeQueries {
  @QueryMany<typeof referenceChanges, { filter?: ReferenceChangeFilter }>(
    () => ReferenceChange,
    referenceChanges,
    {
      rule,
      description: '保管庫参照の異動一覧, newest first',
      args: { filter: { type: () => ReferenceChangeFilter, description: '条件' } },
      where: ({ row, args: { filter } }) =>
        and(
          filter?.addresseeNo && eq(row.addresseeNo, filter.addresseeNo.value),
          filter?.unexplainedOnly &&
            sql`(${row.changeId} is null or not ${filter.unexplainedOnly.value}::boolean)`,
        ),
      order: (row) => ({ columns: [row.id], direction: 'desc' }),
    },
  )
  referenceChanges!: Connection<ReferenceChange>;
}
