import type { VaultContext } from '../context.js';

/** What the work on keys needs of a running vault. */
export type KeyContext = Pick<VaultContext, 'database' | 'shred' | 'clock' | 'seal' | 'municipality'>;
