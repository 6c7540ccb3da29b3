import { KuramoriError } from '../../../kernel/errors.js';

/** The receiver's checks, in their order (handbook 13 §5). */
export const OPENING_STEPS = [
  'OUTER_SIGNATURE',
  'PACKAGE_SEEN',
  'SERIES_GAP',
  'CIPHERTEXT',
  'DECRYPTION',
  'MANIFEST',
  'RECIPIENT',
  'FILES',
  'TOTALS',
] as const;

export type OpeningStep = (typeof OPENING_STEPS)[number];

/** A package did not pass a check. Nothing of it was kept. */
export class PackageRejected extends KuramoriError {
  readonly step: OpeningStep;

  constructor(step: OpeningStep, fault: string, cause?: unknown) {
    super(
      'PACKAGE_REJECTED',
      `The package was rejected at the step ${step}: ${fault}. Keep the medium and tell its sender.`,
      { step },
      { cause },
    );
    this.step = step;
  }
}
