import { connect as connectRaw } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { PushChanges } from '../../../src/protocol/push.js';
import { openAuditLog } from '../../../src/audit/log.js';
import { KuramoriError } from '../../../src/kernel/errors.js';
import { systemClock, type Clock } from '../../../src/kernel/clock.js';
import {
  VAULT_HANDSHAKE_MS_MAX,
  VAULT_REQUEST_BYTES_MAX,
  VAULT_REQUEST_MS_MAX,
} from '../../../src/kernel/limits.js';
import { testVaultDatabases } from '../../support/vaultDatabase.js';
import {
  ask,
  authority,
  clockAt,
  folder,
  memoryLog,
  OPERATION,
  startService,
  type TestService,
} from './support.js';

const db = await testVaultDatabases();
const audit = openAuditLog(db.vault);
const home = folder();
// Made forty days ago they have ended; the authority that signed them has not.
const former = await authority(home, clockAt(-40));
const house = await authority(home);
const stranger = await authority();
const service = await startService({ audit, authority: house });
const gateway = { ca: house.ca, ...house.gateway };

interface Logged {
  readonly reason: string;
  readonly coordinate: string;
  readonly actorId: string;
  readonly terminal: string;
  readonly raised: boolean;
}

/** The entries that the log got since the last look. */
let seen = 0n;
async function logged(of: TestService = service): Promise<Logged[]> {
  await of.refusals.flush();
  const rows = await db.owner.vault.run(
    'tests.entries',
    ({ raw }) => raw<(Logged & { sequence: bigint })[]>`
      select sequence, reason, coordinate, actor_id as "actorId", context ->> 'terminal' as terminal, raised
      from audit.entry where sequence > ${String(seen)}::bigint and kind = 'refusal' order by sequence`,
  );
  seen = rows.at(-1)?.sequence ?? seen;
  return rows.map(({ sequence: _, ...entry }) => entry);
}
afterEach(async () => {
  await logged();
});

const refused = (code: string) => ({
  outcome: 'refused',
  error: { code, message: expect.any(String) as string },
});

describe('a service with a certificate of ours', () => {
  test('is answered, with its name from the certificate', async () => {
    const { status, json } = await ask(service, '/v1/operations', gateway, {
      body: JSON.stringify(OPERATION),
    });
    expect({ status, json }).toEqual({
      status: 200,
      json: { outcome: 'done', result: { body: { x: 1 }, service: 'gateway' }, entry: '7' },
    });
    const worker = await ask(
      service,
      '/v1/operations',
      { ca: house.ca, ...house.worker },
      {
        body: JSON.stringify({ ...OPERATION, gatewayEntry: '12' }),
      },
    );
    expect(worker.json).toMatchObject({ result: { service: 'worker' } });
    expect(await logged()).toEqual([]);
  });

  test('gets headers that let nothing be kept, guessed or embedded', async () => {
    const { headers } = await ask(service, '/healthz', gateway);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'strict-transport-security': 'max-age=31536000',
    });
  });
});

describe('who is not let in', () => {
  test('no certificate: the handshake fails, and the log says so', async () => {
    await expect(ask(service, '/healthz', { ca: house.ca })).rejects.toThrow();
    expect(await logged()).toEqual([
      {
        reason: 'noCertificate',
        coordinate: 'Vault.connection',
        actorId: 'unknown',
        terminal: '127.0.0.1',
        raised: true,
      },
    ]);
  });

  test.each([
    [
      'a certificate of another authority',
      { ca: house.ca, ...stranger.gateway },
      'certificateNotAccepted',
      true,
    ],
    ['one that has ended', { ca: house.ca, ...former.gateway }, 'certificateExpired', false],
    ['that of a server', { ca: house.ca, ...house.vault }, 'certificateNotAccepted', true],
  ])('%s', async (_, tls, reason, raised) => {
    await expect(ask(service, '/healthz', tls)).rejects.toThrow();
    expect(await logged()).toMatchObject([{ reason, raised, actorId: 'unknown', terminal: '127.0.0.1' }]);
  });

  test('another service of the same authority: 401, its body unread, and the connection ends', async () => {
    const narrow = await startService({ audit, authority: house, services: ['gateway'] });
    const { status, json, headers } = await ask(
      narrow,
      '/v1/operations',
      { ca: house.ca, ...house.worker },
      {
        body: '{',
      },
    );
    expect({ status, json }).toEqual({ status: 401, json: refused('UNAUTHENTICATED') });
    expect(headers['connection']).toBe('close');
    expect(await logged(narrow)).toMatchObject([{ reason: 'serviceUnknown', coordinate: 'Vault.request' }]);
  });

  test('a certificate that ends while its connection stands is not believed any more', async () => {
    let ahead = 0;
    const clock: Clock = { now: () => systemClock.now().add({ hours: ahead * 24 }) };
    const moving = await startService({ audit: memoryLog(), authority: house, clock });
    const { Agent, request } = await import('node:https');
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ...gateway });
    const statusOf = () =>
      new Promise<number | undefined>((resolve, reject) => {
        request(new URL('/healthz', moving.url), { agent }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode));
        })
          .once('error', reject)
          .end();
      });
    expect(await statusOf()).toBe(200);
    ahead = 31;
    expect(await statusOf()).toBe(401);
    agent.destroy();
  });

  test('TLS 1.2', async () => {
    await expect(
      new Promise((resolve, reject) => {
        connectTls({ port: service.port, host: '127.0.0.1', maxVersion: 'TLSv1.2', ...gateway }, () =>
          resolve('connected'),
        ).once('error', reject);
      }),
    ).rejects.toThrow(/protocol version/);
    expect(await logged()).toMatchObject([{ reason: 'tlsVersion' }]);
  });

  test('a source that is not on the list is cut off before a byte is read or sent', async () => {
    const before = { ...gateway };
    await expect(ask(service, '/healthz', before, { localAddress: '127.0.0.2' })).rejects.toThrow();
    const received = await new Promise<number>((resolve) => {
      let bytes = 0;
      const socket = connectRaw({ port: service.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
      socket.on('data', (chunk) => (bytes += chunk.length));
      socket.on('error', () => undefined);
      socket.once('close', () => resolve(bytes));
    });
    expect(received).toBe(0);
    expect(await logged()).toMatchObject([
      { reason: 'sourceNotAllowed', terminal: '127.0.0.2', raised: true },
      { reason: 'sourceNotAllowed', terminal: '127.0.0.2', raised: true },
    ]);
  });

  test('speaks no TLS at all', async () => {
    await new Promise<void>((resolve) => {
      const socket = connectRaw({ port: service.port, host: '127.0.0.1' }, () => {
        socket.write('GET /v1/keys HTTP/1.1\r\nhost: vault\r\n\r\n');
      });
      socket.on('error', () => undefined);
      socket.resume().once('close', () => resolve());
    });
    expect(await logged()).toMatchObject([{ reason: 'handshake' }]);
  });

  test('says nothing during the handshake', async () => {
    const started = performance.now();
    await new Promise<void>((resolve) => {
      const socket = connectRaw({ port: service.port, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      socket.resume().once('close', () => resolve());
    });
    expect(performance.now() - started).toBeLessThan(VAULT_HANDSHAKE_MS_MAX + 1_500);
    expect(await logged()).toMatchObject([{ reason: 'handshakeTimeout' }]);
  });

  test('an address that connects too often is cut off until it has earned more', async () => {
    const narrow = await startService({
      audit,
      authority: house,
      settings: { connections: { burst: 2, perSecond: 5 } },
    });
    for (let count = 0; count < 2; count++) expect((await ask(narrow, '/healthz', gateway)).status).toBe(200);
    await expect(ask(narrow, '/healthz', gateway)).rejects.toThrow();
    expect(await logged(narrow)).toMatchObject([{ reason: 'tooManyConnections', terminal: '127.0.0.1' }]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await ask(narrow, '/healthz', gateway)).status).toBe(200);
  });
});

describe('what is not answered', () => {
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    ask(service, '/v1/operations', gateway, { body, headers });

  test.each([
    ['no JSON', '{', 400, 'BAD_INPUT'],
    ['no object', '[]', 400, 'BAD_INPUT'],
    ['a member twice', '{"assertion":"a","assertion":"b","body":{},"requestId":"r"}', 400, 'BAD_INPUT'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, 'BAD_INPUT'],
    ['no assertion', JSON.stringify({ body: {}, requestId: 'r' }), 400, 'BAD_INPUT'],
    ['one more member', JSON.stringify({ ...OPERATION, trust: 'me' }), 400, 'BAD_INPUT'],
    [
      'a request id for the log with a line end',
      JSON.stringify({ ...OPERATION, requestId: 'a\nb' }),
      400,
      'BAD_INPUT',
    ],
    [
      'a request id that may be an individual number',
      JSON.stringify({ ...OPERATION, requestId: 'R-123456789018' }),
      400,
      'BAD_INPUT',
    ],
    ['an entry that is no number', JSON.stringify({ ...OPERATION, gatewayEntry: 'x' }), 400, 'BAD_INPUT'],
  ])('%s', async (_, body, status, code) => {
    const answer = await post(body);
    expect({ status: answer.status, json: answer.json }).toEqual({ status, json: refused(code) });
    expect(await logged()).toMatchObject([{ reason: 'requestMalformed', actorId: 'service:gateway' }]);
  });

  test('a body over the limit', async () => {
    const { status, json } = await post(
      JSON.stringify({ ...OPERATION, body: 'x'.repeat(VAULT_REQUEST_BYTES_MAX) }),
    );
    expect({ status, json }).toEqual({ status: 413, json: refused('PAYLOAD_TOO_LARGE') });
    expect(await logged()).toMatchObject([{ reason: 'requestTooLarge' }]);
  });

  test.each(['text/plain', 'application/json; charset=shift_jis', 'application/jose'])(
    'media type %s',
    async (type) => {
      const { status, json } = await post('{}', { 'content-type': type });
      expect({ status, json }).toEqual({ status: 415, json: refused('BAD_INPUT') });
      expect(await logged()).toMatchObject([{ reason: 'requestMalformed' }]);
    },
  );

  test('a method or path that does not exist', async () => {
    for (const [path, method] of [
      ['/v1/operations', 'GET'],
      ['/admin/v1/open', 'POST'],
    ] as const) {
      const { status, json } = await ask(service, path, gateway, { method });
      expect({ status, json }).toEqual({ status: 404, json: refused('NOT_FOUND') });
    }
    expect(await logged()).toMatchObject([{ reason: 'routeUnknown' }, { reason: 'routeUnknown' }]);
  });

  test('a path that cannot be read', async () => {
    const { status, json, headers } = await ask(service, '/%zz', gateway);
    expect({ status, json }).toEqual({ status: 400, json: refused('BAD_INPUT') });
    expect(headers['cache-control']).toBe('no-store');
    expect(await logged()).toMatchObject([{ reason: 'requestMalformed' }]);
  });

  test('what is no HTTP within TLS', async () => {
    const answered = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connectTls({ port: service.port, host: '127.0.0.1', ...gateway }, () => {
        socket.write('\u0000\u0001nonsense\r\n\r\n');
      });
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.once('close', () => resolve(text));
    });
    expect(answered).toMatch(/^HTTP\/1\.1 400 /);
    expect(await logged()).toMatchObject([{ reason: 'requestMalformed', actorId: 'service:gateway' }]);
  });

  test('a request that comes byte by byte loses its place in time', async () => {
    const started = performance.now();
    const answered = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connectTls({ port: service.port, host: '127.0.0.1', ...gateway }, () => {
        socket.write('POST /v1/operations HTTP/1.1\r\nhost: vault\r\ncontent-type: application/json\r\n');
        socket.write('content-length: 100000\r\n\r\n{');
        const timer = setInterval(() => socket.write(' '), 100);
        socket.once('close', () => clearInterval(timer));
      });
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.once('close', () => resolve(text));
    });
    expect(answered).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - started).toBeLessThan(VAULT_REQUEST_MS_MAX + 2_000);
    expect(await logged()).toMatchObject([{ reason: 'requestTimeout', actorId: 'service:gateway' }]);
  });

  test('a caller that goes away in the middle leaves nothing behind', async () => {
    await new Promise<void>((resolve) => {
      const socket = connectTls({ port: service.port, host: '127.0.0.1', ...gateway }, () => {
        socket.write('POST /v1/operations HTTP/1.1\r\nhost: vault\r\ncontent-length: 10\r\n');
        socket.destroy();
      });
      socket.once('close', () => resolve());
    });
    expect((await ask(service, '/healthz', gateway)).status).toBe(200);
    expect(await logged()).toEqual([]);
  });
});

describe('an operation', () => {
  test.each([
    ['FORBIDDEN_PURPOSE', 200],
    ['UNAUTHENTICATED', 401],
    ['AUDIT_UNAVAILABLE', 503],
  ] as const)(
    'that is refused with %s has the status of its code, thrown or answered',
    async (code, status) => {
      const thrower = await startService({
        audit,
        authority: house,
        runOperation: (request) =>
          request.requestId === 'throw'
            ? Promise.reject(new KuramoriError(code, 'No.', { rule: 'x' }))
            : Promise.resolve({ outcome: 'refused', error: { code, message: 'No.' }, entry: '9' }),
      });
      const thrown = await ask(thrower, '/v1/operations', gateway, {
        body: JSON.stringify({ ...OPERATION, requestId: 'throw' }),
      });
      expect({ status: thrown.status, json: thrown.json }).toEqual({
        status,
        json: { outcome: 'refused', error: { code, message: 'No.', facts: { rule: 'x' } } },
      });
      const answered = await ask(thrower, '/v1/operations', gateway, { body: JSON.stringify(OPERATION) });
      expect({ status: answered.status, json: answered.json }).toEqual({
        status,
        json: { outcome: 'refused', error: { code, message: 'No.' }, entry: '9' },
      });
      expect(await logged(thrower)).toEqual([]);
    },
  );

  test('that meets a full disk says so', async () => {
    const full = Object.assign(new Error('ENOSPC: /somewhere'), { code: 'ENOSPC' });
    const runOperation = () => Promise.reject(full);
    const service = await startService({ audit: memoryLog(), authority: house, runOperation });
    const { status, text, json } = await ask(service, '/v1/operations', gateway, {
      body: JSON.stringify(OPERATION),
    });
    expect({ status, json }).toEqual({ status: 503, json: refused('STORAGE_FULL') });
    expect(text).not.toContain('somewhere');
  });

  test('that meets a defect tells nothing of it, and the log has it', async () => {
    const broken = await startService({
      audit,
      authority: house,
      runOperation: () => Promise.reject(new TypeError('secret 123456789018')),
    });
    const { status, text, json } = await ask(broken, '/v1/operations', gateway, {
      body: JSON.stringify(OPERATION),
    });
    expect({ status, json }).toEqual({ status: 500, json: refused('INTERNAL') });
    expect(text).not.toContain('secret');
    expect(await logged(broken)).toMatchObject([{ reason: 'defect' }]);
  });

  test('is refused by a sealed vault before its body is read', async () => {
    const sealed = await startService({
      audit,
      authority: house,
      assertOpen: () => {
        throw new KuramoriError('VAULT_SEALED', 'Sealed.');
      },
    });
    const { status, json } = await ask(sealed, '/v1/operations', gateway, { body: '{' });
    expect({ status, json }).toEqual({ status: 503, json: refused('VAULT_SEALED') });
    expect(await logged(sealed)).toMatchObject([{ reason: 'sealed' }]);
  });

  test('is refused when too many are under way, and done again when they have ended', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let started = 0;
    const slow = await startService({
      audit,
      authority: house,
      settings: { operationsUnderWay: 2 },
      runOperation: async () => {
        started += 1;
        await gate;
        return { outcome: 'done', result: null, entry: '1' };
      },
    });
    const send = () => ask(slow, '/v1/operations', gateway, { body: JSON.stringify(OPERATION) });
    const underWay = [send(), send()];
    await expect.poll(() => started).toBe(2);
    const { status, json } = await send();
    expect({ status, json }).toEqual({ status: 429, json: refused('TOO_MANY_REQUESTS') });
    release();
    expect((await Promise.all(underWay)).map((each) => each.status)).toEqual([200, 200]);
    expect((await send()).status).toBe(200);
    expect(await logged(slow)).toMatchObject([{ reason: 'tooManyRequests', actorId: 'service:gateway' }]);
  });

  test('is counted for each service by itself', async () => {
    const few = await startService({
      audit,
      authority: house,
      settings: { requests: { burst: 1, perSecond: 0.001 } },
    });
    const send = (tls: typeof gateway) =>
      ask(few, '/v1/operations', tls, { body: JSON.stringify(OPERATION) });
    expect((await send(gateway)).status).toBe(200);
    expect((await send(gateway)).status).toBe(429);
    expect((await send({ ca: house.ca, ...house.worker })).status).toBe(200);
    expect(await logged(few)).toMatchObject([{ reason: 'tooManyRequests', actorId: 'service:gateway' }]);
  });
});

describe('published keys and health', () => {
  test('keys come with what vouches for them', async () => {
    const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'k', use: 'enc', alg: 'ECDH-ES' } as const;
    const published = { keys: [key], signed: 'a.b.c' };
    const open = await startService({ audit, authority: house, publishedKeys: () => published });
    expect((await ask(open, '/v1/keys', gateway)).json).toEqual(published);
  });

  test('changes of pushes are read from a sequence on, in bounded pages', async () => {
    const pushChanges = vi.fn<(after: string, limit: number) => Promise<PushChanges>>();
    pushChanges.mockResolvedValue({ changes: [], last: '17' });
    const open = await startService({ audit, authority: house, pushChanges });
    const read = (query: string) => ask(open, `/v1/pushes/changes${query}`, gateway);
    expect((await read('?after=17&limit=500')).json).toEqual({ changes: [], last: '17' });
    expect(pushChanges).toHaveBeenCalledWith('17', 500);
    for (const query of [
      '',
      '?after=17',
      '?after=x&limit=5',
      '?after=0&limit=501',
      '?after=0&limit=1&also=1',
    ])
      expect([query, (await read(query)).status]).toEqual([query, 400]);
    expect((await read(`?after=${2n ** 63n}&limit=1`)).status).toBe(400);
    expect(pushChanges).toHaveBeenCalledTimes(1);
  });

  test('a sealed vault has none, is alive and not ready', async () => {
    const sealed = () => {
      throw new KuramoriError('VAULT_SEALED', 'Sealed.');
    };
    const service = await startService({
      audit: memoryLog(),
      authority: house,
      publishedKeys: sealed,
      assertReady: async () => sealed(),
    });
    expect((await ask(service, '/v1/keys', gateway)).status).toBe(503);
    const readiness = await ask(service, '/readyz', gateway);
    expect({ status: readiness.status, json: readiness.json }).toEqual({
      status: 503,
      json: refused('VAULT_SEALED'),
    });
    expect((await ask(service, '/healthz', gateway)).json).toEqual({ status: 'alive' });
  });

  test('a vault that can work is ready', async () => {
    expect((await ask(service, '/readyz', gateway)).json).toEqual({ status: 'ready' });
  });
});
