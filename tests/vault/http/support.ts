import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Temporal } from 'temporal-polyfill';
import { houseCertificates, type CertificateFiles } from '../../../src/cli/house/certificates.js';
import { systemClock, type Clock } from '../../../src/kernel/clock.js';
import type { AuditLog } from '../../../src/audit/log.js';
import { ServiceRefusals } from '../../../src/vault/http/refusals.js';
import {
  buildService,
  type RunOperation,
  type ServiceDeps,
  type ServiceSettings,
} from '../../../src/vault/http/service.js';
import { afterwards } from '../../support/afterwards.js';

/** A certificate with its key, PEM. */
export interface Pem {
  readonly key: string;
  readonly cert: string;
}

/** Certificates of one authority. */
export interface Authority {
  readonly ca: string;
  readonly vault: Pem;
  readonly gateway: Pem;
  readonly worker: Pem;
}

/** A clock that stands so many days from now. */
export function clockAt(days: number): Clock {
  return { now: () => systemClock.now().add({ milliseconds: days * 86_400_000 }) };
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kuramori-vault-'));
  afterwards(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export async function authority(home = folder(), clock: Clock = systemClock): Promise<Authority> {
  const { caFile, vault, gateway, worker } = await houseCertificates(home, clock);
  const pem = ({ keyFile, certificateFile }: CertificateFiles): Pem => ({
    key: readFileSync(keyFile, 'utf8'),
    cert: readFileSync(certificateFile, 'utf8'),
  });
  return { ca: readFileSync(caFile, 'utf8'), vault: pem(vault), gateway: pem(gateway), worker: pem(worker) };
}

export function sources(...addresses: string[]): BlockList {
  const allowed = new BlockList();
  for (const address of addresses) allowed.addAddress(address, address.includes(':') ? 'ipv6' : 'ipv4');
  return allowed;
}

/** A log that keeps what it was given, for tests that do not look at the database. */
export function memoryLog(): AuditLog & { readonly records: Parameters<AuditLog['append']>[0][] } {
  const records: Parameters<AuditLog['append']>[0][] = [];
  const append = (record: (typeof records)[number]) => {
    records.push(record);
    return Promise.resolve({ recordNo: BigInt(records.length), firstSequence: BigInt(records.length) });
  };
  return {
    records,
    append,
    appendIn: (_tx, record) => append(record),
    appendAhead: (_tx, record) => append(record),
    flushed: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

export interface TestService {
  readonly url: string;
  readonly port: number;
  readonly refusals: ServiceRefusals;
  readonly server: Server;
  readonly stop: () => Promise<void>;
}

export interface TestServiceOptions extends Partial<ServiceDeps> {
  readonly audit: AuditLog;
  readonly authority: Authority;
  readonly allowed?: BlockList;
  readonly services?: readonly string[];
  readonly host?: string;
  readonly port?: number;
  readonly settings?: Partial<ServiceSettings>;
}

export const done: RunOperation = (request, service) =>
  Promise.resolve({ outcome: 'done', result: { body: request.body, service }, entry: '7' });

/** The real service on a real port. */
export async function startService(options: TestServiceOptions): Promise<TestService> {
  const clock = options.clock ?? systemClock;
  const refusals = options.refusals ?? new ServiceRefusals(options.audit, clock, () => undefined);
  const host = options.host ?? '127.0.0.1';
  const app = buildService(
    {
      runOperation: options.runOperation ?? done,
      pushChanges: options.pushChanges ?? (() => Promise.resolve({ changes: [], last: '0' })),
      publishedKeys: options.publishedKeys ?? (() => ({ keys: [], signed: 'a.b.c' })),
      assertOpen: options.assertOpen ?? (() => undefined),
      assertReady: options.assertReady ?? (() => Promise.resolve()),
      refusals,
      clock,
    },
    {
      tls: {
        key: options.authority.vault.key,
        certificate: options.authority.vault.cert,
        ca: options.authority.ca,
      },
      sources: options.allowed ?? sources('127.0.0.1', '::1'),
      services: new Set(options.services ?? ['gateway', 'worker']),
      ...options.settings,
    },
    pino({ level: 'silent' }),
  );
  await app.listen({ host, port: options.port ?? 0 });
  const { port } = app.server.address() as { port: number };
  let stopped: Promise<void> | undefined;
  const stop = () =>
    (stopped ??= (async () => {
      app.server.closeAllConnections();
      await app.close();
      await refusals.close();
    })());
  afterwards(stop);
  return { url: `https://127.0.0.1:${port}`, port, refusals, server: app.server, stop };
}

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly json: unknown;
}

export interface AskOptions {
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly localAddress?: string;
}

/** One request by a connection of its own. */
export function ask(
  service: TestService,
  path: string,
  tls: Partial<Pem> & { readonly ca: string },
  options: AskOptions = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(new URL(path, service.url), {
      agent: false,
      ...tls,
      method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
      headers: {
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
    });
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        const json = text.startsWith('{') ? (JSON.parse(text) as unknown) : undefined;
        resolve({ status: Number(response.statusCode), headers: response.headers, text, json });
      });
    });
    request.end(options.body);
  });
}

export const OPERATION = { assertion: 'a.b.c', body: { x: 1 }, requestId: 'r-1' } as const;

export const instant = (text: string): Temporal.Instant => Temporal.Instant.from(text);
