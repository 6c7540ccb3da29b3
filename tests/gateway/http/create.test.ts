import { connect } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { BODY_BYTES_MAX } from '../../../src/kernel/limits.js';
import { testGateway, type TestGateway } from '../../support/gateway.js';

const ASKED = '{"query":"{ viewer { actorId } }"}';

let gateway: TestGateway;
let token: string;
beforeAll(async () => {
  gateway = await testGateway(50);
  token = await gateway.tokenOf('C1101');
});

async function post(body: string | Buffer, headers: Record<string, string> = {}, path = '/graphql') {
  const answer = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: {
      authorization: `Bearer ${token}`,
      'kuramori-purpose': 'COLLECTION',
      'content-type': 'application/json',
      ...headers,
    },
  });
  return { status: answer.status, text: await answer.text() };
}

describe('a body', () => {
  test.each(['application/json; charset="utf-8"', 'APPLICATION/JSON;charset=UTF-8'])(
    'of %s is taken',
    async (type) => {
      expect(await post(ASKED, { 'content-type': type })).toMatchObject({ status: 200 });
    },
  );

  test.each(['gzip', 'br', 'identity, gzip'])('in the coding %s is refused unread', async (coding) => {
    expect(await post(ASKED, { 'content-encoding': coding })).toMatchObject({ status: 415 });
  });

  test('in the coding identity is taken', async () => {
    expect(await post(ASKED, { 'content-encoding': 'identity' })).toMatchObject({ status: 200 });
  });

  test.each([
    ['an octet that begins nothing', [0xff]],
    ['a sign cut short', [0xe8, 0x94]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a sign written too long', [0xc0, 0xaf]],
  ])('with %s is refused, not mended', async (_, octets) => {
    const [before = '', after = ''] = ASKED.split('viewer');
    const body = Buffer.concat([
      Buffer.from(`${before}# `),
      Buffer.from(octets),
      Buffer.from(`\\nviewer${after}`),
    ]);
    const { status, text } = await post(body);
    expect(status).toBe(400);
    expect(text).toContain('"code":"BAD_INPUT"');
  });

  test('that begins with a mark of the order of octets is taken', async () => {
    expect(await post(`\uFEFF${ASKED}`)).toMatchObject({ status: 200 });
  });
});

test('of a path under which there is nothing nothing comes back', async () => {
  for (const method of ['GET', 'POST', 'OPTIONS']) {
    const answer = await fetch(`${gateway.url}/tell-tale?tell=tale`, { method });
    expect(answer.status).toBe(404);
    const text = await answer.text();
    expect(text).toContain('"errors"');
    expect(text).not.toContain('tell');
  }
});

/** What comes back for a request that waits to be told that its body may come. */
function invited(path: string, length: number, authorization: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    let told = '';
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(told);
    });
    socket.on('data', (octets) => {
      told += octets.toString();
      if (told === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write(ASKED);
      if (/HTTP\/1.1 [2-5]/.test(told)) socket.end();
    });
    socket.write(
      [
        `POST ${path} HTTP/1.1`,
        'Host: gateway',
        'Expect: 100-continue',
        'Content-Type: application/json',
        `Content-Length: ${length}`,
        `Authorization: ${authorization}`,
        'Kuramori-Purpose: COLLECTION',
        '\r\n',
      ].join('\r\n'),
    );
  });
}

describe('who asks whether the body may come', () => {
  test('is told so, and answered', async () => {
    const told = await invited('/graphql', ASKED.length, `Bearer ${token}`);
    expect(told).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
  });

  test.each([
    ['a body over the limit that nobody sends', '/graphql', BODY_BYTES_MAX + 1, '', 401],
    ['a body over the limit of what he may send', '/graphql', BODY_BYTES_MAX + 1, 'own', 413],
    ['a body over any limit', '/graphql', 1_000_000_000, 'own', 413],
    ['a body over the limit of another path', '/session', BODY_BYTES_MAX + 1, '', 413],
    ['a path under which there is nothing', '/nowhere', ASKED.length, 'own', 404],
  ])('is refused at once for %s', async (_, path, length, authorization, status) => {
    const told = await invited(path, length, authorization === 'own' ? `Bearer ${token}` : '');
    expect(told.split('\r\n', 1)[0]).toContain(`HTTP/1.1 ${status} `);
    expect(told.toLowerCase()).toContain('\r\nconnection: close\r\n');
  });
});
