import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net';
import { createServer as createHttps } from 'node:https';
import type { RequestListener } from 'node:http';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { auditUnavailable } from '../../../src/audit/unavailable.js';
import { KuramoriError } from '../../../src/kernel/errors.js';
import {
  PUSH_CHANGES_MAX,
  VAULT_ANSWER_BYTES_MAX,
  VAULT_BREAKER_FAILURES_MAX,
  VAULT_BREAKER_OPEN_MS,
  VAULT_CALL_MS_MAX,
  VAULT_CLIENT_CALLS_MAX,
  VAULT_KEYS_CACHE_MS_MAX,
} from '../../../src/kernel/limits.js';
import type { PushChanges } from '../../../src/protocol/push.js';
import {
  openVaultClient,
  type VaultClient,
  type VaultClientOptions,
} from '../../../src/vault/client/client.js';
import {
  authority,
  folder,
  memoryLog,
  OPERATION,
  startService,
  type Authority,
  type Pem,
} from '../http/support.js';

const home = folder();
const house = await authority(home);
const stranger = await authority();
const KEY = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'k', use: 'enc', alg: 'ECDH-ES' } as const;
const PUBLISHED = { keys: [KEY], signed: 'a.b.c' };

function clientOf(url: string, options: Partial<VaultClientOptions> = {}): VaultClient {
  const { key, cert } = house.gateway;
  const client = openVaultClient({ url, ca: house.ca, key, certificate: cert, ...options });
  afterAll(() => client.close());
  return client;
}

/** Something with a certificate of the house that answers as it likes. */
async function impostor(
  listener: RequestListener,
  of: Pem = house.vault,
  host = '127.0.0.1',
): Promise<{ url: string }> {
  const server = createHttps({ key: of.key, cert: of.cert, minVersion: 'TLSv1.3' }, listener);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://${host}:${(server.address() as AddressInfo).port}` };
}

/** A server's certificate that the house's authority made out to another service. */
async function otherServer(home: string): Promise<Pem> {
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const read = (name: string) => readFileSync(join(home, 'keys', 'tls', name), 'utf8');
  const pkcs8 = (pem: string) => createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  const caKey = new Uint8Array(pkcs8(read('authority.key.pem')));
  const ca = new x509.X509Certificate(read('authority.crt.pem'));
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=intermediary',
    issuer: ca.subject,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', caKey, algorithm, false, ['sign']),
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'url', value: 'urn:kuramori:service:intermediary' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { key: key.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: certificate.toString('pem') };
}

/** A port at which TCP alone answers. */
async function silentPort(): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcp((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const service = (options: Partial<Parameters<typeof startService>[0]> & { authority?: Authority } = {}) =>
  startService({ audit: memoryLog(), authority: house, ...options });
const unavailable = (outcome: 'notSent' | 'unknown') => ({ code: 'VAULT_UNAVAILABLE', facts: { outcome } });

describe('an operation', () => {
  test('comes back with its result and the entry of the vault’s log', async () => {
    const { url } = await service();
    expect(await clientOf(url).operate({ ...OPERATION, gatewayEntry: '5' })).toEqual({
      outcome: 'done',
      result: { body: { x: 1 }, service: 'gateway' },
      entry: '7',
    });
  });

  test('that is refused throws the code the vault answered, with the entry of its log', async () => {
    const { url } = await service({
      runOperation: (request) =>
        Promise.resolve({
          outcome: 'refused',
          error: { code: 'BUDGET_EXCEEDED', message: 'Spent.', facts: { until: '10:05' } },
          ...(request.requestId === 'bare' ? {} : { entry: '9' }),
        }),
    });
    const client = clientOf(url);
    const refusal = { code: 'BUDGET_EXCEEDED', message: 'Spent.' };
    const thrown = client.operate(OPERATION);
    await expect(thrown).rejects.toBeInstanceOf(KuramoriError);
    await expect(thrown).rejects.toMatchObject({ ...refusal, facts: { until: '10:05', vaultEntry: '9' } });
    await expect(client.operate({ ...OPERATION, requestId: 'bare' })).rejects.toMatchObject({
      ...refusal,
      facts: { until: '10:05' },
    });
  });

  test('goes over connections that stay', async () => {
    const { url, server } = await service();
    const client = clientOf(url);
    let connections = 0;
    server.on('secureConnection', () => (connections += 1));
    for (let count = 0; count < 5; count++) await client.operate(OPERATION);
    expect(connections).toBe(1);
  });

  test('is sent once, whatever happens to it', async () => {
    let received = 0;
    const { url } = await impostor((request) => {
      received += 1;
      request.socket.destroy();
    });
    await expect(clientOf(url).operate(OPERATION)).rejects.toMatchObject(unavailable('unknown'));
    expect(received).toBe(1);
  });

  test('that the vault does not answer ends at its deadline, with an unknown outcome', async () => {
    const { url } = await impostor(() => undefined);
    await expect(clientOf(url, { timeoutMs: 200 }).operate(OPERATION)).rejects.toMatchObject(
      unavailable('unknown'),
    );
  });

  test('whose answer stops in the middle ends at its deadline', async () => {
    const { url } = await impostor((_request, response) => response.write('{'));
    await expect(clientOf(url, { timeoutMs: 200 }).operate(OPERATION)).rejects.toMatchObject(
      unavailable('unknown'),
    );
  });

  test('never left when nobody showed who he is', async () => {
    const url = await silentPort();
    await expect(clientOf(url, { timeoutMs: 200 }).operate(OPERATION)).rejects.toMatchObject(
      unavailable('notSent'),
    );
  });

  test('never left when nobody listens', async () => {
    const { url, stop } = await service();
    await stop();
    await expect(clientOf(url).operate(OPERATION)).rejects.toMatchObject(unavailable('notSent'));
  });

  test('takes no longer than the limit, whatever is asked for', async () => {
    const { url } = await impostor(() => undefined);
    const started = performance.now();
    await expect(clientOf(url, { timeoutMs: 3_600_000 }).operate(OPERATION)).rejects.toMatchObject(
      unavailable('unknown'),
    );
    expect(performance.now() - started).toBeLessThan(VAULT_CALL_MS_MAX + 1_000);
  });
});

describe('who passes for the vault', () => {
  test('nobody with a certificate of another authority', async () => {
    const { url } = await service({ authority: stranger });
    await expect(clientOf(url).operate(OPERATION)).rejects.toMatchObject(unavailable('notSent'));
  });

  test('no other service of the house', async () => {
    let received = 0;
    for (const certificate of [house.gateway, await otherServer(home)]) {
      const { url } = await impostor(() => (received += 1), certificate);
      await expect(clientOf(url).operate(OPERATION)).rejects.toMatchObject(unavailable('notSent'));
    }
    expect(received).toBe(0);
  });

  test('not the vault of another host', async () => {
    const { url } = await impostor(() => undefined, house.vault, '127.0.0.9');
    await expect(clientOf(url).operate(OPERATION)).rejects.toMatchObject(unavailable('notSent'));
  });

  test('nobody without TLS', () => {
    for (const url of ['http://127.0.0.1:4100', 'vault'])
      expect(() => clientOf(url)).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID' }));
  });

  test.each([
    ['no JSON', 200, 'no'],
    ['another form', 200, '{"outcome":"done"}'],
    ['a code that does not exist', 200, '{"outcome":"refused","error":{"code":"NEW","message":"x"}}'],
    ['more than the limit', 200, JSON.stringify('x'.repeat(VAULT_ANSWER_BYTES_MAX))],
  ])('an answer that is %s is no answer', async (_, status, text) => {
    const { url } = await impostor((_request, response) => response.writeHead(status).end(text));
    await expect(clientOf(url).operate(OPERATION)).rejects.toMatchObject(unavailable('unknown'));
  });

  test('a readiness that fails with a success is no answer', async () => {
    const { url } = await impostor((_request, response) =>
      response.writeHead(503).end('{"outcome":"done","result":1,"entry":"1"}'),
    );
    await expect(clientOf(url).assertReady()).rejects.toMatchObject(unavailable('unknown'));
  });
});

describe('the breaker', () => {
  test('stops asking a vault that is away, and asks again after a while', async () => {
    let now = 0;
    const { url, stop, port } = await service();
    const client = clientOf(url, { monotonicMs: () => now });
    await client.operate(OPERATION);
    await stop();
    for (let count = 0; count < VAULT_BREAKER_FAILURES_MAX; count++)
      await expect(client.operate(OPERATION)).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
    await service({ port });
    await expect(client.operate(OPERATION)).rejects.toMatchObject(unavailable('notSent'));
    now = VAULT_BREAKER_OPEN_MS;
    expect(await client.operate(OPERATION)).toMatchObject({ outcome: 'done' });
  });

  test('does not open for refusals: a sealed vault answers', async () => {
    const { url } = await service({
      assertOpen: () => {
        throw new KuramoriError('VAULT_SEALED', 'Sealed.');
      },
    });
    const client = clientOf(url);
    for (let count = 0; count < 2 * VAULT_BREAKER_FAILURES_MAX; count++)
      await expect(client.operate(OPERATION)).rejects.toMatchObject({ code: 'VAULT_SEALED' });
  });

  test('more calls than may wait are refused at once', async () => {
    const { url } = await impostor(() => undefined);
    const client = clientOf(url, { timeoutMs: 500 });
    const calls = Array.from({ length: VAULT_CLIENT_CALLS_MAX + 1 }, () =>
      client.operate(OPERATION).catch((error: KuramoriError) => error.code),
    );
    const codes = await Promise.all(calls);
    expect(codes.filter((code) => code === 'TOO_MANY_REQUESTS')).toHaveLength(1);
    expect(codes.filter((code) => code === 'VAULT_UNAVAILABLE')).toHaveLength(VAULT_CLIENT_CALLS_MAX);
  });
});

describe('published keys', () => {
  test('are asked for once, by however many, and again when they have expired', async () => {
    let asked = 0;
    let now = 0;
    const publishedKeys = () => {
      asked += 1;
      return PUBLISHED;
    };
    const { url } = await service({ publishedKeys });
    const client = clientOf(url, { monotonicMs: () => now });
    expect(await Promise.all([client.publishedKeys(), client.publishedKeys()])).toEqual([
      PUBLISHED,
      PUBLISHED,
    ]);
    now = VAULT_KEYS_CACHE_MS_MAX - 1;
    await client.publishedKeys();
    expect(asked).toBe(1);
    now = VAULT_KEYS_CACHE_MS_MAX;
    await client.publishedKeys();
    expect(asked).toBe(2);
  });

  test('of a sealed vault there are none, and the next call asks again', async () => {
    let isSealed = true;
    const { url } = await service({
      publishedKeys: () => {
        if (isSealed) throw new KuramoriError('VAULT_SEALED', 'Sealed.');
        return PUBLISHED;
      },
    });
    const client = clientOf(url);
    await expect(client.publishedKeys()).rejects.toMatchObject({ code: 'VAULT_SEALED' });
    isSealed = false;
    expect(await client.publishedKeys()).toEqual(PUBLISHED);
  });

  test('a late failure does not throw away the keys that came meanwhile', async () => {
    let now = 0;
    let answers = 0;
    const { url } = await impostor((_request, response) => {
      answers += 1;
      if (answers === 1) setTimeout(() => response.destroy(), 300);
      else response.end(JSON.stringify(PUBLISHED));
    });
    const client = clientOf(url, { monotonicMs: () => now });
    const first = client.publishedKeys();
    await expect.poll(() => answers).toBe(1);
    now = VAULT_KEYS_CACHE_MS_MAX;
    expect(await client.publishedKeys()).toEqual(PUBLISHED);
    await expect(first).rejects.toMatchObject(unavailable('unknown'));
    await client.publishedKeys();
    expect(answers).toBe(2);
  });
});

test('changes of pushes come as many at once as may, or are refused as the vault says', async () => {
  const pushChanges = vi.fn<(after: string, limit: number) => Promise<PushChanges>>();
  pushChanges.mockResolvedValueOnce({ changes: [], last: '17' });
  pushChanges.mockRejectedValueOnce(new KuramoriError('DATABASE_UNAVAILABLE', 'Away.'));
  const service = await startService({ audit: memoryLog(), authority: house, pushChanges });
  const client = clientOf(service.url);
  expect(await client.pushChanges('17')).toEqual({ changes: [], last: '17' });
  expect(pushChanges).toHaveBeenCalledWith('17', PUSH_CHANGES_MAX);
  // It is the vault's database that is away, not the caller's.
  await expect(client.pushChanges('17', 1)).rejects.toMatchObject({
    code: 'VAULT_UNAVAILABLE',
    facts: { outcome: 'unknown' },
  });
});

test('a log that cannot be written is told as the vault’s, which is not the caller’s', async () => {
  const pushChanges = () => Promise.reject(auditUnavailable('database', 'unknown'));
  const service = await startService({ audit: memoryLog(), authority: house, pushChanges });
  const refused = await clientOf(service.url)
    .pushChanges('17', 1)
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: 'AUDIT_UNAVAILABLE',
    message: expect.stringContaining('The vault cannot write its own audit log') as string,
    facts: { log: 'vault', hindrance: 'database', runbook: 'docs/runbooks/audit-unavailable.md' },
  });
});

test('changes of pushes in another form were not said by the vault', async () => {
  const { url } = await impostor((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"changes":[{"sequence":"1"}],"last":"1"}');
  });
  await expect(clientOf(url).pushChanges('0')).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
});

test('readiness is the vault’s own', async () => {
  let fault: KuramoriError | undefined = undefined as KuramoriError | undefined;
  const { url } = await service({ assertReady: () => (fault ? Promise.reject(fault) : Promise.resolve()) });
  const client = clientOf(url);
  await client.assertReady();
  fault = new KuramoriError('CLOCK_UNTRUSTED', 'Clock.');
  await expect(client.assertReady()).rejects.toMatchObject({ code: 'CLOCK_UNTRUSTED' });
});

test('closing ends the connections, and what is under way fails', async () => {
  const { url } = await impostor(() => undefined);
  const client = clientOf(url);
  const underWay = client.operate(OPERATION);
  setTimeout(() => client.close(), 200);
  await expect(underWay).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
});
