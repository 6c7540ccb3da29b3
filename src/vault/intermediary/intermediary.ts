import type { Answer } from '../../protocol/intermediary/answer.js';
import type { ListName } from '../../protocol/intermediary/lists.js';
import type { Envelope, EnvelopeOf } from '../../protocol/intermediary/message.js';
import type { Look, Looked } from './lists.js';

/** 機関: a body that inquires or provides, as records of it name it. */
export interface Body {
  /** 機関コード, 16 digits. */
  readonly bodyCode: string;
  readonly name: string;
}

/** What one exchange with the intermediary server came to. None of them is an error: each has its way on. */
export type Exchange =
  /** Nobody was reached: nothing was sent. */
  | { readonly kind: 'notReached' }
  /** It may have been received; no answer came that can be trusted. */
  | { readonly kind: 'noAnswer' }
  /** Of a question alone: the server has no such message. */
  | { readonly kind: 'notKnown' }
  /** Signed by the server, and about this message. */
  | { readonly kind: 'answer'; readonly answer: Answer; readonly receipt: Uint8Array };

/**
 * Whether an exchange says that nothing was done: nobody was reached, or the server is out of service. It says so of
 * the one copy or question that it answers, never of an earlier copy, which may still be on its way. Pure.
 */
export function didNothing(exchange: Exchange): boolean {
  return exchange.kind === 'answer' ? exchange.answer.status === 'RETRYABLE' : exchange.kind === 'notReached';
}

/**
 * 中間サーバー as the vault sees it: the one part that knows how messages get there. Another interface replaces this
 * folder alone (handbook 12).
 */
export interface Intermediary {
  readonly sender: { readonly bodyCode: string; readonly systemId: string };
  readonly self: Body;
  /** 特定個人情報データ標準レイアウト that messages follow. */
  readonly layoutVersion: string;
  /** Sends an envelope once, as it is. @param envelope its bytes, written down before */
  send(messageId: string, envelope: Uint8Array): Promise<Exchange>;
  /** Asks what became of a message. */
  ask(messageId: string): Promise<Exchange>;
  /** 一括照会: sends a batch once, as it is. @param envelope its bytes, written down before */
  submitBatch(batchId: string, envelope: Uint8Array): Promise<Exchange>;
  /** Asks how far a batch is; its results do not come with it. */
  pollBatch(batchId: string): Promise<Exchange>;
  /** Asks for the results of a batch. */
  fetchBatch(batchId: string): Promise<Exchange>;
  /** Reads what the server tells beside messages: versions, keys, counts, notices, records. */
  look<Name extends ListName>(name: Name, look: Look): Promise<Looked<Name>>;
  /** Ends the connections; exchanges under way end without an answer. */
  close(): void;
}

/** The kinds of message that the vault sends: two that have an effect, and a question that has none. */
export type SentEnvelope = Extract<Envelope, { readonly kind: 'code.acquire' | 'inquiry' | 'query' }>;

/** A message with many inquiries. */
export type BatchEnvelope = EnvelopeOf<'inquiry.batch'>;

/** The kinds of message by which something is given. */
export type ProvisionEnvelope = EnvelopeOf<'copy.register' | 'copy.delete' | 'provision.decide'>;
