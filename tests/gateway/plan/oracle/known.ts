import { getNamedType, isObjectType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { PURPOSES } from '../../../../src/access/purposes.js';
import type { Session } from '../../../../src/kernel/database/database.js';
import type { Known } from './values.js';

/** Asks a query as somebody who may read everything. */
export type AskAll = (query: string, variables: Readonly<Record<string, unknown>>) => Promise<unknown>;

const some = (table: string, column: string, limit: number, where = 'true') =>
  `select distinct on (md5(${column}::text)) ${column}::text as v from records.${table} where ${column} is not null
    and ${where} order by md5(${column}::text) limit ${limit}`;

/** People of every kind, so that each relation of a person meets one who has it. */
const OF_PEOPLE = [
  ['protection_reach', 'addressee_no', 8],
  ['household', 'householder_no', 3],
  ['co_owner', 'joint_no', 3],
  ['co_owner', 'member_no', 3],
  ['tax_manager', 'addressee_no', 3],
  ['mailing_address', 'addressee_no', 5],
  ['debit_account', 'addressee_no', 5],
  ['asset', 'addressee_no', 4],
  ['refund', 'addressee_no', 3],
  ['push_request', 'addressee_no', 3],
  ['overpayment', 'addressee_no', 3],
  ['delinquency_case', 'addressee_no', 4],
  ['execution_stay', 'addressee_no', 3],
  ['instalment_promise', 'addressee_no', 3],
  ['write_off_proposal', 'addressee_no', 3],
  ['disposition', 'addressee_no', 3],
  ['levy_line', 'addressee_no', 6],
] as const;

const OF_LINES = [
  'levy_adjustment',
  'levy_charge',
  'reminder',
  'write_off',
  'execution_stay',
  'promise_claim',
  'disposition_claim',
  'offset_entry',
  'overpayment',
  'allocation',
] as const;

/** What exists, read from the database; the order is the same whenever the rows are. */
export async function knownOf(session: Session, schema: GraphQLSchema, ask: AskAll): Promise<Known> {
  const texts = async (statements: readonly string[]) => {
    const found: string[] = [];
    for (const statement of statements) {
      const rows = await session.run('oracle.known', ({ raw }) => raw.unsafe<{ v: string }[]>(statement));
      found.push(...rows.map(({ v }) => v));
    }
    return [...new Set(found)];
  };
  const people = await texts([
    ...OF_PEOPLE.map(([table, column, limit]) => some(table, column, limit)),
    some('addressee', 'merged_into', 2),
    some('addressee', 'addressee_no', 2, 'merged_into is not null'),
  ]);
  // Asked for more often: they are few, and their protection is what must hold.
  const hidden = await texts([some('protection_reach', 'addressee_no', 12)]);
  const within = `addressee_no in (${people.map((no) => `'${no}'`).join(',')})`;
  const lines = await texts([
    ...OF_LINES.map((table) => some(table, 'levy_id', 3)),
    some('levy_line', 'id', 6, within),
  ]);
  const receipts = await texts([
    some('receipt', 'reverses_id', 3),
    some('receipt', 'id', 3, 'reverses_id is not null'),
    some('overpayment', 'receipt_id', 3),
    some('unidentified_entry', 'receipt_id', 4),
    some('receipt', 'id', 6, within),
  ]);
  const cases = await texts([
    some('delinquency_case', 'case_no', 5, 'id in (select case_id from records.disposition)'),
    some('delinquency_case', 'case_no', 3, 'id in (select case_id from records.case_closing)'),
    some('delinquency_case', 'case_no', 4, 'id in (select case_id from records.instalment_promise)'),
    some('delinquency_case', 'case_no', 6),
    some('delinquency_case', 'case_no', 4, 'id in (select case_id from records.transfer_case)'),
  ]);
  const rounds = await texts([some('transfer_round', 'round_no', 3)]);
  const attribute = (column: string, limit = 8) => texts([some('addressee', column, limit)]);
  const prefixes = async (column: string) =>
    (await attribute(column)).map((text, at) => text.slice(0, 1 + (at % 3)));
  const staff = await texts(['select staff_id as v from access.staff order by 1']);
  const days = await texts([some('receipt', 'paid_on', 6)]);
  const codes = await texts([some('tax_item', 'code', 10)]);
  const known: Record<string, readonly unknown[]> = {
    addresseeNo: [...people, ...hidden, ...hidden],
    subject: people,
    'Query.levyLine(id)': lines,
    'Query.receipt(id)': receipts,
    'Query.refund(id)': await texts([some('refund', 'id', 20)]),
    'Query.stayProposal(id)': await texts([some('stay_proposal', 'id', 12)]),
    'Query.writeOffProposal(id)': await texts([some('write_off_proposal', 'id', 12)]),
    'Query.writeOffReversal(id)': await texts([some('write_off_reversal', 'id', 12)]),
    'Query.pushRequest(id)': await texts([some('push_request', 'push_request_id', 12)]),
    caseNo: cases,
    roundNo: rounds,
    officerId: await texts([some('delinquency_case', 'officer_id', 5)]),
    staffId: staff,
    kana: await prefixes('kana'),
    name: await prefixes('name'),
    address: [...(await attribute('address', 4)), ...(await prefixes('address'))],
    birthDate: await attribute('birth_date'),
    phone: await attribute('phone'),
    corporateNo: await attribute('corporate_no'),
    payrollAgentNo: await attribute('payroll_agent_no'),
    noticeNo: await texts([some('levy_line', 'notice_no', 8, within)]),
    taxItem: codes,
    fiscalYear: [2022, 2023, 2024, 2025, 2026],
    paidFrom: days,
    paidTo: days,
    department: await texts(['select code as v from access.department order by 1']),
    actorId: ['staff-auditor', 'staff-collectionClerk', ...staff.slice(0, 3)],
    coordinate: ['Addressee.name', 'Addressee.*', 'Query.addressee', 'Operation', 'LevyLine.*', 'Nothing.*'],
    purpose: Object.keys(PURPOSES),
    caseRef: ['harvest', 'run-1', 'run-2', 'run-10'],
    from: ['2026-01-01T00:00:00+09:00', new Date(Date.now() - 5_000).toISOString()],
    to: ['2040-01-01T00:00:00+09:00', new Date(Date.now() + 2_000).toISOString()],
  };
  const roads = { people, lines, receipts, cases, rounds, staff };
  return { values: new Map(Object.entries(known)), cursors: await harvest(schema, ask, roads) };
}

type Starts = Readonly<
  Record<'people' | 'lines' | 'receipts' | 'cases' | 'rounds' | 'staff', readonly string[]>
>;

/** Cursors out of earlier answers, of every list. */
async function harvest(
  schema: GraphQLSchema,
  ask: AskAll,
  starts: Starts,
): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, Set<string>>();
  const roads = [
    ['addressee(addresseeNo: $key)', 'Addressee', starts.people, 'String!'],
    ['levyLine(id: $key)', 'LevyLine', starts.lines, 'ID!'],
    ['receipt(id: $key)', 'Receipt', starts.receipts, 'ID!'],
    ['delinquencyCase(caseNo: $key)', 'DelinquencyCase', starts.cases, 'String!'],
    ['transferRound(roundNo: $key)', 'TransferRound', starts.rounds, 'String!'],
    ['staff(staffId: $key)', 'Staff', starts.staff, 'String!'],
  ] as const;
  for (const [call, name, keys, keyType] of roads) {
    const lists = listsOf(schema.getType(name) as GraphQLObjectType);
    for (const key of keys.slice(0, 25))
      collect(await ask(`query($key: ${keyType}) { ${call} { ${lists} } }`, { key }), found);
  }
  const root = schema.getQueryType();
  for (const field of root ? Object.values(root.getFields()) : []) {
    const named = getNamedType(field.type);
    if (!named.name.endsWith('Connection')) continue;
    const filters = field.name === 'addressees' ? ['ア', 'カ', 'サ', 'タ', 'ナ'] : [undefined];
    for (const kana of filters) {
      const filter = kana === undefined ? '' : `, filter: {kana: "${kana}"}`;
      collect(await ask(`{ ${field.name}(first: 30${filter}) { edges { cursor } } }`, {}), found);
    }
  }
  return new Map([...found].map(([type, cursors]) => [type, [...cursors]]));
}

function listsOf(type: GraphQLObjectType): string {
  const lists = Object.values(type.getFields()).filter(
    (field) => isObjectType(getNamedType(field.type)) && getNamedType(field.type).name.endsWith('Connection'),
  );
  return lists.map(({ name }) => `${name}(first: 4) { edges { cursor } }`).join(' ') || '__typename';
}

function collect(value: unknown, found: Map<string, Set<string>>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key !== 'cursor') {
      collect(member, found);
      continue;
    }
    const [type = ''] = Buffer.from(String(member), 'base64url').toString('utf8').split(':');
    found.set(type, (found.get(type) ?? new Set()).add(String(member)));
  }
}
