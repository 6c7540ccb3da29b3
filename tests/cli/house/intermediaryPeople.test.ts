import { expect, test } from 'vitest';
import { demonstrationAtIntermediary } from '../../../src/cli/house/intermediaryPeople.js';
import { REFUND_CAST, type Refundee } from '../../../src/demonstration/words/refundCast.js';
import { demonstrationForm } from '../../../src/reference/intermediary/demonstration.js';
import { isSameHolder } from '../../../src/kernel/holder.js';

const { people, staff } = demonstrationAtIntermediary();

test('the house tells its intermediary server of each way that an inquiry can end', () => {
  expect(demonstrationForm.parse({ people, staff })).toEqual({ people, staff });
  const ways = Object.entries(REFUND_CAST).map(([name, refundee]: [string, Refundee]) => {
    const known = people.find(({ unifiedAddresseeNo }) => unifiedAddresseeNo === refundee.unifiedAddresseeNo);
    const holder = known?.account?.holderKana;
    return [name, known?.hasCode, holder === undefined ? undefined : isSameHolder(holder, refundee.kana)];
  });
  expect(ways).toEqual([
    ['sameHolder', true, true],
    ['otherHolder', true, false],
    ['noAccount', true, undefined],
    ['noCode', false, true],
  ]);
});

test('and of who works with numbers, under the unit of the first steps', () => {
  expect(staff.map(({ personId, unitCode }) => [personId, unitCode])).toEqual([['N1711', '1120']]);
});
