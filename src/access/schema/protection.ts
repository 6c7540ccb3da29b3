import { sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { protectionReaches as reach, protectionStaff as staff } from '../../../schema/records/index.js';
import type { RequestBinds } from './entity.js';

/**
 * 支援措置: holds for people whose address this caller may see. A search by a masked attribute must add it, because a
 * hit would tell what the mask hides (handbook 06 §3, 15 §7.1).
 * @param addresseeNo the column of the person searched for
 */
export function notHiddenFrom(addresseeNo: PgColumn, { today, actorId }: RequestBinds): SQL {
  return sql`not exists (select from ${reach} where ${reach.addresseeNo} = ${addresseeNo}
    and ${today} between ${reach.validFrom} and ${reach.validTo}
    and not exists (select from ${staff} where ${staff.protectionId} = ${reach.protectionId}
      and ${staff.staffId} = ${actorId} and ${today} between ${staff.validFrom} and ${staff.validTo}))`;
}
