import type { Envelope, CopyBody } from '../../protocol/intermediary/message.js';
import type { Reason, UnsignedAnswer } from '../../protocol/intermediary/answer.js';
import type { OperationLog } from './log.js';
import type { Change, Store } from './store/store.js';

/** A body (機関) on the network, with a store and a log of its own. */
export interface Body {
  readonly bodyCode: string;
  readonly name: string;
  /** The system that speaks for it; only that one is heard. */
  readonly systemId: string;
  readonly store: Store;
  readonly log: OperationLog;
}

/** What the server keeps of a message for ever: its number can never be used for another. */
export interface KeptMessage {
  readonly digest: string;
  readonly kind: Envelope['kind'];
  readonly receivedAt: string;
  /** Until the result has expired. */
  readonly envelope?: Envelope;
  readonly answer?: KeptAnswer;
}

/** An answer without what is filled in when it goes out. */
export type KeptAnswer = Pick<UnsignedAnswer, 'status' | 'body' | 'sentAt'> & { readonly reason?: Reason };

/** A copy (副本) as it lies at its provider. */
export interface KeptCopy extends CopyBody {
  /** The provider gives it to nobody: an account that was found to be another person's, or of a deceased one. */
  readonly provisionStopped?: boolean;
}

/** 情報提供: what a provider has answered to one permission, or has yet to decide. */
export interface Provision {
  readonly provisionId: string;
  readonly permissionId: string;
  readonly inquirerBodyCode: string;
  readonly informationNameCode: string;
  readonly itemCodes: readonly string[];
  /** The person by the provider's own 団体内統合宛名番号; none when the provider does not know the person. */
  readonly unifiedAddresseeNo?: string;
  readonly requestedAt: string;
  readonly state: 'WAITING' | 'PROVIDED' | 'NO_DATA' | 'REFUSED';
  readonly providedAt?: string;
  readonly items: Readonly<Record<string, string>>;
  readonly nonDisclosure: boolean;
}

/** 情報提供等記録 of one side (番号法 art. 23; handbook 11 §4.3). */
export interface ProvisionRecord {
  readonly recordId: string;
  readonly side: 'INQUIRER' | 'PROVIDER';
  readonly inquirerBodyCode: string;
  readonly inquirerName: string;
  readonly providerBodyCode: string;
  readonly providerName: string;
  readonly requestedAt: string;
  readonly providedAt?: string;
  readonly taskCode: string;
  readonly procedureCode: string;
  readonly informationNameCodes: readonly string[];
  readonly itemCodes: readonly string[];
  readonly permissionId: string;
  readonly processingNo: string;
  readonly resultStatus: string;
  readonly nonDisclosure: boolean;
  readonly unifiedAddresseeNo: string;
  /** The last day on which it is kept. */
  readonly keptThrough: string;
}

/** Table names of a body's store, with what each holds. */
export const MESSAGES = 'message';
export const RECORD_IDS = 'recordId';
export const COPIES = 'copy';
export const PROVISIONS = 'provision';
export const RECORDS = 'record';
export const SIGNING_KEYS = 'signingKey';

/** A copy of which nothing special is to be said, given out in every year that is tested. */
export const PLAIN = {
  version: 1,
  autoAnswerForbidden: false,
  nonDisclosure: false,
  publishedFrom: '2024-04-01',
  publishedTo: '2039-12-31',
} as const;

/** Keeps a copy. */
export function copyChange(copy: KeptCopy): Change {
  return [COPIES, copy.recordId, copy];
}

export const messagesOf = ({ store }: Body) => store.table<KeptMessage>(MESSAGES);
/** Which line of which message first used a record number. */
export const recordIdsOf = ({ store }: Body) => store.table<string>(RECORD_IDS);
export const copiesOf = ({ store }: Body) => store.table<KeptCopy>(COPIES);
export const provisionsOf = ({ store }: Body) => store.table<Provision>(PROVISIONS);
export const recordsOf = ({ store }: Body) => store.table<ProvisionRecord>(RECORDS);
