import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testGateway, type TestGateway } from '../../support/gateway.js';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-tls-'));
const made = spawnSync(
  'openssl',
  [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-keyout',
    join(folder, 'key.pem'),
    '-out',
    join(folder, 'cert.pem'),
  ],
  { stdio: 'ignore' },
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
if (made.status !== 0)
  process.stdout.write(
    'tests/gateway/http/tls.test.ts is skipped: there is no openssl to make a certificate with\n',
  );

describe.skipIf(made.status !== 0)('the gateway with a certificate', () => {
  let gateway: TestGateway;
  let cert: string;
  beforeAll(async () => {
    cert = readFileSync(join(folder, 'cert.pem'), 'utf8');
    gateway = await testGateway(60, { tls: { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert } });
  });

  function post(
    body: unknown,
  ): Promise<{ status: number | undefined; text: string; protocol: string | null }> {
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL('/graphql', gateway.url),
        { method: 'POST', ca: cert, headers: { 'content-type': 'application/json' } },
        (answer) => {
          const protocol = (answer.socket as unknown as { getProtocol(): string | null }).getProtocol();
          let text = '';
          answer.setEncoding('utf8').on('data', (part: string) => (text += part));
          answer.on('end', () => resolve({ status: answer.statusCode, text, protocol }));
        },
      );
      sent.on('error', reject);
      sent.end(JSON.stringify(body));
    });
  }

  test('answers over TLS 1.3, with the same refusals as ever', async () => {
    expect(gateway.url).toMatch(/^https:/);
    const { status, text, protocol } = await post({ query: '{ viewer { actorId } }' });
    expect(protocol).toBe('TLSv1.3');
    expect(status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  test('does not speak TLS 1.2', async () => {
    const refused = new Promise((resolve, reject) => {
      const { port } = new URL(gateway.url);
      const socket = connect({ host: '127.0.0.1', port: Number(port), ca: cert, maxVersion: 'TLSv1.2' });
      socket.on('secureConnect', () => reject(new Error('connected')));
      socket.on('error', resolve);
    });
    expect(await refused).toBeInstanceOf(Error);
  });

  test('does not speak plain HTTP', async () => {
    await expect(fetch(gateway.url.replace('https:', 'http:'))).rejects.toThrow();
  });
});
