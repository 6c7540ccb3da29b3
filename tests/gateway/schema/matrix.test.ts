import { getNamedType, isLeafType, isObjectType, type GraphQLObjectType } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { BUILT_IN_ROLES } from '../../../src/access/roles.js';
import { accessMatrix } from '../../../src/gateway/schema/matrix.js';
import { PURPOSE_OF, testGateway, type TestGateway } from '../../support/gateway.js';

let gateway: TestGateway;
let cells: Map<string, string>;
let sample: { person: string };
beforeAll(async () => {
  gateway = await testGateway(300);
  const [header, ...lines] = accessMatrix(gateway.schema)
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  cells = new Map(
    lines.flatMap(([coordinate, , ...row]) =>
      row.map((cell, i) => [`${coordinate} ${header?.[i + 2]}`, cell] as const),
    ),
  );
  const [row] = await gateway.db.owner.run(
    'test.sample',
    ({ raw }) => raw<{ addressee_no: string }[]>`
    select a.addressee_no from records.addressee a
      join access.department d on d.code = '4110' and d.branch_code = a.branch_code
    where a.birth_date is not null
      and not exists (select from records.protection_reach p where p.addressee_no = a.addressee_no) order by 1 limit 1`,
  );
  if (!row) throw new Error('the demonstration lacks a person of the branch');
  sample = { person: row.addressee_no };
});

/** Leaf fields without arguments, a handful at a time so that no alias or cost limit is met. */
function leaves(type: GraphQLObjectType): string[] {
  return Object.values(type.getFields())
    .filter((field) => isLeafType(getNamedType(field.type)))
    .map(({ name }) => name);
}

describe('the same query as each role, side by side against the access matrix', () => {
  const roles = Object.keys(BUILT_IN_ROLES).filter((role) => role !== 'transferJob');

  test.each(roles)('%s sees of a person exactly what the matrix says', async (role) => {
    const type = gateway.schema.getType('Addressee');
    if (!isObjectType(type)) throw new Error('no Addressee');
    const names = leaves(type);
    const answer = await gateway.ask(
      role,
      `query($no: String!) { addressee(addresseeNo: $no) { ${names.join(' ')} } }`,
      {
        variables: { no: sample.person },
        purpose: PURPOSE_OF[role] ?? '',
      },
    );
    const root = cells.get(`Query.addressee ${role}`);
    if (root === 'refuse') {
      expect(answer.data).toEqual({ addressee: null });
      expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN_FIELD']);
      return;
    }
    const refused = new Set(answer.errors.map(({ path }) => path?.at(-1)));
    for (const name of names) {
      const cell = cells.get(`Addressee.${name} ${role}`)?.replace('*', '');
      expect([name, refused.has(name)]).toEqual([name, cell === 'refuse']);
      if (cell === 'refuse') expect(answer.data.addressee[name]).toBeNull();
      if (cell === 'mask')
        expect([name, answer.data.addressee[name]]).toEqual([name, expect.toBeOneOf(['＊＊＊', null])]);
    }
  });

  test.each(roles)(
    '%s is refused at every root field that the matrix closes, and only there',
    async (role) => {
      const root = gateway.schema.getQueryType();
      for (const field of Object.values(root?.getFields() ?? {})) {
        if (field.args.some((arg) => String(arg.type).endsWith('!'))) continue;
        const type = getNamedType(field.type);
        const selection = isObjectType(type) ? '{ __typename }' : '';
        const answer = await gateway.ask(role, `{ ${field.name} ${selection} }`);
        const codes = answer.errors.map(({ extensions }) => extensions.code);
        const closed = cells.get(`Query.${field.name} ${role}`) === 'refuse';
        expect([field.name, codes.includes('FORBIDDEN_FIELD')]).toEqual([field.name, closed]);
      }
    },
  );

  test('every change is refused to every role that the matrix closes it to', async () => {
    const mutation = gateway.schema.getMutationType();
    for (const field of Object.values(mutation?.getFields() ?? {})) {
      const input = field.args.find(({ name }) => name === 'input');
      for (const role of roles) {
        if (cells.get(`Mutation.${field.name} ${role}`) !== 'refuse') continue;
        const answer = await gateway.ask(
          role,
          `mutation($input: ${String(input?.type)}) { ${field.name}(input: $input) { __typename } }`,
          { variables: { input: EMPTY_INPUT } },
        );
        expect([field.name, role, answer.data ?? {}]).toEqual([
          field.name,
          role,
          expect.not.objectContaining({ [field.name]: expect.anything() }),
        ]);
      }
    }
  });
});

const EMPTY_INPUT = { idempotencyKey: 'matrix-test' };
