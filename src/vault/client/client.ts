import type { Agent } from 'node:https';
import type { Socket } from 'node:net';
import type { z } from 'zod';
import type { TlsPem } from '../../config/tlsFiles.js';
import { KuramoriError } from '../../kernel/errors.js';
import {
  PUSH_CHANGES_MAX,
  VAULT_CALL_MS_MAX,
  VAULT_CLIENT_CALLS_MAX,
  VAULT_KEYS_CACHE_MS_MAX,
} from '../../kernel/limits.js';
import { pushChangesForm, type PushChanges } from '../../protocol/push.js';
import { httpsUrl, vaultAgent } from './agent.js';
import { Breaker } from './breaker.js';
import { call, vaultUnavailable, type HttpAnswer } from './call.js';
import {
  answerForm,
  publishedKeysForm,
  type Answer,
  type OperationDone,
  type OperationRefused,
  type OperationRequest,
  type PublishedKeys,
} from './wire.js';

/** The vault as the gateway and the worker see it. */
export interface VaultClient {
  /**
   * Carries one operation to the vault. Never repeated by itself: an assertion serves once.
   * @throws KuramoriError the code the vault answered, with `facts.vaultEntry` where the vault's log has an entry;
   *   VAULT_UNAVAILABLE when it did not answer within VAULT_CALL_MS_MAX, with `facts.outcome` `notSent` or `unknown`
   */
  operate(request: OperationRequest): Promise<OperationDone>;
  /**
   * Public keys to which terminals seal what only the vault may read, with the vault's signature for the terminals to
   * verify; kept for VAULT_KEYS_CACHE_MS_MAX.
   * @throws KuramoriError VAULT_SEALED, VAULT_UNAVAILABLE
   */
  publishedKeys(): Promise<PublishedKeys>;
  /**
   * What became of pushes after a sequence, in order; `0` for all. Keep `last` and ask after it next.
   * @param limit at most PUSH_CHANGES_MAX
   * @throws KuramoriError VAULT_UNAVAILABLE, BAD_INPUT
   */
  pushChanges(after: string, limit?: number): Promise<PushChanges>;
  /** Whether the vault is ready, for the readiness of its callers. @throws KuramoriError VAULT_SEALED, … */
  assertReady(): Promise<void>;
  /** Shows another certificate, and trusts another authority, from the next call on; calls under way go on. */
  replaceTls(tls: TlsPem): void;
  /** Ends the connections; calls under way fail. */
  close(): void;
}

/** With key and certificate of this service, and the municipality's authority. */
export interface VaultClientOptions extends TlsPem {
  /** `https://host:port` */
  readonly url: string;
  /** Milliseconds of one call; default and ceiling VAULT_CALL_MS_MAX. */
  readonly timeoutMs?: number;
  /** A clock that nobody sets, in milliseconds. */
  readonly monotonicMs?: () => number;
}

/**
 * Opens a client. Nothing connects before the first call.
 * @throws KuramoriError CONFIGURATION_INVALID when the address is not https
 * @example
 * const vault = openVaultClient({ url: 'https://10.1.2.3:4100', ca, key, certificate });
 * const { result, entry } = await vault.operate({ assertion, body, requestId, gatewayEntry });
 */
export function openVaultClient(options: VaultClientOptions): VaultClient {
  return new HttpsVaultClient(options);
}

/** Renewals are days apart; of those before, no call is under way any more. */
const FORMER_AGENTS_MAX = 2;

class HttpsVaultClient implements VaultClient {
  readonly #base: URL;
  #agent: Agent;
  /** Agents whose calls may still be under way. */
  readonly #former: Agent[] = [];
  readonly #timeoutMs: number;
  readonly #monotonicMs: () => number;
  readonly #breaker: Breaker;
  #underWay = 0;
  #keys: { readonly until: number; readonly keys: Promise<PublishedKeys> } | undefined;

  constructor(options: VaultClientOptions) {
    this.#base = httpsUrl(options.url);
    this.#timeoutMs = Math.min(options.timeoutMs ?? VAULT_CALL_MS_MAX, VAULT_CALL_MS_MAX);
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#breaker = new Breaker(this.#monotonicMs);
    this.#agent = vaultAgent(options);
  }

  async operate(request: OperationRequest): Promise<OperationDone> {
    const { json } = await this.#call('POST', '/v1/operations', JSON.stringify(request));
    const answer = parsed(answerForm, json);
    if (answer.outcome === 'refused') throw refusalOf(answer);
    return answer;
  }

  publishedKeys(): Promise<PublishedKeys> {
    const now = this.#monotonicMs();
    if (this.#keys === undefined || now >= this.#keys.until) {
      const keys = this.#readKeys();
      const asked = { until: now + VAULT_KEYS_CACHE_MS_MAX, keys };
      this.#keys = asked;
      // A failure is told to those who wait and kept for nobody.
      keys.catch(() => {
        if (this.#keys === asked) this.#keys = undefined;
      });
    }
    return this.#keys.keys;
  }

  async pushChanges(after: string, limit: number = PUSH_CHANGES_MAX): Promise<PushChanges> {
    const query = new URLSearchParams({ after, limit: String(limit) });
    const { status, json } = await this.#call('GET', `/v1/pushes/changes?${query.toString()}`);
    if (status !== 200) throw refusalOf(parsed(answerForm, json));
    return parsed(pushChangesForm, json);
  }

  async assertReady(): Promise<void> {
    const { status, json } = await this.#call('GET', '/readyz');
    if (status !== 200) throw refusalOf(parsed(answerForm, json));
  }

  replaceTls(tls: TlsPem): void {
    const former = this.#agent;
    this.#agent = vaultAgent(tls);
    // What idles would be used by nobody again; what works ends by itself, and idles its time out.
    const idle = Object.values(former.freeSockets) as Socket[][];
    for (const socket of idle.flat()) socket.destroy();
    this.#former.push(former);
    if (this.#former.length > FORMER_AGENTS_MAX) this.#former.shift()?.destroy();
  }

  close(): void {
    for (const agent of [this.#agent, ...this.#former]) agent.destroy();
  }

  async #readKeys(): Promise<PublishedKeys> {
    const { status, json } = await this.#call('GET', '/v1/keys');
    if (status !== 200) throw refusalOf(parsed(answerForm, json));
    return parsed(publishedKeysForm, json);
  }

  async #call(method: 'GET' | 'POST', path: string, body?: string): Promise<HttpAnswer> {
    if (this.#underWay >= VAULT_CLIENT_CALLS_MAX) {
      throw new KuramoriError(
        'TOO_MANY_REQUESTS',
        `More than ${VAULT_CLIENT_CALLS_MAX} calls wait for the vault. Try again in a moment.`,
      );
    }
    if (!this.#breaker.admits()) throw vaultUnavailable('notSent');
    this.#underWay += 1;
    try {
      const answer = await call({
        agent: this.#agent,
        url: new URL(path, this.#base),
        method,
        timeoutMs: this.#timeoutMs,
        ...(body === undefined ? {} : { body }),
      });
      this.#breaker.succeeded();
      return answer;
    } catch (error) {
      this.#breaker.failed();
      throw error;
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** A failure of the vault’s databases: under its own code it would be taken for one of the records. */
function isOfItsDatabases({ code, facts = {} }: OperationRefused['error']): boolean {
  return code === 'DATABASE_UNAVAILABLE' || (code === 'TIMEOUT' && facts['statement'] !== undefined);
}

/** There are two logs, and an operator must know which of them cannot be written. */
function namingItsLog(error: OperationRefused['error']): OperationRefused['error'] {
  if (error.code !== 'AUDIT_UNAVAILABLE') return error;
  const message =
    'The vault cannot write its own audit log, so its answer is withheld. An operator must look at the vault.';
  return { ...error, message, facts: { ...error.facts, log: 'vault' } };
}

/** The refusal that the vault answered, with the number of its entry. */
export function refusalOf(answer: Answer): KuramoriError {
  if (answer.outcome === 'done') throw vaultUnavailable('unknown');
  const { error, entry } = answer satisfies OperationRefused;
  const { code, message, facts } = isOfItsDatabases(error)
    ? vaultUnavailable('unknown')
    : namingItsLog(error);
  return new KuramoriError(code, message, {
    ...facts,
    ...(entry === undefined ? {} : { vaultEntry: entry }),
  });
}

/** What does not have the agreed form was not said by a vault we know. */
export function parsed<F extends z.ZodType>(form: F, json: unknown): z.output<F> {
  const result = form.safeParse(json);
  if (!result.success) throw vaultUnavailable('unknown');
  return result.data;
}
