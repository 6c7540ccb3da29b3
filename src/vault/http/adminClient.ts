import { request as httpRequest } from 'node:http';
import { ERROR_CODES, KuramoriError, type ErrorCode, type ErrorFacts } from '../../kernel/errors.js';
import { VAULT_ADMIN_CALL_MS_MAX, VAULT_ANSWER_BYTES_MAX } from '../../kernel/limits.js';

interface AdminAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly facts?: ErrorFacts };
}

/**
 * Asks the vault that runs on this machine, over its socket, as the command line does.
 * @param operator who asks, for the vault's log
 * @param timeoutMs without a byte from the vault
 * @returns what the command answered
 * @throws KuramoriError the code the vault answered; VAULT_UNAVAILABLE when nobody listens there
 */
export async function callAdministration(
  socketPath: string,
  command: string,
  input: Readonly<Record<string, unknown>>,
  operator: string,
  timeoutMs: number = VAULT_ADMIN_CALL_MS_MAX,
): Promise<unknown> {
  const body = Buffer.from(JSON.stringify(input), 'utf8');
  const path = `/v1/${encodeURIComponent(command)}`;
  return resultOf(await post({ socketPath, path, type: 'application/json', body, operator, timeoutMs }));
}

/**
 * Hands the vault that runs on this machine a part of a file.
 * @param query what the part is
 * @returns and throws as `callAdministration`
 */
export async function uploadToAdministration(
  socketPath: string,
  command: string,
  query: Readonly<Record<string, string>>,
  body: Uint8Array,
  operator: string,
): Promise<unknown> {
  const path = `/v1/uploads/${encodeURIComponent(command)}?${new URLSearchParams(query).toString()}`;
  const type = 'application/octet-stream';
  return resultOf(await post({ socketPath, path, type, body, operator, timeoutMs: VAULT_ADMIN_CALL_MS_MAX }));
}

function resultOf(answer: AdminAnswer): unknown {
  if (answer.error === undefined) return answer.result;
  const { code, message, facts } = answer.error;
  throw new KuramoriError(
    Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL',
    message,
    facts,
  );
}

interface AdminRequest {
  readonly socketPath: string;
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array;
  readonly operator: string;
  readonly timeoutMs: number;
}

function post({ socketPath, path, type, body, operator, timeoutMs }: AdminRequest): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      socketPath,
      path,
      method: 'POST',
      headers: {
        'content-type': type,
        'content-length': body.length,
        'kuramori-operator': operator,
      },
      timeout: timeoutMs,
      // A connection kept for the next command would hold up a vault that ends.
      agent: false,
    });
    const fail = (cause: unknown) => reject(notThere(cause));
    request.once('timeout', () => request.destroy(new Error('deadline')));
    request.once('error', fail);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > VAULT_ANSWER_BYTES_MAX) request.destroy(new Error('the answer is over its limit'));
        else chunks.push(chunk);
      });
      response.once('error', fail);
      response.once('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as AdminAnswer);
        } catch (cause) {
          fail(cause);
        }
      });
    });
    request.end(body);
  });
}

function notThere(cause: unknown): KuramoriError {
  return new KuramoriError(
    'VAULT_UNAVAILABLE',
    'No vault answers on its socket. Start it with kuramori vault, as its account, or name its socket in ' +
      'KURAMORI_VAULT_SOCKET.',
    {},
    { cause },
  );
}
