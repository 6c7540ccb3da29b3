import { plainDate, type IsoDate } from '../../kernel/dates.js';
import type { Yen } from '../../kernel/yen.js';

/**
 * Which key of the slip is looked up (handbook 01 §4.1): 納付番号, the full key of the OCR line, the notice number,
 * none.
 */
export type KeyRead = 'paymentNo' | 'levyKey' | 'noticeNo' | 'none';

/** What a slip says of its claim. Parts that its source does not carry are null. */
export interface SlipKeys {
  readonly read: KeyRead;
  readonly taxItem: string;
  readonly levyFiscalYear: number;
  readonly instalmentNo: number;
  readonly noticeNo: string | null;
  readonly assessmentYear: number | null;
  readonly returnNo: number | null;
  readonly paymentNo: string | null;
  readonly confirmationNo: string | null;
  /** The amount billed, or paid where the bill is not known. */
  readonly billed: Yen;
  /** A check digit fails or two parts of the slip name different claims: it is never guessed which one is right. */
  readonly contradictory: boolean;
}

/** A levy line as matching sees it. */
export interface LevyKey {
  readonly levyId: bigint;
  readonly taxItem: string;
  readonly levyFiscalYear: number;
  readonly instalmentNo: number;
  readonly noticeNo: string;
  readonly assessmentYear: number;
  readonly returnNo: number;
  readonly paymentNo: string;
  readonly confirmationNo: string;
  readonly outstanding: Yen;
}

export type UnmatchedReason = 'noMatch' | 'ambiguous' | 'keyMismatch';

/**
 * The outcome: a line and the rule that found it, or why a person must look. `proposed` names what a person may
 * confirm.
 */
export type Match =
  | { readonly outcome: 'matched'; readonly rule: Exclude<KeyRead, 'none'>; readonly levyId: bigint }
  | { readonly outcome: 'proposed'; readonly reason: 'ambiguous'; readonly levyIds: readonly bigint[] }
  | { readonly outcome: 'unidentified'; readonly reason: UnmatchedReason };

/**
 * 消込の照合順: slip id, then full key, then notice number; without any key only a proposal for a person
 * (handbook 01 §4.1, 21 §7 step 4). The loads do the same in SQL; a property test holds the two together.
 */
export function matchSlip(slip: SlipKeys, ledger: readonly LevyKey[]): Match {
  if (slip.contradictory) return unidentified('keyMismatch');
  if (slip.read === 'none') return propose(slip, ledger);
  if (slip.read === 'paymentNo') return matchPaymentNo(slip, ledger);
  const found = ledger.filter(
    (levy) => levy.noticeNo === slip.noticeNo && sameClaim(slip, levy) && sameDecision(slip, levy),
  );
  return one(found, slip.read);
}

function matchPaymentNo(slip: SlipKeys, ledger: readonly LevyKey[]): Match {
  const found = ledger.filter((levy) => levy.paymentNo !== '' && sameNumber(levy.paymentNo, slip.paymentNo));
  const match = one(found, 'paymentNo');
  if (match.outcome !== 'matched') return match;
  const agrees = found.every(
    (levy) =>
      sameClaim(slip, levy) &&
      (levy.confirmationNo === '' || sameNumber(levy.confirmationNo, slip.confirmationNo)),
  );
  return agrees ? match : unidentified('keyMismatch');
}

/** Fixed records fill numbers up with zeros. */
function sameNumber(registered: string, sent: string | null): boolean {
  return sent !== null && (registered === sent || registered === sent.replace(/^0+/, ''));
}

function propose(slip: SlipKeys, ledger: readonly LevyKey[]): Match {
  const found = ledger.filter((levy) => sameClaim(slip, levy) && levy.outstanding === slip.billed);
  return found.length === 0
    ? unidentified('noMatch')
    : { outcome: 'proposed', reason: 'ambiguous', levyIds: found.map(({ levyId }) => levyId) };
}

function one(found: readonly LevyKey[], rule: Exclude<KeyRead, 'none'>): Match {
  const [first] = found;
  if (first === undefined) return unidentified('noMatch');
  return found.length === 1 ? { outcome: 'matched', rule, levyId: first.levyId } : unidentified('ambiguous');
}

function sameClaim(slip: SlipKeys, levy: LevyKey): boolean {
  return (
    levy.taxItem === slip.taxItem &&
    levy.levyFiscalYear === slip.levyFiscalYear &&
    levy.instalmentNo === slip.instalmentNo
  );
}

function sameDecision(slip: SlipKeys, levy: LevyKey): boolean {
  return (
    (slip.assessmentYear === null || levy.assessmentYear === slip.assessmentYear) &&
    (slip.returnNo === null || levy.returnNo === slip.returnNo)
  );
}

function unidentified(reason: UnmatchedReason): Match {
  return { outcome: 'unidentified', reason };
}

/** An instalment of the same notice as the slip's own. */
export interface Instalment {
  readonly instalmentNo: number;
  readonly dueOn: IsoDate;
  /** All components. */
  readonly outstanding: Yen;
  /** Whether a slip of this file pays it. */
  readonly paidHere: boolean;
}

/**
 * No two instalments of a notice fall due closer together; a slip paid within these days is paid in its own
 * period.
 */
export const INSTALMENTS_APART_DAYS_MIN = 21;

/**
 * Whether the slip of an instalment was paid by mistake for the one before it: paid within that one's period, which
 * is still open for exactly the amount paid and gets no slip of its own (handbook 01 §4.3). Such money is set apart
 * for an officer to transfer with its own 領収日; it is no 予納.
 */
export function isWrongInstalment(
  slip: { readonly instalmentNo: number; readonly paidOn: IsoDate; readonly paid: Yen },
  instalments: readonly Instalment[],
): boolean {
  const at = (instalmentNo: number) => instalments.find((one) => one.instalmentNo === instalmentNo);
  const own = at(slip.instalmentNo);
  const before = at(slip.instalmentNo - 1);
  const earlier = at(slip.instalmentNo - 2);
  if (own === undefined || before === undefined || before.paidHere || before.outstanding !== slip.paid)
    return false;
  const early = plainDate(slip.paidOn).until(plainDate(own.dueOn)).days >= INSTALMENTS_APART_DAYS_MIN;
  return (
    early &&
    slip.paidOn <= before.dueOn &&
    before.dueOn < own.dueOn &&
    (earlier === undefined || earlier.dueOn < slip.paidOn)
  );
}
