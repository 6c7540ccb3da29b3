import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { houseCertificates, type HouseCertificates } from '../../../../src/cli/house/certificates.js';
import { systemClock } from '../../../../src/kernel/clock.js';
import { collected } from '../../../protocol/transfer/support.js';

/** An answer of the organization. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The body as text, and as the code or step of a refusal. */
  readonly text: string;
}

export interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST';
  readonly path: string;
  readonly type?: string;
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes calls with one client certificate of the house. */
export type Line = (call: Call) => Promise<Answer>;

/** A line to an organization, as a service of the house has it. */
export function lineTo(
  address: () => string,
  certificates: HouseCertificates,
  as: 'vaultClient' | 'gateway' = 'vaultClient',
): Line & { readonly close: () => void } {
  const agent = new Agent({
    ca: readFileSync(certificates.caFile),
    key: readFileSync(certificates[as].keyFile),
    cert: readFileSync(certificates[as].certificateFile),
    minVersion: 'TLSv1.3',
  });
  const line: Line = ({ method, path, type = 'application/octet-stream', body, headers }) =>
    new Promise((resolve, reject) => {
      const told = body === undefined ? headers : { 'content-type': type, ...headers };
      const request = httpsRequest(new URL(path, address()), { agent, method, headers: told });
      request.once('error', reject);
      request.once('response', (response) => void answerOf(response).then(resolve, reject));
      request.end(body);
    });
  return Object.assign(line, { close: () => agent.destroy() });
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const body = await collected(response as AsyncIterable<Uint8Array>);
  return { status: Number(response.statusCode), headers: response.headers, body, text: body.toString() };
}

/** Certificates of a house, in a folder of the test. */
export function certificatesIn(home: string): Promise<HouseCertificates> {
  return houseCertificates(home, systemClock);
}
