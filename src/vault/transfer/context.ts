import type { VaultContext } from '../context.js';
import type { Spool } from './spool/spool.js';

/** What the parts of transfers share, beside the vault's own. */
export interface TransferContext extends VaultContext {
  readonly spool: Spool;
  /** Where sealed packages lie until they are erased. */
  readonly packages: string;
}
