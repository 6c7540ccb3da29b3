import {
  buildSchema,
  execute,
  GraphQLError,
  isObjectType,
  parse,
  printSchema,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import { decide, MASKS, type Rule } from '../../../../src/access/rules.js';
import type { Session } from '../../../../src/kernel/database/database.js';
import { TODAY, type Asker } from '../../../support/read.js';
import type { AskedDocument } from './documents.js';

type Row = Readonly<Record<string, unknown>>;
interface Args {
  readonly addresseeNo?: string;
  readonly id?: string;
  readonly first?: number | null;
  readonly after?: string | null;
  readonly fiscalYear?: number | null;
  readonly unpaidOnly?: boolean | null;
  readonly filter?: { readonly kana?: string; readonly addresseeNo?: string };
}
type Resolve = (row: Row, args: Args, context: Context) => unknown;

interface Context {
  readonly asker: Asker;
  readonly rows: (condition: string, ...values: unknown[]) => Promise<Row[]>;
  readonly protection: (addresseeNo: string) => Promise<number>;
}

const PAGE_SIZE = 20;
const cursorOf = (type: string, key: unknown) =>
  Buffer.from(`${type}:${String(key)}`, 'utf8').toString('base64url');
const upper = (word: unknown) =>
  typeof word === 'string' ? word.replaceAll(/([A-Z])/g, '_$1').toUpperCase() : null;
const text = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;

/**
 * The oracle: the plain engine, one resolver per field, one statement per object, rules asked at every field.
 * Nothing here is taken from the plans; only the rules themselves are the schema's.
 */
export class Reference {
  readonly #ruled: GraphQLSchema;
  readonly #plain: GraphQLSchema;
  readonly #session: Session;
  readonly #known = new Map<string, Promise<Row[]>>();

  constructor(schema: GraphQLSchema, session: Session) {
    this.#ruled = schema;
    this.#plain = buildSchema(printSchema(schema));
    this.#session = session;
  }

  async ask({ source, variables }: AskedDocument, asker: Asker): Promise<ExecutionResult> {
    const rows = (statement: string, ...values: unknown[]) => this.#rows(statement, values);
    const protection = async (addresseeNo: string) => {
      const [row] = await rows(PROTECTION, addresseeNo, asker.caller.actorId, TODAY);
      return Number(row?.['state']);
    };
    return execute({
      schema: this.#plain,
      document: parse(source),
      variableValues: variables,
      contextValue: { asker, rows, protection } satisfies Context,
      fieldResolver: this.#resolve as GraphQLFieldResolver<unknown, Context>,
    });
  }

  readonly #resolve: GraphQLFieldResolver<Row | undefined, Context, Args> = async (
    row,
    args,
    context,
    info,
  ) => {
    const { parentType, fieldName } = info;
    const resolve = RESOLVERS[parentType.name]?.[fieldName];
    if (!resolve) return row?.[fieldName];
    const { asker } = context;
    const verdict = decide(this.#rule(parentType.name, fieldName), asker.caller, asker.facts.purpose);
    if (verdict.decision === 'mask') return MASKS[verdict.as];
    if (verdict.decision === 'refuse')
      throw new GraphQLError('refused', {
        extensions: { code: verdict.reason === 'stepUp' ? 'STEP_UP_REQUIRED' : 'FORBIDDEN_FIELD' },
      });
    const mask = this.#rule(parentType.name, fieldName).protectedBy;
    if (mask !== undefined && (await context.protection(String(row?.['addressee_no']))) === 2)
      return MASKS[mask];
    return resolve(row ?? {}, args, context);
  };

  #rule(type: string, field: string): Rule {
    const named = this.#ruled.getType(type);
    const spec = isObjectType(named) ? named.getFields()[field]?.extensions.kuramori : undefined;
    if (spec === undefined || !('rule' in spec)) throw new Error(`no rule: ${type}.${field}`);
    return spec.rule;
  }

  /** Nothing changes while the oracle is asked, so that equal questions are put to the database once. */
  #rows(statement: string, values: readonly unknown[]): Promise<Row[]> {
    const key = JSON.stringify([statement, values]);
    const known =
      this.#known.get(key) ??
      this.#session.run('oracle.read', ({ raw }) =>
        raw
          .unsafe<{ row: Row }[]>(`select to_jsonb(t) as row from (${statement}) t`, values as never[])
          .then((found) => found.map(({ row }) => row)),
      );
    this.#known.set(key, known);
    return known;
  }
}

/** 0 not protected, 1 protected and the actor is named, 2 protected. */
const PROTECTION = `select case
  when not exists (select from records.protection_reach r where r.addressee_no = $1
    and $3::date >= r.valid_from and $3::date <= r.valid_to and $2::text is not null) then 0
  when exists (select from records.protection_reach r where r.addressee_no = $1
    and $3::date >= r.valid_from and $3::date <= r.valid_to
    and not exists (select from records.protection_staff s where s.protection_id = r.protection_id
      and s.staff_id = $2 and $3::date >= s.valid_from and $3::date <= s.valid_to)) then 2
  else 1 end as state`;

/** Who is limited to a branch finds only rows about its people. */
async function visible(rows: readonly Row[], context: Context): Promise<Row[]> {
  const branch = context.asker.caller.branchCode;
  if (branch === undefined) return [...rows];
  const kept = [];
  for (const row of rows) {
    if (!('addressee_no' in row)) kept.push(row);
    else {
      const people = await context.rows(
        'select * from records.addressee where addressee_no = $1',
        row['addressee_no'],
      );
      if (people[0]?.['branch_code'] === branch) kept.push(row);
    }
  }
  return kept;
}

function one(table: string, column: string, from: string): Resolve {
  return async (row, args, context) => {
    const key = row[from] ?? args[from as 'id' | 'addresseeNo'] ?? null;
    const found = await context.rows(`select * from records.${table} where ${column}::text = $1`, text(key));
    return (await visible(found, context))[0] ?? null;
  };
}

interface PageOf {
  readonly type: string;
  readonly table: string;
  readonly key: string;
  readonly order: string;
  /** Condition with $1. */
  readonly where: string;
  /** Which rows a cursor may name, with $1; those of `where` unless told. */
  readonly within?: string;
  readonly from: (row: Row, args: Args) => unknown;
  readonly keeps?: (row: Row, args: Args, context: Context) => boolean | Promise<boolean>;
}

function page({ type, table, key, order, where, from, keeps, within = where }: PageOf): Resolve {
  const siblings = async (parent: Row, args: Args, context: Context): Promise<Row[]> =>
    visible(
      await context.rows(
        `select * from records.${table} where ${within} order by ${order}`,
        from(parent, args),
      ),
      context,
    );
  // A cursor that is no row of the same parent and scope is followed by nothing; it need not meet the filters.
  const keptAfter = (after: string | undefined, all: readonly Row[], kept: readonly Row[]): Row[] => {
    const keys = kept.map((row) => text(row[key]));
    const at = all.findIndex((row) => text(row[key]) === after);
    return at < 0 ? [] : all.slice(at + 1).filter((row) => keys.includes(text(row[key])));
  };
  return async (parent, args, context) => {
    const after =
      typeof args.after !== 'string'
        ? null
        : Buffer.from(args.after, 'base64url').toString('utf8').split(':')[1];
    const list = await context.rows(
      `select * from records.${table} where ${where} order by ${order}`,
      from(parent, args),
    );
    const kept: Row[] = [];
    for (const row of await visible(list, context))
      if (keeps === undefined || (await keeps(row, args, context))) kept.push(row);
    const following = after === null ? kept : keptAfter(after, await siblings(parent, args, context), kept);
    const size = args.first ?? PAGE_SIZE;
    const nodes = following.slice(0, size);
    const edges = nodes.map((node) => ({ node, cursor: cursorOf(type, node[key]) }));
    return {
      nodes,
      edges,
      pageInfo: {
        hasNextPage: following.length > size,
        hasPreviousPage: after !== null,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    };
  };
}

const COMPONENTS = ['tax', 'reminder_fee', 'late_charge', 'penalty', 'disposition_cost'];

async function balanceOf(row: Row, context: Context): Promise<Row> {
  const [balance] = await context.rows('select * from records.levy_balance where levy_id = $1', row['id']);
  if (!balance) throw new Error('a line without a balance');
  return balance;
}

async function settled(row: Row, context: Context): Promise<boolean> {
  const balance = await balanceOf(row, context);
  return COMPONENTS.every((component) => Number(balance[`${component}_outstanding`]) <= 0);
}

const columns = (names: Readonly<Record<string, string>>): Record<string, Resolve> =>
  Object.fromEntries(
    Object.entries(names).map(([field, column]) => [field, (row: Row) => row[column] ?? null]),
  );

const LEVY_ORDER = 'levy_fiscal_year, tax_item, instalment_no, id';
const levies = page({
  type: 'LevyLine',
  table: 'levy_line',
  key: 'id',
  order: LEVY_ORDER,
  where: 'addressee_no = $1',
  from: (row) => row['addressee_no'],
  keeps: async (row, args, context) =>
    ((args.fiscalYear ?? null) === null || row['levy_fiscal_year'] === args.fiscalYear) &&
    (args.unpaidOnly !== true || !(await settled(row, context))),
});
const RECEIPTS = { type: 'Receipt', table: 'receipt', key: 'id', order: 'paid_on desc, id desc' };

const RESOLVERS: Readonly<Record<string, Readonly<Record<string, Resolve>>>> = {
  Query: {
    addressee: one('addressee', 'addressee_no', 'addresseeNo'),
    levyLine: one('levy_line', 'id', 'id'),
    receipt: one('receipt', 'id', 'id'),
    addressees: page({
      type: 'Addressee',
      table: 'addressee',
      key: 'addressee_no',
      order: 'kana_folded, addressee_no',
      where: 'starts_with(kana_folded, $1)',
      within: '$1::text = $1::text',
      from: (_, args) => args.filter?.kana,
    }),
    receipts: page({
      ...RECEIPTS,
      where: 'addressee_no = $1',
      within: '$1::text = $1::text',
      from: (_, args) => args.filter?.addresseeNo,
    }),
  },
  Addressee: {
    ...columns({ addresseeNo: 'addressee_no', name: 'name', kana: 'kana', officialKana: 'official_kana' }),
    ...columns({
      alias: 'alias',
      branchCode: 'branch_code',
      birthDate: 'birth_date',
      postalCode: 'postal_code',
    }),
    ...columns({ address: 'address', relationship: 'relationship', movedOutOn: 'moved_out_on' }),
    ...columns({ phone: 'phone', email: 'email' }),
    kind: (row) => upper(row['kind']),
    sex: (row) => upper(row['sex']),
    residence: (row) => upper(row['residence']),
    protectedPerson: async (row, _, context) => (await context.protection(String(row['addressee_no']))) > 0,
    levies,
    receipts: page({
      ...RECEIPTS,
      where: 'addressee_no = $1',
      from: (row) => row['addressee_no'],
    }),
  },
  LevyLine: {
    ...columns({ id: 'id', fiscalYear: 'levy_fiscal_year', noticeNo: 'notice_no', taxItemCode: 'tax_item' }),
    ...columns({ instalmentNo: 'instalment_no', dueOn: 'due_on', taxAmount: 'tax_amount' }),
    levied: async (row, _, context) => (await balanceOf(row, context))['levied'],
    received: async (row, _, context) => (await balanceOf(row, context))['received'],
    taxOutstanding: async (row, _, context) => (await balanceOf(row, context))['tax_outstanding'],
    lastPaidOn: async (row, _, context) => (await balanceOf(row, context))['last_paid_on'],
    outstanding: async (row, _, context) => {
      const balance = await balanceOf(row, context);
      return COMPONENTS.reduce((sum, name) => sum + Math.max(0, Number(balance[`${name}_outstanding`])), 0);
    },
    settled: (row, _, context) => settled(row, context),
    overdue: async (row, _, context) => String(row['due_on']) < TODAY && !(await settled(row, context)),
    addressee: one('addressee', 'addressee_no', 'addressee_no'),
    allocations: page({
      type: 'Allocation',
      table: 'allocation',
      key: 'id',
      order: 'effective_on, id',
      where: 'levy_id = $1',
      from: (row) => row['id'],
    }),
  },
  Receipt: {
    ...columns({
      id: 'id',
      channel: 'channel',
      taxItemCode: 'tax_item',
      amount: 'amount',
      paidOn: 'paid_on',
    }),
    ...columns({ bookedOn: 'booked_on' }),
    source: (row) => upper(row['source']),
    matchRule: (row) => upper(row['match_rule']),
    unidentifiedAmount: async (row, _, context) => {
      const entries = await context.rows(
        'select amount from records.unidentified_entry where receipt_id = $1',
        row['id'],
      );
      return entries.reduce((sum, { amount }) => sum + Number(amount), 0);
    },
    recordedBy: async (row, _, context) =>
      (await context.rows('select actor_id from records.change where id = $1', row['change_id']))[0]?.[
        'actor_id'
      ],
    addressee: one('addressee', 'addressee_no', 'addressee_no'),
    levyLine: one('levy_line', 'id', 'levy_id'),
    allocations: page({
      type: 'Allocation',
      table: 'allocation',
      key: 'id',
      order: 'id',
      where: 'receipt_id = $1',
      from: (row) => row['id'],
    }),
    reversal: one('receipt', 'reverses_id', 'id'),
    reverses: one('receipt', 'id', 'reverses_id'),
  },
  Allocation: {
    ...columns({ id: 'id', amount: 'amount', effectiveOn: 'effective_on' }),
    component: (row) => upper(row['component']),
    levyLine: one('levy_line', 'id', 'levy_id'),
    receipt: one('receipt', 'id', 'receipt_id'),
  },
};
