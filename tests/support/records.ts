import * as tables from '../../schema/records/index.js';
import { newUuidV7 } from '../../src/kernel/uuid.js';
import { CaseRecords } from './records/cases.js';
import type { New } from './records/rows.js';

/** 2026-11-02, in milliseconds. */
const PUSHED_AT = 1_793_581_200_000;

/** Writes small, believable rows as the owner of the database. Everything not said takes a sound default. */
export class Records extends CaseRecords {
  /** 支援措置 that reaches the person and the others named. @returns its number */
  async protection(
    addresseeNo: string,
    {
      staff = [],
      also = [],
      validTo = '2027-03-31',
    }: { staff?: string[]; also?: string[]; validTo?: string } = {},
  ): Promise<bigint> {
    const period = { validFrom: '2026-04-01', validTo };
    const protectionId = await this.row(tables.protections, {
      addresseeNo,
      kind: 'domesticViolence',
      source: '住民担当課',
      ...period,
    });
    for (const reached of [addresseeNo, ...also]) {
      await this.owner.run('seed.reach', ({ orm }) =>
        orm.insert(tables.protectionReaches).values({ protectionId, addresseeNo: reached, ...period }),
      );
    }
    for (const staffId of staff)
      await this.noted(tables.protectionStaff, { protectionId, staffId, ...period });
    return protectionId;
  }

  /** 連携依頼 that was signed once and came to these states. @returns its id */
  async push(
    addresseeNo: string,
    change: New<typeof tables.pushRequests> = {},
    states: readonly New<typeof tables.pushStates>[] = [],
  ): Promise<string> {
    const pushRequestId = change.pushRequestId ?? newUuidV7(PUSHED_AT);
    const base = { procedure: 'acquireCode', bodyDigest: `sha256:${'A'.repeat(43)}` };
    await this.noted(tables.pushRequests, { ...base, ...change, pushRequestId, addresseeNo });
    await this.row(tables.pushSignatures, { pushRequestId, validUntil: '2026-11-02T10:01:00+09:00' });
    for (const state of [{ state: 'WAITING' as const }, ...states])
      await this.row(tables.pushStates, { pushRequestId, at: '2026-11-02T10:00:00+09:00', ...state });
    return pushRequestId;
  }
}
