import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { TRANSFER_MESSAGE_CHARS_MAX } from '../../../../src/kernel/limits.js';
import { OrganizationClient } from '../../../../src/vault/transfer/delivery/organizationClient.js';
import { temporaryFolder } from '../../keys/support/vault.js';
import { houseOf, vaultAsks } from '../support/line.js';
import { newPackageId } from '../support/scene.js';

const home = temporaryFolder();
const certificates = await houseOf(home);
const { caFile, organization } = certificates;
const pem = (file: string) => readFileSync(file);

/** An organization that answers as each test has it, and what it was last asked. */
let answers: (request: IncomingMessage, response: ServerResponse) => void;
let asked = 0;
const server = createServer(
  {
    key: pem(organization.keyFile),
    cert: pem(organization.certificateFile),
    ca: pem(caFile),
    requestCert: true,
    minVersion: 'TLSv1.3',
  },
  (request, response) => {
    asked += 1;
    answers(request, response);
  },
);
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const client = new OrganizationClient(`https://127.0.0.1:${port}/`, vaultAsks(certificates));
afterAll(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

const packageId = newPackageId();
const file = join(home, 'package.age');
writeFileSync(file, 'ciphertext');
const put = () => client.putPart(packageId, 'package.json', Buffer.from('{}'));
const refusal = (code: string, facts?: object) =>
  JSON.stringify({ error: { code, facts, message: '秘密の言葉' } });
const REJECTED = { refusal: 'PACKAGE_REJECTED', step: 'FILES' };
const answering = (status: number, text = '', headers = {}) => {
  answers = (request, response) => {
    request.resume();
    response.writeHead(status, headers).end(text);
  };
};

describe('an organization', () => {
  test.each([500, 503, 408, 429])('that answers %i is asked again later', async (status) => {
    answering(status, refusal('CONFLICT'));
    await expect(put()).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  test.each([
    ['with a code and a step', refusal('PACKAGE_REJECTED', { step: 'FILES' }), REJECTED],
    ['with a step of its own', refusal('PACKAGE_REJECTED', { step: '秘密の段階' }), {}],
    ['with a code', refusal('CONFLICT'), { refusal: 'CONFLICT' }],
    ['with a code of its own', refusal('秘密の符号'), {}],
    ['in no form', '<html>秘密</html>', {}],
    ['with more than anybody reads', 'x'.repeat(20 * 1024), {}],
  ])('that refuses %s is told of in words of ours alone', async (_, text, facts) => {
    answering(409, text);
    const refused = await put().then(
      () => undefined,
      (error: unknown) => error as Error & { facts: object },
    );
    expect(refused).toMatchObject({ code: 'CONFLICT' });
    expect(refused?.facts).toEqual({ status: 409, ...facts });
    expect(`${refused?.message}${JSON.stringify(refused?.facts)}`).not.toContain('秘密');
  });

  test('that answers with more than a message may have is not believed', async () => {
    answering(200, 'x'.repeat(TRANSFER_MESSAGE_CHARS_MAX + 1));
    await expect(client.acceptance(packageId)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  test('whose answer breaks off is asked again later', async () => {
    answers = (request, response) => {
      request.resume();
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    };
    await expect(client.acceptance(packageId)).rejects.toMatchObject({ code: 'TIMEOUT' });
    const into = join(home, 'fetched');
    const fetched = client.fetchResult('242039', packageId, 'package.age', into, 1_000);
    await expect(fetched).rejects.toMatchObject({ code: 'TIMEOUT' });
    rmSync(into);
  });

  test.each([
    ['no JSON', 'results'],
    ['no list', '{}'],
    ['an id that is none', '{"results":[{"packageId":"../x","seriesNo":1}]}'],
  ])('that offers results as %s is not understood', async (_, text) => {
    answering(200, text);
    await expect(client.results('242039', 0)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  test.each([
    ['nothing', {}, 0],
    ['no number', { 'upload-offset': 'all' }, 0],
    ['less than nothing', { 'upload-offset': '-1' }, 0],
    ['a part', { 'upload-offset': '4' }, 4],
  ])('that says it has %s gets the rest', async (_, headers, from) => {
    answering(204, '', headers);
    expect(await client.offset(packageId, 'package.age')).toBe(from);
    const sent: Buffer[] = [];
    answers = (request, response) => {
      request.on('data', (chunk: Buffer) => sent.push(chunk));
      request.on('end', () => response.end('receipt'));
    };
    expect(await client.putCiphertext(packageId, 'package.age', file, from)).toBe('receipt');
    expect(Buffer.concat(sent).toString()).toBe('ciphertext'.slice(from));
  });

  test('that says it has more than there is gets nothing', async () => {
    const before = asked;
    const put = client.putCiphertext(packageId, 'package.age', file, 11);
    await expect(put).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(asked).toBe(before);
  });

  test('that refuses before it has everything is heard, although the sending breaks off', async () => {
    const large = join(home, 'refused.age');
    writeFileSync(large, Buffer.alloc(16 * 1024 * 1024));
    answers = (request, response) => {
      request.once('data', () => {
        request.pause();
        response.writeHead(409).end(refusal('PACKAGE_REJECTED', { step: 'FILES' }));
        setTimeout(() => request.destroy(), 200);
      });
    };
    const sent = client.putCiphertext(packageId, 'package.age', large, 0);
    await expect(sent).rejects.toMatchObject({ code: 'CONFLICT', facts: REJECTED });
    await new Promise((resolve) => setTimeout(resolve, 300));
  });

  test('that breaks off in the middle of the ciphertext is asked again later', async () => {
    const large = join(home, 'large.age');
    writeFileSync(large, Buffer.alloc(4 * 1024 * 1024));
    answers = (request) => void request.once('data', () => request.destroy());
    const sent = client.putCiphertext(packageId, 'package.age', large, 0);
    await expect(sent).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(client.putCiphertext(packageId, 'package.age', join(home, 'none'), 0)).rejects.toMatchObject(
      {
        code: 'ENOENT',
      },
    );
  });
});

/** A byte now and then: never idle, never done. */
function dripping(response: ServerResponse, everyMs: number): void {
  response.writeHead(200, { 'content-length': '1000000' });
  const timer = setInterval(() => response.write('x'), everyMs);
  response.once('close', () => clearInterval(timer));
}

describe('an organization that drips', () => {
  const hurried = (own: object) => {
    const limits = { idleMs: 5_000, answerMs: 300, stepMs: 60_000, bytesPerSecond: 1_000_000, ...own };
    const made = new OrganizationClient(`https://127.0.0.1:${port}/`, vaultAsks(certificates), limits);
    afterAll(() => made.close());
    return made;
  };

  test('an answer holds no call longer than its deadline', async () => {
    answers = (request, response) => {
      request.resume();
      dripping(response, 20);
    };
    const begun = performance.now();
    await expect(hurried({}).acceptance(packageId)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  test('a result holds none either, and what there is of it is more than was announced to no avail', async () => {
    answers = (request, response) => {
      request.resume();
      dripping(response, 20);
    };
    const into = join(home, 'dripped');
    const fetched = hurried({}).fetchResult('242039', packageId, 'package.age', into, 1_000);
    await expect(fetched).rejects.toMatchObject({ code: 'TIMEOUT' });
    rmSync(into);
    answering(200, 'x'.repeat(1_001));
    const longer = hurried({}).fetchResult('242039', packageId, 'package.age', into, 1_000);
    await expect(longer).rejects.toMatchObject({ code: 'TIMEOUT' });
    rmSync(into);
  });

  test('while it takes a package is given the time that its size needs, and no more', async () => {
    const slow = join(home, 'slow.age');
    writeFileSync(slow, Buffer.alloc(400_000));
    answers = (request, response) => {
      request.once('data', () => {
        request.pause();
        setTimeout(() => request.resume(), 600);
      });
      request.once('end', () => response.end('receipt'));
    };
    const given = hurried({ bytesPerSecond: 100_000 }).putCiphertext(packageId, 'package.age', slow, 0);
    expect(await given).toBe('receipt');
    const hurrying = hurried({}).putCiphertext(packageId, 'package.age', slow, 395_000);
    await expect(hurrying).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  test('call after call holds no step longer than its deadline', async () => {
    answers = (request, response) => {
      request.resume();
      request.once('end', () => setTimeout(() => response.writeHead(204).end(), 100));
    };
    const step = hurried({ stepMs: 500 });
    const ask = async () => {
      for (let calls = 0; calls < 50; calls += 1) await step.acceptance(packageId);
    };
    await expect(ask()).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});
