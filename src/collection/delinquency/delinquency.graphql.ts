import { and, eq, sql, type SQL } from 'drizzle-orm';
import { Field, ID, InputType, Resolver } from 'type-graphql';
import {
  addressees,
  contactRecords,
  delinquencyCases,
  dispositions,
  executionStays,
  instalmentPromises,
  levyLines,
  transferCases,
  writeOffProposals,
} from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany, QueryOne } from '../../access/schema/define.js';
import type { Columns } from '../../access/schema/entity.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { Addressee } from '../addressee/addressee.graphql.js';
import { Disposition } from '../disposition/disposition.graphql.js';
import { ExecutionStay } from '../disposition/stay.graphql.js';
import { unsettled } from '../levy/levies.graphql.js';
import { LevyLine } from '../levy/levy.graphql.js';
import { overdueOf, owedBy } from '../levy/outstanding.graphql.js';
import type { Maybe } from '../../access/schema/reading.js';
import { InstalmentPromise } from '../promise/promise.graphql.js';
import { TransferCase } from '../transfer/transferCase.graphql.js';
import { WriteOffProposal } from '../writeOff/writeOffProposal.graphql.js';
import { CaseState } from '../words.graphql.js';
import { ContactRecord } from './contact.graphql.js';

const rule = needs('case:read');
const LEDGER = needs('ledger:read');

const entity = defineEntity('DelinquencyCase', delinquencyCases, {
  description: '滞納事案. The file of a delinquent person.',
  key: 'id',
  subject: 'addresseeNo',
});

type Case = Columns<typeof delinquencyCases>;

function closed(row: Case): SQL {
  return sql`exists (select from records.case_closing k where k.case_id = ${row.id})`;
}

/** 滞納事案 (handbook 03). */
@entity.object
export class DelinquencyCase {
  @entity.column(() => ID, delinquencyCases.id, { rule, description: '番号', nullable: false })
  id!: string;

  @entity.column(() => String, delinquencyCases.caseNo, { rule, description: '事案番号', nullable: false })
  caseNo!: string;

  @entity.computed(
    () => CaseState,
    ({ self }) => sql`case when ${closed(self)} then 'closed' else 'open' end`,
    {
      rule,
      description: '状態',
      nullable: false,
    },
  )
  state!: string;

  @entity.column(() => String, delinquencyCases.officerId, { rule, description: '担当職員', nullable: false })
  officerId!: string;

  // Where a protected person lives is also told by the district of the case.
  @entity.column(() => String, delinquencyCases.district, { rule: rule.protected(), description: '担当地区' })
  district!: string | null;

  @entity.column(() => DateScalar, delinquencyCases.openedOn, {
    rule,
    description: '開始日',
    nullable: false,
  })
  openedOn!: string;

  @entity.computed(
    () => DateScalar,
    ({ self }) => sql`(select k.closed_on from records.case_closing k where k.case_id = ${self.id})`,
    { rule, description: '終結日' },
  )
  closedOn!: string | null;

  @entity.computed(
    () => String,
    ({ self }) => sql`(select k.reason from records.case_closing k where k.case_id = ${self.id})`,
    { rule, description: '終結の理由' },
  )
  closingReason!: string | null;

  @entity.computed(
    () => Boolean,
    ({ self }) => sql`exists (select from records.transfer_standing s
      where s.case_id = ${self.id} and s.is_locked)`,
    {
      rule,
      description: '徴収ロック. The case is with the collection organization, which alone collects it.',
      nullable: false,
    },
  )
  collectionLocked!: boolean;

  @entity.many(() => TransferCase, transferCases, {
    rule: needs('transfer:read'),
    description: '移管, newest first',
    where: ({ self, row }) => eq(row.caseId, self.id),
    order: (row) => ({ columns: [row.id], direction: 'desc' }),
  })
  transfers!: Connection<TransferCase>;

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '滞納者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;

  @entity.computed(() => YenScalar, ({ self, today }) => overdueOf(self.addresseeNo, today), {
    rule: LEDGER,
    description: '滞納額（納期限経過分）',
  })
  overdue!: bigint | null;

  @entity.computed(() => YenScalar, ({ self }) => owedBy(self.addresseeNo), {
    rule: LEDGER,
    description: '未納額（計）',
  })
  outstanding!: bigint | null;

  @entity.many(() => LevyLine, levyLines, {
    rule: LEDGER,
    description: '未納の期別, oldest due date first',
    where: ({ self, row }) => and(eq(row.addresseeNo, self.addresseeNo), unsettled(row)),
    order: (row) => ({ columns: [row.dueOn, row.id], direction: 'asc' }),
  })
  openLevies!: Connection<LevyLine>;

  @entity.many(() => ContactRecord, contactRecords, {
    rule: needs('contact:read'),
    description: '折衝経過, newest first',
    where: ({ self, row }) => eq(row.caseId, self.id),
    order: (row) => ({ columns: [row.contactedAt, row.id], direction: 'desc' }),
  })
  contacts!: Connection<ContactRecord>;

  @entity.many(() => InstalmentPromise, instalmentPromises, {
    rule: needs('promise:read'),
    description: '分納誓約, newest first',
    where: ({ self, row }) => eq(row.caseId, self.id),
    order: (row) => ({ columns: [row.promisedOn, row.id], direction: 'desc' }),
  })
  promises!: Connection<InstalmentPromise>;

  @entity.many(() => Disposition, dispositions, {
    rule: needs('disposition:read'),
    description: '滞納処分, newest first',
    where: ({ self, row }) => eq(row.caseId, self.id),
    order: (row) => ({ columns: [row.executedOn, row.id], direction: 'desc' }),
  })
  dispositions!: Connection<Disposition>;

  @entity.many(() => ExecutionStay, executionStays, {
    rule: needs('disposition:read'),
    description: '執行停止, newest first',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.decidedOn, row.id], direction: 'desc' }),
  })
  executionStays!: Connection<ExecutionStay>;

  @entity.many(() => WriteOffProposal, writeOffProposals, {
    rule: needs('writeOff:read'),
    description: '不納欠損の起案, newest first',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
    order: (row) => ({ columns: [row.id], direction: 'desc' }),
  })
  writeOffProposals!: Connection<WriteOffProposal>;
}

/** 滞納事案検索条件. */
@InputType({ description: '滞納事案検索条件. All conditions given must hold.' })
export class DelinquencyCaseFilter {
  @Field(() => String, { nullable: true, description: '担当職員' })
  officerId?: string;

  @Field(() => String, { nullable: true, description: '宛名番号' })
  addresseeNo?: string;

  @Field(() => Boolean, { nullable: true, description: '継続中のもののみ' })
  openOnly?: boolean;
}

@Resolver()
export class DelinquencyCaseQueries {
  @QueryOne<typeof delinquencyCases, { caseNo: string }>(() => DelinquencyCase, delinquencyCases, {
    rule,
    description: '滞納事案照会',
    args: { caseNo: { type: () => String, description: '事案番号', required: true } },
    where: ({ row, args }) => args.caseNo && eq(row.caseNo, args.caseNo.value),
  })
  delinquencyCase!: Maybe<DelinquencyCase>;

  @QueryMany<typeof delinquencyCases, { filter?: DelinquencyCaseFilter }>(
    () => DelinquencyCase,
    delinquencyCases,
    {
      rule,
      description: '滞納事案一覧, newest first',
      args: { filter: { type: () => DelinquencyCaseFilter, description: '条件' } },
      where: ({ row, args: { filter } }) =>
        and(
          filter?.officerId && eq(row.officerId, filter.officerId.value),
          filter?.addresseeNo && eq(row.addresseeNo, filter.addresseeNo.value),
          filter?.openOnly && sql`(not ${filter.openOnly.value} or not ${closed(row)})`,
        ),
      order: (row) => ({ columns: [row.id], direction: 'desc' }),
    },
  )
  delinquencyCases!: Connection<DelinquencyCase>;
}
