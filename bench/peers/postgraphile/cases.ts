import { TYPES, type PgSelectSingleStep } from 'postgraphile/@dataplan/pg';
import { addPgTableCondition, extendSchema, gql } from 'postgraphile/utils';
import { sql, type SQL } from 'postgraphile/pg-sql2';

const CASES = { schemaName: 'records', tableName: 'delinquency_case' };

/** `condition: { open: true }`: cases that are not closed. */
export const openCases = addPgTableCondition(
  CASES,
  'open',
  ({ graphql }) => ({ type: graphql.GraphQLBoolean }),
  (open, { sqlTableAlias }) =>
    open === true
      ? sql`not exists (select from records.case_closing k where k.case_id = ${sqlTableAlias}.id)`
      : null,
);

/** `condition: { beforeId: "9" }`: where the page before ended. */
export const beforeCase = addPgTableCondition(
  CASES,
  'beforeId',
  (build) => ({ type: build.getTypeByName('BigInt') as never }),
  (id, { sqlTableAlias, sqlValueWithCodec }) =>
    sql`${sqlTableAlias}.id < ${sqlValueWithCodec(id, TYPES.bigint)}`,
);

/** What the person of a case owes on lines that the condition admits, in the statement that reads the case. */
function owed($case: PgSelectSingleStep, condition: SQL) {
  return $case.select(
    sql`(select coalesce(sum(greatest(b.tax_outstanding, 0) + greatest(b.reminder_fee_outstanding, 0)
      + greatest(b.late_charge_outstanding, 0) + greatest(b.penalty_outstanding, 0)
      + greatest(b.disposition_cost_outstanding, 0)), 0)::bigint
    from records.levy_balance b join records.levy_line l on l.id = b.levy_id
    where b.addressee_no = ${$case.getClassStep().alias}.addressee_no and not b.settled and ${condition})`,
    TYPES.bigint,
  );
}

/** The fields `overdue` and `outstanding` of a case. */
export const owedByCase = extendSchema({
  typeDefs: gql`
    extend type DelinquencyCase {
      overdue: BigInt
      outstanding: BigInt
    }
  `,
  objects: {
    DelinquencyCase: {
      plans: {
        overdue: ($case: PgSelectSingleStep) =>
          owed($case, sql`l.due_on < (now() at time zone 'Asia/Tokyo')::date`),
        outstanding: ($case: PgSelectSingleStep) => owed($case, sql`true`),
      },
    },
  },
});
