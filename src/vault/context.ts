import type { AuditLog } from '../audit/log.js';
import type { Clock } from '../kernel/clock.js';
import type { Database } from '../kernel/database/database.js';
import type { RelyingParty } from './assertion/relyingParty.js';
import type { BudgetLimitRule } from './budget/limits.js';
import type { ClockGuard } from './clock.js';
import type { HeldJournal } from './erasure/heldJournal.js';
import type { PushDesk } from './push/desk.js';
import type { VaultSeal } from './seal/seal.js';

/** What the parts of a running vault share. */
export interface VaultContext {
  /** The vault's own database. */
  readonly database: Database;
  /** The store of the shred keys, a database of its own. */
  readonly shred: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** Whether that clock may be believed: asked before anything is decided. */
  readonly clockGuard: ClockGuard;
  /** Sealed until somebody opens it. */
  readonly seal: VaultSeal;
  /** 消去記録簿: in a file of its own, open while the vault is. */
  readonly erasureJournal: HeldJournal;
  /** Pushes to the intermediary server (中間サーバー), left there for whoever carries them out. */
  readonly pushes: PushDesk;
  /** 開示件数の上限 that differ from the defaults, by day and unit. */
  readonly budgetRules: readonly BudgetLimitRule[];
  /** 全国地方公共団体コード, 6 digits. */
  readonly municipality: string;
  /** What front ends are to authenticators (WebAuthn); without one no key of an authenticator is believed. */
  readonly relyingParty?: RelyingParty | undefined;
  /** Tells operators at once of what must not wait for the next round of housekeeping. */
  readonly alarm?: ((facts: Readonly<Record<string, string>>, sentence: string) => void) | undefined;
  /** 団体名, as documents print it. */
  readonly municipalityName?: string | undefined;
}
