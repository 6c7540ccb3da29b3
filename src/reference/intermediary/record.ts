import { dayInJapan, type PlainDate, type Temporal } from '../../kernel/dates.js';
import { INTERMEDIARY_RECORD_YEARS } from '../../kernel/limits.js';
import type { InquiryBody } from '../../protocol/intermediary/message.js';
import type { Provision, ProvisionRecord } from './body.js';
import type { Ids } from './ids.js';
import type { Permission } from './network.js';
import { nameStatusOf } from './provisionStatus.js';

/**
 * The last day on which a record of a day is kept: the 7th anniversary, or the last day of February where there is none
 * (民法 art. 143; handbook 11 §4.4).
 * @example
 * keptThrough(plainDate('2026-11-02')); // 2033-11-02
 */
export function keptThrough(recordedOn: PlainDate): PlainDate {
  return recordedOn.add({ years: INTERMEDIARY_RECORD_YEARS }, { overflow: 'constrain' });
}

/** 情報提供等記録 of one side, with the items of 番号法 art. 23: also when the answer is that there are no data. */
export function newRecord(of: {
  readonly side: ProvisionRecord['side'];
  readonly permission: Permission;
  readonly line: InquiryBody;
  readonly inquirerName: string;
  readonly providerName: string;
  /** The person by this side's number. */
  readonly unifiedAddresseeNo: string;
  readonly provision: Provision;
  readonly ids: Ids;
  readonly now: Temporal.Instant;
}): ProvisionRecord {
  const { side, permission, line, provision } = of;
  return {
    recordId: of.ids.of('record', side, permission.permissionId),
    side,
    inquirerBodyCode: permission.inquirerBodyCode,
    inquirerName: of.inquirerName,
    providerBodyCode: permission.providerBodyCode,
    providerName: of.providerName,
    requestedAt: provision.requestedAt,
    taskCode: line.taskCode,
    procedureCode: line.procedureCode,
    informationNameCodes: [line.informationNameCode],
    itemCodes: line.itemCodes ?? [...provision.itemCodes],
    permissionId: permission.permissionId,
    processingNo: permission.processingNo,
    nonDisclosure: provision.nonDisclosure,
    unifiedAddresseeNo: of.unifiedAddresseeNo,
    keptThrough: keptThrough(dayInJapan(of.now)).toString(),
    ...resultOf(provision),
  };
}

/** A record after a person has decided: what was asked stays, what came of it is added. */
export function decidedRecord(record: ProvisionRecord, provision: Provision): ProvisionRecord {
  return { ...record, ...resultOf(provision) };
}

function resultOf(provision: Provision) {
  const { providedAt } = provision;
  return { resultStatus: nameStatusOf(provision), ...(providedAt === undefined ? {} : { providedAt }) };
}
