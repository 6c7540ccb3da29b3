import { serverAudits } from 'graphql-http';
import { beforeAll, describe, expect, test } from 'vitest';
import { testGateway, type TestGateway } from '../../support/gateway.js';

const ONLY_POST = 'GraphQL is asked by POST alone; a GET is answered 405';
const STATUS_400 =
  'a request that cannot be run is answered 400 in every media type, which the suite of Apollo beside this one demands';

/** Audits of graphql-http that cannot apply to this gateway, each with the reason. None of them is a MUST. */
const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  'MAY accept application/x-www-form-urlencoded formatted GET requests': ONLY_POST,
  'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json':
    ONLY_POST,
  'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json':
    ONLY_POST,
  'SHOULD use 200 status code on document parsing failure when accepting application/json': STATUS_400,
  'SHOULD use 200 status code on document validation failure when accepting application/json': STATUS_400,
  'SHOULD use a status code of 200 on variable coercion failure when accepting application/json': STATUS_400,
};

let gateway: TestGateway;
let authorization: string;
beforeAll(async () => {
  // Two audits ask for __type, so the schema is disclosed here.
  gateway = await testGateway(60, { discloseSchema: true });
  authorization = `Bearer ${await gateway.tokenOf('C1101')}`;
});

describe('the audits of graphql-http against the real gateway, signed in', () => {
  const audits = serverAudits({
    url: () => `${gateway.url}/graphql`,
    fetchFn: (url: string, init: RequestInit) =>
      fetch(url, {
        ...init,
        headers: {
          ...Object.fromEntries(new Headers(init.headers)),
          authorization,
          'kuramori-purpose': 'COLLECTION',
        },
      }),
  });

  for (const audit of audits) {
    const reason = NOT_APPLICABLE[audit.name];
    test.skipIf(reason !== undefined)(
      `${audit.name}${reason === undefined ? '' : ` (not applicable: ${reason})`}`,
      async () => {
        const result = await audit.fn();
        expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok');
      },
    );
  }
});
