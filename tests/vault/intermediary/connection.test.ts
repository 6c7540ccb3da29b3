import { once } from 'node:events';
import { createServer as createHttp1 } from 'node:https';
import { connect as connectTcp, createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer as createTls } from 'node:tls';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { INTERMEDIARY_STREAMS_MAX } from '../../../src/kernel/limits.js';
import { newUuidV7 } from '../../../src/kernel/uuid.js';
import type { ConnectionTimes } from '../../../src/vault/intermediary/connection.js';
import { IntermediaryHttp } from '../../../src/vault/intermediary/http.js';
import { networkAuthority } from '../push/support/certificates.js';
import { startPeer } from '../push/support/peerServer.js';

const network = await networkAuthority();
const identity = await network.issue('intermediary', 'serverAuth');
const server = await startPeer(identity, network.ca);
const linkage = await network.issue('vault', 'clientAuth');
const names = { bodyCode: '0220000000992011', bodyName: '見本市', systemId: 'kuramori' };

let http: IntermediaryHttp;
const opened = (times: Partial<ConnectionTimes> = {}, url = server.url, timeoutMs = 5_000) => {
  const settings = { url, ...linkage, ca: network.ca, ...names, layoutVersion: '2026-07' };
  return (http = new IntermediaryHttp(settings, timeoutMs, times));
};
const ask = () => http.call({ method: 'GET', path: `/v1/messages/${newUuidV7(Date.now())}` });
const unknown = { status: 404 };
afterEach(() => {
  http.close();
  server.hold = undefined;
});
/** Connections that begin from now on. */
const counted = () => {
  const [sessions, requests] = [server.sessions.length, server.requests.length];
  return {
    sessions: () => server.sessions.length - sessions,
    requests: () => server.requests.length - requests,
  };
};
const urlOf = (listening: Server) => `https://127.0.0.1:${(listening.address() as AddressInfo).port}`;
const listen = async <T extends Server>(listening: T): Promise<T> => {
  await once(listening.listen(0, '127.0.0.1'), 'listening');
  afterAll(() => listening.close());
  return listening;
};

/** A line to the server that can lose what the server says, without a word. */
const line = { newest: { isDeaf: false } };
const wire = await listen(
  createServer((near) => {
    const own = (line.newest = { isDeaf: false });
    const far = connectTcp(Number(new URL(server.url).port), '127.0.0.1');
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.pipe(far);
    far.on('data', (chunk) => {
      if (!own.isDeaf) near.write(chunk);
    });
  }),
);

describe('the connection', () => {
  test('is one, for calls at once and after each other', async () => {
    const { sessions } = counted();
    opened();
    expect(await Promise.all([ask(), ask(), ask()])).toMatchObject([unknown, unknown, unknown]);
    expect(await ask()).toMatchObject(unknown);
    expect(sessions()).toBe(1);
  });

  test('is made anew after the server has told it to go away', async () => {
    const { sessions, requests } = counted();
    opened();
    await ask();
    const session = server.sessions.at(-1)!;
    const closed = once(session, 'close');
    session.close();
    await closed;
    expect(await ask()).toMatchObject(unknown);
    expect([sessions(), requests()]).toEqual([2, 2]);
  });

  test('that is lost with a message on the way leaves it without an answer, sent once', async () => {
    const { sessions, requests } = counted();
    opened();
    server.hold = 'question';
    const held = server.held();
    const asked = ask();
    await held;
    server.sessions.at(-1)?.destroy();
    expect(await asked).toBe('noAnswer');
    server.hold = undefined;
    expect(requests()).toBe(1);
    expect(await ask()).toMatchObject(unknown);
    expect([sessions(), requests()]).toEqual([2, 2]);
  });

  test('that was quiet is asked for a sign of life, and used again when it gives one', async () => {
    const { sessions } = counted();
    opened({ quietMs: 0 });
    await ask();
    expect(await ask()).toMatchObject(unknown);
    expect(sessions()).toBe(1);
  });

  test('that has died without a word is not trusted with a message', async () => {
    const { sessions, requests } = counted();
    opened({ quietMs: 0, pingMs: 50 }, urlOf(wire));
    await ask();
    line.newest.isDeaf = true;
    expect(await ask()).toMatchObject(unknown);
    expect([sessions(), requests()]).toEqual([2, 2]);
  });

  test('ends after a time without an exchange, and after a time in any case', async () => {
    for (const times of [{ idleMs: 100 }, { wholeMs: 100 }]) {
      const { sessions } = counted();
      opened(times);
      await ask();
      await once(server.sessions.at(-1)!, 'close');
      expect(await ask()).toMatchObject(unknown);
      expect(sessions()).toBe(2);
      http.close();
    }
  });

  test('is none with a server that does not speak HTTP/2', async () => {
    let requests = 0;
    const { key, certificate: cert } = identity;
    const old = await listen(createHttp1({ key, cert }, () => (requests += 1)) as unknown as Server);
    opened({}, urlOf(old));
    expect(await ask()).toBe('notReached');
    expect(requests).toBe(0);
  });

  test('is none with a server that says nothing of what it speaks', async () => {
    const { key, certificate: cert } = identity;
    const mute = await listen(createTls({ key, cert }));
    opened({}, urlOf(mute));
    expect(await ask()).toBe('notReached');
  });

  test('is none with a server that says nothing', async () => {
    const silent = await listen(createServer());
    opened({ connectMs: 30 }, urlOf(silent));
    expect(await ask()).toBe('notReached');
    http.close();
    opened({ connectMs: 60 }, urlOf(silent), 30);
    expect(await ask()).toBe('notReached');
    await pause(50);
  });

  test('is none after its end, and one that stands too late is ended', async () => {
    const { requests } = counted();
    opened();
    const asked = ask();
    http.close();
    expect(await asked).toBe('notReached');
    expect(await ask()).toBe('notReached');
    expect(requests()).toBe(0);
  });

  test('that ends before a call is begun on it carries nothing', async () => {
    const { requests } = counted();
    opened();
    await ask();
    const asked = ask();
    http.close();
    expect(await asked).toBe('notReached');
    expect(requests()).toBe(1);
  });

  test('carries so many calls at once and no more', async () => {
    const { requests } = counted();
    opened();
    const asked = await Promise.all(Array.from({ length: INTERMEDIARY_STREAMS_MAX + 1 }, ask));
    expect(asked.filter((outcome) => outcome === 'notReached')).toHaveLength(1);
    expect(requests()).toBe(INTERMEDIARY_STREAMS_MAX);
  });
});
