import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { KuramoriError } from '../../../src/kernel/errors.js';
import {
  REGISTRATION_CHUNK_BYTES_MAX,
  VAULT_ADMIN_BODY_BYTES_MAX,
  VAULT_ANSWER_BYTES_MAX,
} from '../../../src/kernel/limits.js';
import {
  listenForAdministration,
  type AdminHandler,
  type UploadHandler,
} from '../../../src/vault/http/admin.js';
import { callAdministration, uploadToAdministration } from '../../../src/vault/http/adminClient.js';
import { folder } from './support.js';

const logger = pino({ level: 'silent' });
const place = () => join(folder(), 'run', 'vault.sock');
const handlers: Record<string, AdminHandler> = {
  echo: (input, operator) => Promise.resolve({ input, operator }),
  nothing: () => Promise.resolve(undefined),
  refuse: () => Promise.reject(new KuramoriError('CONFLICT', 'It is open already.', { state: 'open' })),
  fail: () => Promise.reject(new TypeError('secret')),
  odd: () => Promise.reject(Object.create(null)),
};
const uploads: Record<string, UploadHandler> = {
  echo: (bytes, query, operator) =>
    Promise.resolve({ text: Buffer.from(bytes).toString('latin1'), query, operator }),
  refuse: () => Promise.reject(new KuramoriError('CONFLICT', 'Not now.')),
  keep: (bytes) => Promise.resolve(kept.push(bytes)),
};
/** What a handler kept beyond its end. */
const kept: Buffer[] = [];
const listen = (path: string) => listenForAdministration(path, handlers, logger, uploads);

describe('the administrative socket', () => {
  test('answers commands, and is there for its account alone', async () => {
    const path = place();
    const listener = await listen(path);
    expect(await callAdministration(path, 'echo', { a: 1 }, 'hanako')).toEqual({
      input: { a: 1 },
      operator: 'hanako',
    });
    expect(await callAdministration(path, 'nothing', {}, 'hanako')).toBeNull();
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
    expect((statSync(join(path, '..')).mode & 0o777).toString(8)).toBe('700');
    await listener.close();
    expect(existsSync(path)).toBe(false);
  });

  test('refuses in our words, and tells nothing of defects', async () => {
    const path = place();
    const listener = await listen(path);
    const call = (command: string, operator = 'hanako') => callAdministration(path, command, {}, operator);
    await expect(call('refuse')).rejects.toMatchObject({ code: 'CONFLICT', facts: { state: 'open' } });
    for (const command of ['fail', 'odd'])
      await expect(call(command)).rejects.toMatchObject({
        code: 'INTERNAL',
        message: expect.not.stringContaining('secret') as string,
      });
    for (const command of ['unknown', 'constructor', '__proto__'])
      await expect(call(command)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const operator of ['', 'a b', 'x'.repeat(65), 'a123456789018'])
      await expect(call('echo', operator)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await listener.close();
  });

  test.each([
    ['no JSON', '{', {}],
    ['a member twice', '{"a":1,"a":2}', {}],
    ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['too much', JSON.stringify({ a: 'x'.repeat(VAULT_ADMIN_BODY_BYTES_MAX) }), {}],
  ])('does not take %s', async (_, body, headers) => {
    const path = place();
    const listener = await listen(path);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(
        {
          socketPath: path,
          path: '/v1/echo',
          method: 'POST',
          headers: { 'content-type': 'application/json', 'kuramori-operator': 'hanako', ...headers },
        },
        (response) => response.resume().once('end', () => resolve(response.statusCode)),
      );
      request.once('error', reject);
      request.end(body);
    });
    expect(status).toBeGreaterThanOrEqual(400);
    await listener.close();
  });

  test('takes parts of files, whose bytes are wiped when their work has ended', async () => {
    const path = place();
    const listener = await listen(path);
    const upload = (command: string, bytes: Uint8Array) =>
      uploadToAdministration(path, command, { index: '7' }, bytes, 'hanako');
    expect(await upload('echo', Buffer.from('a\xff', 'latin1'))).toEqual({
      text: 'a\xff',
      query: { index: '7' },
      operator: 'hanako',
    });
    expect(await upload('echo', Buffer.alloc(0))).toMatchObject({ text: '' });
    await upload('keep', Buffer.from('secret'));
    expect(kept).toEqual([Buffer.alloc(6)]);
    await expect(upload('refuse', Buffer.from('x'))).rejects.toMatchObject({ code: 'CONFLICT' });
    // A command is none of them, nor the other way round.
    for (const command of ['nothing', '__proto__'])
      await expect(upload(command, Buffer.from('x'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(callAdministration(path, 'keep', {}, 'hanako')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const tooMuch = Buffer.alloc(REGISTRATION_CHUNK_BYTES_MAX + 1);
    await expect(upload('echo', tooMuch)).rejects.toMatchObject({ code: expect.any(String) as string });
    await listener.close();
  });

  test('is not there twice', async () => {
    const path = place();
    const listener = await listen(path);
    await expect(listen(path)).rejects.toMatchObject({ code: 'CONFLICT' });
    await listener.close();
  });

  test('of a vault that is still ending is not that of the next one', async () => {
    const path = place();
    const asked = Promise.withResolvers<void>();
    const told = Promise.withResolvers<string>();
    const wait = () => {
      asked.resolve();
      return told.promise;
    };
    const ending = await listenForAdministration(path, { wait }, logger);
    const last = callAdministration(path, 'wait', {}, 'hanako');
    await asked.promise;
    const closed = Promise.all([last, ending.close()]);
    await vi.waitFor(() => expect(existsSync(path)).toBe(false));
    const next = await listen(path);
    told.resolve('done');
    expect((await closed)[0]).toBe('done');
    expect(await callAdministration(path, 'nothing', {}, 'hanako')).toBeNull();
    await next.close();
  });

  test('takes the place of a vault that was killed', async () => {
    const path = place();
    mkdirSync(join(path, '..'), { mode: 0o700 });
    const script =
      "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
    await new Promise((resolve) => spawn(process.execPath, ['-e', script, path]).once('exit', resolve));
    expect(existsSync(path)).toBe(true);
    const listener = await listen(path);
    expect(await callAdministration(path, 'nothing', {}, 'hanako')).toBeNull();
    await listener.close();
  });

  test('is not put into a folder that others may enter, nor over something else', async () => {
    const path = place();
    mkdirSync(join(path, '..'), { mode: 0o700 });
    chmodSync(join(path, '..'), 0o755);
    await expect(listen(path)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    chmodSync(join(path, '..'), 0o700);
    writeFileSync(path, 'kept');
    await expect(listen(path)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    expect(existsSync(path)).toBe(true);
  });
});

describe('the command line', () => {
  test('does not wait for ever', async () => {
    const path = join(folder(), 's');
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await expect(callAdministration(path, 'status', {}, 'hanako', 50)).rejects.toMatchObject({
      code: 'VAULT_UNAVAILABLE',
    });
    server.closeAllConnections();
    server.close();
  });

  test('says that no vault answers', async () => {
    await expect(callAdministration(place(), 'status', {}, 'hanako')).rejects.toMatchObject({
      code: 'VAULT_UNAVAILABLE',
    });
  });

  test.each([
    ['what is no JSON', 'no'],
    ['too much', 'x'.repeat(VAULT_ANSWER_BYTES_MAX + 1)],
    ['half an answer', undefined],
    ['a code of another release', '{"error":{"code":"NEW","message":"New."}}'],
  ])('does not believe %s', async (_, text) => {
    const path = join(folder(), 's');
    const server = createServer((_request, response) => {
      if (text !== undefined) return void response.end(text);
      response.writeHead(200, { 'content-length': 10 });
      response.write('1');
      setTimeout(() => response.destroy(), 20);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await expect(callAdministration(path, 'status', {}, 'hanako')).rejects.toMatchObject({
      code: text?.startsWith('{') === true ? 'INTERNAL' : 'VAULT_UNAVAILABLE',
    });
    server.close();
  });
});
