import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest';
import { NOON, Stand, type TransportName } from '../support/stand.js';
import type { Case } from './case.js';
import { BATCHES } from './cases/batch.js';
import { CODES } from './cases/codes.js';
import { CONNECTION } from './cases/connection.js';
import { INQUIRIES } from './cases/inquiry.js';
import { NETWORK } from './cases/network.js';
import { PROOFS } from './cases/proofs.js';
import { PROVISIONS } from './cases/provision.js';
import { RECORDS } from './cases/records.js';
import { STAFF_CASES } from './cases/staff.js';
import { SYSTEM } from './cases/system.js';

/** The ten functions (handbook 12 §3), in the order of the cases' numbers. */
export const GROUPS: readonly (readonly [string, readonly Case[]])[] = [
  ['既存システム接続機能', CONNECTION],
  ['セキュリティ管理機能', PROOFS],
  ['職員認証・権限管理機能', STAFF_CASES],
  ['符号管理機能', CODES],
  ['情報照会機能', INQUIRIES],
  ['情報照会機能（一括）', BATCHES],
  ['情報提供機能・情報提供DB管理機能', PROVISIONS],
  ['情報提供等記録管理機能', RECORDS],
  ['データ送受信機能', NETWORK],
  ['システム管理機能', SYSTEM],
];

/** Holds a reference server to the cases, over one transport. */
export function conforms(transport: TransportName): void {
  let stand: Stand;
  beforeAll(async () => {
    stand = await Stand.start(transport);
  });
  afterAll(() => stand.stop());
  beforeEach(async () => {
    await stand.setFaults([]);
    await stand.setClock(NOON);
  });

  describe.each(GROUPS)('%s', (_, cases) => {
    const ofTransport = cases.filter(({ only = transport }) => only === transport);
    test.each(ofTransport)('$no $title', async (each) => {
      await each.run({ stand, municipality: stand.municipality, neighbour: stand.neighbour });
    });
  });
}
