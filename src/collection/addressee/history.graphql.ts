import { sql } from 'drizzle-orm';
import { Int } from 'type-graphql';
import { addresseeVersions } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar, DateTimeScalar } from '../../kernel/graphql/scalars.js';
import { Residence } from '../words.graphql.js';

const rule = needs('addressee:identity');
const CONTACT = needs('addressee:contact').protected();

const entity = defineEntity('AddresseeVersion', addresseeVersions, {
  description: '異動履歴. An addressee as it was known from a day on.',
  // Unique only within its addressee: versions are read as a list of one addressee, never as pages.
  key: 'versionNo',
  subject: 'addresseeNo',
});

/** 異動履歴: documents show the address valid on their day (handbook 06 §1). */
@entity.object
export class AddresseeVersion {
  @entity.column(() => Int, addresseeVersions.versionNo, { rule, description: '履歴番号', nullable: false })
  versionNo!: number;

  @entity.column(() => DateScalar, addresseeVersions.validFrom, {
    rule,
    description: '異動日',
    nullable: false,
  })
  validFrom!: string;

  @entity.computed(
    () => DateTimeScalar,
    ({ self }) => sql`(select c.at from records.change c where c.id = ${self.changeId})`,
    {
      rule,
      description: '記録日時',
    },
  )
  recordedAt!: string | null;

  @entity.column(() => String, addresseeVersions.name, { rule, description: '氏名・名称', nullable: false })
  name!: string;

  @entity.column(() => String, addresseeVersions.kana, { rule, description: 'カナ', nullable: false })
  kana!: string;

  @entity.column(() => String, addresseeVersions.alias, { rule, description: '通称' })
  alias!: string | null;

  @entity.column(() => String, addresseeVersions.formerSurname, { rule, description: '旧氏' })
  formerSurname!: string | null;

  @entity.column(() => Residence, addresseeVersions.residence, {
    rule: rule.protected('null'),
    description: '住登区分',
  })
  residence!: string | null;

  @entity.column(() => String, addresseeVersions.postalCode, {
    rule: rule.protected(),
    description: '郵便番号',
  })
  postalCode!: string | null;

  @entity.column(() => String, addresseeVersions.address, {
    rule: rule.protected(),
    description: '住所・所在地',
  })
  address!: string | null;

  @entity.column(() => String, addresseeVersions.householdNo, {
    rule: rule.protected(),
    description: '世帯番号',
  })
  householdNo!: string | null;

  @entity.column(() => String, addresseeVersions.relationship, {
    rule: rule.protected(),
    description: '続柄',
  })
  relationship!: string | null;

  @entity.column(() => String, addresseeVersions.phone, { rule: CONTACT, description: '電話番号' })
  phone!: string | null;

  @entity.column(() => String, addresseeVersions.email, { rule: CONTACT, description: '電子メールアドレス' })
  email!: string | null;

  @entity.column(() => DateScalar, addresseeVersions.diedOn, { rule, description: '死亡日' })
  diedOn!: string | null;

  @entity.column(() => DateScalar, addresseeVersions.movedOutOn, {
    rule: rule.protected('null'),
    description: '転出日',
  })
  movedOutOn!: string | null;
}
