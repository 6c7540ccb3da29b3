import { Int, Resolver } from 'type-graphql';
import { taxItems } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity, QueryMany } from '../../access/schema/define.js';
import { LegalFamily } from '../words.graphql.js';

const rule = needs('ledger:read');

const entity = defineEntity('TaxItem', taxItems, { description: '税目. A kind of claim.', key: 'code' });

/** 税目. */
@entity.object
export class TaxItem {
  @entity.column(() => String, taxItems.code, { rule, description: '税目コード', nullable: false })
  code!: string;

  @entity.column(() => String, taxItems.identifier, { rule, description: '識別名', nullable: false })
  identifier!: string;

  @entity.column(() => String, taxItems.name, { rule, description: '名称', nullable: false })
  name!: string;

  @entity.column(() => LegalFamily, taxItems.legalFamily, { rule, description: '法区分', nullable: false })
  legalFamily!: string;

  @entity.column(() => Int, taxItems.allocationOrder, { rule, description: '充当順位', nullable: false })
  allocationOrder!: number;
}

@Resolver()
export class TaxItemQueries {
  @QueryMany(() => TaxItem, taxItems, {
    rule,
    description: '税目一覧',
    where: () => undefined,
    order: (row) => ({ columns: [row.allocationOrder, row.code], direction: 'asc' }),
  })
  taxItems!: Connection<TaxItem>;
}
