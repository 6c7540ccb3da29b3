import { SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { testGateway, type TestGateway } from '../../support/gateway.js';
import { BODY_BYTES_MAX } from '../../../src/kernel/limits.js';

const DEEPER = 'levies(first: 1) { nodes { addressee { ';

let gateway: TestGateway;
let headers: Record<string, string>;
beforeAll(async () => {
  gateway = await testGateway(120);
  headers = { authorization: `Bearer ${await gateway.tokenOf('C1101')}`, 'kuramori-purpose': 'COLLECTION' };
});

async function send(
  body: unknown,
  more: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const answer = await gateway.post('/graphql', body, { ...headers, ...more });
  return { status: answer.status, text: await answer.text() };
}

async function entriesSince<T>(
  work: () => Promise<T>,
): Promise<{ result: T; entries: { kind: string; coordinate: string; reason: string | null }[] }> {
  const [before] = await gateway.db.owner.run(
    'test.head',
    ({ raw }) => raw<{ n: bigint }[]>`select coalesce(max(record_no), -1) as n from audit.written`,
  );
  const result = await work();
  const entries = await gateway.db.owner.run(
    'test.entries',
    ({ raw }) => raw<{ kind: string; coordinate: string; reason: string | null }[]>`
    select kind, coordinate, reason from audit.entry where record_no > ${String(before?.n)} order by sequence`,
  );
  return { result, entries: [...entries] };
}

describe('whatever is refused leaves its entry in the log', () => {
  test.each([
    ['a document that is not GraphQL', { query: '{ addressee(' }, 400, 'BAD_INPUT'],
    [
      'a field that is not in the schema',
      { query: '{ addressee(addresseeNo: "1") { nmae } }' },
      400,
      'BAD_INPUT',
    ],
    ['introspection', { query: '{ __schema { types { name } } }' }, 400, 'INTROSPECTION_DISABLED'],
    [
      'introspection in a fragment under an alias',
      { query: '{ ...F } fragment F on Query { x: __type(name: "Addressee") { name } }' },
      400,
      'INTROSPECTION_DISABLED',
    ],
    [
      'a thousand aliases',
      {
        query: `{ addressee(addresseeNo: "1") { ${Array.from({ length: 1000 }, (_, i) => `a${i}: name`).join(' ')} } }`,
      },
      400,
      'QUERY_TOO_COMPLEX',
    ],
    [
      'sixteen aliases',
      {
        query: `{ addressee(addresseeNo: "1") { ${Array.from({ length: 16 }, (_, i) => `a${i}: name`).join(' ')} } }`,
      },
      400,
      'QUERY_TOO_COMPLEX',
    ],
    [
      'a depth bomb',
      {
        query: `{ addressee(addresseeNo: "1") { ${DEEPER.repeat(6)} name ${'} } }'.repeat(6)} } }`,
      },
      400,
      'QUERY_TOO_COMPLEX',
    ],
    [
      'a list of lists',
      {
        query:
          '{ addressees(filter: { kana: "ア" }, first: 100) { nodes { levies(first: 100) { nodes { id } } } } }',
      },
      400,
      'QUERY_TOO_COMPLEX',
    ],
    [
      'six root fields',
      {
        query: `{ ${[...'abcdef'].map((alias) => `${alias}: viewer { actorId }`).join(' ')} }`,
      },
      400,
      'QUERY_TOO_COMPLEX',
    ],
    [
      'a name of an operation that the log could not hold',
      { query: `query ${'N'.repeat(300)} { addressee(addresseeNo: "1") { name } }` },
      400,
      'QUERY_TOO_COMPLEX',
    ],
    [
      'an unknown operation',
      { query: 'query A { viewer { actorId } } query B { viewer { actorId } }', operationName: 'C' },
      400,
      'BAD_INPUT',
    ],
  ])('%s', async (_, body, status, code) => {
    const { result, entries } = await entriesSince(() => send(body));
    expect([result.status, result.text]).toEqual([status, expect.stringContaining(`"code":"${code}"`)]);
    expect(entries).toMatchObject([{ kind: 'refusal', coordinate: 'Operation', reason: code }]);
  });

  test('a purpose that is not held, under a name that the log could not hold', async () => {
    const query = `query ${'N'.repeat(10_000)} { viewer { actorId } }`;
    const { result, entries } = await entriesSince(() => send({ query }, { 'kuramori-purpose': 'PLEASURE' }));
    expect(result.text).toContain('FORBIDDEN_PURPOSE');
    expect(entries).toMatchObject([{ kind: 'refusal', reason: 'FORBIDDEN_PURPOSE' }]);
  });

  test.each(['kuramori-purpose', 'kuramori-case', 'kuramori-terminal'])(
    'a header %s that the log could not hold',
    async (name) => {
      for (const value of ['x'.repeat(300), 'caf\u00e9', 'a\u0085b', 'a\tb']) {
        const { result, entries } = await entriesSince(() =>
          send({ query: '{ viewer { actorId } }' }, { [name]: value }),
        );
        expect([result.status, result.text]).toEqual([
          400,
          expect.stringContaining(`The header ${name} must`),
        ]);
        expect(entries).toMatchObject([{ kind: 'refusal', coordinate: 'Operation', reason: 'BAD_INPUT' }]);
      }
    },
  );

  describe('what may be an individual number, and names it nowhere', () => {
    const NUMBER = '123456789018';
    const viewer = (name = '') => ({ query: `query ${name} { viewer { actorId } }` });

    test.each([
      ['a case', viewer(), { 'kuramori-case': `C-${NUMBER}` }, 'kuramori-case'],
      ['a case in groups', viewer(), { 'kuramori-case': '1234 5678 9018' }, 'kuramori-case'],
      ['a purpose', viewer(), { 'kuramori-purpose': NUMBER }, 'kuramori-purpose'],
      ['a terminal', viewer(), { 'kuramori-terminal': `T-${NUMBER}` }, 'kuramori-terminal'],
      ['an operation', viewer(`N${NUMBER}`), {}, 'operationName'],
    ])('as the name of %s', async (_, body, more, field) => {
      const { result, entries } = await entriesSince(() => send(body, more));
      expect(result.text).toContain(`The field ${field} seems to hold an individual number.`);
      expect(result.text).not.toContain('5678');
      expect(entries).toMatchObject([{ kind: 'refusal', coordinate: 'Operation', reason: 'BAD_INPUT' }]);
      const [logged] = await gateway.db.owner.run(
        'test.logged',
        ({ raw }) => raw<{ body: Buffer }[]>`select body from audit.written order by record_no desc limit 1`,
      );
      expect(logged!.body.toString('utf8')).toContain('"BAD_INPUT"');
      expect(logged!.body.toString('utf8')).not.toMatch(/1234[ -]?5678[ -]?9018/);
    });
  });

  test('a purpose that is missing, unknown or not held', async () => {
    for (const purpose of ['', 'PLEASURE', 'REFUND']) {
      const { result, entries } = await entriesSince(() =>
        send({ query: '{ viewer { actorId } }' }, { 'kuramori-purpose': purpose }),
      );
      expect(result.text).toContain('FORBIDDEN_PURPOSE');
      expect(entries).toMatchObject([{ kind: 'refusal', reason: 'FORBIDDEN_PURPOSE' }]);
    }
  });
});

describe('odd input', () => {
  test('a character that cannot be kept is refused, wherever it stands', async () => {
    for (const text of ['\u0000', 'a\ud800']) {
      const answer = await send({
        query: 'query($t: String!) { addressees(filter: { kana: $t }) { nodes { name } } }',
        variables: { t: text },
      });
      expect(answer.text).toContain('"code":"BAD_INPUT"');
    }
  });

  test("a value that the field does not take is the field's error, never the database's", async () => {
    const levies = (year: number) => `levies(fiscalYear: ${year}) { nodes { id } }`;
    const found = (filter: string) => `{ addressees(filter: {${filter}}) { nodes { name } } }`;
    const fields = [
      ...[99_999, 10_000, 0, -1].map(levies),
      'ledger(fiscalYear: 99999) { fiscalYear }',
      'receipts(filter: {paidFrom: "0000-12-31"}) { nodes { id } }',
      'receipts(filter: {paidTo: "0000-01-01"}) { nodes { id } }',
    ].map((field) => `{ addressee(addresseeNo: "0000000001") { ${field} } }`);
    for (const query of [...fields, found('birthDate: "0000-01-01"')]) {
      const { result, entries } = await entriesSince(() => send({ query }));
      expect(result.text, query).toContain('"code":"BAD_INPUT"');
      expect(entries).toMatchObject([{ kind: 'refusal', reason: 'BAD_INPUT' }]);
    }
    const sound = [
      ...[1, 9_999].map((year) => `{ addressee(addresseeNo: "0000000001") { ${levies(year)} } }`),
      found('birthDate: "0001-01-01"'),
      found('birthDate: "9999-12-31"'),
    ];
    for (const query of sound) expect((await send({ query })).text, query).not.toContain('"errors"');
  });

  test("arguments of fields that are not executed are nobody's concern", async () => {
    const query = `query Asked($leaveOut: Boolean!, $text: String = "\\u0000") { viewer { actorId }
        addressee(addresseeNo: $text) @skip(if: $leaveOut) { name } }
      query Other($n: String!) { ...Elsewhere } fragment Elsewhere on Query { addressee(addresseeNo: $n) { name } }`;
    const asked = (leaveOut: boolean) => send({ query, operationName: 'Asked', variables: { leaveOut } });
    expect((await asked(true)).text).toContain('"viewer":{"actorId":"C1101"}');
    const { result, entries } = await entriesSince(() => asked(false));
    expect(result.text).toContain('"code":"BAD_INPUT"');
    expect(entries).toMatchObject([{ kind: 'refusal', reason: 'BAD_INPUT' }]);
    expect((await asked(true)).text).toContain('"viewer":{"actorId":"C1101"}');
  });

  test('there is nothing to subscribe to, and a subscription is answered as no query', async () => {
    const fields = [
      'addressee { name }',
      'addressees(filter: {kana: "ア"}) { nodes { name } }',
      'nothing',
      '__typename',
    ];
    for (const field of fields) {
      const { result, entries } = await entriesSince(() => send({ query: `subscription { ${field} }` }));
      expect(result.text, field).toContain('"code":"BAD_INPUT"');
      expect(result.text, field).not.toContain('"data"');
      expect(result.status).toBe(400);
      expect(entries).toMatchObject([{ kind: 'refusal', reason: 'BAD_INPUT' }]);
    }
    const beside = {
      query: 'query Q { viewer { actorId } } subscription S { addressee { name } }',
      operationName: 'Q',
    };
    expect((await send(beside)).text).toContain('"viewer":{"actorId":"C1101"}');
  });

  test('a page size in the default of a variable counts', async () => {
    const query = `query($n: Int = 100) { addressees(filter: { kana: "ア" }, first: $n) {
      nodes { levies(first: $n) { nodes { id } } } } }`;
    expect((await send({ query })).text).toContain('QUERY_TOO_COMPLEX');
  });

  test('asking for nothing but the type is an entry all the same', async () => {
    const { entries } = await entriesSince(() => send({ query: '{ __typename }' }));
    expect(entries).toMatchObject([{ kind: 'query', coordinate: 'Query.__typename' }]);
  });
});

describe('answers tell nothing of what was sent', () => {
  const SENTINEL = '918273645546';

  test('no suggestion, no name, no value comes back', async () => {
    const bodies = [
      { query: `{ addresee(addresseeNo: "${SENTINEL}") { name } }` },
      { query: `{ addressee(addresseeNo: "${SENTINEL}" x: ) }` },
      {
        query: 'query($d: Date) { addressees(filter: { birthDate: $d }) { nodes { name } } }',
        variables: { d: SENTINEL },
      },
      { query: `{ addressees(filter: { birthDate: "${SENTINEL}" }) { nodes { name } } }` },
      { query: `{ addressees(filter: { kana: "${SENTINEL}" }, after: "${SENTINEL}") { nodes { name } } }` },
      {
        query: 'query($n: Int) { addressees(filter: { kana: "ア" }, first: $n) { nodes { name } } }',
        variables: { n: SENTINEL },
      },
    ];
    for (const body of bodies) {
      const { text } = await send(body);
      expect(text).toContain('errors');
      expect(text).not.toContain(SENTINEL);
      expect(text).not.toContain('Did you mean');
      expect(text).not.toContain('addresee');
    }
  });

  test('a variable is not in the log, wherever it went', async () => {
    await send({
      query: 'query($no: String!) { addressee(addresseeNo: $no) { name } }',
      variables: { no: SENTINEL },
    });
    await send({ query: `{ addressees(filter: { name: "${SENTINEL}" }) { nodes { name } } }` });
    const found = await gateway.db.owner.run(
      'test.search',
      ({ raw }) => raw`select from audit.written where position(convert_to(${SENTINEL}, 'UTF8') in body) > 0`,
    );
    expect(found).toHaveLength(0);
  });
});

describe('HTTP', () => {
  test('a GET, a form, another charset, a batch and a body over the limit are refused', async () => {
    expect((await fetch(`${gateway.url}/graphql?query={viewer{actorId}}`, { headers })).status).toBe(405);
    expect(
      (await send('query={viewer{actorId}}', { 'content-type': 'application/x-www-form-urlencoded' })).status,
    ).toBe(415);
    expect((await send('{}', { 'content-type': 'application/json; charset=utf-7' })).status).toBe(415);
    expect((await send('{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect(
      (await send([{ query: '{ viewer { actorId } }' }, { query: '{ viewer { actorId } }' }])).status,
    ).toBe(400);
    expect((await send({ query: ' '.repeat(BODY_BYTES_MAX) })).status).toBe(413);
    expect((await send('{"query": "{')).status).toBe(400);
  });

  test('a document over its limit and variables over theirs are refused', async () => {
    expect((await send({ query: `{ viewer { actorId } } # ${'x'.repeat(17 * 1024)}` })).text).toContain(
      'QUERY_TOO_COMPLEX',
    );
    expect(
      (
        await send({
          query: 'query($a: String!) { addressee(addresseeNo: $a) { name } }',
          variables: { a: 'x'.repeat(65 * 1024) },
        })
      ).text,
    ).toContain('QUERY_TOO_COMPLEX');
  });

  test('prototype keys in the body change nothing', async () => {
    const { status } = await send('{"query": "{ viewer { actorId } }", "__proto__": {"polluted": true}}');
    expect(status).toBe(400);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('answers are not kept by caches and carry the security headers', async () => {
    const answer = await gateway.post('/graphql', { query: '{ viewer { actorId } }' }, headers);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('tokens', () => {
  const claims = { sub: 'C1101', sid: 'x', iss: 'https://gateway.kuramori.test', aud: 'kuramori:test' };
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each([
    ['none at all', () => ''],
    ['no signature', () => `${base64({ alg: 'none', typ: 'at+jwt' })}.${base64(claims)}.`],
    ['alg nOnE', () => `${base64({ alg: 'nOnE', typ: 'at+jwt', kid: 'sign-1' })}.${base64(claims)}.`],
    [
      'a symmetric signature',
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'sign-1' })
          .setExpirationTime('5m')
          .sign(Buffer.alloc(32, 1)),
    ],
    ['half a token', async () => (await gateway.tokenOf('C1101')).slice(0, -10)],
    ['nine kilobytes', () => 'x'.repeat(9 * 1024)],
  ])('with %s are refused alike', async (_, make) => {
    const answer = await gateway.post(
      '/graphql',
      { query: '{ viewer { actorId } }' },
      { ...headers, authorization: `Bearer ${await make()}` },
    );
    expect(answer.status).toBe(401);
    const body = (await answer.json()) as { errors: { message: string; extensions: { code: string } }[] };
    expect(body.errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  test('of an account that was suspended a moment ago end with it', async () => {
    const token = await gateway.tokenOf('A1401');
    const ask = () =>
      gateway.post(
        '/graphql',
        { query: '{ viewer { actorId } }' },
        { authorization: `Bearer ${token}`, 'kuramori-purpose': 'ASSESSMENT' },
      );
    expect((await ask()).status).toBe(200);
    await gateway.db.owner.run(
      'test.suspend',
      ({ raw }) => raw`update access.staff set state = 'suspended' where staff_id = 'A1401'`,
    );
    gateway.identity.forget({ actorId: 'A1401' });
    expect((await ask()).status).toBe(401);
  });
});
