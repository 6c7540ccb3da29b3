import type { AuditLog } from '../audit/log.js';
import type { Clock } from '../kernel/clock.js';
import type { Database } from '../kernel/database/database.js';
import { PASSWORD_QUEUE_CONCURRENT_MAX, PASSWORD_QUEUE_WAITING_MAX } from '../kernel/limits.js';
import { WorkQueue } from './credential/queue.js';
import { TotpFactor } from './credential/totpfactor.js';
import type { IdentitySettings } from './identity.types.js';
import { OidcProvider } from './oidc/provider.js';
import { Activity } from './session/activity.js';
import { SessionStates } from './session/states.js';
import { RefusalLog } from './signin/refusallog.js';
import { AddressThrottle } from './signin/throttle.js';
import { AccessTokens } from './token/accesstoken.js';

/** What every use case at the door works with. */
export interface DoorContext {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly settings: IdentitySettings;
  readonly tokens: AccessTokens;
  readonly states: SessionStates;
  readonly activity: Activity;
  readonly queue: WorkQueue;
  readonly throttle: AddressThrottle;
  readonly refusals: RefusalLog;
  readonly totp: TotpFactor;
  readonly oidc: OidcProvider | undefined;
}

/** What identity stands on. */
export interface IdentityParts {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly settings: IdentitySettings;
}

/** Puts the parts of the door together. @throws KuramoriError CONFIGURATION_INVALID when a key is not sound */
export function doorContext({ database, audit, clock, settings }: IdentityParts): DoorContext {
  return {
    database,
    audit,
    clock,
    settings,
    tokens: new AccessTokens(settings, clock),
    states: new SessionStates(database, clock),
    activity: new Activity(database),
    queue: new WorkQueue(PASSWORD_QUEUE_CONCURRENT_MAX, PASSWORD_QUEUE_WAITING_MAX),
    throttle: new AddressThrottle(clock),
    refusals: new RefusalLog(audit, clock),
    totp: new TotpFactor(settings.credentialKey),
    oidc: settings.oidc && new OidcProvider(settings.oidc),
  };
}
