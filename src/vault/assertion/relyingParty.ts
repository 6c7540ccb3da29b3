import { createHash } from 'node:crypto';

/** What front ends of this municipality are to authenticators: configuration of the vault, never a key's word. */
export interface RelyingParty {
  /** RP id: the domain for which keys are made, such as `tax.city.example.jp`. */
  readonly id: string;
  /** Origins of front ends, compared exactly. */
  readonly origins: ReadonlySet<string>;
}

/** How an authenticator names the relying party: SHA-256 of its id (WebAuthn §6.1). */
export function relyingPartyHash({ id }: Pick<RelyingParty, 'id'>): Buffer {
  return createHash('sha256').update(id, 'utf8').digest();
}
