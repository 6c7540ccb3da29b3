import { generateKeyPairSync, verify, type KeyObject } from 'node:crypto';
import type {
  Answer,
  InquiryResult,
  Reason,
  UnsignedAnswer,
} from '../../../../src/protocol/intermediary/answer.js';
import {
  envelopeForm,
  type Envelope,
  type EnvelopeOf,
  type InquiryBody,
} from '../../../../src/protocol/intermediary/message.js';
import { REGISTERED_ACCOUNT } from '../../../../src/protocol/intermediary/registeredAccount.js';
import { signAnswer, signedBytes } from '../../../../src/protocol/intermediary/signature.js';
import type { MessageStatus } from '../../../../src/protocol/intermediary/status.js';
import type { ListName, ListOf } from '../../../../src/protocol/intermediary/lists.js';
import type { Looked } from '../../../../src/vault/intermediary/lists.js';
import type { Exchange, Intermediary } from '../../../../src/vault/intermediary/intermediary.js';

/** What happens to the next messages, one each; then all goes well. */
export type Fault =
  | 'notReached'
  /** The message is lost on its way. */
  | 'lostBefore'
  /** It has its effect, and the answer is lost. */
  | 'lostAfter'
  | 'outage';

export const ACCOUNT_ITEMS: Readonly<Record<string, string>> = {
  [REGISTERED_ACCOUNT.items.bankCode]: '0999',
  [REGISTERED_ACCOUNT.items.bankNameKana]: 'テストギンコウ',
  [REGISTERED_ACCOUNT.items.branchCode]: '012',
  [REGISTERED_ACCOUNT.items.branchNameKana]: 'ホンテン',
  [REGISTERED_ACCOUNT.items.accountType]: '1',
  [REGISTERED_ACCOUNT.items.accountNumber]: '12345',
  [REGISTERED_ACCOUNT.items.holderKana]: 'ヤマダ　ハナコ',
};

/** How an inquiry ends: the two raw levels of its statuses, and the items. */
export interface Ending {
  readonly line: string;
  readonly name?: string;
  readonly items?: Readonly<Record<string, string>>;
  readonly outcome: string;
}

export const GIVEN: Ending = { line: '09', name: '01', items: ACCOUNT_ITEMS, outcome: 'OK' };

/**
 * The other side of pushes, as small as it can be: does a message once by its name, remembers its answer, and counts
 * what it did. It is no reference server; it makes faults at points that one cannot be told.
 */
export class Peer implements Intermediary {
  readonly keys = generateKeyPairSync('ed25519');
  readonly sender = { bodyCode: '0220000000242012', systemId: 'kuramori' };
  readonly self = { bodyCode: '0220000000242012', name: '見本市' };
  readonly layoutVersion = '2026-07';
  /** Effects by message. */
  readonly effects = new Map<string, number>();
  readonly received: Envelope[] = [];
  readonly faults: Fault[] = [];
  /** Questions that stay without an answer. */
  silentQuestions = 0;
  ending: Ending = GIVEN;
  status: MessageStatus = 'DONE';
  reason: Reason | undefined;
  acquisition: 'REQUESTED' | 'ACQUIRED' | 'ENDED' = 'ACQUIRED';
  /** How the inquiry for a person ends, where it is not as `ending` says. */
  readonly endings = new Map<string, Ending>();
  pending: ListOf<'pending-provisions'> | undefined;
  /** What becomes of copies that are not taken as they come. */
  readonly copyResults = new Map<string, string>();
  /** Whether the results of batches can be fetched. */
  areResultsReady = true;
  /** What becomes of the results of a batch before they are signed. */
  spoilt: (lines: InquiryResult[]) => InquiryResult[] = (lines) => lines;
  /** Fetches of results that stay without an answer. */
  lostResults = 0;
  asked = 0;
  closed = false;
  /** What happens here while the next question is on its way. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  readonly #answered = new Map<string, Envelope>();
  readonly #senderKey: () => KeyObject;
  readonly #now: () => number;

  constructor(senderKey: () => KeyObject, now: () => number) {
    [this.#senderKey, this.#now] = [senderKey, now];
  }

  send(_messageId: string, bytes: Uint8Array): Promise<Exchange> {
    const fault = this.faults.shift();
    if (fault === 'notReached') return Promise.resolve({ kind: 'notReached' });
    if (fault === 'lostBefore') return Promise.resolve({ kind: 'noAnswer' });
    if (fault === 'outage')
      return Promise.resolve(this.#retryable(JSON.parse(Buffer.from(bytes).toString()) as Envelope));
    const answer = this.receive(bytes);
    return Promise.resolve(fault === 'lostAfter' ? { kind: 'noAnswer' } : asExchange(answer));
  }

  async ask(messageId: string): Promise<Exchange> {
    this.asked += 1;
    if (this.silentQuestions > 0) {
      this.silentQuestions -= 1;
      return { kind: 'noAnswer' };
    }
    const answer = this.tell(messageId);
    const { meanwhile } = this;
    this.meanwhile = () => Promise.resolve();
    await meanwhile();
    return answer === undefined ? { kind: 'notKnown' } : asExchange(answer);
  }

  submitBatch(batchId: string, bytes: Uint8Array): Promise<Exchange> {
    return this.send(batchId, bytes);
  }

  async pollBatch(batchId: string): Promise<Exchange> {
    const exchange = await this.ask(batchId);
    if (exchange.kind !== 'answer' || exchange.answer.kind !== 'inquiry.batch') return exchange;
    const told = this.tellBatch(batchId, false);
    return told === undefined ? { kind: 'notKnown' } : asExchange(told);
  }

  fetchBatch(batchId: string): Promise<Exchange> {
    if (this.lostResults > 0) {
      this.lostResults -= 1;
      return Promise.resolve({ kind: 'noAnswer' });
    }
    const told = this.tellBatch(batchId, true);
    return Promise.resolve(told === undefined ? { kind: 'notKnown' } : asExchange(told));
  }

  /** How far a batch is; its results where they are ready and asked for. */
  tellBatch(batchId: string, withResults: boolean): Answer | undefined {
    const envelope = this.#answered.get(batchId);
    if (envelope?.kind !== 'inquiry.batch' || this.reason !== undefined || !this.areResultsReady)
      return envelope && this.#answer(envelope);
    // Results that stay the same stay the same to the byte.
    const at = Date.parse(envelope.sentAt);
    const lines = this.spoilt(envelope.body.lines.map((line) => this.#resultOf(line, at)));
    const isWell = lines.every(({ outcome }) => outcome === 'OK' || outcome === 'NO_DATA');
    const body = { ...this.#bodyOf(envelope), ...(withResults && { lines }) };
    return this.#signed(envelope, { status: isWell ? 'DONE' : 'PARTIAL', body }, at);
  }

  /** Loses what it had taken. */
  forget(): void {
    this.#answered.clear();
  }

  /** Of what it could tell beside messages it tells what waits for a decision, and that where it is set. */
  look<Name extends ListName>(name: Name): Promise<Looked<Name>> {
    const told = name === 'pending-provisions' ? this.pending : undefined;
    return Promise.resolve((told as ListOf<Name> | undefined) ?? 'noAnswer');
  }

  close(): void {
    this.closed = true;
  }

  /** Takes a message: once, whatever comes again. @throws Error for one that the sender did not sign */
  receive(bytes: Uint8Array): Answer {
    const envelope = envelopeForm.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    const signature = Buffer.from(envelope.signature, 'base64url');
    if (!verify(null, signedBytes(envelope), this.#senderKey(), signature)) throw new Error('not signed');
    this.received.push(envelope);
    const { messageId, digest } = envelope;
    const earlier = this.#answered.get(messageId);
    if (earlier !== undefined && earlier.digest !== digest) throw new Error('replayed with another body');
    if (earlier === undefined && envelope.kind !== 'query') {
      this.effects.set(messageId, (this.effects.get(messageId) ?? 0) + 1);
      this.#answered.set(messageId, envelope);
    }
    return this.#answer(envelope);
  }

  /** What became of a message; nothing for one that never came. */
  tell(messageId: string): Answer | undefined {
    const envelope = this.#answered.get(messageId);
    return envelope && this.#answer(envelope);
  }

  #answer(envelope: Envelope): Answer {
    const reason = this.reason === undefined ? {} : { reason: this.reason };
    const body = this.reason === undefined ? this.#bodyOf(envelope) : {};
    const isTaken = envelope.kind === 'inquiry.batch' && this.reason === undefined;
    return this.#signed(envelope, { status: isTaken ? 'ACCEPTED' : this.status, ...reason, body });
  }

  #retryable(envelope: Envelope): Exchange {
    return asExchange(this.#signed(envelope, { status: 'RETRYABLE', reason: 'OUTAGE', body: {} }));
  }

  #signed(
    envelope: Envelope,
    said: Pick<UnsignedAnswer, 'status' | 'body'> & { reason?: Reason },
    at = this.#now(),
  ): Answer {
    const { messageId, kind, sender, layoutVersion } = envelope;
    const sentAt = new Date(at).toISOString();
    const head = { messageId, kind, sender, layoutVersion, sentAt, keyId: 'peer-1' };
    return signAnswer({ ...head, ...said }, this.keys.privateKey);
  }

  #bodyOf(envelope: Envelope): Record<string, unknown> {
    if (envelope.kind === 'query') return { ask: 'codeStatus', state: this.acquisition };
    if (envelope.kind === 'code.acquire') return { acquisitionNo: 'AQ-0001', state: this.acquisition };
    if (envelope.kind === 'copy.register' || envelope.kind === 'copy.delete') return this.#copiesOf(envelope);
    if (envelope.kind === 'provision.decide') {
      const { provisionId, decision } = envelope.body;
      return { provisionId, decision };
    }
    if (envelope.kind === 'inquiry.batch')
      return { batchId: envelope.messageId, count: envelope.body.lines.length };
    return this.#resultOf(envelope.body);
  }

  #copiesOf(envelope: EnvelopeOf<'copy.register' | 'copy.delete'>) {
    const [recordIds, well] =
      envelope.kind === 'copy.register'
        ? [envelope.body.copies.map(({ recordId }) => recordId), 'REGISTERED']
        : [envelope.body.recordIds, 'DELETED'];
    const copies = recordIds.map((recordId) => ({
      recordId,
      result: this.copyResults.get(recordId) ?? well,
    }));
    return { copies };
  }

  #resultOf(asked: InquiryBody, at = this.#now()): InquiryResult {
    const { line, name, items = {}, outcome } = this.endings.get(asked.unifiedAddresseeNo) ?? this.ending;
    const { lineNo, recordId, informationNameCode } = asked;
    const providedAt = new Date(at).toISOString();
    const names =
      name === undefined ? [] : [{ informationNameCode, status: name, message: '応答', providedAt, items }];
    const permission = { permissionId: 'PM-0001', processingNo: 'PN-0001' };
    const said = {
      lineStatus: line,
      lineMessage: '応答',
      names,
      outcome: outcome as InquiryResult['outcome'],
    };
    return { lineNo, recordId, ...permission, ...said };
  }
}

function asExchange(answer: Answer): Exchange {
  return { kind: 'answer', answer, receipt: Buffer.from(JSON.stringify(answer), 'utf8') };
}
