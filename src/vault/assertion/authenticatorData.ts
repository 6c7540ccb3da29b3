/** Flags of authenticator data (WebAuthn §6.1). */
const FLAGS = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  credentialData: 0x40,
  extensions: 0x80,
} as const;

const HASH_BYTES = 32;
const COUNTER_AT = 33;

/** What every authenticator data begin with: 37 bytes. */
export interface AuthenticatorHead extends Readonly<Record<keyof typeof FLAGS, boolean>> {
  readonly relyingPartyHash: Buffer;
  /** Of signatures by this key or by the whole authenticator; 0 where none are counted. */
  readonly counter: bigint;
}

/** Reads the head of authenticator data. @param data at least 37 bytes */
export function readAuthenticatorHead(data: Buffer): AuthenticatorHead {
  const byte = data.readUInt8(HASH_BYTES);
  const has = (flag: keyof typeof FLAGS): boolean => (byte & FLAGS[flag]) !== 0;
  return {
    relyingPartyHash: data.subarray(0, HASH_BYTES),
    counter: BigInt(data.readUInt32BE(COUNTER_AT)),
    userPresent: has('userPresent'),
    userVerified: has('userVerified'),
    backupEligible: has('backupEligible'),
    backedUp: has('backedUp'),
    credentialData: has('credentialData'),
    extensions: has('extensions'),
  };
}
