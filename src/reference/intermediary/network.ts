import { Temporal } from '../../kernel/dates.js';
import type { Clock } from '../../kernel/clock.js';
import { INTERMEDIARY_CODE_DELAY_MS, INTERMEDIARY_PERMISSION_MS_MAX } from '../../kernel/limits.js';
import { permittingRow, type MatchingRow } from '../../protocol/intermediary/matchingList.js';
import type { InquiryBody } from '../../protocol/intermediary/message.js';
import { provisionsOf, type Body } from './body.js';
import type { Ids } from './ids.js';
import { provideFor } from './provide.js';
import type { Change, Store } from './store/store.js';

/** 情報提供許可証: for one line of one message, one person, one row, ten minutes, once. */
export interface Permission {
  readonly permissionId: string;
  readonly processingNo: string;
  readonly messageId: string;
  readonly lineNo: number;
  readonly inquirerBodyCode: string;
  readonly providerBodyCode: string;
  readonly unifiedAddresseeNo: string;
  readonly rowId: string;
  readonly issuedAt: string;
  /** Counts the permissions of one line: one that ended before it was used is followed by another. */
  readonly attempt: number;
}

/** 符号 of a person at a body. It stays here: no answer holds it. */
interface KeptCode {
  readonly code: string;
  readonly acquisitionNo: string;
  readonly requestedAt: string;
  /** Since when another number of the person has taken the place of this one. */
  readonly endedAt?: string;
}

export type CodeState = 'NOT_REQUESTED' | 'REQUESTED' | 'ACQUIRED' | 'ENDED';

/** Table names of the core system's store. */
export const CODES = 'code';
export const PERSONS = 'person';
export const NUMBERS = 'number';
const PERMISSIONS = 'permission';

/** A provider that cannot be reached: nothing was asked of it, or nobody knows. */
export const OUTAGE = Symbol('outage');

/**
 * 情報提供ネットワークシステム: the core system between the bodies. It alone knows under which numbers two bodies keep
 * one person, issues permissions by the matching list, and asks providers.
 */
export class InfoNetwork {
  readonly #core: Store;
  readonly #bodies: ReadonlyMap<string, Body>;
  readonly #rows: readonly MatchingRow[];
  readonly #ids: Ids;
  readonly #clock: Clock;
  /** Bodies to which there is no route at the moment. */
  readonly outages = new Set<string>();

  constructor(parts: {
    readonly core: Store;
    readonly bodies: ReadonlyMap<string, Body>;
    readonly rows: readonly MatchingRow[];
    readonly ids: Ids;
    readonly clock: Clock;
  }) {
    this.#core = parts.core;
    this.#bodies = parts.bodies;
    this.#rows = parts.rows;
    this.#ids = parts.ids;
    this.#clock = parts.clock;
  }

  nameOf(bodyCode: string): string {
    return this.#bodies.get(bodyCode)?.name ?? '';
  }

  /** The state of a person's 符号 at a body; J-LIS takes a while over it. */
  codeState(bodyCode: string, unifiedAddresseeNo: string): CodeState {
    const kept = this.#core.table<KeptCode>(CODES).get(keyOf(bodyCode, unifiedAddresseeNo));
    if (kept === undefined) return 'NOT_REQUESTED';
    if (kept.endedAt !== undefined) return 'ENDED';
    const age = this.#now().epochMilliseconds - Temporal.Instant.from(kept.requestedAt).epochMilliseconds;
    return age < INTERMEDIARY_CODE_DELAY_MS ? 'REQUESTED' : 'ACQUIRED';
  }

  /**
   * 符号取得: one 符号 per person and body, asked for once.
   * @returns 処理通番 of the acquisition
   */
  async acquireCode(bodyCode: string, unifiedAddresseeNo: string): Promise<string> {
    const key = keyOf(bodyCode, unifiedAddresseeNo);
    const kept = this.#core.table<KeptCode>(CODES).get(key);
    if (kept !== undefined && kept.endedAt === undefined) return kept.acquisitionNo;
    const requestedAt = this.#now().toString();
    const person = this.#core.table<string>(PERSONS).get(key) ?? key;
    const code: KeptCode = {
      code: this.#ids.of('code', bodyCode, person, requestedAt),
      acquisitionNo: this.#ids.of('acquisition', bodyCode, unifiedAddresseeNo, requestedAt),
      requestedAt,
    };
    await this.#core.commit([
      [CODES, key, code],
      [PERSONS, key, person],
    ]);
    return code.acquisitionNo;
  }

  /**
   * Asks for the permission of each line.
   * @returns in the order of the lines; undefined where no row of the list permits the inquiry
   */
  async permit(
    inquirerBodyCode: string,
    messageId: string,
    lines: readonly InquiryBody[],
  ): Promise<(Permission | undefined)[]> {
    const changes: Change[] = [];
    const permissions = lines.map((line) => {
      const row = permittingRow(this.#rows, inquirerBodyCode, line, this.#now());
      if (row === undefined) return undefined;
      const kept = this.#core
        .table<Permission>(PERMISSIONS)
        .get(lineKey(inquirerBodyCode, messageId, line.lineNo));
      if (kept !== undefined && (this.provisionOf(kept) !== undefined || !this.#isOver(kept))) return kept;
      const permission = this.#issue(inquirerBodyCode, messageId, line, row, (kept?.attempt ?? 0) + 1);
      changes.push([PERMISSIONS, lineKey(inquirerBodyCode, messageId, line.lineNo), permission]);
      return permission;
    });
    await this.#core.commit(changes);
    return permissions;
  }

  /**
   * Hands permissions to their providers, each of which answers once. What was answered before is answered the same.
   * @returns OUTAGE when a provider among them cannot be reached; those that could have answered, and keep what they
   *   answered
   */
  async provide(
    asked: readonly { readonly permission: Permission; readonly line: InquiryBody }[],
  ): Promise<typeof OUTAGE | 'PROVIDED'> {
    const byProvider = Map.groupBy(asked, ({ permission }) => permission.providerBodyCode);
    let isOut = false;
    for (const [providerBodyCode, questions] of byProvider) {
      const provider = this.#bodies.get(providerBodyCode);
      if (provider === undefined || this.outages.has(providerBodyCode)) isOut = true;
      else await this.#askProvider(provider, questions);
    }
    return isOut ? OUTAGE : 'PROVIDED';
  }

  /** What a provider has answered to a permission so far. */
  provisionOf({ permissionId, providerBodyCode }: Pick<Permission, 'permissionId' | 'providerBodyCode'>) {
    const provider = this.#bodies.get(providerBodyCode);
    return provider && provisionsOf(provider).get(permissionId);
  }

  async #askProvider(
    provider: Body,
    questions: readonly { readonly permission: Permission; readonly line: InquiryBody }[],
  ): Promise<void> {
    const changes = questions
      // A permission is used once: what it brought the first time is what it brings.
      .filter(({ permission }) => !provisionsOf(provider).has(permission.permissionId))
      .flatMap(({ permission, line }) =>
        provideFor({
          provider,
          permission,
          line,
          row: this.#rows.find(({ rowId }) => rowId === permission.rowId),
          isOver: this.#isOver(permission),
          unifiedAddresseeNo: this.#numberAt(provider.bodyCode, permission),
          inquirerName: this.nameOf(permission.inquirerBodyCode),
          ids: this.#ids,
          now: this.#now(),
        }),
      );
    await provider.store.commit(changes);
  }

  #issue(
    inquirerBodyCode: string,
    messageId: string,
    line: InquiryBody,
    { rowId, providerBodyCode }: MatchingRow,
    attempt: number,
  ): Permission {
    return {
      permissionId: this.#ids.of('permission', inquirerBodyCode, messageId, line.lineNo, attempt),
      processingNo: this.#ids.of('processing', inquirerBodyCode, messageId, line.lineNo, attempt),
      messageId,
      lineNo: line.lineNo,
      inquirerBodyCode,
      providerBodyCode,
      unifiedAddresseeNo: line.unifiedAddresseeNo,
      rowId,
      issuedAt: this.#now().toString(),
      attempt,
    };
  }

  #isOver({ issuedAt }: Permission): boolean {
    const age = this.#now().epochMilliseconds - Temporal.Instant.from(issuedAt).epochMilliseconds;
    return age >= INTERMEDIARY_PERMISSION_MS_MAX;
  }

  /** The same person's number at another body. */
  #numberAt(bodyCode: string, { inquirerBodyCode, unifiedAddresseeNo }: Permission): string | undefined {
    const person = this.#core.table<string>(PERSONS).get(keyOf(inquirerBodyCode, unifiedAddresseeNo));
    return person === undefined ? undefined : this.#core.table<string>(NUMBERS).get(`${person} ${bodyCode}`);
  }

  #now(): Temporal.Instant {
    return this.#clock.now();
  }
}

/** Of a number at a body. */
export function keyOf(bodyCode: string, unifiedAddresseeNo: string): string {
  return `${bodyCode} ${unifiedAddresseeNo}`;
}

/** Two bodies may give their messages the same number. */
function lineKey(inquirerBodyCode: string, messageId: string, lineNo: number): string {
  return `${inquirerBodyCode} ${messageId} ${lineNo}`;
}
