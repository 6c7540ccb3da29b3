import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTrustedDocuments } from '../../../src/gateway/http/trusted.js';
import { documentHash } from '../../../src/gateway/operation/plans.js';
import { isKuramoriError } from '../../../src/kernel/errors.js';
import { testGateway, type TestGateway } from '../../support/gateway.js';

const WHO = 'query Who { viewer { actorId } }';
const LIST = 'query List($first: Int) { taxItems(first: $first) { nodes { code } } }';
const OF_ANOTHER = 'query Other { viewer { department } }';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-trusted-'));
const file = join(folder, 'documents.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let gateway: TestGateway;
let headers: Record<string, string>;
beforeAll(async () => {
  // The application is what the token says, not what the request says.
  const clientApp = await applicationOfTokens();
  writeFileSync(file, JSON.stringify({ [clientApp]: [WHO, LIST], 'another-app': [OF_ANOTHER] }));
  gateway = await testGateway(60, { trustedDocuments: readTrustedDocuments(file) });
  headers = { authorization: `Bearer ${await gateway.tokenOf('C1101')}`, 'kuramori-purpose': 'COLLECTION' };
});

async function applicationOfTokens(): Promise<string> {
  const plain = await testGateway(60);
  const token = await plain.tokenOf('C1101');
  const caller = await plain.identity.authenticate(`Bearer ${token}`, '', {
    address: '127.0.0.1',
    requestId: 'r',
  });
  return caller.clientApp;
}

interface Answered {
  readonly data?: { readonly taxItems?: { readonly nodes: object[] } };
  readonly errors?: { readonly extensions: { readonly auditEntry: string } }[];
}

async function send(body: unknown) {
  const answer = await gateway.post('/graphql', body, headers);
  return { status: answer.status, body: (await answer.json()) as Answered };
}

describe('a registered document', () => {
  test('answers by its hash, with or without the name of the hash', async () => {
    for (const documentId of [documentHash(WHO), `sha256:${documentHash(WHO)}`])
      expect(await send({ documentId })).toEqual({
        status: 200,
        body: { data: { viewer: { actorId: 'C1101' } } },
      });
  });

  test('takes variables', async () => {
    const { body } = await send({ documentId: documentHash(LIST), variables: { first: 2 } });
    expect(body.data?.taxItems?.nodes).toHaveLength(2);
  });
});

describe('whatever is not registered for the application', () => {
  test.each<[string, unknown]>([
    ['a document', { query: WHO }],
    ['a document beside the hash of another', { query: OF_ANOTHER, documentId: documentHash(WHO) }],
    ['an empty document beside a hash', { query: '', documentId: documentHash(WHO) }],
    ['an unknown hash', { documentId: documentHash('{ viewer { roles } }') }],
    ['the hash of a document of another application', { documentId: documentHash(OF_ANOTHER) }],
    ['a hash in capitals', { documentId: documentHash(WHO).toUpperCase() }],
    ['a hash that is no text', { documentId: [documentHash(WHO)] }],
    ['the name of a property that every object has', { documentId: '__proto__' }],
    [
      'the extension of automatic registration',
      { extensions: { persistedQuery: { sha256Hash: documentHash(WHO) } } },
    ],
    ['nothing', {}],
    ['a batch', [{ documentId: documentHash(WHO) }]],
  ])('is refused and recorded: %s', async (_, sent) => {
    const before = await refusals();
    const { status, body } = await send(sent);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body.data).toBeUndefined();
    expect(body.errors).toMatchObject([{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }]);
    const after = await refusals();
    expect(after).toHaveLength(before.length + 1);
    expect(after.at(-1)).toMatchObject({ actor: 'C1101', reason: 'DOCUMENT_NOT_TRUSTED' });
    expect(String(after.at(-1)?.['sequence'])).toBe(body.errors?.[0]?.extensions.auditEntry);
  });
});

function refusals() {
  return gateway.db.owner.run(
    'test.refusals',
    ({ raw }) => raw`
    select sequence, context ->> 'actorId' as actor, reason from audit.entry where kind = 'refusal' order by sequence`,
  );
}

describe('the register of documents', () => {
  test.each([
    ['not there', undefined],
    ['not JSON', '{'],
    ['null', 'null'],
    ['a text', '"app"'],
    ['a map to texts', '{"app": "query"}'],
    ['a map to lists of other things', '{"app": [1]}'],
  ])('is refused when it is %s', (_, text) => {
    const broken = join(folder, 'broken.json');
    if (text === undefined) rmSync(broken, { force: true });
    else writeFileSync(broken, text);
    let error: unknown;
    try {
      readTrustedDocuments(broken);
    } catch (thrown) {
      error = thrown;
    }
    expect(isKuramoriError(error, 'CONFIGURATION_INVALID')).toBe(true);
  });
});
