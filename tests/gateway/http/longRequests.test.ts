import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { carryingRules, LongRequests } from '../../../src/gateway/http/longRequests.js';
import {
  BODY_BYTES_MAX,
  CARRYING_BODY_BYTES_MAX,
  CARRYING_REQUESTS_MAX,
  DEADLINE_CHECK_MS,
  HEADERS_MS_MAX,
  OPERATION_BODY_BYTES_MAX,
} from '../../../src/kernel/limits.js';
import { testGateway } from '../../support/gateway.js';

const gateway = await testGateway();
const MIB = 1024 * 1024;
const OPERATE =
  'mutation($input: OperateVaultInput!) { operateVault(input: $input) { userErrors { code field } } }';
const opened: Socket[] = [];
afterAll(() => opened.forEach((socket) => socket.destroy()));

const staffOf = (role: string) => gateway.staff.find((one) => one.role === role)!.staffId;
const authorization = async (role: string) => `Bearer ${await gateway.tokenOf(staffOf(role))}`;
const operation = (body: string) => ({
  query: OPERATE,
  variables: { input: { idempotencyKey: `long-${body.length}`, assertion: 'a.b.c', body } },
});
const headersOf = async (role: string, purpose = 'REFUND') => ({
  authorization: await authorization(role),
  'kuramori-purpose': purpose,
  'kuramori-case': 'C-2026-0001',
});
const codesIn = async (answer: Response) =>
  ((await answer.json()) as { errors: { extensions: { code: string } }[] }).errors.map(
    ({ extensions: { code } }) => code,
  );

/** Sends the head of a request and as much of its body as is given; the rest never comes. */
async function begun(headers: Readonly<Record<string, string>>, body = '') {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect({ host: hostname, port: Number(port) });
  opened.push(socket);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${lines.join('')}\r\n${body}`,
  );
  return socket;
}

/** The status of what is answered. */
async function statusOf(socket: Socket): Promise<number> {
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(bytes.toString('latin1'))?.[1]);
}

describe('a request over the limit of requests', () => {
  test('is taken from whoever may operate the vault, for that alone', async () => {
    const headers = await headersOf('numberHandler');
    const operated = await gateway.post(
      '/graphql',
      operation(`"${'x'.repeat(OPERATION_BODY_BYTES_MAX - 2)}"`),
      headers,
    );
    const { data } = (await operated.json()) as { data: { operateVault: { userErrors: object[] } } };
    // It went as far as the assertion, which is none.
    expect(data.operateVault.userErrors).toEqual([{ code: 'BAD_INPUT', field: 'assertion' }]);
    const registration = {
      query: `mutation($input: RegisterIndividualNumberInput!) {
        registerIndividualNumber(input: $input) { userErrors { code } } }`,
      variables: {
        input: { idempotencyKey: 'long-other', addresseeNo: '1', assertion: 'a', number: 'x'.repeat(MIB) },
      },
    };
    const query = {
      query: 'query($no: String!) { addressee(addresseeNo: $no) { name } }',
      variables: { no: 'x'.repeat(MIB) },
    };
    for (const other of [registration, query]) {
      expect(await codesIn(await gateway.post('/graphql', other, headers))).toEqual(['QUERY_TOO_COMPLEX']);
    }
  });

  test('is refused over what an operation can be', async () => {
    const headers = await headersOf('numberHandler');
    const over = await gateway.post('/graphql', operation('x'.repeat(CARRYING_BODY_BYTES_MAX)), headers);
    expect(over.status).toBe(413);
  });

  test('of nobody is answered before a byte of it has come', async () => {
    const socket = await begun({ 'content-length': String(MIB) });
    expect(await statusOf(socket)).toBe(401);
    await once(socket, 'close');
  });

  test('of a person who may carry nothing is answered so too, with its entry in the log', async () => {
    const socket = await begun({
      ...(await headersOf('collectionClerk', 'COLLECTION')),
      'content-length': String(MIB),
    });
    expect(await statusOf(socket)).toBe(413);
    await once(socket, 'close');
    const refused = await gateway.db.owner.run(
      'test.refused',
      ({ raw }) => raw<{ actor: string }[]>`
      select actor_id as actor from audit.entry where coordinate = 'Operation' and reason = 'PAYLOAD_TOO_LARGE'`,
    );
    expect(refused.map(({ actor }) => actor)).toEqual([staffOf('collectionClerk')]);
  });

  test('for a purpose that the person does not hold, or none, is refused', async () => {
    for (const purpose of ['ADMINISTRATION', 'NOTHING', '']) {
      const headers = { ...(await headersOf('numberHandler', purpose)), 'content-length': String(MIB) };
      expect(await statusOf(await begun(headers))).toBe(413);
    }
  });

  test('that does not state its length is read up to the limit of all', async () => {
    const socket = await begun({ ...(await headersOf('numberHandler')), 'transfer-encoding': 'chunked' });
    const answered = statusOf(socket);
    const chunk = ' '.repeat(BODY_BYTES_MAX / 4);
    for (let at = 0; at < 5; at += 1) socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    expect(await answered).toBe(413);
  });

  test('drop by drop ends at the deadline of requests, and gives its place back', async () => {
    const headers = { ...(await headersOf('numberHandler')), 'content-length': String(MIB) };
    const from = performance.now();
    const socket = await begun(headers, '{');
    const drops = setInterval(() => socket.write(' '), 200);
    try {
      expect(await statusOf(socket)).toBe(408);
    } finally {
      clearInterval(drops);
    }
    expect(performance.now() - from).toBeLessThan(HEADERS_MS_MAX + 5 * DEADLINE_CHECK_MS);
    const body = JSON.stringify({ query: '{ __typename }' }).padEnd(BODY_BYTES_MAX + 1);
    const { 'content-length': _, ...own } = headers;
    await expect
      .poll(async () => codesIn(await gateway.post('/graphql', body, own)))
      .toEqual(['QUERY_TOO_COMPLEX']);
  }, 30_000);

  test('or within it, of lists in lists by the thousand is refused, with its entry in the log', async () => {
    const headers = await headersOf('numberHandler');
    for (const depth of [BODY_BYTES_MAX / 4, BODY_BYTES_MAX]) {
      const variables = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
      const body = `{"query":"{ __typename }","variables":${variables}}`;
      const answer = await gateway.post('/graphql', body, headers);
      const { errors } = (await answer.json()) as { errors: { extensions: object }[] };
      expect(errors).toMatchObject([
        { extensions: { code: 'QUERY_TOO_COMPLEX', auditEntry: expect.any(String) as string } },
      ]);
    }
  });

  test('of one person waits for the one before, which is over when its sender goes', async () => {
    const headers = { ...(await headersOf('numberHandler')), 'content-length': String(MIB) };
    const first = await begun(headers, '{');
    // Let in: it is read on, and nothing is answered.
    const settled = await Promise.race([
      statusOf(first),
      new Promise<string>((resolve) => setTimeout(() => resolve('read on'), 200)),
    ]);
    expect(settled).toBe('read on');
    expect(await statusOf(await begun(headers, '{'))).toBe(429);
    first.destroy();
    await expect
      .poll(async () => {
        const third = await begun(headers, '{');
        const told = await Promise.race([
          statusOf(third),
          new Promise<string>((resolve) => setTimeout(() => resolve('read on'), 100)),
        ]);
        third.destroy();
        return told;
      })
      .toBe('read on');
  });
});

describe('requests over the limit at once', () => {
  const caller = (actorId: string, own: object = {}) =>
    ({
      purpose: 'REFUND',
      caller: {
        actorId,
        functions: new Set(['number:administer']),
        purposes: new Set(['REFUND']),
        steppedUp: new Set(),
        ...own,
      },
    }) as never;

  test('are those of so many people, and room comes back once for each', () => {
    const requests = new LongRequests(carryingRules(gateway.schema));
    const ends = Array.from({ length: CARRYING_REQUESTS_MAX }, (_, at) => requests.admit(caller(`N${at}`)));
    const refusal: unknown = expect.objectContaining({ code: 'TOO_MANY_REQUESTS' });
    expect(() => requests.admit(caller('N99'))).toThrow(refusal);
    ends[0]!();
    ends[0]!();
    requests.admit(caller('N99'));
    expect(() => requests.admit(caller('N0'))).toThrow(refusal);
  });

  test('are none where no change carries anything', () => {
    expect(() => new LongRequests([]).admit(caller('N1'))).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    );
  });
});
