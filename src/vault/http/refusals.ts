import { randomUUID } from 'node:crypto';
import type { AuditLog } from '../../audit/log.js';
import type { AuditRecord } from '../../audit/record.js';
import { addressKey } from '../../kernel/address.js';
import type { Clock } from '../../kernel/clock.js';
import { isKuramoriError } from '../../kernel/errors.js';
import { REFUSAL_ENTRIES_PER_MINUTE_MAX, VAULT_ADDRESSES_MAX } from '../../kernel/limits.js';

/** Why a connection or a request was refused before an operation was looked at. For the log alone. */
export type ServiceRefusalReason =
  | 'sourceNotAllowed'
  | 'tooManyConnections'
  | 'noCertificate'
  | 'certificateExpired'
  | 'certificateNotAccepted'
  | 'tlsVersion'
  | 'handshake'
  | 'handshakeTimeout'
  | 'serviceUnknown'
  | 'requestMalformed'
  | 'requestTimeout'
  | 'requestTooLarge'
  | 'tooManyRequests'
  | 'routeUnknown'
  | 'sealed'
  | 'defect';

/** What is known of one refusal. */
export interface ServiceRefusal {
  readonly coordinate: 'Vault.connection' | 'Vault.request';
  readonly reason: ServiceRefusalReason;
  readonly address: string;
  /** The service, once its certificate was verified. */
  readonly service?: string | undefined;
  readonly requestId?: string;
}

/** Reasons that nobody with a certificate of ours and a sound program meets. */
const RAISED: ReadonlySet<ServiceRefusalReason> = new Set<ServiceRefusalReason>([
  'sourceNotAllowed',
  'noCertificate',
  'certificateNotAccepted',
  'serviceUnknown',
]);

const MINUTE_MS = 60_000;

interface Minute {
  startedAt: number;
  written: number;
  unwritten: number;
}

/**
 * Entries of refusals before anyone is known: per address at most REFUSAL_ENTRIES_PER_MINUTE_MAX a minute, then one
 * summary with the count, so that an outsider cannot fill the log (handbook 15 §10). A refusal gives nothing away, so
 * it does not wait for its entry; an entry that could not be written is counted into the next summary.
 */
export class ServiceRefusals {
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #onFailure: (code: string) => void;
  readonly #minutes = new Map<string, Minute>();
  readonly #timer: NodeJS.Timeout;
  readonly #writing = new Set<Promise<void>>();

  /** @param onFailure told when the log cannot be written */
  constructor(audit: AuditLog, clock: Clock, onFailure: (code: string) => void) {
    this.#audit = audit;
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#timer = setInterval(() => this.#summarise(false), MINUTE_MS);
    this.#timer.unref();
  }

  note(refusal: ServiceRefusal): void {
    const address = addressKey(refusal.address);
    const minute = this.#minuteOf(address);
    if (minute.written >= REFUSAL_ENTRIES_PER_MINUTE_MAX) {
      minute.unwritten += 1;
      return;
    }
    minute.written += 1;
    this.#write(address, this.#record(refusal, address, 0), 1);
  }

  /** Writes the summaries of all minutes. Resolves when what was noted is in the log, or could not be written. */
  async flush(): Promise<void> {
    this.#summarise(true);
    await Promise.all(this.#writing);
  }

  /** A count that cannot be written even now is lost with the process; the log itself was away then. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  #minuteOf(address: string): Minute {
    const now = this.#clock.now().epochMilliseconds;
    const known = this.#minutes.get(address);
    if (known && now < known.startedAt + MINUTE_MS) return known;
    if (known) this.#close(address, known);
    else if (this.#minutes.size >= VAULT_ADDRESSES_MAX) this.#summarise(true);
    const fresh: Minute = { startedAt: now, written: 0, unwritten: 0 };
    this.#minutes.set(address, fresh);
    return fresh;
  }

  #summarise(all: boolean): void {
    const now = this.#clock.now().epochMilliseconds;
    for (const [address, minute] of this.#minutes)
      if (all || now >= minute.startedAt + MINUTE_MS) this.#close(address, minute);
  }

  #close(address: string, minute: Minute): void {
    this.#minutes.delete(address);
    if (minute.unwritten === 0) return;
    const summary = { coordinate: 'Vault.refusals', reason: 'notWrittenSingly', address } as const;
    this.#write(address, this.#record(summary, address, minute.unwritten), minute.unwritten);
  }

  #write(address: string, record: AuditRecord, count: number): void {
    const writing = this.#audit
      .append(record)
      .then(
        () => undefined,
        (error: unknown) => {
          this.#minuteOf(address).unwritten += count;
          this.#onFailure(isKuramoriError(error) ? error.code : 'INTERNAL');
        },
      )
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  #record(refusal: RefusalNote, address: string, rows: number): AuditRecord {
    return {
      kind: 'refusal',
      at: this.#clock.now().toString({ fractionalSecondDigits: 3 }),
      requestId: refusal.requestId ?? randomUUID(),
      actorId: refusal.service === undefined ? 'unknown' : `service:${refusal.service}`,
      roles: [],
      department: '',
      terminal: address,
      sessionId: '',
      strength: refusal.service === undefined ? '' : 'clientCertificate',
      clientApp: refusal.service ?? '',
      purpose: '',
      entries: [
        {
          coordinate: refusal.coordinate,
          decision: 'refuse',
          reason: refusal.reason,
          rows,
          subjects: [],
          raised: rows > 0 || RAISED.has(refusal.reason as ServiceRefusalReason),
        },
      ],
    };
  }
}

interface RefusalNote extends Omit<ServiceRefusal, 'coordinate' | 'reason'> {
  readonly coordinate: string;
  readonly reason: string;
}
