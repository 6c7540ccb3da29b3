import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Origin } from '../../access/identity.js';
import { KuramoriError } from '../../kernel/errors.js';
import { PASSWORD_CHARS_MAX, TOKEN_BYTES_MAX } from '../../kernel/limits.js';

const name = z.string().max(64);
/** Room for passwords that NFKC shortens. */
const password = z.string().max(PASSWORD_CHARS_MAX * 4);
const totp = z.string().max(16);
const opaque = z.string().max(128);
const code = z.string().max(64);

/** Bodies of the routes. Unknown members are refused. */
export const BODIES = {
  signIn: z.strictObject({ staffId: name, password, totp }),
  refresh: z.strictObject({ refreshToken: opaque }),
  stepUp: z.strictObject({ purpose: name, totp }),
  /** Over its limit it is still a credential: the verifier refuses it. */
  serviceToken: z.strictObject({ clientAssertion: z.string().max(TOKEN_BYTES_MAX + 1024) }),
  beginEnrolment: z.strictObject({ staffId: name, code }),
  finishEnrolment: z.strictObject({ staffId: name, code, password, totp }),
  completeOidc: z.strictObject({ pending: opaque, totp }),
} as const;

/** @throws KuramoriError BAD_INPUT; what was sent is not repeated */
export function bodyOf<T>(schema: z.ZodType<T>, request: FastifyRequest): T {
  const read = schema.safeParse(request.body);
  if (read.success) return read.data;
  throw new KuramoriError(
    'BAD_INPUT',
    'The body lacks a member, has one too many or of another form. See the documentation.',
  );
}

/** Where a request came from. */
export function originOf(request: FastifyRequest): Origin {
  return {
    address: request.ip,
    requestId: request.id,
    terminal: headerOf(request, 'kuramori-terminal'),
    clientApp: headerOf(request, 'kuramori-client'),
  };
}

/** The value of a cookie, or empty (RFC 6265 §5.4). */
export function cookieOf(request: FastifyRequest, cookie: string): string {
  const pairs = headerOf(request, 'cookie')
    .split(';')
    .map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${cookie}=`))?.slice(cookie.length + 1) ?? '';
}

function headerOf(request: FastifyRequest, header: string): string {
  const value = request.headers[header];
  return typeof value === 'string' ? value : '';
}
