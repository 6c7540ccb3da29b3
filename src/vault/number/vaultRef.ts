import { randomBytes } from 'node:crypto';

/** The random name of a person's number, which everyone outside the vault uses in its place (handbook 10 §8). */
export type VaultRef = `vr_${string}`;

const CROCKFORD_BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Of five random bits each: 130 bits. */
const VAULT_REF_CHARACTERS = 26;
const VAULT_REF = /^vr_[0-9A-HJKMNP-TV-Z]{26}$/;

/** A fresh reference from 130 random bits: derived from nothing, and without an order in time. */
export function newVaultRef(): VaultRef {
  const random = randomBytes(VAULT_REF_CHARACTERS);
  return `vr_${[...random].map((byte) => CROCKFORD_BASE32.charAt(byte & 31)).join('')}`;
}

/** Whether a value has the form of a reference. Upper case alone: two spellings would be two names of one person. */
export function isVaultRef(value: unknown): value is VaultRef {
  return typeof value === 'string' && VAULT_REF.test(value);
}
