import { eq, sql } from 'drizzle-orm';
import { ID } from 'type-graphql';
import { changes, contactRecords, delinquencyCases } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import type { Columns } from '../../access/schema/entity.js';
import { DateScalar, DateTimeScalar } from '../../kernel/graphql/scalars.js';
import type { Maybe } from '../../access/schema/reading.js';
import { ActingBody, ContactMethod } from '../words.graphql.js';
import { DelinquencyCase } from './delinquency.graphql.js';

const rule = needs('contact:read');

const entity = defineEntity('ContactRecord', contactRecords, {
  description: '折衝経過. Dated, with its author, never edited.',
  key: 'id',
  subject: 'addresseeNo',
  joins: [
    {
      table: changes,
      on: (contact: Columns<typeof contactRecords>, change: Columns<typeof changes>) =>
        eq(change.id, contact.changeId),
    },
  ],
});

/** 折衝経過（交渉記録）. */
@entity.object
export class ContactRecord {
  @entity.column(() => ID, contactRecords.id, { rule, description: '番号', nullable: false })
  id!: string;

  @entity.column(() => DateTimeScalar, contactRecords.contactedAt, {
    rule,
    description: '折衝日時',
    nullable: false,
  })
  contactedAt!: string;

  @entity.column(() => ContactMethod, contactRecords.method, { rule, description: '方法', nullable: false })
  method!: string;

  @entity.column(() => String, contactRecords.counterpart, { rule: rule.protected(), description: '相手方' })
  counterpart!: string | null;

  @entity.column(() => String, contactRecords.summary, { rule: rule.protected(), description: '内容' })
  summary!: string | null;

  @entity.column(() => DateScalar, contactRecords.nextActionOn, { rule, description: '次回予定日' })
  nextActionOn!: string | null;

  @entity.column(() => String, contactRecords.recordedBy, {
    rule,
    description: '記録した職員. Of a contact of the organization: `organization:` and its code.',
    nullable: false,
  })
  recordedBy!: string;

  @entity.computed(
    () => ActingBody,
    ({ self }) => sql`case when ${self.resultId} is null then 'municipality' else 'organization' end`,
    { rule, description: '折衝をした団体', nullable: false },
  )
  madeBy!: string;

  @entity.column(() => DateTimeScalar, changes.at, { rule, description: '記録日時', nullable: false })
  recordedAt!: string;

  @entity.one(() => DelinquencyCase, delinquencyCases, {
    rule: needs('case:read'),
    description: '滞納事案',
    where: ({ self, row }) => eq(row.id, self.caseId),
  })
  delinquencyCase!: Maybe<DelinquencyCase>;
}
