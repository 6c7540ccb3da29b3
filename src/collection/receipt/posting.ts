import { plainDate, type IsoDate } from '../../kernel/dates.js';
import { maxYen, sumYen, type Yen } from '../../kernel/yen.js';
import { lateCharge, TAX_PROFILE, type LateChargeProfile } from '../charge/lateCharge.js';
import type { RateTable } from '../charge/rates.js';
import {
  allocatePrinted,
  DEFAULT_COMPONENT_ORDER,
  type Component,
  type ComponentOrder,
  type ComponentYen,
} from './allocation.js';

/** Money that went to the tax of a line, by its legal day; a reversal is negative on the day of what it reverses. */
export interface TaxHistoryEntry {
  readonly on: IsoDate;
  readonly amount: Yen;
}

/** What posting needs to know of a levy line, at one moment of its journal. */
export interface LedgerLine {
  readonly levyId: bigint;
  readonly addresseeNo: string;
  /** Effective due date. */
  readonly dueOn: IsoDate;
  /** The tax levied, with its adjustments. */
  readonly taxLevied: Yen;
  /** Late charge levied so far. */
  readonly lateChargeLevied: Yen;
  readonly outstanding: ComponentYen;
  readonly taxHistory: readonly TaxHistoryEntry[];
  /** 執行停止: days that bear no late charge; an open end is the day of payment. */
  readonly stays: readonly { readonly from: IsoDate; readonly to: IsoDate | null }[];
}

/** A slip that was matched to the line. */
export interface MatchedSlip {
  readonly taxAmount: Yen;
  readonly lateCharge: Yen;
  /** 領収日. */
  readonly paidOn: IsoDate;
  /**
   * The slip of a later instalment was paid in the period of an earlier one that is still open (handbook 01
   * §4.3).
   */
  readonly wrongInstalment: boolean;
}

/** 消込結果 (handbook 01 §4.3). */
export const RESULT_CLASSES = [
  'settled',
  'partial',
  'over',
  'doublePayment',
  'mistakenSlip',
  'unidentified',
] as const;
export type ResultClass = (typeof RESULT_CLASSES)[number];

/** What a slip becomes: applied + overpaid = paid, to the yen. */
export interface Posting {
  readonly resultClass: Exclude<ResultClass, 'unidentified'>;
  readonly applied: readonly { readonly component: Component; readonly amount: Yen }[];
  /** Late charge that becomes fixed by this payment and is levied with it; 0 for none. */
  readonly lateChargeFixed: Yen;
  readonly overpayment:
    | { readonly cause: 'doublePayment' | 'excess' | 'mistakenSlip'; readonly amount: Yen }
    | undefined;
}

/** What a municipality's ordinances set. */
export interface PostingRules {
  readonly rates: RateTable;
  readonly profile: LateChargeProfile;
  readonly componentOrder: ComponentOrder;
}

/** The defaults of the handbook with the registered rates. */
export function postingRules(rates: RateTable): PostingRules {
  return { rates, profile: TAX_PROFILE, componentOrder: DEFAULT_COMPONENT_ORDER };
}

/**
 * Applies one slip to its line: tax first, and when that pays the tax in full the late charge is fixed and levied
 * (確定延滞金, handbook 02 §8) before the rest is applied; what no component takes is an overpayment.
 * @returns what to write, and the line as it stands afterwards, for the next slip of the same line
 * @throws KuramoriError RATE_MISSING
 */
export function postSlip(
  line: LedgerLine,
  slip: MatchedSlip,
  rules: PostingRules,
): { readonly posting: Posting; readonly line: LedgerLine } {
  const paid = slip.taxAmount + slip.lateCharge;
  if (isSettled(line.outstanding)) return { posting: setApart('doublePayment', paid), line };
  if (slip.wrongInstalment) return { posting: setApart('mistakenSlip', paid), line };
  const lateChargeFixed = chargeFixedBy(line, slip, rules);
  const outstanding = { ...line.outstanding, lateCharge: line.outstanding.lateCharge + lateChargeFixed };
  const { applied, rest } = allocatePrinted(
    outstanding,
    { tax: slip.taxAmount, lateCharge: slip.lateCharge },
    rules.componentOrder,
  );
  const remaining = subtract(outstanding, applied);
  return {
    posting: {
      resultClass: rest > 0n ? 'over' : isSettled(remaining) ? 'settled' : 'partial',
      applied: rules.componentOrder
        .map((component) => ({ component, amount: applied[component] }))
        .filter(({ amount }) => amount > 0n),
      lateChargeFixed,
      overpayment: rest > 0n ? { cause: 'excess', amount: rest } : undefined,
    },
    line: {
      ...line,
      outstanding: remaining,
      lateChargeLevied: line.lateChargeLevied + lateChargeFixed,
      taxHistory:
        applied.tax > 0n ? [...line.taxHistory, { on: slip.paidOn, amount: applied.tax }] : line.taxHistory,
    },
  };
}

/** Whether nothing of the claim is left. */
export function isSettled(outstanding: ComponentYen): boolean {
  return Object.values(outstanding).every((amount) => amount <= 0n);
}

/**
 * The late charge that this slip fixes: none while tax remains after it or when the tax was already paid.
 * What is levied already is not levied again.
 */
function chargeFixedBy(line: LedgerLine, slip: MatchedSlip, rules: PostingRules): Yen {
  const tax = line.outstanding.tax;
  if (tax <= 0n || slip.taxAmount + slip.lateCharge < tax) return 0n;
  const paid = { ...line, taxHistory: [...line.taxHistory, { on: slip.paidOn, amount: tax }] };
  return maxYen(0n, chargeOf(paid, rules) - line.lateChargeLevied);
}

/**
 * 確定延滞金 of a line whose tax is paid: as its tax, its payments and its stays stand now.
 * @throws KuramoriError RATE_MISSING
 */
export function chargeOf(line: LedgerLine, rules: PostingRules): Yen {
  const last = lastTaxDay(line);
  const { charge } = lateCharge(
    {
      tax: line.taxLevied,
      dueOn: plainDate(line.dueOn),
      paidOn: plainDate(last),
      earlierPayments: line.taxHistory.map(({ on, amount }) => ({ on: plainDate(on), amount })),
      exempt: line.stays.map(({ from, to }) => ({ from: plainDate(from), to: plainDate(to ?? last) })),
    },
    rules.rates,
    rules.profile,
  );
  return charge;
}

/**
 * Slips do not come in the order in which they were paid: an earlier payment that arrives last closes the line, but
 * the charge runs to the last day on which tax was paid. Base per day follows the legal days, not the order of
 * arrival.
 */
function lastTaxDay(line: LedgerLine): IsoDate {
  return line.taxHistory.reduce(
    (latest, { on, amount }) => (amount > 0n && on > latest ? on : latest),
    line.dueOn,
  );
}

function setApart(cause: 'doublePayment' | 'mistakenSlip', amount: Yen): Posting {
  return { resultClass: cause, applied: [], lateChargeFixed: 0n, overpayment: { cause, amount } };
}

function subtract(outstanding: ComponentYen, applied: ComponentYen): ComponentYen {
  return {
    tax: outstanding.tax - applied.tax,
    reminderFee: outstanding.reminderFee - applied.reminderFee,
    lateCharge: outstanding.lateCharge - applied.lateCharge,
    penalty: outstanding.penalty - applied.penalty,
    dispositionCost: outstanding.dispositionCost - applied.dispositionCost,
  };
}

/** Sum of what a posting writes; equals what was paid. */
export function postedTotal(posting: Posting): Yen {
  return sumYen(posting.applied.map(({ amount }) => amount)) + (posting.overpayment?.amount ?? 0n);
}
