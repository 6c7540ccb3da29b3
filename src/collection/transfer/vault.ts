import type { PaymentDelta } from '../../protocol/transfer/deltas.js';
import type { ControlTotals } from '../../protocol/transfer/totals.js';

/** Where the vault says a transfer stands (handbook 13 §3). */
export interface VaultTransferState {
  readonly state: string;
  readonly packageId?: string | undefined;
  /** Every state it was in, oldest first. */
  readonly history: readonly { readonly state: string; readonly at: string }[];
}

/** A result package that the vault has opened with every check of the receiver. */
export interface VaultResult {
  readonly resultId: string;
  readonly packageId: string;
  readonly seriesNo: number;
  readonly final: boolean;
  readonly receivedAt: string;
  readonly files: readonly { readonly name: string }[];
}

/**
 * What the records need of the vault for a transfer; `src/vault/client/transfer.ts` is it. The records hand over rows
 * without numbers, and learn states, answers and results. Nothing here lets anything leave the house: that is
 * approved and signed in the vault.
 */
export interface TransferVault {
  /** Announces a draft; again, it changes nothing. One that is complete takes no file any more. */
  openDraft(draft: {
    readonly draftId: string;
    readonly roundNo: number;
    readonly asOf: string;
    readonly recipient: string;
    readonly profile: string;
    readonly purpose: string;
    readonly basis: string[];
    readonly outOfWindowReason?: string | undefined;
  }): Promise<VaultTransferState & { readonly complete: boolean }>;
  /** Streams one file; it takes the place of an earlier one of the same name. */
  putFile(
    draftId: string,
    fileName: string,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<{ readonly rows: number }>;
  /** No file may be changed after it; again, it answers the same. */
  completeDraft(
    draftId: string,
    unmappable?: readonly string[],
  ): Promise<{ readonly draftDigest: string; readonly cases: number; readonly totals: ControlTotals }>;
  state(draftId: string): Promise<VaultTransferState>;
  /** Every case with what became of it; none before the acceptance receipt. */
  acceptance(packageId: string): Promise<
    readonly {
      readonly caseNo: string;
      readonly outcome: 'ACCEPTED' | 'REJECTED';
      readonly reason?: string | undefined;
    }[]
  >;
  /** 入金連絡; the same again sends nothing twice. */
  sendDelta(packageId: string, delta: PaymentDelta): Promise<unknown>;
  /** Result packages after one of them, oldest first. */
  results(after: string): Promise<readonly VaultResult[]>;
  /** The bytes of one file of a result package. */
  resultFile(resultId: string, fileName: string): AsyncIterable<Uint8Array>;
  /** Unlocks CLOSED. */
  reconciled(packageId: string, digest: string): Promise<unknown>;
}
