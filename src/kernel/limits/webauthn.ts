// WebAuthn: what an authenticator signs and what it says of a new key (WebAuthn §6.1, §6.5; handbook 15 §3, §5)
/** Of the JSON that the browser writes of one signing: a challenge, an origin, and what browsers add to it. */
export const WEBAUTHN_CLIENT_DATA_BYTES_MAX = 1_024;
/** Of a signature: ECDSA on P-256 as DER; Ed25519 has 64. */
export const WEBAUTHN_SIGNATURE_BYTES_MAX = 72;
/** Of what an authenticator says of a new key, with its extensions. */
export const WEBAUTHN_REGISTRATION_BYTES_MAX = 2_048;
/** Of a credential id (WebAuthn §4: at least 16; §5.8.3: at most 1,023). */
export const WEBAUTHN_CREDENTIAL_ID_BYTES_MIN = 16;
export const WEBAUTHN_CREDENTIAL_ID_BYTES_MAX = 1_023;
/** Origins of front ends that one vault accepts. */
export const WEBAUTHN_ORIGINS_MAX = 16;
/** A person has so long to touch the authenticator: half of an assertion's life, the other half is for its way. */
export const WEBAUTHN_GESTURE_MS_MAX = 30_000;
/** To make a key takes a PIN or a finger to be set up, perhaps. */
export const WEBAUTHN_ENROLMENT_MS_MAX = 120_000;
