import { and, eq, sql } from 'drizzle-orm';
import { Field, ID, InputType, Resolver } from 'type-graphql';
import {
  changes,
  departments,
  roleFunctions,
  roleGrantRevocations,
  roleGrants,
  roles,
  staff,
  type STAFF_EVENTS,
  type STAFF_STATES,
  staffEvents,
} from '../../schema/records/index.js';
import { DateScalar, DateTimeScalar } from '../kernel/graphql/scalars.js';
import { needs } from './rules.js';
import type { Connection } from './schema/connection.js';
import { defineEntity, QueryMany, QueryOne } from './schema/define.js';
import type { Columns } from './schema/entity.js';
import type { Maybe } from './schema/reading.js';
import { published } from './schema/words.js';

const rule = needs('staff:read');

/** A field that every row has, for everybody who may read staff. */
const always = (description: string) => ({ rule, description, nullable: false });

const StaffState = published<(typeof STAFF_STATES)[number]>('StaffState', '職員アカウントの状態', {
  pending: '登録待ち',
  active: '有効',
  suspended: '停止',
  revoked: '抹消',
});

const StaffEventKind = published<(typeof STAFF_EVENTS)[number]>('StaffEventKind', '職員異動の種類', {
  created: '登録',
  activated: '有効化',
  suspended: '停止',
  reactivated: '停止解除',
  revoked: '抹消',
  moved: '異動',
  employmentChanged: '在職期間変更',
  credentialsReset: '認証要素の再登録',
  roleGranted: '権限付与',
  roleRevoked: '権限取消',
  vaultPersonLinked: '保管庫の職員との対応',
  vaultPersonUnlinked: '保管庫の職員との対応の終了',
});

const RoleScope = published('RoleScope', '役割の範囲', { municipality: '全域', branch: '所管支所のみ' });

const department = defineEntity('Department', departments, { description: '所属（課・係）', key: 'code' });

/** 所属. */
@department.object
export class Department {
  @department.column(() => String, departments.code, always('所属コード'))
  code!: string;

  @department.column(() => String, departments.name, always('名称'))
  name!: string;

  @department.column(() => String, departments.branchCode, { rule, description: '支所コード' })
  branchCode!: string | null;
}

const roleFunction = defineEntity('RoleFunction', roleFunctions, {
  description: '役割の機能, on dated days',
  // Unique only within its role: functions are read as a list of one role, never as pages.
  key: 'function',
});

/** 役割の機能. */
@roleFunction.object
export class RoleFunction {
  @roleFunction.column(() => String, roleFunctions.function, always('機能'))
  function!: string;

  @roleFunction.column(() => DateScalar, roleFunctions.validFrom, always('有効開始日'))
  validFrom!: string;

  @roleFunction.column(() => DateScalar, roleFunctions.validTo, { rule, description: '有効終了日' })
  validTo!: string | null;
}

const role = defineEntity('Role', roles, { description: '役割. A named set of functions.', key: 'name' });

/** 役割. */
@role.object
export class Role {
  @role.column(() => String, roles.name, always('役割名'))
  name!: string;

  @role.column(() => String, roles.title, always('名称'))
  title!: string;

  @role.column(() => RoleScope, roles.scope, always('範囲'))
  scope!: string;

  @role.list(() => RoleFunction, roleFunctions, {
    rule,
    description: '機能',
    where: ({ self, row }) => eq(row.role, self.name),
    order: (row) => ({ columns: [row.function, row.validFrom], direction: 'asc' }),
  })
  functions!: readonly RoleFunction[];
}

const grant = defineEntity('RoleGrant', roleGrants, {
  description: '権限付与. A role given on dated days.',
  key: 'id',
  joins: [
    {
      table: changes,
      on: (row: Columns<typeof roleGrants>, change: Columns<typeof changes>) => eq(change.id, row.changeId),
    },
  ],
});

/** 権限付与. */
@grant.object
export class RoleGrant {
  @grant.column(() => ID, roleGrants.id, always('付与番号'))
  id!: string;

  @grant.one(() => Role, roles, {
    rule,
    description: '役割',
    where: ({ self, row }) => eq(row.name, self.role),
  })
  role!: Maybe<Role>;

  @grant.one(() => Department, departments, {
    rule,
    description: '付与時の所属',
    where: ({ self, row }) => eq(row.code, self.department),
  })
  department!: Maybe<Department>;

  @grant.one(() => Staff, staff, {
    rule,
    description: '職員',
    where: ({ self, row }) => eq(row.staffId, self.staffId),
  })
  staff!: Maybe<Staff>;

  @grant.column(() => DateScalar, roleGrants.validFrom, always('有効開始日'))
  validFrom!: string;

  @grant.column(() => DateScalar, roleGrants.validTo, { rule, description: '有効終了日' })
  validTo!: string | null;

  @grant.computed(
    () => DateScalar,
    ({ self }) =>
      sql`(select min(v.effective_on) from ${roleGrantRevocations} v where v.grant_id = ${self.id})`,
    { rule, description: '取消日. The first day without the role.' },
  )
  revokedOn!: string | null;

  @grant.column(() => String, changes.actorId, always('付与した職員'))
  grantedBy!: string;
}

const event = defineEntity('StaffEvent', staffEvents, {
  description: '職員異動記録. Every change of an account.',
  key: 'id',
  joins: [
    {
      table: changes,
      on: (row: Columns<typeof staffEvents>, change: Columns<typeof changes>) => eq(change.id, row.changeId),
    },
  ],
});

/** 職員異動記録. */
@event.object
export class StaffEvent {
  @event.column(() => StaffEventKind, staffEvents.kind, always('種類'))
  kind!: string;

  @event.column(() => String, staffEvents.reason, always('理由'))
  reason!: string;

  @event.column(() => DateTimeScalar, changes.at, always('日時'))
  at!: string;

  @event.column(() => String, changes.actorId, always('処理した職員'))
  actorId!: string;
}

const member = defineEntity('Staff', staff, {
  description: '職員アカウント. One account of one natural person.',
  key: 'staffId',
});

/** 職員アカウント (handbook 15 §2). */
@member.object
export class Staff {
  @member.column(() => String, staff.staffId, always('職員番号'))
  staffId!: string;

  @member.column(() => String, staff.personId, always('個人識別番号'))
  personId!: string;

  @member.column(() => String, staff.name, always('氏名'))
  name!: string;

  @member.column(() => String, staff.kana, always('カナ'))
  kana!: string;

  @member.column(() => StaffState, staff.state, always('状態'))
  state!: string;

  @member.column(() => DateScalar, staff.employmentFrom, always('在職開始日'))
  employmentFrom!: string;

  @member.column(() => DateScalar, staff.employmentTo, { rule, description: '在職終了日' })
  employmentTo!: string | null;

  @member.one(() => Department, departments, {
    rule,
    description: '現在の所属',
    where: ({ self, row, today }) =>
      sql`${row.code} = (select u.department from access.units_in_force(${self.staffId}, ${today}) u where
        u.is_current)`,
  })
  department!: Maybe<Department>;

  @member.list(() => RoleGrant, roleGrants, {
    rule,
    description: '有効な権限付与',
    where: ({ self, row, today }) =>
      sql`${row.id} in (select g.id from access.grants_in_force(${self.staffId}, null, ${today}) g)`,
    order: (row) => ({ columns: [row.role, row.id], direction: 'asc' }),
  })
  rolesInForce!: readonly RoleGrant[];

  @member.many(() => RoleGrant, roleGrants, {
    rule,
    description: '権限付与の全履歴, newest first',
    where: ({ self, row }) => eq(row.staffId, self.staffId),
    order: (row) => ({ columns: [row.id], direction: 'desc' }),
  })
  grants!: Connection<RoleGrant>;

  @member.many(() => StaffEvent, staffEvents, {
    rule,
    description: '異動記録, newest first',
    where: ({ self, row }) => eq(row.staffId, self.staffId),
    order: (row) => ({ columns: [row.id], direction: 'desc' }),
  })
  events!: Connection<StaffEvent>;
}

/** 職員検索条件. */
@InputType({ description: '職員検索条件. All conditions given must hold.' })
export class StaffFilter {
  @Field(() => String, { nullable: true, description: '現在の所属コード' })
  department?: string;

  @Field(() => StaffState, { nullable: true, description: '状態' })
  state?: string;
}

@Resolver()
export class StaffQueries {
  @QueryOne<typeof staff, { staffId: string }>(() => Staff, staff, {
    rule,
    description: '職員照会',
    args: { staffId: { type: () => String, description: '職員番号', required: true } },
    where: ({ row, args }) => args.staffId && eq(row.staffId, args.staffId.value),
  })
  staff!: Maybe<Staff>;

  @QueryMany<typeof staff, { filter?: StaffFilter }>(() => Staff, staff, {
    rule,
    description: '職員一覧',
    args: { filter: { type: () => StaffFilter, description: '条件' } },
    where: ({ row, args: { filter }, today }) =>
      and(
        filter?.state && eq(row.state, filter.state.value),
        filter?.department &&
          sql`${filter.department.value} = (select u.department from access.units_in_force(${row.staffId},
            ${today}) u where u.is_current)`,
      ),
    order: (row) => ({ columns: [row.staffId], direction: 'asc' }),
  })
  staffMembers!: Connection<Staff>;

  @QueryMany(() => Role, roles, {
    rule,
    description: '役割一覧',
    where: () => undefined,
    order: (row) => ({ columns: [row.name], direction: 'asc' }),
  })
  roles!: Connection<Role>;

  @QueryMany(() => Department, departments, {
    rule,
    description: '所属一覧',
    where: () => undefined,
    order: (row) => ({ columns: [row.code], direction: 'asc' }),
  })
  departments!: Connection<Department>;
}
