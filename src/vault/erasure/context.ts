import type { JWK } from 'jose';
import type { VaultContext } from '../context.js';
import type { OpenWork } from '../retention/candidates.js';
import type { CertificateClaims } from './certificate.js';
import type { ErasureJournal } from './journal.js';

/** Who signs certificates. */
export interface Certifier {
  /** Compact JWS by the active key of class `certificate`, `typ` ERASURE_CERTIFICATE_TYPE, `kid` of `publicJwk`. */
  readonly sign: (claims: CertificateClaims) => Promise<string>;
  /** Public half of that key, with its `kid`. */
  readonly publicJwk: JWK;
}

/** What an erasure needs of a running vault. */
export interface ErasureContext extends Pick<
  VaultContext,
  'database' | 'shred' | 'audit' | 'clock' | 'municipality'
> {
  readonly journal: Pick<ErasureJournal, 'append' | 'has'>;
  readonly certifier: Certifier;
  readonly openWork: OpenWork;
  /** Days that backups of the shred keys are kept; at most SHRED_BACKUP_DAYS_MAX. */
  readonly shredBackupDays: number;
}
