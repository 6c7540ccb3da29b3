import { ID } from 'type-graphql';
import { assets } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import { defineEntity } from '../../access/schema/define.js';
import { DateScalar, YenScalar } from '../../kernel/graphql/scalars.js';
import { AssetClass } from '../words.graphql.js';

const rule = needs('asset:read');

const entity = defineEntity('Asset', assets, {
  description: '財産情報. What an asset inquiry found.',
  key: 'id',
  subject: 'addresseeNo',
});

/** 財産情報. Description and institution name employer or branch of a bank: masked for the protected. */
@entity.object
export class Asset {
  @entity.column(() => ID, assets.id, { rule, description: '番号', nullable: false })
  id!: string;

  @entity.column(() => AssetClass, assets.assetClass, { rule, description: '財産の種類', nullable: false })
  assetClass!: string;

  @entity.column(() => String, assets.description, { rule: rule.protected(), description: '内容' })
  description!: string | null;

  @entity.column(() => String, assets.institution, { rule: rule.protected(), description: '調査先' })
  institution!: string | null;

  @entity.column(() => YenScalar, assets.estimatedValue, { rule, description: '見込額' })
  estimatedValue!: bigint | null;

  @entity.column(() => DateScalar, assets.foundOn, { rule, description: '判明日', nullable: false })
  foundOn!: string;
}
