import { verifyPublishedKeys, type Anchor, type VaultKeys } from '../../../src/client/index.js';
import {
  newAgreementKey,
  newSigningKey,
  signToken,
  type AgreementKey,
  type Members,
  type SigningKey,
} from './jose.js';
import { CONTEXT, NOON_MS, NOON_SECONDS } from './people.js';

/** A vault as its clients see it. */
export interface ClientsVault {
  readonly input: AgreementKey;
  readonly signer: SigningKey;
  readonly anchor: Anchor;
  /** The answer of `GET /v1/keys`, with what a test wants otherwise in its claims. */
  readonly signed: (changes?: Members) => string;
  readonly vaultKeys: VaultKeys;
}

/** An input key as it is published. */
export function published({ publicJwk, thumbprint }: AgreementKey) {
  return { ...publicJwk, kid: thumbprint, use: 'enc', alg: 'ECDH-ES' } as const;
}

/** Sound claims of a list of keys, as of noon. */
export function listOf(...keys: readonly AgreementKey[]): Members {
  const { municipality } = CONTEXT;
  return { v: 1, municipality, keys: keys.map(published), iat: NOON_SECONDS, exp: NOON_SECONDS + 86_400 };
}

export async function newClientsVault(): Promise<ClientsVault> {
  const [input, signer] = [newAgreementKey(), newSigningKey()];
  const anchor = { keys: [signer.publicJwk] };
  const signed = (changes: Members = {}) =>
    signToken(signer, 'input-keys+jwt', { ...listOf(input), ...changes });
  const expected = { municipality: CONTEXT.municipality, now: () => NOON_MS };
  return { input, signer, anchor, signed, vaultKeys: await verifyPublishedKeys(signed(), anchor, expected) };
}
