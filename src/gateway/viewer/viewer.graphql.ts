import { Resolver } from 'type-graphql';
import { FUNCTIONS } from '../../access/functions.js';
import { OPEN } from '../../access/rules.js';
import { Structural } from '../../access/schema/connection.js';
import { QueryProvided } from '../../access/schema/define.js';

/** 機能. */
@Structural.type('HeldFunction', '機能. Something the caller may do.')
export class HeldFunction {
  @Structural(() => String, { description: '機能コード' })
  name!: string;

  @Structural(() => String, { description: '機能名' })
  title!: string;
}

/** 利用者本人. */
@Structural.type('Viewer', '利用者本人. The caller as the gateway sees it at this moment.')
export class Viewer {
  @Structural(() => String, { description: '職員番号' })
  actorId!: string;

  @Structural(() => String, { description: '所属' })
  department!: string;

  @Structural(() => [String], { description: '役割' })
  roles!: readonly string[];

  @Structural(() => [HeldFunction], { description: '保有機能' })
  functions!: readonly HeldFunction[];

  @Structural(() => [String], { description: '利用目的' })
  purposes!: readonly string[];

  @Structural(() => String, { description: '支所（限定される場合）', nullable: true })
  branchCode!: string | null;
}

/** What a caller may know of himself. */
@Resolver()
export class ViewerQueries {
  @QueryProvided(() => Viewer, {
    rule: OPEN,
    description: '利用者本人の権限',
    provide: ({ caller }) => {
      const functions = [...caller.functions].toSorted().map((name) => ({ name, title: FUNCTIONS[name] }));
      const value = {
        actorId: caller.actorId,
        department: caller.department,
        roles: caller.roles,
        functions,
        purposes: [...caller.purposes],
        branchCode: caller.branchCode ?? null,
      };
      return Promise.resolve({ value, rows: 1, subjects: [] });
    },
  })
  viewer!: Viewer | null;
}
