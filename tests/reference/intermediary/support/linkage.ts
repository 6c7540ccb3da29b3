import { createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import type { Temporal } from '../../../../src/kernel/dates.js';
import {
  ANSWER_BODIES,
  answerForm,
  type Answer,
  type AnswerBody,
} from '../../../../src/protocol/intermediary/answer.js';
import type {
  Envelope,
  EnvelopeOf,
  InquiryBody,
  MessageBody,
  MessageKind,
  UnsignedEnvelope,
} from '../../../../src/protocol/intermediary/message.js';
import { REGISTERED_ACCOUNT } from '../../../../src/protocol/intermediary/registeredAccount.js';
import { signatureFault, signEnvelope } from '../../../../src/protocol/intermediary/signature.js';
import { BODIES, TAX_INFORMATION } from '../../../../src/reference/intermediary/seed.js';
import { PEOPLE } from '../../../../src/reference/intermediary/seedPeople.js';
import type { Received, Wire } from './wire.js';

let made = 0;

/** UUIDv7 of any time: what is asked of it is to be new. */
export function newMessageId(): string {
  const random = randomBytes(10).toString('hex');
  return `019e0000-0000-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}

/** レコード識別番号 that nobody has used. */
export function newRecordId(): string {
  // A letter in the middle: digits alone, and a line's number behind them, could pass for an individual number.
  return `R-${(made += 1)}-${randomBytes(2).toString('hex')}x${randomBytes(2).toString('hex')}`;
}

/** A question for a registered account. */
export function accountLine(change: Partial<InquiryBody> = {}): InquiryBody {
  const { taskCode, procedureCode, providerBodyCode, informationNameCode, items } = REGISTERED_ACCOUNT;
  return {
    lineNo: 1,
    recordId: newRecordId(),
    unifiedAddresseeNo: PEOPLE.accountRegistered,
    taskCode,
    procedureCode,
    providerBodyCode,
    informationNameCode,
    itemCodes: Object.values(items),
    nonDisclosure: false,
    consentId: 'CONSENT-1',
    ...change,
  };
}

/** A question for tax information of another city. */
export function taxLine(change: Partial<InquiryBody> = {}): InquiryBody {
  const { taskCode, informationNameCode, procedures, items } = TAX_INFORMATION;
  return {
    lineNo: 1,
    recordId: newRecordId(),
    unifiedAddresseeNo: PEOPLE.moved,
    taskCode,
    procedureCode: procedures.year,
    providerBodyCode: BODIES.city.bodyCode,
    informationNameCode,
    itemCodes: [items.income],
    nonDisclosure: false,
    ...change,
  };
}

/** What the linkage server of one body does: it signs envelopes, sends them, and believes answers that are signed. */
export class Linkage {
  readonly wire: Wire;
  readonly #sender: { readonly bodyCode: string; readonly systemId: string };
  readonly #personId: string;
  readonly #now: () => Temporal.Instant;
  readonly #serverKeys = new Map<string, KeyObject>();
  readonly keys: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ed25519');

  constructor(
    wire: Wire,
    sender: { readonly bodyCode: string; readonly systemId: string },
    personId: string,
    now: () => Temporal.Instant,
  ) {
    this.wire = wire;
    this.#sender = { bodyCode: sender.bodyCode, systemId: sender.systemId };
    this.#personId = personId;
    this.#now = now;
  }

  /** The list of its signing keys, as it makes them known. */
  get keyList() {
    return {
      bodyCode: this.#sender.bodyCode,
      keys: [String(this.keys.publicKey.export({ format: 'jwk' }).x)],
    };
  }

  enrol(): Promise<Received> {
    return this.wire('PUT', '/v1/signing-keys', this.keyList);
  }

  /** @param change parts of the head that are not the usual ones */
  envelope<K extends MessageKind>(
    kind: K,
    body: MessageBody<K>,
    change: Partial<UnsignedEnvelope> = {},
  ): EnvelopeOf<K> {
    const at = this.#now();
    const unsigned = {
      messageId: newMessageId(),
      kind,
      sentAt: at.toString(),
      sender: this.#sender,
      actAs: { personId: this.#personId, unitCode: 'U-24', stepUpAt: at.subtract({ minutes: 2 }).toString() },
      purpose: 'REFUND',
      basis: 'BASIS-24',
      approvals: [],
      layoutVersion: '2026-07',
      body,
      ...change,
    };
    return signEnvelope<K>(unsigned as unknown as UnsignedEnvelope<K>, this.keys.privateKey);
  }

  post(envelope: Envelope): Promise<Received> {
    return this.wire('POST', envelope.kind === 'inquiry.batch' ? '/v1/batches' : '/v1/messages', envelope);
  }

  /** Sends an envelope and believes the answer. @throws Error when there is none that can be believed */
  async send(envelope: Envelope): Promise<Answer> {
    return this.believed(await this.post(envelope), envelope.messageId);
  }

  async ask<K extends MessageKind>(kind: K, body: MessageBody<K>, change?: Partial<UnsignedEnvelope>) {
    return this.send(this.envelope(kind, body, change));
  }

  async get(path: string, messageId: string): Promise<Answer> {
    return this.believed(await this.wire('GET', path), messageId);
  }

  /** Lists with people in them are read by a person. */
  list(path: string, personId = this.#personId): Promise<Received> {
    return this.wire('GET', path, undefined, { 'spi-person': personId, 'spi-unit': 'U-24' });
  }

  async believed(received: Received, messageId: string): Promise<Answer> {
    if (received.status !== 200) throw new Error(`no answer: ${JSON.stringify(received)}`);
    const answer = answerForm.parse(received.json);
    if (answer.messageId !== messageId) throw new Error('an answer to another message');
    const key = await this.#serverKey(answer.keyId);
    const fault = signatureFault(answer, key);
    if (fault !== undefined) throw new Error(fault);
    if (answer.reason === undefined) ANSWER_BODIES[answer.kind].parse(answer.body);
    return answer;
  }

  /** Asked for once, and again for a key that is not known. */
  async #serverKey(keyId: string): Promise<KeyObject> {
    const known = this.#serverKeys.get(keyId);
    if (known !== undefined) return known;
    const received = await this.wire('GET', '/v1/keys');
    if (received.status !== 200) throw new Error('no keys');
    const { keys } = received.json as { keys: { keyId: string; x: string }[] };
    const { x = '' } = keys.find((each) => each.keyId === keyId) ?? {};
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    this.#serverKeys.set(keyId, key);
    return key;
  }
}

/** The body of an answer that was not refused. */
export function bodyOf<K extends MessageKind>(answer: Answer, _kind: K): AnswerBody<K> {
  return answer.body as unknown as AnswerBody<K>;
}
