import { KuramoriError } from '../../kernel/errors.js';
import { TRANSFER_CLAIMS_PER_DISPOSITION_MAX } from '../../kernel/limits.js';
import type { Yen } from '../../kernel/yen.js';

/** 差押・参加差押・交付要求: acts of the organization that begin to hold limitation up. */
export const DISPOSITION_BEGINNINGS = ['SEIZURE', 'JOINED_SEIZURE', 'DISTRIBUTION_DEMAND'] as const;
/** 解除・取消・完結: what ends one of them, by its number. */
export const DISPOSITION_ENDS = ['RELEASE', 'CANCELLATION', 'COMPLETION'] as const;

export type DispositionBeginning = (typeof DISPOSITION_BEGINNINGS)[number];
export type DispositionEnding = (typeof DISPOSITION_ENDS)[number];

/** `明細番号:処分時の金額`, with semicolons between: the claims that a disposition covers (handbook 03 §4). */
const CLAIM = '[1-9]\\d{0,3}:(?:0|[1-9]\\d{0,14})';
export const CLAIMS = new RegExp(`^${CLAIM}(?:;${CLAIM}){0,${TRANSFER_CLAIMS_PER_DISPOSITION_MAX - 1}}$`);

/** A claim that a disposition covers, with its amount at that time. */
export interface Claim {
  readonly lineNo: number;
  readonly amount: Yen;
}

/** A row of the file of dispositions, as far as its form goes. */
interface DispositionForm {
  readonly act: DispositionBeginning | DispositionEnding;
  readonly claims: string | null;
  readonly assetKind: string | null;
  readonly identification: string | null;
  readonly thirdParty: string | null;
  readonly receiptNo: string | null;
}

/**
 * The claims of a cell that `CLAIMS` has taken.
 * @example claimsOf('1:90000;2:40000') // [{ lineNo: 1, amount: 90000n }, { lineNo: 2, amount: 40000n }]
 */
export function claimsOf(cell: string): Claim[] {
  return cell.split(';').map((claim) => {
    const [lineNo, amount] = claim.split(':') as [string, string];
    return { lineNo: Number(lineNo), amount: BigInt(amount) };
  });
}

/** Whether an act begins a disposition. */
export function isBeginning(act: string): act is DispositionBeginning {
  return (DISPOSITION_BEGINNINGS as readonly string[]).includes(act);
}

/** Judges rows of the file of dispositions as they pass: one that begins tells what it is, an end only what it ends. */
export class DispositionForms {
  readonly #file: string;
  #row = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws KuramoriError FILE_REJECTED naming the row */
  add(row: DispositionForm): void {
    this.#row += 1;
    const { act, claims, assetKind, identification, thirdParty, receiptNo } = row;
    if (isBeginning(act)) {
      if (claims === null || assetKind === null || identification === null)
        throw this.#fault('a disposition names its claims and its property');
      const lines = claimsOf(claims).map(({ lineNo }) => lineNo);
      if (new Set(lines).size < lines.length) throw this.#fault('a disposition names a line twice');
      return;
    }
    if ([claims, assetKind, identification, thirdParty, receiptNo].some((cell) => cell !== null))
      throw this.#fault('the end of a disposition names its number and nothing else');
  }

  #fault(fault: string): KuramoriError {
    const [file, row] = [this.#file, this.#row];
    return new KuramoriError('FILE_REJECTED', `${file}, row ${row}: ${fault}.`, { file, row });
  }
}
