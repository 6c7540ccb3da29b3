import { dayInJapan, type Temporal } from '../../kernel/dates.js';
import { permittingRow, type MatchingRow } from '../../protocol/intermediary/matchingList.js';
import type { InquiryBody } from '../../protocol/intermediary/message.js';
import { copiesOf, PROVISIONS, RECORDS, type Body, type KeptCopy, type Provision } from './body.js';
import type { Ids } from './ids.js';
import type { Permission } from './network.js';
import { newRecord } from './record.js';
import type { Change } from './store/store.js';

/** One permission as it reaches its provider. */
export interface Asked {
  readonly provider: Body;
  readonly permission: Permission;
  readonly line: InquiryBody;
  /** The row of the list that the permission names, as the provider knows it. */
  readonly row: MatchingRow | undefined;
  /** The permission's ten minutes have passed. */
  readonly isOver: boolean;
  /** The person by the provider's number. */
  readonly unifiedAddresseeNo: string | undefined;
  readonly inquirerName: string;
  readonly ids: Ids;
  readonly now: Temporal.Instant;
}

/**
 * 情報提供: the provider checks the permission against the list once more, and answers from its copies by itself; with
 * the flag 自動応答不可, of the copy or of the row, a person decides.
 * @returns the provision and the provider's own record
 */
export function provideFor(asked: Asked): Change[] {
  const provision = provisionOf(asked);
  return [
    [PROVISIONS, provision.permissionId, provision],
    ...recordOf(asked, provision).map((record): Change => [RECORDS, record.recordId, record]),
  ];
}

/** What may go out of a copy: the items asked for, or all that the row permits. */
export function providedItems(
  copy: KeptCopy | undefined,
  itemCodes: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(copy?.items ?? {}).filter(([code]) => itemCodes.includes(code)));
}

/** The copy in force: the newest version whose window of publication (公開期間) holds the day. */
export function copyInForce(
  provider: Body,
  unifiedAddresseeNo: string | undefined,
  informationNameCode: string,
  now: Temporal.Instant,
): KeptCopy | undefined {
  const day = dayInJapan(now).toString();
  return [...copiesOf(provider).values()]
    .filter(
      (copy) =>
        copy.unifiedAddresseeNo === unifiedAddresseeNo &&
        copy.informationNameCode === informationNameCode &&
        copy.publishedFrom <= day &&
        day <= copy.publishedTo,
    )
    .toSorted((a, b) => b.version - a.version)[0];
}

function provisionOf({
  provider,
  permission,
  line,
  row,
  isOver,
  unifiedAddresseeNo,
  ids,
  now,
}: Asked): Provision {
  const { permissionId, inquirerBodyCode } = permission;
  const itemCodes = line.itemCodes ?? row?.itemCodes ?? [];
  const copy = copyInForce(provider, unifiedAddresseeNo, line.informationNameCode, now);
  const answered = {
    provisionId: ids.of('provision', permissionId),
    permissionId,
    inquirerBodyCode,
    informationNameCode: line.informationNameCode,
    itemCodes,
    ...(unifiedAddresseeNo === undefined ? {} : { unifiedAddresseeNo }),
    requestedAt: now.toString(),
    nonDisclosure: line.nonDisclosure || copy?.nonDisclosure === true,
    items: {},
  };
  const isListed = row !== undefined && permittingRow([row], inquirerBodyCode, line, now) !== undefined;
  if (isOver || !isListed || copy?.provisionStopped === true) return { ...answered, state: 'REFUSED' };
  if (copy === undefined) return { ...answered, state: 'NO_DATA' };
  if (copy.autoAnswerForbidden || !row.autoAnswer) return { ...answered, state: 'WAITING' };
  return {
    ...answered,
    state: 'PROVIDED',
    providedAt: now.toString(),
    items: providedItems(copy, itemCodes),
  };
}

/** The provider keeps a record of a person it knows. */
function recordOf(
  { provider, permission, line, unifiedAddresseeNo, inquirerName, ids, now }: Asked,
  provision: Provision,
) {
  if (unifiedAddresseeNo === undefined) return [];
  return [
    newRecord({
      side: 'PROVIDER',
      permission,
      line: { ...line, itemCodes: [...provision.itemCodes] },
      inquirerName,
      providerName: provider.name,
      unifiedAddresseeNo,
      provision,
      ids,
      now,
    }),
  ];
}
