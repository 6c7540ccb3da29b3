import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { IntermediarySettings } from '../../config/intermediaryLink.js';
import { INTERMEDIARY_INQUIRY_MS_MAX, INTERMEDIARY_SERVER_KEYS_MAX } from '../../kernel/limits.js';
import { answerForm, type Answer } from '../../protocol/intermediary/answer.js';
import { signatureFault } from '../../protocol/intermediary/signature.js';
import { signSigningKeys } from '../../protocol/intermediary/signingKeys.js';
import { IntermediaryFiles } from './files.js';
import { IntermediaryHttp } from './http.js';
import type { Exchange, Intermediary } from './intermediary.js';
import { lookAt } from './lists.js';
import type { Call, CallOutcome, Reply, Transport } from './transport.js';

/** Our keys of the class `intermediary`, asked for at each use, so that a rotation is seen. */
export interface OwnKeys {
  /** Public halves (RFC 8037, base64url), also of the next one while it waits. */
  readonly published: readonly string[];
  /** One that the other side knows already: the oldest that still signs. */
  readonly oldest: KeyObject;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

const serverKeysForm = z.object({
  keys: z.array(z.object({ keyId: z.string(), x: z.string().length(43) })).max(INTERMEDIARY_SERVER_KEYS_MAX),
});

/**
 * Opens the link to the intermediary server, over the network or by files. Nothing connects before the first exchange.
 * The server’s signing keys are believed on the strength of its certificate; an answer counts when one of them signed
 * it and it speaks of the very message.
 * @param deadlineMs of one exchange; default and ceiling INTERMEDIARY_INQUIRY_MS_MAX
 * @throws KuramoriError CONFIGURATION_INVALID when the folder of an exchange by files is not ours alone
 */
export function openIntermediaryLink(
  settings: IntermediarySettings,
  ownKeys: () => OwnKeys,
  deadlineMs: number = INTERMEDIARY_INQUIRY_MS_MAX,
): Intermediary {
  const { bodyCode, bodyName, systemId, layoutVersion } = settings;
  const transport = transportBy(settings, Math.min(deadlineMs, INTERMEDIARY_INQUIRY_MS_MAX));
  const introduced = new Introduction(transport, bodyCode, ownKeys);
  const serverKeys = new ServerKeys(transport);
  const exchange = async (one: Call, messageId: string): Promise<Exchange> => {
    const answered = await transport.call(one);
    if (answered === 'notReached' || answered === 'noAnswer') return { kind: answered };
    const answer = await trusted(answered, messageId, serverKeys);
    if (answer !== undefined) return { kind: 'answer', answer, receipt: answered.bytes };
    return { kind: one.method === 'GET' && answered.status === 404 ? 'notKnown' : 'noAnswer' };
  };
  return {
    sender: { bodyCode, systemId },
    self: { bodyCode, name: bodyName },
    layoutVersion,
    send: async (messageId, body) => {
      if (!(await introduced.done())) return { kind: 'notReached' };
      return exchange({ method: 'POST', path: '/v1/messages', body }, messageId);
    },
    ask: (messageId) => exchange({ method: 'GET', path: `/v1/messages/${messageId}` }, messageId),
    submitBatch: async (batchId, body) => {
      if (!(await introduced.done())) return { kind: 'notReached' };
      return exchange({ method: 'POST', path: '/v1/batches', body, isLarge: true }, batchId);
    },
    pollBatch: (batchId) => exchange({ method: 'GET', path: `/v1/batches/${batchId}` }, batchId),
    fetchBatch: (batchId) =>
      exchange({ method: 'GET', path: `/v1/batches/${batchId}/result`, isLarge: true }, batchId),
    look: (name, look) => lookAt(transport, name, look),
    close: () => transport.close(),
  };
}

function transportBy(settings: IntermediarySettings, deadlineMs: number): Transport {
  return 'url' in settings
    ? new IntermediaryHttp(settings, deadlineMs)
    : new IntermediaryFiles(settings, deadlineMs);
}

/** Makes our signing keys known to the server: once for each list of them, before anything is sent. */
class Introduction {
  readonly #transport: Transport;
  readonly #bodyCode: string;
  readonly #ownKeys: () => OwnKeys;
  #known: string | undefined;

  constructor(transport: Transport, bodyCode: string, ownKeys: () => OwnKeys) {
    [this.#transport, this.#bodyCode, this.#ownKeys] = [transport, bodyCode, ownKeys];
  }

  /** @returns false when the server could not be told, so that nothing may be sent */
  async done(): Promise<boolean> {
    const { published, oldest } = this.#ownKeys();
    const list = published.join();
    if (this.#known === list) return true;
    const request = signSigningKeys({ bodyCode: this.#bodyCode, keys: [...published] }, oldest);
    const body = Buffer.from(JSON.stringify(request), 'utf8');
    const answered = await this.#transport.call({ method: 'PUT', path: '/v1/signing-keys', body });
    if (!isOk(answered)) return false;
    this.#known = list;
    return true;
  }
}

/** The server’s public keys by their names; asked for again when it signs with one that is not known. */
class ServerKeys {
  readonly #transport: Transport;
  #keys: ReadonlyMap<string, KeyObject> = new Map();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async named(keyId: string): Promise<KeyObject | undefined> {
    return this.#keys.get(keyId) ?? (await this.#asked()).get(keyId);
  }

  async #asked(): Promise<ReadonlyMap<string, KeyObject>> {
    const answered = await this.#transport.call({ method: 'GET', path: '/v1/keys' });
    const read = serverKeysForm.safeParse(isOk(answered) ? parsed(answered.bytes) : undefined);
    if (!read.success) return new Map();
    this.#keys = new Map(
      read.data.keys.flatMap(({ keyId, x }) => publicKeysOf(x).map((key) => [keyId, key])),
    );
    return this.#keys;
  }
}

/** None where the server tells of what is no key: answers under its name are not believed. */
function publicKeysOf(x: string): readonly KeyObject[] {
  try {
    return [createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })];
  } catch {
    return [];
  }
}

function isOk(answered: CallOutcome): answered is Reply {
  return typeof answered !== 'string' && answered.status === 200;
}

/** What no key of the server signed, or what speaks of another message, was not said by it. */
async function trusted(
  { bytes }: Reply,
  messageId: string,
  serverKeys: ServerKeys,
): Promise<Answer | undefined> {
  const read = answerForm.safeParse(parsed(bytes));
  if (!read.success || read.data.messageId !== messageId) return undefined;
  const key = await serverKeys.named(read.data.keyId);
  return key !== undefined && signatureFault(read.data, key) === undefined ? read.data : undefined;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch {
    return undefined;
  }
}
