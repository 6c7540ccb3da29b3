import { TYPES, type PgSelectSingleStep } from 'postgraphile/@dataplan/pg';
import { sql } from 'postgraphile/pg-sql2';
import { addPgTableCondition, extendSchema, gql } from 'postgraphile/utils';

/** `condition: { kana: "ヤマ" }`: people whose reading begins so. */
export const beginningWith = addPgTableCondition(
  { schemaName: 'records', tableName: 'addressee' },
  'kana',
  ({ graphql }) => ({ type: graphql.GraphQLString }),
  (kana, { sqlTableAlias, sqlValueWithCodec }) => {
    const text = sqlValueWithCodec(kana, TYPES.text);
    const column = sql`${sqlTableAlias}.kana_folded`;
    return sql`(${column} collate "C" >= ${text} and ${column} collate "C" < (${text} || chr(1114109)))`;
  },
);

/** The field `outstanding` of a balance, added up in the statement that reads it. */
export const outstandingOfBalance = extendSchema({
  typeDefs: gql`
    extend type LevyBalance {
      outstanding: BigInt
    }
  `,
  objects: {
    LevyBalance: {
      plans: {
        outstanding($balance: PgSelectSingleStep) {
          const b = $balance.getClassStep().alias;
          return $balance.select(
            sql`(greatest(${b}.tax_outstanding, 0) + greatest(${b}.reminder_fee_outstanding, 0)
              + greatest(${b}.late_charge_outstanding, 0) + greatest(${b}.penalty_outstanding, 0)
              + greatest(${b}.disposition_cost_outstanding, 0))`,
            TYPES.bigint,
          );
        },
      },
    },
  },
});
