import { and, eq } from 'drizzle-orm';
import { addressees, households } from '../../../schema/records/index.js';
import { needs } from '../../access/rules.js';
import type { Connection } from '../../access/schema/connection.js';
import { defineEntity } from '../../access/schema/define.js';
import { notHiddenFrom } from '../../access/schema/protection.js';
import type { Maybe } from '../../access/schema/reading.js';
import { Addressee } from './addressee.graphql.js';

const rule = needs('addressee:read');

const entity = defineEntity('Household', households, {
  description:
    '世帯. A protected person is no member here, because the household would tell where the person lives.',
  key: 'householdNo',
});

/** 世帯. */
@entity.object
export class Household {
  @entity.column(() => String, households.householdNo, {
    rule: needs('addressee:identity'),
    description: '世帯番号',
  })
  householdNo!: string | null;

  @entity.one(() => Addressee, addressees, {
    rule,
    description: '世帯主',
    where: ({ self, row, ...request }) =>
      and(eq(row.addresseeNo, self.householderNo), notHiddenFrom(row.addresseeNo, request)),
  })
  householder!: Maybe<Addressee>;

  @entity.many(() => Addressee, addressees, {
    rule,
    description: '世帯員',
    where: ({ self, row, ...request }) =>
      and(eq(row.householdNo, self.householdNo), notHiddenFrom(row.addresseeNo, request)),
    order: (row) => ({ columns: [row.addresseeNo], direction: 'asc' }),
  })
  members!: Connection<Addressee>;
}
