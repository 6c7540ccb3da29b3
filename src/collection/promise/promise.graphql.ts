import { eq, sql } from 'drizzle-orm';
import { ID, Int } from 'type-graphql';
import {
  changes,
  delinquencyCases,
  instalmentPromises,
  levyLines,
  promiseClaims,
  promiseEnds,
  promiseInstalments,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import type { Columns } from '../../access/schema/entity.js';
import type { Maybe } from '../../access/schema/reading.js';
import { DateScalar, DateTimeScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { DelinquencyCase } from '../delinquency/delinquency.graphql.js';
import { LevyLine } from '../levy/levy.graphql.js';
import {
  Component,
  PromiseEndKind,
  PromiseForm,
  PromiseInstalmentState,
  PromiseState,
} from '../words.graphql.js';

const rule = needs('promise:read');

/** A field that every promise has, for everybody who may read promises. */
const always = (description: string) => ({ rule, description, nullable: false });

const claim = defineEntity('PromiseClaim', promiseClaims, {
  description: '誓約に係る期別. What a levy line owed of a component when it was promised.',
  // Unique only within its promise: claims are read as a list of one promise, never as pages.
  key: 'levyId',
});

/** 誓約に係る期別. */
@claim.object
export class PromiseClaim {
  @claim.column(() => Component, promiseClaims.component, always('内訳'))
  component!: string;

  @claim.column(() => YenScalar, promiseClaims.amount, always('誓約時の未納額'))
  amount!: bigint;

  @claim.one(() => LevyLine, levyLines, {
    rule: needs('ledger:read'),
    description: '調定（期別）',
    where: ({ self, row }) => eq(row.id, self.levyId),
  })
  levyLine!: Maybe<LevyLine>;
}

const instalment = defineEntity('PromiseInstalment', promiseInstalments, {
  description: '分納計画の一回分',
  key: 'instalmentNo',
});

/** 分納計画. */
@instalment.object
export class PromiseInstalment {
  @instalment.column(() => Int, promiseInstalments.instalmentNo, always('回'))
  instalmentNo!: number;

  @instalment.column(() => DateScalar, promiseInstalments.nominalDueOn, always('約束の日'))
  nominalDueOn!: string;

  @instalment.column(
    () => DateScalar,
    promiseInstalments.dueOn,
    always('納付期日. The agreed day, moved to the next open one.'),
  )
  dueOn!: string;

  @instalment.column(() => YenScalar, promiseInstalments.amount, always('納付予定額'))
  amount!: bigint;

  @instalment.computed(
    () => YenScalar,
    ({ self }) => sql`greatest(0, least(${self.amount}, records.promise_paid(${self.promiseId}, 'infinity')
      - (select coalesce(sum(e.amount), 0) from records.promise_instalment e
        where e.promise_id = ${self.promiseId} and e.instalment_no < ${self.instalmentNo})))::bigint`,
    { rule, description: '納付済額. Payments count towards the oldest instalment first.', nullable: false },
  )
  paid!: bigint;

  @instalment.computed(
    () => PromiseInstalmentState,
    ({ self, today }) =>
      sql`records.promise_instalment_state(${self.promiseId}, ${self.instalmentNo}, ${today}::date)`,
    { rule, description: '状態', nullable: false },
  )
  state!: string;
}

const end = defineEntity('PromiseEnd', promiseEnds, {
  description: '分納誓約の取消・変更',
  key: 'promiseId',
});

/** 分納誓約の取消・変更. */
@end.object
export class PromiseEnd {
  @end.column(() => PromiseEndKind, promiseEnds.kind, always('区分'))
  kind!: string;

  @end.column(() => DateScalar, promiseEnds.endedOn, always('終了日'))
  endedOn!: string;

  @end.column(() => String, promiseEnds.reason, always('理由'))
  reason!: string;
}

const entity = defineEntity('InstalmentPromise', instalmentPromises, {
  description: '分納誓約. A promise to pay levy lines by instalments.',
  key: 'id',
  subject: 'addresseeNo',
  joins: [
    {
      table: changes,
      on: (promise: Columns<typeof instalmentPromises>, change: Columns<typeof changes>) =>
        eq(change.id, promise.changeId),
    },
  ],
});

/** 分納誓約 (handbook 03 §5). State and payments are derived from the ledger on each reading. */
@entity.object
export class InstalmentPromise {
  @entity.column(() => ID, instalmentPromises.id, always('番号'))
  id!: string;

  @entity.column(() => Int, instalmentPromises.promiseNo, always('誓約番号. Within the person.'))
  promiseNo!: number;

  @entity.column(() => DateScalar, instalmentPromises.promisedOn, always('誓約日'))
  promisedOn!: string;

  @entity.column(() => String, instalmentPromises.promisedBy, {
    rule: rule.protected(),
    description: '誓約した者',
  })
  promisedBy!: string | null;

  @entity.column(
    () => PromiseForm,
    instalmentPromises.form,
    always('方式. A written promise acknowledges all its lines, which renews their limitation (民法152条).'),
  )
  form!: string;

  @entity.column(
    () => Boolean,
    instalmentPromises.paymentsAcknowledgeAll,
    always('一部納付を全期別の承認とする特約'),
  )
  paymentsAcknowledgeAll!: boolean;

  @entity.column(() => YenScalar, instalmentPromises.amount, always('誓約額'))
  amount!: bigint;

  @entity.computed(
    () => YenScalar,
    ({ self }) => sql`records.promise_paid(${self.id}, 'infinity')`,
    always('納付済額. Paid of the promised lines since the promise.'),
  )
  paid!: bigint;

  @entity.computed(
    () => PromiseState,
    ({ self, today }) => sql`records.promise_state(${self.id}, ${today}::date)`,
    always('状態'),
  )
  state!: string;

  @entity.computed(
    () => DateScalar,
    ({ self, today }) => sql`records.promise_broken_on(${self.id}, ${today}::date)`,
    { rule, description: '不履行となった日. None while it is kept.' },
  )
  brokenOn!: string | null;

  @entity.computed(
    () => Int,
    ({ self }) => sql`(select count(*) from records.promise_claim c where c.promise_id = ${self.id})`,
    always('期別（内訳）の件数'),
  )
  claimCount!: number;

  @entity.list(() => PromiseClaim, promiseClaims, {
    rule,
    description: '誓約に係る期別. At most 100; `claimCount` tells of more.',
    where: ({ self, row }) => eq(row.promiseId, self.id),
    order: (row) => ({ columns: [row.levyId, row.component], direction: 'asc' }),
  })
  claims!: readonly PromiseClaim[];

  @entity.list(() => PromiseInstalment, promiseInstalments, {
    rule,
    description: '分納計画',
    where: ({ self, row }) => eq(row.promiseId, self.id),
    order: (row) => ({ columns: [row.instalmentNo], direction: 'asc' }),
  })
  instalments!: readonly PromiseInstalment[];

  @entity.one(() => PromiseEnd, promiseEnds, {
    rule,
    description: '取消・変更. None while it stands.',
    where: ({ self, row }) => eq(row.promiseId, self.id),
  })
  end!: Maybe<PromiseEnd>;

  @entity.one(() => InstalmentPromise, instalmentPromises, {
    rule,
    description: '変更前の分納誓約',
    where: ({ self, row }) => eq(row.id, self.replacesId),
  })
  replaces!: Maybe<InstalmentPromise>;

  @entity.column(() => String, instalmentPromises.recordedBy, always('登録した職員'))
  recordedBy!: string;

  @entity.column(() => DateTimeScalar, changes.at, always('記録日時'))
  recordedAt!: string;

  @entity.one(() => DelinquencyCase, delinquencyCases, {
    rule: needs('case:read'),
    description: '滞納事案',
    where: ({ self, row }) => eq(row.id, self.caseId),
  })
  delinquencyCase!: Maybe<DelinquencyCase>;
}
