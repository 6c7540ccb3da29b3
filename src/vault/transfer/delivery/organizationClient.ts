import { createReadStream, type PathLike } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { ERROR_CODES, KuramoriError, type ErrorCode } from '../../../kernel/errors.js';
import {
  ORGANIZATION_ANSWER_MS_MAX,
  ORGANIZATION_BYTES_PER_SECOND_MIN,
  ORGANIZATION_CALL_MS_MAX,
  ORGANIZATION_STEP_MS_MAX,
  TRANSFER_MESSAGE_CHARS_MAX,
} from '../../../kernel/limits.js';
import { storageFull } from '../../../kernel/storage.js';
import { OPENING_STEPS } from '../../../protocol/transfer/container/rejected.js';

const REFUSAL_BYTES_MAX = 16 * 1024;
const MS_PER_SECOND = 1_000;

/** With what the vault shows an organization who it is, and whom it believes there. PEM. */
export interface OrganizationTls {
  readonly ca: string;
  readonly key: string;
  readonly certificate: string;
}

/** A result package that an organization offers. */
export interface OfferedResult {
  readonly packageId: string;
  readonly seriesNo: number;
}

const JOSE = 'application/jose';
const BYTES = 'application/octet-stream';
const OFFSET_HEADER = 'upload-offset';
const offeredForm = z.object({
  results: z.array(z.object({ packageId: z.uuid(), seriesNo: z.int().min(1) })),
});

/** How long an organization may take. */
interface OrganizationLimits {
  /** Milliseconds without a byte, of a whole call, of all calls of a client. */
  readonly idleMs: number;
  readonly answerMs: number;
  readonly stepMs: number;
  /** At which a package must pass at least. */
  readonly bytesPerSecond: number;
}

const LIMITS: OrganizationLimits = {
  idleMs: ORGANIZATION_CALL_MS_MAX,
  answerMs: ORGANIZATION_ANSWER_MS_MAX,
  stepMs: ORGANIZATION_STEP_MS_MAX,
  bytesPerSecond: ORGANIZATION_BYTES_PER_SECOND_MIN,
};

interface Asked {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST';
  readonly path: string;
  readonly type?: string;
  readonly body?: Uint8Array | { readonly file: PathLike; readonly from: number };
  readonly headers?: Readonly<Record<string, string>>;
  /** That pass, one way or the other, where it is more than a message. */
  readonly bytes?: number;
}

/**
 * The line to an organization for one step of a round: TLS 1.3, both sides with a certificate. Whatever is sent may be
 * sent again: the second one changes nothing. Answers prove nothing but by their signature. However slowly bytes come,
 * each call ends, and all of them together.
 */
export class OrganizationClient {
  readonly #base: string;
  readonly #agent: Agent;
  readonly #limits: OrganizationLimits;
  readonly #step: AbortSignal;

  /** @param url of a setting that two people decided */
  constructor(url: string, { ca, key, certificate }: OrganizationTls, limits = LIMITS) {
    this.#base = url.replace(/\/$/, '');
    this.#limits = limits;
    this.#step = AbortSignal.timeout(limits.stepMs);
    this.#agent = new Agent({
      minVersion: 'TLSv1.3',
      ca: [ca],
      key,
      cert: certificate,
      maxCachedSessions: 0,
    });
  }

  /** Sends a small part of a package. @throws KuramoriError TIMEOUT, CONFLICT */
  async putPart(packageId: string, name: string, bytes: Uint8Array): Promise<void> {
    await this.#ask({ method: 'PUT', path: `/packages/${packageId}/${name}`, type: BYTES, body: bytes });
  }

  /** Bytes of the ciphertext that the organization has: where to go on. */
  async offset(packageId: string, name: string): Promise<number> {
    const { headers } = await this.#ask({ method: 'HEAD', path: `/packages/${packageId}/${name}` });
    const offset = Number(headers[OFFSET_HEADER] ?? 0);
    return Number.isSafeInteger(offset) && offset >= 0 ? offset : 0;
  }

  /**
   * Sends the ciphertext from an offset on.
   * @returns the DELIVERY receipt
   * @throws KuramoriError TIMEOUT; CONFLICT, also for an offset that lies behind its end
   */
  async putCiphertext(packageId: string, name: string, file: string, from: number): Promise<string> {
    const { size } = await stat(file);
    if (from > size) throw hasMore();
    const headers = { [OFFSET_HEADER]: String(from), 'content-length': String(size - from) };
    const path = `/packages/${packageId}/${name}`;
    const body = { file, from };
    const bytes = size - from;
    const answer = await this.#ask({ method: 'PUT', path, type: BYTES, body, headers, bytes });
    return answer.text;
  }

  /** The ACCEPTANCE receipt, or none yet. */
  async acceptance(packageId: string): Promise<string | undefined> {
    const { status, text } = await this.#ask({ method: 'GET', path: `/packages/${packageId}/acceptance` });
    return status === 204 ? undefined : text;
  }

  /** Sends a signed delta. */
  async sendDelta(packageId: string, signed: string): Promise<void> {
    const body = Buffer.from(signed, 'ascii');
    await this.#ask({ method: 'POST', path: `/packages/${packageId}/deltas`, type: JOSE, body });
  }

  /** Sends a signed request to erase. @returns the ERASURE report, or none yet */
  async erasure(packageId: string, signed: string): Promise<string | undefined> {
    const body = Buffer.from(signed, 'ascii');
    const path = `/packages/${packageId}/erasure`;
    const { status, text } = await this.#ask({ method: 'POST', path, type: JOSE, body });
    return status === 204 ? undefined : text;
  }

  /** Result packages after a number of the series. */
  async results(bodyCode: string, after: number): Promise<readonly OfferedResult[]> {
    const { text } = await this.#ask({
      method: 'GET',
      path: `/senders/${bodyCode}/results?after=${after}`,
    });
    const offered = offeredForm.safeParse(jsonOf(text));
    if (offered.success) return offered.data.results;
    throw organizationUnavailable();
  }

  /**
   * Fetches one file of a result package.
   * @param into path of no file that is there
   * @param bytes that it has at most
   */
  async fetchResult(
    bodyCode: string,
    resultId: string,
    name: string,
    into: string,
    bytes: number,
  ): Promise<void> {
    const path = `/senders/${bodyCode}/results/${resultId}/${name}`;
    const response = await this.#send({ method: 'GET', path, bytes });
    await assertAnswered(response);
    const file = await open(into, 'wx', 0o600);
    try {
      await pipeline(response, bounded(bytes), file.createWriteStream());
    } catch (cause) {
      throw storageFull(cause) ?? organizationUnavailable(cause);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ask(asked: Asked) {
    const response = await this.#send(asked);
    await assertAnswered(response);
    const { statusCode: status = 0, headers } = response;
    return { status, headers, text: await textOf(response, TRANSFER_MESSAGE_CHARS_MAX) };
  }

  #send({ method, path, type, body, headers = {}, bytes = 0 }: Asked): Promise<IncomingMessage> {
    const { answerMs, idleMs, bytesPerSecond } = this.#limits;
    const deadlineMs = answerMs + Math.ceil((bytes / bytesPerSecond) * MS_PER_SECOND);
    return new Promise((resolve, reject) => {
      const request = httpsRequest(`${this.#base}${path}`, {
        agent: this.#agent,
        method,
        timeout: idleMs,
        // What drips is never idle. The answer ends with its request.
        signal: AbortSignal.any([AbortSignal.timeout(deadlineMs), this.#step]),
        headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
      });
      const fail = (cause: unknown) => {
        request.destroy();
        reject(organizationUnavailable(cause));
      };
      request.once('timeout', () => fail(new Error('deadline')));
      // An answer that breaks off is told of by the answer; a request without a listener would end the process.
      request.on('error', fail);
      let answered = false;
      request.once('response', (response) => {
        answered = true;
        resolve(response);
      });
      if (body === undefined || body instanceof Uint8Array) return void request.end(body);
      // Who refuses early does not wait for the rest: what was answered counts, not that the sending broke off.
      pipeline(createReadStream(body.file, { start: body.from }), request).catch((cause: unknown) => {
        if (!answered) fail(cause);
      });
    });
  }
}

const refusalForm = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    facts: z.object({ step: z.enum(OPENING_STEPS).optional() }).optional(),
  }),
});

/** What the organization refuses is told by code and step alone, words of ours: its sentences came from outside. */
async function assertAnswered(response: IncomingMessage): Promise<void> {
  const { statusCode = 0 } = response;
  if (statusCode >= 200 && statusCode < 300) return;
  const told = refusalForm.safeParse(jsonOf(await textOf(response, REFUSAL_BYTES_MAX).catch(() => '')));
  if (statusCode >= 500 || statusCode === 408 || statusCode === 429) throw organizationUnavailable();
  const { code, facts } = told.data?.error ?? {};
  throw new KuramoriError(
    'CONFLICT',
    `The organization refused with the status ${statusCode}. Settle with it what is wrong.`,
    {
      status: statusCode,
      ...(code !== undefined && { refusal: code }),
      ...(facts?.step !== undefined && { step: facts.step }),
    },
  );
}

async function textOf(response: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw new Error('too many bytes');
      chunks.push(chunk);
    }
  } catch (cause) {
    throw organizationUnavailable(cause);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function bounded(bytesMax: number) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw new Error('too many bytes');
      yield chunk;
    }
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hasMore(): KuramoriError {
  return new KuramoriError(
    'CONFLICT',
    'The organization says that it has more of the ciphertext than there is. Settle with it what it has.',
  );
}

/** The line does not work: what was to be sent is sent again later. The cause is for the debugger. */
function organizationUnavailable(cause?: unknown): KuramoriError {
  return new KuramoriError(
    'TIMEOUT',
    'The organization did not answer, or not in time. It is tried again.',
    {},
    { cause },
  );
}
