import { Temporal } from '../../../kernel/dates.js';
import { INTERMEDIARY_PROVISION_WAIT_MS_MAX } from '../../../kernel/limits.js';
import type { InquiryResult } from '../../../protocol/intermediary/answer.js';
import type { EnvelopeOf, InquiryBody } from '../../../protocol/intermediary/message.js';
import { LINE_STATUS, NAME_STATUS, outcomeOf } from '../../../protocol/intermediary/status.js';
import { recordIdsOf, RECORDS, recordsOf, type Body, type Provision } from '../body.js';
import type { Exchange } from '../exchange.js';
import { OUTAGE, type Permission } from '../network.js';
import { nameStatusOf } from '../provisionStatus.js';
import { decidedRecord, newRecord } from '../record.js';
import type { Change } from '../store/store.js';

type InquiryEnvelope = EnvelopeOf<'inquiry' | 'inquiry.batch'>;

const LINE_MESSAGES: Readonly<Record<string, string>> = {
  [LINE_STATUS.ended]: '正常終了',
  [LINE_STATUS.codeNotAcquired]: '団体内統合宛名番号に対する符号が未取得です',
  [LINE_STATUS.codeEnded]: '団体内統合宛名番号に対する符号は失効しています',
  [LINE_STATUS.duplicateRecord]: 'レコード識別番号が既に存在します',
};

const NAME_MESSAGES: Readonly<Record<string, string>> = {
  [NAME_STATUS.provided]: '正常',
  [NAME_STATUS.noData]: '該当する特定個人情報はありません',
  [NAME_STATUS.notPermitted]: '特定個人情報名の照会は許可されていません',
  [NAME_STATUS.waiting]: '情報提供者の確認を待っています',
  [NAME_STATUS.refused]: '情報提供者が提供を行いませんでした',
};

/** The lines of an inquiry, whether it is one or many. */
export function linesOf(envelope: InquiryEnvelope): readonly InquiryBody[] {
  return envelope.kind === 'inquiry' ? [envelope.body] : envelope.body.lines;
}

/**
 * 情報照会: 符号, list, permission, provider, for every line. May be gone through again after a crash or an outage: what
 * was permitted and provided is met again.
 * @param lines those of the envelope that have no final result yet
 * @returns results in the order of the lines, and the inquirer's records; OUTAGE when a provider is out of reach
 */
export async function inquire(
  exchange: Exchange,
  inquirer: Body,
  envelope: InquiryEnvelope,
  lines: readonly InquiryBody[],
): Promise<{ results: InquiryResult[]; changes: Change[] } | typeof OUTAGE> {
  const { network } = exchange;
  const refused = new Map(lines.map((line) => [line, lineFault(exchange, inquirer, envelope, line)]));
  const open = lines.filter((line) => refused.get(line) === undefined);
  const permissions = await network.permit(inquirer.bodyCode, envelope.messageId, open);
  const asked = open.flatMap((line, at) => {
    const permission = permissions[at];
    return permission === undefined ? [] : [{ line, permission }];
  });
  if ((await network.provide(asked)) === OUTAGE) return OUTAGE;
  const permissionOf = new Map(asked.map(({ line, permission }) => [line, permission]));
  return {
    results: lines.map((line) => {
      const fault = refused.get(line);
      if (fault !== undefined) return refusedLine(line, fault);
      return answeredLine(exchange, line, permissionOf.get(line));
    }),
    changes: asked.flatMap(({ line, permission }) => recordChange(exchange, inquirer, line, permission)),
  };
}

/** The record number belongs to the line that used it first, in this message or any before. */
function lineFault(
  { network }: Exchange,
  inquirer: Body,
  { messageId }: InquiryEnvelope,
  line: InquiryBody,
): string | undefined {
  if (recordIdsOf(inquirer).get(line.recordId) !== lineName(messageId, line.lineNo))
    return LINE_STATUS.duplicateRecord;
  const state = network.codeState(inquirer.bodyCode, line.unifiedAddresseeNo);
  if (state === 'ENDED') return LINE_STATUS.codeEnded;
  return state === 'ACQUIRED' ? undefined : LINE_STATUS.codeNotAcquired;
}

/** As a record number's user is written. */
export function lineName(messageId: string, lineNo: number): string {
  return `${messageId} ${lineNo}`;
}

function refusedLine({ lineNo, recordId }: InquiryBody, lineStatus: string): InquiryResult {
  const lineMessage = LINE_MESSAGES[lineStatus] ?? '';
  return { lineNo, recordId, lineStatus, lineMessage, names: [], outcome: outcomeOf(lineStatus, []) };
}

function answeredLine(
  exchange: Exchange,
  line: InquiryBody,
  permission: Permission | undefined,
): InquiryResult {
  const provision = permission && settled(exchange.network.provisionOf(permission), exchange.clock.now());
  const status = provision === undefined ? NAME_STATUS.notPermitted : nameStatusOf(provision);
  const name = {
    informationNameCode: line.informationNameCode,
    status,
    message: NAME_MESSAGES[status] ?? '',
    ...(provision?.providedAt === undefined ? {} : { providedAt: provision.providedAt }),
    items: { ...provision?.items },
  };
  return {
    lineNo: line.lineNo,
    recordId: line.recordId,
    ...(permission && { permissionId: permission.permissionId, processingNo: permission.processingNo }),
    lineStatus: LINE_STATUS.ended,
    lineMessage: LINE_MESSAGES[LINE_STATUS.ended] ?? '',
    names: [name],
    outcome: outcomeOf(LINE_STATUS.ended, [name]),
  };
}

/** One that nobody has decided in time is refused. */
export function settled(provision: Provision | undefined, now: Temporal.Instant): Provision | undefined {
  if (provision?.state !== 'WAITING') return provision;
  const age = now.epochMilliseconds - Temporal.Instant.from(provision.requestedAt).epochMilliseconds;
  return age < INTERMEDIARY_PROVISION_WAIT_MS_MAX ? provision : { ...provision, state: 'REFUSED' };
}

/** The inquirer's record of one line: made with the permission, and told once what came of it. */
function recordChange(
  { network, ids, clock }: Exchange,
  inquirer: Body,
  line: InquiryBody,
  permission: Permission,
): Change[] {
  const provision = settled(network.provisionOf(permission), clock.now());
  if (provision === undefined) return [];
  const kept = recordsOf(inquirer).get(ids.of('record', 'INQUIRER', permission.permissionId));
  const record = kept
    ? decidedRecord(kept, provision)
    : newRecord({
        side: 'INQUIRER',
        permission,
        line,
        inquirerName: inquirer.name,
        providerName: network.nameOf(permission.providerBodyCode),
        unifiedAddresseeNo: line.unifiedAddresseeNo,
        provision,
        ids,
        now: clock.now(),
      });
  return [[RECORDS, record.recordId, record]];
}
