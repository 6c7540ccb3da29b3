import { eq } from 'drizzle-orm';
import { ID } from 'type-graphql';
import { addressees, protections } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar } from '../../kernel/graphql/scalars.js';
import type { Maybe } from '../../access/schema/reading.js';
import { ProtectionKind } from '../words.graphql.js';
import { Addressee } from './addressee.graphql.js';

const rule = needs('addressee:identity');

const entity = defineEntity('Protection', protections, {
  description:
    '支援措置. Protection of a person, of whom it says why and until when; for the staff named only.',
  key: 'id',
  subject: 'addresseeNo',
});

/** 支援措置 (handbook 06 §5). */
@entity.object
export class Protection {
  @entity.column(() => ID, protections.id, { rule, description: '番号', nullable: false })
  id!: string;

  @entity.column(() => ProtectionKind, protections.kind, {
    rule: rule.protected('null'),
    description: '区分',
  })
  kind!: string | null;

  @entity.column(() => String, protections.source, { rule: rule.protected(), description: '申出先' })
  source!: string | null;

  @entity.column(() => DateScalar, protections.validFrom, { rule, description: '開始日', nullable: false })
  validFrom!: string;

  @entity.column(() => DateScalar, protections.validTo, { rule, description: '終了日', nullable: false })
  validTo!: string;

  @entity.one(() => Addressee, addressees, {
    rule: needs('addressee:read'),
    description: '申出者',
    where: ({ self, row }) => eq(row.addresseeNo, self.addresseeNo),
  })
  addressee!: Maybe<Addressee>;
}
