import { eq } from 'drizzle-orm';
import { ID, Int } from 'type-graphql';
import { addressees, coOwners, taxItems, taxManagers } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar } from '../../kernel/graphql/scalars.js';
import { TaxItem } from '../levy/taxItem.graphql.js';
import type { Maybe } from '../../access/schema/reading.js';
import { ManagerKind } from '../words.graphql.js';
import { Addressee } from './addressee.graphql.js';

const rule = needs('addressee:read');

const coOwner = defineEntity('CoOwner', coOwners, {
  description: '共有者. A member of a joint addressee with his share.',
  key: 'id',
  subject: 'memberNo',
});

/** 共有者 (handbook 06 §1). */
@coOwner.object
export class CoOwner {
  @coOwner.column(() => ID, coOwners.id, { rule, description: '番号', nullable: false })
  id!: string;

  @coOwner.column(() => Int, coOwners.shareNumerator, { rule, description: '持分（分子）', nullable: false })
  shareNumerator!: number;

  @coOwner.column(() => Int, coOwners.shareDenominator, {
    rule,
    description: '持分（分母）',
    nullable: false,
  })
  shareDenominator!: number;

  @coOwner.column(() => Boolean, coOwners.representative, {
    rule,
    description: '共有代表者',
    nullable: false,
  })
  representative!: boolean;

  @coOwner.column(() => DateScalar, coOwners.validFrom, { rule, description: '有効開始日', nullable: false })
  validFrom!: string;

  @coOwner.column(() => DateScalar, coOwners.validTo, { rule, description: '有効終了日' })
  validTo!: string | null;

  @coOwner.one(() => Addressee, addressees, {
    rule,
    description: '共有者の宛名',
    where: ({ self, row }) => eq(row.addresseeNo, self.memberNo),
  })
  member!: Maybe<Addressee>;

  @coOwner.one(() => Addressee, addressees, {
    rule,
    description: '共有名義の宛名',
    where: ({ self, row }) => eq(row.addresseeNo, self.jointNo),
  })
  joint!: Maybe<Addressee>;
}

const taxManager = defineEntity('TaxManager', taxManagers, {
  description: '納税管理人・相続人代表者. Who receives documents in the place of the taxpayer.',
  key: 'id',
  subject: 'addresseeNo',
});

/** 納税管理人・相続人代表者 (handbook 06 §2). */
@taxManager.object
export class TaxManager {
  @taxManager.column(() => ID, taxManagers.id, { rule, description: '番号', nullable: false })
  id!: string;

  @taxManager.column(() => ManagerKind, taxManagers.kind, { rule, description: '区分', nullable: false })
  kind!: string;

  @taxManager.one(() => TaxItem, taxItems, {
    rule: needs('ledger:read'),
    description: '税目. None: all items.',
    where: ({ self, row }) => eq(row.code, self.taxItem),
  })
  taxItem!: Maybe<TaxItem>;

  @taxManager.column(() => DateScalar, taxManagers.validFrom, {
    rule,
    description: '有効開始日',
    nullable: false,
  })
  validFrom!: string;

  @taxManager.column(() => DateScalar, taxManagers.validTo, { rule, description: '有効終了日' })
  validTo!: string | null;

  @taxManager.one(() => Addressee, addressees, {
    rule,
    description: '管理人・代表者の宛名',
    where: ({ self, row }) => eq(row.addresseeNo, self.managerNo),
  })
  manager!: Maybe<Addressee>;
}
