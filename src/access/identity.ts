import { randomUUID } from 'node:crypto';
import { KuramoriError } from '../kernel/errors.js';
import { SESSION_ABSOLUTE_MINUTES_MAX, SESSION_IDLE_MINUTES_MAX } from '../kernel/limits.js';
import { mayHoldNumber } from '../kernel/suspectedNumber.js';
import { doorContext, type IdentityParts } from './context.js';
import { assertKeyRing } from './credential/keys.js';
import type { Identity, IdentitySettings, Origin } from './identity.types.js';
import { completeOidc, finishOidc, startOidc } from './oidc/signin.js';
import { authenticate } from './session/authenticate.js';
import { signOut } from './session/end.js';
import { renew } from './session/renew.js';
import { serviceToken } from './session/servicetoken.js';
import { stepUp } from './session/stepup.js';
import { beginEnrolment, finishEnrolment } from './signin/enrolment.js';
import { signIn } from './signin/signin.js';

export type { IdentityParts } from './context.js';
export type {
  Identity,
  IdentitySettings,
  KeyRing,
  OidcSettings,
  Origin,
  SecondFactorNeeded,
  SignedIn,
} from './identity.types.js';

/**
 * Opens the door of the house.
 * @throws KuramoriError CONFIGURATION_INVALID when a setting is over its limit or a key is not sound
 * @example const identity = openIdentity({ database, audit, clock: systemClock, settings });
 */
export function openIdentity(parts: IdentityParts): Identity {
  assertSettings(parts.settings);
  const context = doorContext(parts);
  return {
    authenticate: (header, terminal, from = {}) =>
      authenticate(context, header, clean({ ...from, terminal })),
    signIn: (input, from) => signIn(context, input, clean(from)),
    refresh: (token, from) => renew(context, token, clean(from)),
    signOut: (caller, from) => signOut(context, caller, clean(from)),
    stepUp: (caller, input, from) => stepUp(context, caller, input, clean(from)),
    serviceToken: (assertion, from) => serviceToken(context, assertion, clean(from)),
    beginEnrolment: (input, from) => beginEnrolment(context, input, clean(from)),
    finishEnrolment: (input, from) => finishEnrolment(context, input, clean(from)),
    startOidc: (from) => startOidc(context, clean(from)),
    finishOidc: (query, browserBinding, from) => finishOidc(context, query, browserBinding, clean(from)),
    completeOidc: (input, from) => completeOidc(context, input, clean(from)),
    jwks: () => ({ keys: context.tokens.published }),
    forget: (of) => context.states.forget(of),
    close: () => context.refusals.close(),
  };
}

function assertSettings(settings: IdentitySettings): void {
  assertKeyRing(settings.pepper, 'pepper');
  assertKeyRing(settings.credentialKey, 'credentialKey');
  assertMinutes(settings.sessionIdleMinutes, SESSION_IDLE_MINUTES_MAX, 'sessionIdleMinutes');
  assertMinutes(settings.sessionAbsoluteMinutes, SESSION_ABSOLUTE_MINUTES_MAX, 'sessionAbsoluteMinutes');
}

function assertMinutes(value: number, minutesMax: number, setting: string): void {
  if (Number.isInteger(value) && value >= 1 && value <= minutesMax) return;
  throw new KuramoriError(
    'CONFIGURATION_INVALID',
    `The setting ${setting} must be 1 to ${minutesMax} whole minutes.`,
    {
      setting,
      minutesMax,
    },
  );
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** A header's value goes into the log and is compared: a plain name or none. */
const HEADER_NAME = /^[\w.:@-]{1,64}$/;

/**
 * An origin as the log can take it. What is not a plain name, or may be an individual number, becomes `invalid`, which
 * equals no real terminal.
 */
function clean(from: Partial<Origin>): Origin {
  return {
    address: from.address ?? 'unknown',
    requestId: from.requestId !== undefined && UUID.test(from.requestId) ? from.requestId : randomUUID(),
    terminal: plainName(from.terminal),
    clientApp: plainName(from.clientApp),
  };
}

function plainName(text: string | undefined): string {
  if (text === undefined || text === '') return '';
  return HEADER_NAME.test(text) && !mayHoldNumber(text) ? text : 'invalid';
}
