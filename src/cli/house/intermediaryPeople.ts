import { REFUND_CAST, type Refundee } from '../../demonstration/words/refundCast.js';
import { STAFF } from '../../demonstration/staffList.js';
import { REGISTERED_ACCOUNT } from '../../protocol/intermediary/registeredAccount.js';
import type { Demonstration } from '../../reference/intermediary/demonstration.js';
import { BODIES } from '../../reference/intermediary/seed.js';
import { INVENTED_BRANCH } from '../../reference/intermediary/seedPeople.js';

/** The first of the account numbers, seven digits. */
const ACCOUNT_NUMBERS_FROM = 7_100_001;

/**
 * Whom the reference intermediary server of the house knows of the demonstration: those to whom a refund is to be paid,
 * and of the staff those who work with numbers, under their own names and units. Pure.
 */
export function demonstrationAtIntermediary(): Demonstration {
  return {
    people: Object.values(REFUND_CAST).map((refundee: Refundee, at) => {
      const { unifiedAddresseeNo, hasCode, holderKana } = refundee;
      const accountNumber = String(ACCOUNT_NUMBERS_FROM + at);
      const account = holderKana && { ...INVENTED_BRANCH, accountNumber, holderKana };
      return { unifiedAddresseeNo, hasCode, ...(account ? { account } : {}) };
    }),
    staff: STAFF.filter(({ role }) => role === 'numberHandler').map(({ staffId, department }) => ({
      bodyCode: BODIES.municipality.bodyCode,
      personId: staffId,
      unitCode: department,
      kinds: ['code.acquire', 'inquiry', 'inquiry.batch', 'query'],
      procedureCodes: [REGISTERED_ACCOUNT.procedureCode],
      validFrom: '2020-04-01',
      validTo: '2039-12-31',
    })),
  };
}
