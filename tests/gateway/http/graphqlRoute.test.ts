import { beforeAll, describe, expect, test } from 'vitest';
import { testGateway, type TestGateway } from '../../support/gateway.js';

let gateway: TestGateway;
let token: string;
beforeAll(async () => {
  gateway = await testGateway(50);
  token = await gateway.tokenOf('C1101');
});

const GRAPHQL = 'application/graphql-response+json';

async function ask(query: string, accept: string, purpose: string) {
  const headers = { authorization: `Bearer ${token}`, 'kuramori-purpose': purpose, accept };
  const answer = await gateway.post('/graphql', { query }, headers);
  return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') };
}

describe('the status of an answer', () => {
  test.each([
    ['data', '{ viewer { actorId } }', 'COLLECTION', 200, 200],
    [
      'data and errors',
      '{ addressee(addresseeNo: "1") { name } roles { nodes { name } } }',
      'COLLECTION',
      200,
      200,
    ],
    ['no data, for want of a purpose', '{ viewer { department } }', 'REFUND', 200, 400],
    ['no data, for an argument', '{ addressees(filter: {}) { nodes { name } } }', 'COLLECTION', 200, 400],
  ])('with %s', async (_, query, purpose, inJson, inGraphql) => {
    // The second time a document goes past the engine.
    for (const accept of [GRAPHQL, 'application/json', GRAPHQL, 'application/json']) {
      const { status, type, text } = await ask(query, accept, purpose);
      expect(type).toContain(accept);
      expect(status, text).toBe(accept === GRAPHQL ? inGraphql : inJson);
      expect(text.includes('"data"')).toBe(inGraphql === 200);
    }
  });
});

test.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
  '%s is answered 405 with what may be asked',
  async (method) => {
    const answer = await fetch(`${gateway.url}/graphql`, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
  },
);
