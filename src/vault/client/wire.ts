import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, type ErrorFacts } from '../../kernel/errors.js';
import { TOKEN_BYTES_MAX, VAULT_REQUEST_ID_CHARS_MAX, VAULT_SIGNED_CHARS_MAX } from '../../kernel/limits.js';
import { mayHoldNumber } from '../../kernel/suspectedNumber.js';

/** One operation as it is carried to the vault (handbook 15 §5). The carrier's word counts for nothing. */
export interface OperationRequest {
  /** Made on the terminal: compact JWS, or what an authenticator signed. */
  readonly assertion: string;
  /** What `bodyDigest` of the assertion covers. */
  readonly body: unknown;
  /** The carrier's name of the request, for both logs. */
  readonly requestId: string;
  /** The entry (通番) that the gateway's log has for the same request. */
  readonly gatewayEntry?: string;
}

/** An operation that was done. */
export interface OperationDone {
  readonly outcome: 'done';
  readonly result: unknown;
  /** Number (通番) of the entry in the vault's log. */
  readonly entry: string;
  /** The outcome is that of an earlier request with the same assertion; nothing was done now. */
  readonly replayed?: boolean | undefined;
}

/** An operation that was refused, or met a defect. */
export interface OperationRefused {
  readonly outcome: 'refused';
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly facts?: ErrorFacts | undefined;
  };
  /** Missing where the log could not be written. */
  readonly entry?: string | undefined;
}

/** What the vault answers to an operation. */
export type Answer = OperationDone | OperationRefused;

const fact = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/** By which a request is known in the logs of both sides; no individual number, whoever made it up. */
export const requestIdForm = z
  .string()
  .regex(new RegExp(`^[A-Za-z0-9_.:-]{1,${VAULT_REQUEST_ID_CHARS_MAX}}$`))
  .refine((name) => !mayHoldNumber(name));

/** The form of a request; one more member is refused. */
export const operationRequestForm = z.strictObject({
  assertion: z.string().min(1).max(TOKEN_BYTES_MAX),
  body: z.unknown(),
  requestId: requestIdForm,
  gatewayEntry: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
});

/** The form of an answer; members that a later release may add are let through. */
export const answerForm = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('done'),
    result: z.unknown(),
    entry: z.string(),
    replayed: z.boolean().optional(),
  }),
  z.object({
    outcome: z.literal('refused'),
    error: z.object({
      code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      facts: z.record(z.string(), fact).optional(),
    }),
    entry: z.string().optional(),
  }),
]);

/** A public key to which terminals seal what is meant for the vault. */
export interface PublishedKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  /** Thumbprint (RFC 7638). */
  readonly kid: string;
  readonly use: 'enc';
  readonly alg: 'ECDH-ES';
}

/** What the vault publishes for terminals. */
export interface PublishedKeys {
  /** Newest first, to look at: whoever carries them could have put others in their place. */
  readonly keys: readonly PublishedKey[];
  /** The same as the vault signed them, for terminals to verify: compact JWS. */
  readonly signed: string;
}

/** The form of the published keys: a JWK set, and what vouches for it. */
export const publishedKeysForm = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
      kid: z.string(),
      use: z.literal('enc'),
      alg: z.literal('ECDH-ES'),
    }),
  ),
  signed: z
    .string()
    .max(VAULT_SIGNED_CHARS_MAX)
    .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/),
});
