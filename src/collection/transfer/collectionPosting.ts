import { maxYen, minYen, sumYen, type Yen } from '../../kernel/yen.js';
import type { Component } from '../receipt/allocation.js';
import { chargeOf, type LedgerLine, type Posting, type PostingRules } from '../receipt/posting.js';
import type { CollectionRow } from './result.js';

/** What a collection of the organization becomes in the ledger. */
export interface CollectionPosting {
  readonly posting: Posting;
  /** 滞納処分費 that arose there, levied here before it is applied. */
  readonly dispositionCostLevied: Yen;
}

/**
 * Applies a collection as the organization says, component by component: it has allocated the money by the same law.
 * Late charge (延滞金) is levied with it: what this payment of the tax fixes, and no less than was collected. What no
 * component takes, because money came in here meanwhile, is an overpayment.
 * @throws KuramoriError RATE_MISSING
 */
export function postCollection(
  line: LedgerLine,
  row: Pick<CollectionRow, 'tax' | 'lateCharge' | 'fees' | 'dispositionCost' | 'collectedOn'>,
  rules: PostingRules,
): CollectionPosting {
  const owed = (component: Component) => maxYen(0n, line.outstanding[component]);
  const tax = minYen(row.tax, owed('tax'));
  const dispositionCostLevied = maxYen(0n, row.dispositionCost - owed('dispositionCost'));
  const missingLateCharge = row.lateCharge - owed('lateCharge');
  const lateChargeFixed = maxYen(missingLateCharge, fixedBy(line, tax, row.collectedOn, rules));
  const taken: readonly (readonly [Component, Yen])[] = [
    ['tax', tax],
    ['penalty', minYen(row.tax - tax, owed('penalty'))],
    ['reminderFee', minYen(row.fees, owed('reminderFee'))],
    ['lateCharge', row.lateCharge],
    ['dispositionCost', row.dispositionCost],
  ];
  const applied = taken
    .filter(([, amount]) => amount > 0n)
    .map(([component, amount]) => ({ component, amount }));
  const rest =
    row.tax + row.fees + row.lateCharge + row.dispositionCost - sumYen(applied.map(({ amount }) => amount));
  const posting: Posting = {
    resultClass: rest > 0n ? 'over' : tax === owed('tax') ? 'settled' : 'partial',
    applied,
    lateChargeFixed,
    overpayment: rest > 0n ? { cause: 'excess', amount: rest } : undefined,
  };
  return { posting, dispositionCostLevied };
}

/** The late charge that becomes fixed when this pays the tax in full (handbook 02 §8); none otherwise. */
function fixedBy(line: LedgerLine, tax: Yen, on: string, rules: PostingRules): Yen {
  if (line.outstanding.tax <= 0n || tax < line.outstanding.tax) return 0n;
  const paid = { ...line, taxHistory: [...line.taxHistory, { on, amount: tax }] };
  return maxYen(0n, chargeOf(paid, rules) - line.lateChargeLevied);
}
