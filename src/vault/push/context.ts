import type { VaultContext } from '../context.js';
import type { Intermediary } from '../intermediary/intermediary.js';

/** What the work on pushes needs of a running vault. */
export interface PushContext extends Pick<
  VaultContext,
  'database' | 'shred' | 'seal' | 'clock' | 'municipality' | 'audit'
> {
  readonly intermediary: Intermediary;
}
