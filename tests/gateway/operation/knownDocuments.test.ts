import { parse } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { KnownDocuments, knownRequest } from '../../../src/gateway/operation/knownDocuments.js';
import { documentHash } from '../../../src/gateway/operation/plans.js';
import { KNOWN_DOCUMENTS_BYTES_MAX } from '../../../src/kernel/limits.js';
import { testGateway, type TestGateway } from '../../support/gateway.js';

const TWO = 'query A { viewer { actorId } } query B { taxItems { nodes { code } } }';
const ONE = 'query ($n: Int) { taxItems(first: $n) { nodes { code } } }';

function remembering(...texts: string[]): KnownDocuments {
  const documents = new KnownDocuments();
  for (const text of texts) documents.remember(text, parse(text));
  return documents;
}

describe('a document that was valid once', () => {
  const documents = remembering(ONE, TWO);

  test('is found by its text, its operations by their names', () => {
    expect(documents.find(TWO, 'B')?.operation.name?.value).toBe('B');
    expect(documents.find(TWO, 'B')?.hash).toBe(documentHash(TWO));
    expect(documents.find(ONE, null)?.operation.name).toBeUndefined();
  });

  test('is left to the engine when the operation is not in it or none is named of several', () => {
    expect(documents.find(TWO, undefined)).toBeUndefined();
    expect(documents.find(TWO, 'C')).toBeUndefined();
    expect(documents.find(ONE, 'A')).toBeUndefined();
    expect(documents.find(ONE, '')).toBeUndefined();
    expect(documents.find(TWO, '')).toBeUndefined();
    expect(documents.find(`${ONE} `, undefined)).toBeUndefined();
  });

  test('keeps the first parse', () => {
    const again = new KnownDocuments();
    const first = again.remember(ONE, parse(ONE));
    expect(again.remember(ONE, parse(ONE))).toBe(first);
  });

  test('makes room: what all documents hold in memory is bounded', () => {
    const large = (at: number) => `{ viewer { actorId } } # ${at} ${'x'.repeat(100_000)}`;
    const count = Math.ceil(KNOWN_DOCUMENTS_BYTES_MAX / 100_000) + 5;
    const many = new KnownDocuments();
    const document = parse('{ viewer { actorId } }');
    for (let at = 0; at < count; at += 1) many.remember(large(at), document);
    expect(many.find(large(0), undefined)).toBeUndefined();
    expect(many.find(large(count - 1), undefined)).toBeDefined();
  });
});

describe('a request for a known document', () => {
  const documents = remembering(ONE);

  test('is taken in its plainest forms', () => {
    const bodies = [
      { query: ONE },
      { query: ONE, variables: null, operationName: null },
      { query: ONE, variables: { n: 2 } },
    ];
    expect(bodies.map((body) => knownRequest(documents, body)?.variables)).toEqual([{}, {}, { n: 2 }]);
  });

  test.each([
    ['no object', [{ query: ONE }]],
    ['nothing', null],
    ['a text', ONE],
    ['another document', { query: `${ONE}\n` }],
    ['no document', { variables: {} }],
    ['a document that is no text', { query: { kind: 'Document' } }],
    ['variables that are no object', { query: ONE, variables: [] }],
    ['variables in text', { query: ONE, variables: '{}' }],
    ['a name that is no text', { query: ONE, operationName: 1 }],
    ['an empty name', { query: ONE, operationName: '' }],
    ['extensions', { query: ONE, extensions: {} }],
  ])('is left to the engine when it brings %s', (_, body) => {
    expect(knownRequest(documents, body)).toBeUndefined();
  });
});

describe('over HTTP', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await testGateway(60);
  });

  async function whole(body: object, accept?: string) {
    const token = await gateway.tokenOf(
      gateway.staff.find(({ role }) => role === 'counterClerk')?.staffId ?? '',
    );
    const answer = await gateway.post('/graphql', body, {
      authorization: `Bearer ${token}`,
      'kuramori-purpose': 'COUNTER',
      'kuramori-terminal': 'T-01',
      ...(accept === undefined ? {} : { accept }),
    });
    const headers = Object.fromEntries(answer.headers);
    delete headers['date'];
    const text = (await answer.text()).replaceAll(/"(requestId|auditEntry)":"[^"]*"/g, '"$1":""');
    return { status: answer.status, headers, text };
  }

  test.each([
    ['an answer', { query: ONE, variables: { n: 2 } }, undefined],
    [
      'an answer in the newer media type',
      { query: ONE, variables: { n: 3 } },
      'application/graphql-response+json',
    ],
    [
      'a refused field',
      { query: '{ taxItems { nodes { code } } staff: staffMembers { nodes { staffId } } }' },
      '*/*',
    ],
    ['a variable of another form', { query: ONE, variables: { n: 'two' } }, undefined],
    ['a page that is too large', { query: ONE, variables: { n: 100_000 } }, undefined],
    [
      'an empty name for an operation without one',
      { query: '{ viewer { department } }', operationName: '' },
      undefined,
    ],
    [
      'an empty name for a named operation',
      { query: 'query Only { viewer { actorId } }', operationName: '' },
      undefined,
    ],
  ])(
    '%s is the same byte for byte, headers too, whether the engine answers or we know it',
    async (_, body, accept) => {
      const first = await whole(body, accept);
      await whole({ ...body, operationName: null }, accept);
      expect(await whole(body, accept)).toEqual(first);
      expect(await whole(body, accept)).toEqual(first);
    },
  );

  test('an Accept header that the engine refuses is refused again', async () => {
    await whole({ query: ONE });
    expect((await whole({ query: ONE }, 'text/html')).status).toBe(406);
    expect((await whole({ query: ONE }, 'text/html')).status).toBe(406);
  });
});
