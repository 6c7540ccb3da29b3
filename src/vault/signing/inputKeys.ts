import { epochSeconds } from '../../kernel/clock.js';
import { INPUT_KEYS_SIGNED_SECONDS, VAULT_KEYS_CACHE_MS_MAX } from '../../kernel/limits.js';
import type { VaultContext } from '../context.js';
import type { PublishedJwk } from '../keys/publicKey.js';
import { signToken } from './sign.js';

/** What `GET /v1/keys` answers. */
export interface SignedInputKeys {
  /** Newest first, for whoever wants to see them; they prove nothing. */
  readonly keys: readonly PublishedJwk[];
  /** The same keys as the vault vouches for them: compact JWS, `typ` `input-keys+jwt`. */
  readonly signed: string;
}

interface Kept {
  readonly answer: SignedInputKeys;
  /** Seconds since the epoch. */
  readonly iat: number;
}

const RENEWED_SECONDS = VAULT_KEYS_CACHE_MS_MAX / 1_000;

/**
 * The published input keys, signed. A list is signed anew when its keys change, and else at most once a minute: whoever
 * asks without end would otherwise use up the key that signs.
 * @returns a function that throws KuramoriError VAULT_SEALED, and what `KeyRing.active` throws
 */
export function signedInputKeys(
  context: Pick<VaultContext, 'seal' | 'clock' | 'municipality'>,
): () => SignedInputKeys {
  const { seal, clock, municipality } = context;
  let kept: Kept | undefined;
  return () => {
    const { keyRing } = seal;
    const { keys } = keyRing.published();
    const iat = epochSeconds(clock);
    if (kept === undefined || !isFresh(kept, keys, iat)) {
      const exp = iat + INPUT_KEYS_SIGNED_SECONDS;
      const claims = { v: 1, municipality, keys, iat, exp } as const;
      const signed = signToken(keyRing.active('certificate'), 'input-keys+jwt', claims).toString('ascii');
      kept = { answer: { keys, signed }, iat };
    }
    return kept.answer;
  };
}

function isFresh({ answer, iat }: Kept, keys: readonly PublishedJwk[], now: number): boolean {
  if (now < iat || now >= iat + RENEWED_SECONDS) return false;
  return keys.length === answer.keys.length && keys.every(({ kid }, at) => kid === answer.keys[at]?.kid);
}
