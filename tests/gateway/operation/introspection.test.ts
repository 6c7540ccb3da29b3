import { getIntrospectionQuery } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { testGateway, type TestGateway } from '../../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway(50, { discloseSchema: true });
});

const SCHEMA = '__schema { queryType { name } }';

async function ask(query: string, more: { variables?: object; operationName?: string } = {}) {
  const answer = await gateway.post(
    '/graphql',
    { query, ...more },
    { authorization: `Bearer ${await gateway.tokenOf('C1101')}`, 'kuramori-purpose': 'COLLECTION' },
  );
  return { status: answer.status, text: await answer.text() };
}

async function lastEntry(): Promise<unknown> {
  const [entry] = await gateway.db.owner.run(
    'test.entry',
    ({ raw }) => raw`select coordinate, decision, reason from audit.entry order by sequence desc limit 1`,
  );
  return entry;
}

describe('where the schema is told', () => {
  test('the query that tools send for it is answered', async () => {
    const { status, text } = await ask(getIntrospectionQuery({ schemaDescription: true, oneOf: true }));
    expect(status).toBe(200);
    expect(text).toContain('"name":"Addressee"');
    expect(await lastEntry()).toMatchObject({ coordinate: 'Query.__schema', decision: 'allow' });
  });

  test('other operations have the depth that all have', async () => {
    const [down, up] = ['addressee { delinquencyCases { nodes { '.repeat(4), '} } }'.repeat(4)];
    const deep = `{ delinquencyCase(caseNo: "1") { ${down} caseNo ${up} } }`;
    expect((await ask(deep)).text).toContain('"limit":"depth"');
  });

  test.each([
    ['in a fragment without a type', `{ ... { ${SCHEMA} } }`],
    [
      'in a fragment within a fragment',
      `{ ...A ...A } fragment A on Query { ...B } fragment B on Query { ${SCHEMA} }`,
    ],
    ['beside the name of its type', `{ __typename ${SCHEMA} }`],
    ['of several operations', `query A { ${SCHEMA} } query B { viewer { actorId } }`, 'A'],
  ])('it is told %s', async (_, query, operationName?: string) => {
    const { status, text } = await ask(query, operationName === undefined ? {} : { operationName });
    expect(text).toContain('"__schema":{"queryType":{"name":"Query"}}');
    expect(status).toBe(200);
  });

  test.each([
    [
      'query A { ...F } query B { viewer { actorId } } fragment F on Query { __type(name: "Query") { name } }',
      'B',
    ],
    [`query A { ${SCHEMA} } query B { viewer { actorId } }`, 'B'],
  ])(
    'what another operation asks of it is no concern of the one that is run',
    async (query, operationName) => {
      expect((await ask(query, { operationName })).text).toBe('{"data":{"viewer":{"actorId":"C1101"}}}\n');
    },
  );

  test.each([
    ['with other fields beside it', `{ ${SCHEMA} viewer { actorId } }`, {}],
    ['with other fields in a fragment', `{ ${SCHEMA} ... { viewer { actorId } } }`, {}],
    [
      'with a value of another form',
      'query($n: String!) { __type(name: $n) { name } }',
      { n: { tell: 'tale' } },
    ],
    ['with nothing for the name', 'query($n: String = "x") { __type(name: $n) { name } }', { n: null }],
    [
      'under a condition that is null',
      `query($n: Boolean = true) { ... @skip(if: $n) { ${SCHEMA} } }`,
      { n: null },
    ],
    ['in a subscription', `subscription { ${SCHEMA} }`, {}],
  ])('it is refused %s, in words of ours', async (_, query, variables) => {
    const { status, text } = await ask(query, { variables });
    expect(text).toContain('"code":"BAD_INPUT"');
    expect(text).not.toMatch(/"data"|tale/);
    expect(status).toBe(400);
    expect(await lastEntry()).toEqual({ coordinate: 'Operation', decision: 'refuse', reason: 'BAD_INPUT' });
  });
});
