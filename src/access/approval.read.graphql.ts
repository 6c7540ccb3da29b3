import { and, eq, sql, type SQL } from 'drizzle-orm';
import { Field, ID, InputType, Resolver } from 'type-graphql';
import {
  type APPROVAL_KINDS,
  approvalDecisions,
  approvalRequests,
  approvalUses,
  changes,
  departments,
  roles,
  staff,
} from '../../schema/records/index.js';
import { DateScalar, DateTimeScalar } from '../kernel/graphql/scalars.js';
import { needs } from './rules.js';
import type { Connection } from './schema/connection.js';
import { defineEntity, QueryMany, QueryOne } from './schema/define.js';
import type { Columns } from './schema/entity.js';
import { rowKey, type Maybe } from './schema/reading.js';
import { published } from './schema/words.js';
import { Department, Role, Staff } from './staff.read.graphql.js';

const rule = needs('staff:read');
const always = (description: string) => ({ rule, description, nullable: false });
const maybe = (description: string) => ({ rule, description });

export const ApprovalKind = published<(typeof APPROVAL_KINDS)[number]>('ApprovalKind', '承認依頼の種類', {
  grantRole: '役割の付与',
  resetCredentials: '認証要素の再登録',
  reactivateStaff: '停止の解除',
  linkVaultPerson: '保管庫の職員との対応',
});

export const ApprovalState = published('ApprovalState', '承認依頼の状態', {
  requested: '承認待ち',
  approved: '承認',
  refused: '否認',
  consumed: '使用済',
});

/** What became of a request: its use, its decision, or nothing yet. */
function stateOf({ id }: Columns<typeof approvalRequests>): SQL {
  return sql`case when exists (select from ${approvalUses} u where u.request_id = ${id}) then 'consumed'
    else coalesce((select d.outcome from ${approvalDecisions} d where d.request_id = ${id}), 'requested') end`;
}

const entity = defineEntity('ApprovalRequest', approvalRequests, {
  description: '承認依頼（二人承認）. What one administrator asks another to approve.',
  key: 'id',
  joins: [
    {
      table: changes,
      on: (row: Columns<typeof approvalRequests>, change: Columns<typeof changes>) =>
        eq(change.id, row.changeId),
    },
  ],
});

/** 承認依頼 (handbook 15 §6.3). */
@entity.object
export class ApprovalRequest {
  @entity.column(() => ID, approvalRequests.id, always('承認依頼番号'))
  id!: string;

  @entity.column(() => ApprovalKind, approvalRequests.kind, always('種類'))
  kind!: string;

  @entity.computed(() => ApprovalState, ({ self }) => stateOf(self), maybe('状態'))
  state!: string | null;

  @entity.one(() => Staff, staff, {
    rule,
    description: '対象の職員',
    where: ({ self, row }) => eq(row.staffId, self.staffId),
  })
  staff!: Maybe<Staff>;

  @entity.one(() => Role, roles, {
    rule,
    description: '役割',
    where: ({ self, row }) => eq(row.name, self.role),
  })
  role!: Maybe<Role>;

  @entity.one(() => Department, departments, {
    rule,
    description: '所属. The role will hold for it.',
    where: ({ self, row }) => eq(row.code, self.department),
  })
  department!: Maybe<Department>;

  @entity.column(() => DateScalar, approvalRequests.validFrom, maybe('有効開始日'))
  validFrom!: string | null;

  @entity.column(() => DateScalar, approvalRequests.validTo, maybe('有効終了日'))
  validTo!: string | null;

  @entity.column(() => String, approvalRequests.vaultPersonId, maybe('保管庫の職員登録における個人識別番号'))
  vaultPersonId!: string | null;

  @entity.column(() => String, approvalRequests.reason, always('理由'))
  reason!: string;

  @entity.column(() => String, changes.actorId, always('依頼した職員'))
  requestedBy!: string;

  @entity.column(() => DateTimeScalar, approvalRequests.requestedAt, always('依頼日時'))
  requestedAt!: string;

  @entity.computed(
    () => String,
    ({ self }) =>
      sql`(select c.actor_id from ${approvalDecisions} d join ${changes} c on c.id = d.change_id
        where d.request_id = ${self.id})`,
    maybe('承認又は否認した職員'),
  )
  decidedBy!: string | null;

  @entity.computed(
    () => DateTimeScalar,
    ({ self }) => sql`(select d.decided_at from ${approvalDecisions} d where d.request_id = ${self.id})`,
    maybe('承認又は否認の日時'),
  )
  decidedAt!: string | null;

  @entity.computed(
    () => String,
    ({ self }) => sql`(select d.reason from ${approvalDecisions} d where d.request_id = ${self.id})`,
    maybe('承認又は否認の理由'),
  )
  decisionReason!: string | null;
}

/** 承認依頼検索条件. */
@InputType({ description: '承認依頼検索条件. All conditions given must hold.' })
export class ApprovalRequestFilter {
  @Field(() => ApprovalState, { nullable: true, description: '状態' })
  state?: string;

  @Field(() => String, { nullable: true, description: '対象の職員番号' })
  staffId?: string;
}

@Resolver()
export class ApprovalQueries {
  @QueryOne<typeof approvalRequests, { id: string }>(() => ApprovalRequest, approvalRequests, {
    rule,
    description: '承認依頼照会',
    args: { id: { type: () => ID, description: '承認依頼番号', required: true } },
    where: ({ row, args }) => args.id && eq(row.id, args.id.map(rowKey)),
  })
  approvalRequest!: Maybe<ApprovalRequest>;

  @QueryMany<typeof approvalRequests, { filter?: ApprovalRequestFilter }>(
    () => ApprovalRequest,
    approvalRequests,
    {
      rule,
      description: '承認依頼一覧, newest first',
      args: { filter: { type: () => ApprovalRequestFilter, description: '条件' } },
      where: ({ row, args: { filter } }) =>
        and(
          filter?.state && sql`${stateOf(row)} = ${filter.state.value}`,
          filter?.staffId && eq(row.staffId, filter.staffId.value),
        ),
      order: (row) => ({ columns: [row.id], direction: 'desc' }),
    },
  )
  approvalRequests!: Connection<ApprovalRequest>;
}
