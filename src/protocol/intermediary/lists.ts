import { z } from 'zod';
import { INTERMEDIARY_PAGE_SIZE_MAX, INTERMEDIARY_SERVER_KEYS_MAX } from '../../kernel/limits.js';
import {
  bodyCode,
  identifier,
  informationNameCode,
  instant,
  isoDay,
  itemCode,
  layoutVersion,
  procedureCode,
  shortText,
  taskCode,
  unifiedAddresseeNo,
} from './codes.js';

/** What can be read of the intermediary server beside messages: not signed, believed for its certificate. */

const healthForm = z.object({
  status: z.string().max(20),
  protocol: shortText,
  /** 標準レイアウト that are understood today. */
  layoutVersions: z.array(layoutVersion).max(20),
});

/** Public signing keys of the server, newest last. */
const serverKeysForm = z.object({
  keys: z
    .array(z.object({ keyId: identifier, since: instantOrMore(), x: z.string().length(43) }))
    .max(INTERMEDIARY_SERVER_KEYS_MAX),
});

/** How often each kind of message came to each status, as `kind/STATUS`. */
const statisticsForm = z.object({
  counts: z.record(z.string().regex(/^[A-Za-z.]{1,40}\/[A-Z]{1,20}$/), z.int().min(0)),
});

/** お知らせ in force today. */
const noticesForm = z.object({
  notices: z
    .array(z.object({ noticeId: identifier, from: isoDay, to: isoDay, text: shortText }))
    .max(INTERMEDIARY_PAGE_SIZE_MAX),
});

/** 情報提供等記録 of the body that asks, whether it inquired or provided (番号法 art. 23). */
const provisionRecordForm = z.object({
  recordId: identifier,
  side: z.enum(['INQUIRER', 'PROVIDER']),
  inquirerBodyCode: bodyCode,
  inquirerName: shortText,
  providerBodyCode: bodyCode,
  providerName: shortText,
  requestedAt: instantOrMore(),
  providedAt: instantOrMore().optional(),
  taskCode,
  procedureCode,
  informationNameCodes: z.array(informationNameCode).max(10),
  itemCodes: z.array(itemCode).max(100),
  permissionId: identifier,
  processingNo: identifier,
  resultStatus: z.string().regex(/^[0-9A-Z]{2}$/),
  nonDisclosure: z.boolean(),
  unifiedAddresseeNo,
  /** Inclusive. */
  keptThrough: isoDay,
});

const provisionRecordsForm = z.object({
  records: z.array(provisionRecordForm).max(INTERMEDIARY_PAGE_SIZE_MAX),
  /** The last of this page, where there are more. */
  next: identifier.optional(),
});

/** What waits for a person of the provider (自動応答不可). */
const pendingProvisionsForm = z.object({
  provisions: z
    .array(
      z.object({
        provisionId: identifier,
        inquirerBodyCode: bodyCode,
        informationNameCode,
        itemCodes: z.array(itemCode).max(100),
        /** The person by our own number, where he is known here. */
        unifiedAddresseeNo: unifiedAddresseeNo.optional(),
        requestedAt: instantOrMore(),
      }),
    )
    .max(INTERMEDIARY_PAGE_SIZE_MAX),
});

/** The lists by their names. */
export const LIST_FORMS = {
  health: healthForm,
  keys: serverKeysForm,
  statistics: statisticsForm,
  notices: noticesForm,
  'provision-records': provisionRecordsForm,
  'pending-provisions': pendingProvisionsForm,
} as const;

export type ListName = keyof typeof LIST_FORMS;
export type ListOf<Name extends ListName> = z.output<(typeof LIST_FORMS)[Name]>;

/** An instant in UTC; a server may write it finer than messages are. */
function instantOrMore() {
  return z.union([instant, z.iso.datetime()]);
}
