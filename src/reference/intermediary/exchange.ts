import type { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';
import type { Body } from './body.js';
import type { Ids } from './ids.js';
import type { ServerKeys } from './keys.js';
import type { LayoutVersion, Notice } from './seed.js';
import type { InfoNetwork } from './network.js';
import type { StaffRow } from './staff.js';

/** Everything that handling a message needs. */
export interface Exchange {
  readonly network: InfoNetwork;
  readonly bodies: ReadonlyMap<string, Body>;
  readonly staff: readonly StaffRow[];
  readonly layouts: readonly LayoutVersion[];
  readonly notices: readonly Notice[];
  readonly keys: ServerKeys;
  readonly ids: Ids;
  readonly clock: Clock;
  /** Numbers of queries, each with the digest it came with. */
  readonly nonces: LRUCache<string, string>;
}
